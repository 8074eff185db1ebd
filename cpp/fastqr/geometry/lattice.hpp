#pragma once

#include <cstddef>
#include <vector>

#include "fastqr/geometry/homography.hpp"

namespace fastqr {

/// The universal straightening map: image coordinates of the module corners of a symbol and a margin around it.
/// Node (i, j) belongs to symbol coordinates (j − margin, i − margin); x and y alternate in `nodes`.
struct Lattice {
    int cells = 0;             ///< modules along a side, the margin on both sides included
    std::vector<float> nodes;  ///< (cells + 1)² pairs

    [[nodiscard]] const float* node(int row, int column) const {
        return nodes.data() + 2 * (static_cast<std::size_t>(row) * static_cast<std::size_t>(cells + 1) +
                                   static_cast<std::size_t>(column));
    }
};

[[nodiscard]] Lattice homography_lattice(const Homography& symbol_to_image, int size, int margin);

}  // namespace fastqr
