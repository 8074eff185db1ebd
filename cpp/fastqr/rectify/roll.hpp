#pragma once

#include <array>
#include <cstddef>

#include "fastqr/geometry/homography.hpp"

namespace fastqr {

/// The map of a symbol on a cylinder to a plane in which it is nearly straight, in modules of either: a place is seen
/// where it lies along the cylinder's axis, and by sine and cosine of its angle about it. Both coordinates are linear
/// in these, over what perspective makes of the first two.
class Roll {
  public:
    static constexpr std::size_t kBasis = 4;
    static constexpr std::size_t kLinear = 2 * kBasis + 2;   ///< parameters of x, of y and of perspective
    static constexpr std::size_t kParameters = kLinear + 2;  ///< with the axis' direction and the curvature

    /// `direction`: of the axis, in radians; `curvature`: half sides of the symbol over the cylinder's radius.
    Roll(int size, double direction, double curvature)
        : half_(size / 2.0), direction_(direction), curvature_(curvature) {
        turn();
    }

    /// Where a place of the symbol is seen.
    [[nodiscard]] Point operator()(Point place) const { return in_modules(seen(basis(place))); }

    /// The same, and how it moves with every parameter.
    struct Moving {
        Point at;
        std::array<Point, kParameters> by;
    };
    [[nodiscard]] Moving moving(Point place) const;

    /// Changes the parameters: the linear ones in half sides, the others in radians.
    void change(const std::array<double, kParameters>& by, double share);

    /// Sets the linear parameters so that places are seen nearest to where they are said to be. Gives the root mean
    /// square of what is left, in modules; infinity where they span nothing.
    double fit(const std::array<Point, 12>& places, const std::array<Point, 12>& targets);

    [[nodiscard]] double half() const { return half_; }  ///< side of the symbol

  private:
    using Basis = std::array<double, kBasis>;  // 1, along the axis, sine and 1 − cosine about it

    void turn();
    [[nodiscard]] Point about(Point place) const {
        const double u = place.x / half_ - 1;
        const double v = place.y / half_ - 1;
        return {axis_.x * u + axis_.y * v, axis_.y * u - axis_.x * v};
    }
    [[nodiscard]] Basis basis(Point place) const;
    [[nodiscard]] double depth(const Basis& basis) const;
    [[nodiscard]] Point seen(const Basis& basis) const;
    [[nodiscard]] Point in_modules(Point at) const { return {half_ * (1 + at.x), half_ * (1 + at.y)}; }

    double half_;
    double direction_;
    double curvature_;
    Point axis_;
    std::array<double, kLinear> p_{};
};

}  // namespace fastqr
