#pragma once

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// Shrinks (or copies) a picture to height × width grey pixels, each the mean of the area that it covers, fractions
/// of pixels counted. One pass over the source; nothing of the source's size is allocated but a few rows.
[[nodiscard]] GreyImage area_resize(const ImageView& image, int height, int width);

/// The same of a part at the upper left, `shown_height` × `shown_width` pixels and fractions of pixels: of a picture
/// whose last row and column stand for less than a pixel.
[[nodiscard]] GreyImage area_resize(const ImageView& image, double shown_height, double shown_width, int height,
                                    int width);

}  // namespace fastqr
