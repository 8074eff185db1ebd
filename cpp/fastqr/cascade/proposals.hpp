#pragma once

#include <array>

#include "fastqr/cascade/boxes.hpp"
#include "fastqr/memory/vector.hpp"

namespace fastqr {

/// P-Net's geometry: windows of 12 pixels every 4, over a level padded by 3.
struct ProposalGeometry {
    int stride = 4;
    int window = 12;
    int padding = 3;
};

struct Proposals {
    Vector<Box> boxes;  ///< windows in source coordinates, not calibrated yet
    Vector<float> scores;
    Vector<std::array<float, 4>> offsets;
};

/// The best `top` windows above a threshold, best first. `probability` is rows × columns, `offsets` 4 such maps.
[[nodiscard]] Proposals proposals(const float* probability, const float* offsets, int rows, int columns, double scale,
                                  float threshold, int top, const ProposalGeometry& geometry);

}  // namespace fastqr
