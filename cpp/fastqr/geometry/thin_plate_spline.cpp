#include "fastqr/geometry/thin_plate_spline.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace fastqr {
namespace {

double kernel(double squared) { return squared > 1e-12 ? 0.5 * squared * std::log(squared) : 0.0; }

}  // namespace

ThinPlateSpline::ThinPlateSpline(std::span<const Point> places, std::span<const Point> displacements, double stiffness)
    : places_(places.begin(), places.end()) {
    const std::size_t n = places_.size();
    const std::size_t m = n + 3;
    weights_.assign(m, {0, 0});
    if (n < 3) return;
    // The system is symmetric and indefinite: Gaussian elimination with row pivoting, m³ / 3 operations.
    std::vector<std::vector<double>> a(m, std::vector<double>(m + 2, 0.0));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double dx = places_[i].x - places_[j].x;
            const double dy = places_[i].y - places_[j].y;
            a[i][j] = i == j ? stiffness : kernel(dx * dx + dy * dy);
        }
        a[i][n] = a[n][i] = 1;
        a[i][n + 1] = a[n + 1][i] = places_[i].x;
        a[i][n + 2] = a[n + 2][i] = places_[i].y;
        a[i][m] = displacements[i].x;
        a[i][m + 1] = displacements[i].y;
    }
    for (std::size_t k = 0; k < m; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k + 1; i < m; ++i)
            if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
        if (std::abs(a[pivot][k]) < 1e-12) return;  // places on a line: no displacement at all is the safe answer
        std::swap(a[k], a[pivot]);
        for (std::size_t i = k + 1; i < m; ++i) {
            const double factor = a[i][k] / a[k][k];
            if (factor == 0) continue;
            for (std::size_t j = k; j < m + 2; ++j) a[i][j] -= factor * a[k][j];
        }
    }
    for (std::size_t i = m; i-- > 0;) {
        Point value{a[i][m], a[i][m + 1]};
        for (std::size_t j = i + 1; j < m; ++j) {
            value.x -= a[i][j] * weights_[j].x;
            value.y -= a[i][j] * weights_[j].y;
        }
        weights_[i] = {value.x / a[i][i], value.y / a[i][i]};
    }
}

Point ThinPlateSpline::operator()(Point place) const {
    const std::size_t n = places_.size();
    Point sum{weights_[n].x + weights_[n + 1].x * place.x + weights_[n + 2].x * place.y,
              weights_[n].y + weights_[n + 1].y * place.x + weights_[n + 2].y * place.y};
    for (std::size_t i = 0; i < n; ++i) {
        const double dx = place.x - places_[i].x;
        const double dy = place.y - places_[i].y;
        const double k = kernel(dx * dx + dy * dy);
        sum.x += k * weights_[i].x;
        sum.y += k * weights_[i].y;
    }
    return sum;
}

}  // namespace fastqr
