#pragma once

#include "fastqr/image/mip_map.hpp"
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

}  // namespace fastqr
