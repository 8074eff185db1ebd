#pragma once

#include <cstdint>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// Luma of a row of a picture that has pixels. Where pixels are adjacent in memory, it costs little more than a copy.
void grey_row(const ImageView& image, int row, std::uint8_t* out);

/// A picture in grey, shrunk by a whole factor of at least 1: each pixel is the rounded mean of the factor × factor
/// pixels that it covers: of colours the luma of their mean, or in blocks of 3 × 3 the mean of their rounded lumas,
/// which is faster there. Sides are rounded up, and what is left of a block at the right or at the bottom gives the
/// mean of the pixels that are there.
///
/// Grey or BGR whose pixels are adjacent in memory is read once, at the speed of memory; other strides row by row,
/// gathered first, with the same result.
[[nodiscard]] GreyImage block_mean(const ImageView& image, int factor);

}  // namespace fastqr
