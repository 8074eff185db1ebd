#pragma once

#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/registered_corners.hpp"

namespace fastqr {

struct GrownLattice {
    Lattice lattice;
    int found = 0;         ///< alignment patterns that hold the lattice
    double share = 0;      ///< of all those of a symbol of the size, beside its finder patterns
    double agreement = 0;  ///< their mean correlation
};

/// A lattice for paper that is not flat. It is held by the finder patterns, with the turn and the skew that each of
/// them shows, and grows from them outwards: each alignment pattern is searched where those found before say it should
/// be, in the frame that they give it, and becomes an anchor of a thin-plate spline. `start` need not fit the corners.
[[nodiscard]] GrownLattice grow_anchors(const MipMap& image, const Homography& start, const RegisteredCorners& finders,
                                        int size, int margin);

/// The same from where a homography has the finder patterns.
[[nodiscard]] GrownLattice grow_anchors(const MipMap& image, const Homography& start, int size, int margin);

}  // namespace fastqr
