#pragma once

#include <algorithm>

#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// Bilinear grey value at image coordinates (pixel centres at +0.5), the border replicated. Reads 4 pixels.
inline float sample_bilinear(const ImageView& image, float x, float y) {
    // Written so that NaN becomes 0: a homography may send a point to infinity.
    const float u = std::min(x > 0.5F ? x - 0.5F : 0.0F, static_cast<float>(image.width - 1));
    const float v = std::min(y > 0.5F ? y - 0.5F : 0.0F, static_cast<float>(image.height - 1));
    const int column = std::min(static_cast<int>(u), std::max(image.width - 2, 0));
    const int row = std::min(static_cast<int>(v), std::max(image.height - 2, 0));
    const float fx = u - static_cast<float>(column);
    const float fy = v - static_cast<float>(row);
    const int right = std::min(column + 1, image.width - 1);
    const int below = std::min(row + 1, image.height - 1);
    const float top =
        static_cast<float>(image.grey(row, column)) * (1 - fx) + static_cast<float>(image.grey(row, right)) * fx;
    const float bottom =
        static_cast<float>(image.grey(below, column)) * (1 - fx) + static_cast<float>(image.grey(below, right)) * fx;
    return top * (1 - fy) + bottom * fy;
}

}  // namespace fastqr
