#pragma once

#include <array>
#include <optional>
#include <span>

namespace fastqr {

struct Point {
    double x = 0;
    double y = 0;
};

/// Projective map of the plane, row-major 3×3, acting on column vectors (x, y, 1).
struct Homography {
    std::array<double, 9> h{1, 0, 0, 0, 1, 0, 0, 0, 1};

    [[nodiscard]] Point operator()(double x, double y) const {
        const double w = h[6] * x + h[7] * y + h[8];
        return {(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w};
    }
    [[nodiscard]] Point operator()(Point p) const { return (*this)(p.x, p.y); }
};

/// a ∘ b: first b, then a.
[[nodiscard]] Homography compose(const Homography& a, const Homography& b);

/// Least-squares homography of 4 or more point pairs: the normalised direct linear transform of Hartley
/// ("In defense of the eight-point algorithm", 1997), then Gauss–Newton on the distance in the target plane.
/// Empty where the points do not determine one.
[[nodiscard]] std::optional<Homography> fit_homography(std::span<const Point> source, std::span<const Point> target);

}  // namespace fastqr
