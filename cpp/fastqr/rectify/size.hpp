#pragma once

#include <array>
#include <optional>
#include <vector>

#include "fastqr/geometry/homography.hpp"

namespace fastqr {

/// Outer corners of the finder patterns top left, top right, bottom left, each clockwise from the symbol's top left.
using FinderCorners = std::array<std::array<Point, 4>, 3>;

struct SizeFit {
    int size = 0;           ///< modules
    Homography homography;  ///< symbol to image
    double residual = 0;    ///< root mean square over the twelve corners, in modules
};

/// The size that the finder patterns' distance over their width tells: exact without perspective.
[[nodiscard]] int nearest_size(const FinderCorners& corners);

/// The homography of a size that is known; nothing where the corners span none.
[[nodiscard]] std::optional<SizeFit> fit_size(const FinderCorners& corners, int size);

/// The same with the affine map by the patterns' centres, where no perspective is to be seen: errors of single corners
/// bend it least, and it costs a tenth.
[[nodiscard]] std::optional<SizeFit> fit_flat(const FinderCorners& corners, int size);

/// Sizes 17 + 4·version for which the twelve corners fit one homography, best first, `top` of them at most.
[[nodiscard]] std::vector<SizeFit> fit_sizes(const FinderCorners& corners, int top);

/// Whether a symbol that seems to have some modules a side may have a size: perspective misleads by 30 % at most.
[[nodiscard]] bool may_have_size(double seeming, int size);

/// Symbol coordinates of the corners in a symbol of a size, in the order of FinderCorners.
[[nodiscard]] std::array<Point, 12> finder_corner_places(int size);

}  // namespace fastqr
