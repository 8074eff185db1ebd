#include "fastqr/rectify/roll.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fastqr/geometry/linear_solve.hpp"

namespace fastqr {
namespace {

constexpr double kFlat = 0.01;         // the least curvature: the cosine's share is divided by its square
constexpr double kNearest = 0.1;       // depth: nearer nothing is seen
constexpr double kStiff = 1e-6;        // of a linear parameter, against places that do not show it
constexpr double kPerspective = 0.03;  // the same of perspective, which corners alone show badly

}  // namespace

void Roll::turn() {
    axis_ = {-std::sin(direction_), std::cos(direction_)};
    curvature_ = std::max(curvature_, kFlat);
}

Roll::Basis Roll::basis(Point place) const {
    const Point p = about(place);
    const double angle = curvature_ * p.y;
    return {1, p.x, std::sin(angle) / curvature_, (1 - std::cos(angle)) / (curvature_ * curvature_)};
}

double Roll::depth(const Basis& basis) const {
    return std::max(1 + p_[2 * kBasis] * basis[1] + p_[2 * kBasis + 1] * basis[2], kNearest);
}

Point Roll::seen(const Basis& basis) const {
    Point sum;
    for (std::size_t j = 0; j < kBasis; ++j) {
        sum.x += p_[j] * basis[j];
        sum.y += p_[kBasis + j] * basis[j];
    }
    const double far = depth(basis);
    return {sum.x / far, sum.y / far};
}

Roll::Moving Roll::moving(Point place) const {
    const Point p = about(place);
    const double k = curvature_;
    const double angle = k * p.y;
    const double sine = std::sin(angle);
    const double cosine = std::cos(angle);
    const Basis value{1, p.x, sine / k, (1 - cosine) / (k * k)};
    const Point at = seen(value);
    const double share = 1 / depth(value);
    Moving moving{in_modules(at), {}};
    for (std::size_t j = 0; j < kBasis; ++j) {
        moving.by[j] = {share * value[j], 0};
        moving.by[kBasis + j] = {0, share * value[j]};
    }
    for (std::size_t j = 0; j < 2; ++j)
        moving.by[2 * kBasis + j] = {-share * at.x * value[j + 1], -share * at.y * value[j + 1]};
    const auto changed = [&](const Basis& by) {
        Point sum;
        for (std::size_t j = 0; j < kBasis; ++j) {
            sum.x += p_[j] * by[j];
            sum.y += p_[kBasis + j] * by[j];
        }
        const double far = p_[2 * kBasis] * by[1] + p_[2 * kBasis + 1] * by[2];
        return Point{share * (sum.x - at.x * far), share * (sum.y - at.y * far)};
    };
    moving.by[kLinear] = changed({0, -p.y, cosine * p.x, sine / k * p.x});
    moving.by[kLinear + 1] =
        changed({0, 0, (angle * cosine - sine) / (k * k), (angle * sine - 2 * (1 - cosine)) / (k * k * k)});
    return moving;
}

void Roll::change(const std::array<double, kParameters>& by, double share) {
    for (std::size_t j = 0; j < kLinear; ++j) p_[j] += share * by[j];
    direction_ += share * by[kLinear];
    curvature_ += share * by[kLinear + 1];
    turn();
}

double Roll::fit(const std::array<Point, 12>& places, const std::array<Point, 12>& targets) {
    std::array<std::array<double, kLinear>, kLinear> a{};
    std::array<double, kLinear> b{};
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Basis value = basis(places[i]);
        for (const bool is_x : {true, false}) {
            const double at = (is_x ? targets[i].x : targets[i].y) / half_ - 1;
            std::array<double, kLinear> row{};
            for (std::size_t j = 0; j < kBasis; ++j) row[(is_x ? 0 : kBasis) + j] = value[j];
            for (std::size_t j = 0; j < 2; ++j) row[2 * kBasis + j] = -at * value[j + 1];
            for (std::size_t j = 0; j < kLinear; ++j) {
                for (std::size_t k = 0; k <= j; ++k) a[j][k] += row[j] * row[k];
                b[j] += row[j] * at;
            }
        }
    }
    for (std::size_t j = 0; j < kLinear; ++j) a[j][j] += j < 2 * kBasis ? kStiff : kPerspective;
    const auto p = solve_symmetric<kLinear>(a, b);
    if (!p) return std::numeric_limits<double>::infinity();
    p_ = *p;
    double left = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Point at = (*this)(places[i]);
        left += std::pow(at.x - targets[i].x, 2) + std::pow(at.y - targets[i].y, 2);
    }
    const double miss = std::sqrt(left / static_cast<double>(places.size()));
    return std::isfinite(miss) ? miss : std::numeric_limits<double>::infinity();
}

}  // namespace fastqr
