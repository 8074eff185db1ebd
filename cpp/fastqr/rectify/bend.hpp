#pragma once

#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/registered_corners.hpp"

namespace fastqr {

struct BentLattice {
    Lattice lattice;
    double largest = 0;    ///< how far a place of the symbol lies from where the homography has it, in modules
    double agreement = 0;  ///< mean correlation of finder and timing patterns, positive for dark on light
};

/// The lattice of a symbol on paper that is rolled about a cylinder, of any radius and with its axis in any direction,
/// seen from any side: what a flat picture of it shows is linear in the place along the axis and in sine and cosine of
/// the angle about it (eight parameters, the axis' direction and the curvature). Fitted to the corners of the finder
/// patterns, chosen by the timing patterns between them, and registered on both (Gauss–Newton).
[[nodiscard]] BentLattice bend_lattice(const MipMap& image, const Homography& start, const RegisteredCorners& finders,
                                       int size, int margin);

/// How well timing patterns of a size agree with the best roll that the corners of the finder patterns suggest, −1..1:
/// what tells sizes apart where no homography does. A tenth of the cost of a lattice.
[[nodiscard]] double rolled_agreement(const MipMap& image, const RegisteredCorners& finders, int size);

/// The lattice from where a homography has the finder patterns.
[[nodiscard]] BentLattice bend_lattice(const MipMap& image, const Homography& start, int size, int margin);

}  // namespace fastqr
