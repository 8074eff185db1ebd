#pragma once

#include <span>
#include <vector>

#include "fastqr/geometry/homography.hpp"

namespace fastqr {

/// The smoothest field that passes near given displacements (Bookstein 1989): r² log r plus an affine part.
class ThinPlateSpline {
  public:
    /// `stiffness` 0 interpolates; above, the field may miss the values to bend less. Places in any unit.
    ThinPlateSpline(std::span<const Point> places, std::span<const Point> displacements, double stiffness);

    [[nodiscard]] Point operator()(Point place) const;

  private:
    std::vector<Point> places_;
    std::vector<Point> weights_;  // one a place, then the affine part: 1, x, y
};

}  // namespace fastqr
