#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace fastqr {

/// Four corners x, y in order around a convex quadrilateral, in either direction.
using Quad = std::array<std::array<float, 2>, 4>;

/// Whether a point lies in a quadrilateral; its edge counts as inside.
[[nodiscard]] inline bool inside(const Quad& quad, float x, float y) {
    bool left = true;
    bool right = true;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto& from = quad[i];
        const auto& to = quad[(i + 1) % 4];
        const float side = (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]);
        left = left && side >= 0;
        right = right && side <= 0;
    }
    return left || right;
}

[[nodiscard]] inline bool inside_any(std::span<const Quad> quads, float x, float y) {
    for (const Quad& quad : quads)
        if (inside(quad, x, y)) return true;
    return false;
}

}  // namespace fastqr
