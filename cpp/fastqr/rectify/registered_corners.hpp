#pragma once

#include <array>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/local_field.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

/// Corners of three finder patterns, and how well the patterns agree with the picture there.
struct RegisteredCorners {
    FinderCorners corners{};
    double agreement = 0;  ///< mean correlation −1..1, positive for dark on light
};

/// Moves, turns and skews each of three finder patterns, which are about there, until it agrees best with the picture
/// (Gauss–Newton, six parameters each): blur and sharpening displace the edges that their corners were taken from, all
/// of a pattern's pixels together do not lie. Where they do not agree at all to begin with, they stay as they are.
[[nodiscard]] RegisteredCorners registered_corners(const MipMap& image, const FinderCorners& corners);

/// One finder pattern, and how well it agrees with the picture there.
struct RegisteredFinder {
    LocalFrame frame{};
    double agreement = 0;  ///< correlation −1..1, positive for dark on light
};

/// One finder pattern by itself, which is sought about where it is said to be, and also as a square where it does not
/// agree as it is said to lie: a rough square skews what is seen at its corners.
[[nodiscard]] RegisteredFinder registered_finder(const MipMap& image, const std::array<Point, 4>& corners);

}  // namespace fastqr
