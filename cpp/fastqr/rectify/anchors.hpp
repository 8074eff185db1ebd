#pragma once

#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

struct GrownLattice {
    Lattice lattice;
    int found = 0;         ///< alignment patterns that hold the lattice
    double agreement = 0;  ///< their mean correlation
};

/// A lattice for paper that is not flat: from the finder patterns outwards each alignment pattern is searched where
/// those found before say it should be, and becomes an anchor of a thin-plate spline.
[[nodiscard]] GrownLattice grow_anchors(const MipMap& image, const Homography& start, int size, int margin);

}  // namespace fastqr
