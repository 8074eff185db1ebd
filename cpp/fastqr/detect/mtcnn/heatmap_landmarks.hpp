#pragma once

#include <array>

#include "fastqr/detect/mtcnn/boxes.hpp"

namespace fastqr {

/// Top left, top right, bottom left finder centres, the point that completes their square, the symbol's centre: x, y.
struct Landmarks {
    std::array<std::array<float, 2>, 5> points{};
    std::array<float, 4> strengths{};  ///< heat at the first four
};

/// Reads O-Net's three heat maps (any finder; the top left one; the fourth point), side × side each, over a box.
[[nodiscard]] Landmarks heatmap_landmarks(const float* heat, int side, const Box& box);

}  // namespace fastqr
