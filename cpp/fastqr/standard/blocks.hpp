#pragma once

#include <vector>

#include "fastqr/standard/format_information.hpp"
#include "fastqr/standard/model.hpp"

namespace fastqr {

/// One Reed-Solomon block of a symbol.
struct Block {
    int data_codewords = 0;
    std::vector<int> positions;  ///< of its codewords, data first, in the symbol's sequence (7.6)

    int ec_codewords() const { return static_cast<int>(positions.size()) - data_codewords; }
};

/// Codewords that a symbol has room for (ISO/IEC 18004:2015, Table 1; of Model 1 as its rectangles come to). In Model 1
/// up to four at the end belong to no block.
int codeword_count(int version, Model model = Model::two);

/// The blocks of a symbol in the order in which the data fills them (ISO/IEC 18004:2015, Table 9; ISO/IEC 18004:2000,
/// Table M.5); made once each.
const std::vector<Block>& blocks_of(int version, EcLevel level, Model model = Model::two);

/// Error correction codewords kept back against misdecoding: 2 * errors + erasures may reach the block's error
/// correction codewords less this (p of 7.5.1; ISO/IEC 18004:2015, Table 9). The blocks of Model 1 that need it are as
/// long, or two codewords longer.
int misdecode_protection(int version, EcLevel level);

}  // namespace fastqr
