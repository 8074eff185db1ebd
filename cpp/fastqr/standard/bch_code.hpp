#pragma once

#include <bit>
#include <cstdint>

namespace fastqr {

/// `data` followed by its check bits: the remainder modulo `generator` (ISO/IEC 18004:2015, Annexes C and D).
constexpr std::uint32_t bch_word(std::uint32_t data, std::uint32_t generator) {
    const int check_bits = static_cast<int>(std::bit_width(generator)) - 1;
    std::uint32_t remainder = data << check_bits;
    while (static_cast<int>(std::bit_width(remainder)) > check_bits)
        remainder ^= generator << (static_cast<int>(std::bit_width(remainder)) - 1 - check_bits);
    return data << check_bits | remainder;
}

}  // namespace fastqr
