#include "fastqr/geometry/homography.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"

namespace fastqr {
namespace {

constexpr double kFlat = 1e-9;  // determinant, of entries at most 1: rounding of a singular system leaves less

/// Similarity that brings points to their centroid and a mean distance of √2 (Hartley 1997, section 4).
struct Normalisation {
    double scale = 1;
    double cx = 0;
    double cy = 0;
};

std::optional<Normalisation> normalisation(std::span<const Point> points) {
    Normalisation n;
    for (const Point& p : points) {
        n.cx += p.x;
        n.cy += p.y;
    }
    n.cx /= static_cast<double>(points.size());
    n.cy /= static_cast<double>(points.size());
    double distance = 0;
    for (const Point& p : points) distance += std::hypot(p.x - n.cx, p.y - n.cy);
    distance /= static_cast<double>(points.size());
    if (!(distance > 1e-12) || !std::isfinite(distance)) return std::nullopt;
    n.scale = std::sqrt(2.0) / distance;
    return n;
}

Point apply(const Normalisation& n, Point p) { return {(p.x - n.cx) * n.scale, (p.y - n.cy) * n.scale}; }

/// Whether a map of normalised points flattens the plane, as that of three points on a line to three that are not.
bool flattens(const Homography& map) {
    const auto& h = map.h;
    const double determinant =
        h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) + h[2] * (h[3] * h[7] - h[4] * h[6]);
    double largest = 0;
    for (double v : h) largest = std::max(largest, std::abs(v));
    return !(std::abs(determinant) > kFlat * largest * largest * largest);
}

/// One Gauss–Newton step on Σ|H(s) − t|² with h33 held at 1; `weigh` false gives the algebraic (linear) system.
std::optional<std::array<double, 8>> normal_step(std::span<const Point> s, std::span<const Point> t,
                                                 const Homography& at, bool weigh) {
    std::array<std::array<double, 8>, 8> a{};
    std::array<double, 8> b{};
    for (std::size_t i = 0; i < s.size(); ++i) {
        const double x = s[i].x;
        const double y = s[i].y;
        std::array<double, 8> row_x{};
        std::array<double, 8> row_y{};
        double rx = 0;
        double ry = 0;
        if (weigh) {
            const double w = at.h[6] * x + at.h[7] * y + 1;
            const Point p = at(x, y);
            row_x = {x / w, y / w, 1 / w, 0, 0, 0, -p.x * x / w, -p.x * y / w};
            row_y = {0, 0, 0, x / w, y / w, 1 / w, -p.y * x / w, -p.y * y / w};
            rx = t[i].x - p.x;
            ry = t[i].y - p.y;
        } else {
            row_x = {x, y, 1, 0, 0, 0, -t[i].x * x, -t[i].x * y};
            row_y = {0, 0, 0, x, y, 1, -t[i].y * x, -t[i].y * y};
            rx = t[i].x;
            ry = t[i].y;
        }
        for (std::size_t j = 0; j < 8; ++j) {
            for (std::size_t k = 0; k <= j; ++k) a[j][k] += row_x[j] * row_x[k] + row_y[j] * row_y[k];
            b[j] += row_x[j] * rx + row_y[j] * ry;
        }
    }
    return solve_symmetric<8>(a, b);
}

}  // namespace

Homography compose(const Homography& a, const Homography& b) {
    Homography c;
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            c.h[3 * i + j] = a.h[3 * i] * b.h[j] + a.h[3 * i + 1] * b.h[3 + j] + a.h[3 * i + 2] * b.h[6 + j];
    return c;
}

std::optional<Homography> fit_homography(std::span<const Point> source, std::span<const Point> target) {
    if (source.size() != target.size() || source.size() < 4) return std::nullopt;
    const auto from = normalisation(source);
    const auto to = normalisation(target);
    if (!from || !to) return std::nullopt;
    std::vector<Point> s;
    std::vector<Point> t;
    for (const Point& p : source) s.push_back(apply(*from, p));
    for (const Point& p : target) t.push_back(apply(*to, p));
    const auto linear = normal_step(s, t, {}, false);
    if (!linear) return std::nullopt;
    Homography h;
    std::copy(linear->begin(), linear->end(), h.h.begin());
    h.h[8] = 1;
    // The origin is the centroid after normalisation, so h33 = 1 excludes no map of finite points.
    for (int step = 0; step < 2 && source.size() > 4; ++step) {
        const auto change = normal_step(s, t, h, true);
        if (!change) break;
        Homography next = h;
        for (std::size_t i = 0; i < 8; ++i) next.h[i] += (*change)[i];
        h = next;
    }
    if (flattens(h)) return std::nullopt;
    const Homography normalise{
        {from->scale, 0, -from->scale * from->cx, 0, from->scale, -from->scale * from->cy, 0, 0, 1}};
    const Homography restore{{1 / to->scale, 0, to->cx, 0, 1 / to->scale, to->cy, 0, 0, 1}};
    Homography result = compose(restore, compose(h, normalise));
    if (std::abs(result.h[8]) > 1e-300) {
        const double last = result.h[8];
        for (double& v : result.h) v /= last;
    }
    for (double v : result.h)
        if (!std::isfinite(v)) return std::nullopt;
    return result;
}

}  // namespace fastqr
