#pragma once

#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

struct BentLattice {
    Lattice lattice;
    double largest = 0;  ///< how far the bend moves a place of the symbol, in modules
};

/// The lattice of a symbol on paper that is rolled or arched: a homography after a quadratic bend x², y² along either
/// axis, registered on the finder patterns and the timing patterns between them (Gauss–Newton, twelve parameters).
[[nodiscard]] BentLattice bend_lattice(const MipMap& image, const Homography& start, int size, int margin);

}  // namespace fastqr
