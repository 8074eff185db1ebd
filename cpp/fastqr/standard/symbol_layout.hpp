#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/standard/model.hpp"

namespace fastqr {

/// Where everything stands in the symbols of a version, in the form in which symbols are read: by numbers of modules,
/// row by row.
struct SymbolLayout {
    Model model = Model::two;
    int version = 0;
    int size = 0;                                        ///< modules along a side
    std::vector<std::int8_t> function_patterns;          ///< as `function_patterns` gives them
    std::vector<std::uint16_t> bits;                     ///< modules in the order of the codewords' bits
    std::array<std::vector<std::uint8_t>, 8> mask_bits;  ///< of each data mask, eight of these bits a byte; where a
                                                         ///< bit's module is fixed, what makes a 0 of it

    [[nodiscard]] std::size_t codewords() const { return bits.size() / 8; }
};

/// Of versions 1 to 40, of Model 1 to 14; made once each.
const SymbolLayout& symbol_layout(int version, Model model = Model::two);

}  // namespace fastqr
