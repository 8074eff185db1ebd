#pragma once

#include <vector>

#include "fastqr/standard/format_information.hpp"

namespace fastqr {

/// One Reed-Solomon block of a symbol.
struct Block {
    int data_codewords = 0;
    std::vector<int> positions;  ///< of its codewords, data first, in the symbol's interleaved sequence (7.6)

    int ec_codewords() const { return static_cast<int>(positions.size()) - data_codewords; }
};

/// Codewords of a symbol, data and error correction (ISO/IEC 18004:2015, Table 1).
int codeword_count(int version);

/// The blocks of a symbol in the order in which the data fills them (ISO/IEC 18004:2015, Table 9); made once each.
const std::vector<Block>& blocks_of(int version, EcLevel level);

/// Error correction codewords kept back against misdecoding: 2 * errors + erasures may reach the block's error
/// correction codewords less this (p of 7.5.1; ISO/IEC 18004:2015, Table 9).
int misdecode_protection(int version, EcLevel level);

}  // namespace fastqr
