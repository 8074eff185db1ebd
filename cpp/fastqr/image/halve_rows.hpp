#pragma once

#include <cstdint>

namespace fastqr {

/// The rounded means of 2 × 2 blocks of two rows, grey or BGR with adjacent pixels: of colours the luma of their mean.
/// Does as many whole blocks, from the left, as fill the processor's vectors, and returns how many; where it has none
/// that are wide enough, 0.
int halve_rows(const std::uint8_t* upper, const std::uint8_t* lower, int width, int channels, std::uint8_t* out);

}  // namespace fastqr
