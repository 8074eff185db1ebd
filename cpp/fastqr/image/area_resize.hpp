#pragma once

#include <cstdint>
#include <vector>

#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// A grey picture that owns its pixels.
struct GreyImage {
    int height = 0;
    int width = 0;
    std::vector<std::uint8_t> pixels;

    [[nodiscard]] ImageView view() const { return {pixels.data(), height, width, 1, width, 1, 1}; }
};

/// Shrinks (or copies) a picture to height × width grey pixels, each the mean of the area that it covers, fractions
/// of pixels counted. One pass over the source; nothing of the source's size is allocated but one row.
[[nodiscard]] GreyImage area_resize(const ImageView& image, int height, int width);

}  // namespace fastqr
