#include "fastqr/detect/finder_triples.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace fastqr {
namespace {

constexpr double kNearest = 9;     // modules between two centres; 14 in version 1, and tilt shortens them
constexpr double kFarthest = 220;  // 170 in version 40, and perspective stretches them
constexpr double kOffAxis = 0.5;   // of a distance along a pattern's axis, across it
constexpr double kSquashed = 8;    // ratio of the two distances between a symbol's patterns, at most
constexpr double kAlike = 2.5;     // ratio of the sides of two patterns of a symbol, at most

/// How far a round goes: the nearest patterns along each of a pattern's four directions, and how far they may be.
struct Reach {
    std::size_t patterns;
    double modules;
};
constexpr std::array<Reach, 5> kRounds{{{2, 40}, {2, 110}, {3, kFarthest}, {8, kFarthest}, {1U << 30U, kFarthest}}};

/// Another pattern along one of a pattern's directions.
struct Neighbour {
    std::size_t finder;
    double modules;
};

/// Those along the four directions of a pattern's own axes, clockwise, nearest first.
using Neighbours = std::array<std::vector<Neighbour>, 4>;

double length(double x, double y) { return std::sqrt(x * x + y * y); }  // no overflow to fear among pixels

double distance(Point a, Point b) { return length(a.x - b.x, a.y - b.y); }

/// A pattern's own axes: the parallelogram nearest to its quad, a module long, clockwise.
struct Axes {
    Point along;
    Point down;

    explicit Axes(const FinderQuad& q)
        : along{(q[1].x - q[0].x + q[2].x - q[3].x) / 14, (q[1].y - q[0].y + q[2].y - q[3].y) / 14},
          down{(q[3].x - q[0].x + q[2].x - q[1].x) / 14, (q[3].y - q[0].y + q[2].y - q[1].y) / 14} {}

    [[nodiscard]] double area() const { return along.x * down.y - along.y * down.x; }

    /// Modules along both axes.
    [[nodiscard]] Point modules(Point d) const {
        return {(d.x * down.y - d.y * down.x) / area(), (along.x * d.y - along.y * d.x) / area()};
    }
};

/// The quad about a round pattern whose sides lie along a symbol's axes.
FinderQuad quad_along(const FinderPattern& pattern, Point across, Point down) {
    const Axes axes(pattern.quad);
    if (!(axes.area() > 0)) return pattern.quad;
    // In its own axes an ellipse is a circle, and the symbol's are a right angle.
    const Point u = axes.modules(across);
    const Point v = axes.modules(down);
    const double lu = std::max(length(u.x, u.y), 1e-9);
    const double lv = std::max(length(v.x, v.y), 1e-9);
    const Point sum{u.x / lu + v.y / lv, u.y / lu - v.x / lv};
    const double norm = length(sum.x, sum.y) / 3.5;  // modules to a side
    if (!(norm > 0)) return pattern.quad;
    const double cosine = sum.x / norm;
    const double sine = sum.y / norm;
    const Point p{axes.along.x * cosine + axes.down.x * sine, axes.along.y * cosine + axes.down.y * sine};
    const Point q{axes.down.x * cosine - axes.along.x * sine, axes.down.y * cosine - axes.along.y * sine};
    const Point& m = pattern.centre;
    return {Point{m.x - p.x - q.x, m.y - p.y - q.y}, Point{m.x + p.x - q.x, m.y + p.y - q.y},
            Point{m.x + p.x + q.x, m.y + p.y + q.y}, Point{m.x - p.x + q.x, m.y - p.y + q.y}};
}

/// The pattern's quad turned so that its first corner is the one farthest against both axes of the symbol.
FinderQuad aligned(const FinderPattern& pattern, Point across, Point down) {
    const FinderQuad quad = pattern.round ? quad_along(pattern, across, down) : pattern.quad;
    const double la = std::max(length(across.x, across.y), 1e-9);
    const double ld = std::max(length(down.x, down.y), 1e-9);
    const Point diagonal{across.x / la + down.x / ld, across.y / la + down.y / ld};
    std::size_t first = 0;
    for (std::size_t k = 1; k < 4; ++k)
        if (quad[k].x * diagonal.x + quad[k].y * diagonal.y < quad[first].x * diagonal.x + quad[first].y * diagonal.y)
            first = k;
    return {quad[first], quad[(first + 1) % 4], quad[(first + 2) % 4], quad[(first + 3) % 4]};
}

/// Sine of the angle between an axis of the symbol and the sides of an aligned finder that run along it, 0 to 1.
double slant(const FinderQuad& quad, Point axis, bool across) {
    const Point a =
        across ? Point{quad[1].x - quad[0].x + quad[2].x - quad[3].x, quad[1].y - quad[0].y + quad[2].y - quad[3].y}
               : Point{quad[3].x - quad[0].x + quad[2].x - quad[1].x, quad[3].y - quad[0].y + quad[2].y - quad[1].y};
    const double lengths = length(a.x, a.y) * length(axis.x, axis.y);
    return std::abs(a.x * axis.y - a.y * axis.x) / std::max(lengths, 1e-9);
}

/// Modules between two aligned finders' centres, by their width along the axis.
double modules_between(const FinderQuad& a, const FinderQuad& b, double apart, bool across) {
    double width = 0;
    for (const FinderQuad* q : {&a, &b})
        width += across ? distance((*q)[0], (*q)[1]) + distance((*q)[3], (*q)[2])
                        : distance((*q)[0], (*q)[3]) + distance((*q)[1], (*q)[2]);
    return 7 * apart / std::max(width / 4, 1e-9);
}

Neighbours neighbours_of(const FinderPatterns& finders, std::size_t origin, const Reach& reach, Work& work) {
    Neighbours result;
    const FinderPattern& from = finders.all()[origin];
    const Axes axes(from.quad);
    if (!(axes.area() > 0)) return result;
    const double radius =
        reach.modules * std::max(length(axes.along.x, axes.along.y), length(axes.down.x, axes.down.y));
    finders.index().near(from.centre, radius, from.side / kAlike, from.side * kAlike, [&](std::size_t id) {
        work.spend(1);
        const FinderPattern& to = finders.all()[id];
        if (id == origin || to.inverted != from.inverted) return;
        if (to.side > kAlike * from.side || from.side > kAlike * to.side) return;
        const Point d = axes.modules({to.centre.x - from.centre.x, to.centre.y - from.centre.y});
        const double u = std::abs(d.x);
        const double v = std::abs(d.y);
        const double modules = from.round ? length(u, v) : std::max(u, v);
        if (modules < kNearest || modules > reach.modules) return;
        const bool off_axis = std::min(u, v) > kOffAxis * std::max(u, v);
        if (off_axis && !from.round) return;
        const std::size_t across = d.x > 0 ? 0 : 2;
        const std::size_t down = d.y > 0 ? 1 : 3;
        if (off_axis || u > v) result[across].push_back({id, modules});
        if (off_axis || !(u > v)) result[down].push_back({id, modules});  // a round pattern's axes may be any
    });
    for (auto& others : result) {
        std::sort(others.begin(), others.end(), [](const Neighbour& a, const Neighbour& b) {
            return a.modules != b.modules ? a.modules < b.modules : a.finder < b.finder;
        });
        if (others.size() > reach.patterns) others.resize(reach.patterns);
    }
    return result;
}

/// The triple of a pattern with one along a direction and one along the next, where a symbol may look like that.
std::optional<FinderTriple> triple_of(std::span<const FinderPattern> finders, std::size_t i, std::size_t a,
                                      std::size_t b, double most_misfit) {
    const FinderPattern& origin = finders[i];
    const Point u{finders[a].centre.x - origin.centre.x, finders[a].centre.y - origin.centre.y};
    const Point v{finders[b].centre.x - origin.centre.x, finders[b].centre.y - origin.centre.y};
    const double lu = length(u.x, u.y);
    const double lv = length(v.x, v.y);
    const double sine = (u.x * v.y - u.y * v.x) / std::max(lu * lv, 1e-9);
    // Clockwise on screen; sides of one square under some tilt.
    if (sine < 0.35 || lu / lv < 1 / kSquashed || lu / lv > kSquashed) return std::nullopt;
    const double rough =
        (1 - sine) + 0.5 * std::abs(std::log(lu / lv)) + 0.2 * (origin.misfit + finders[a].misfit + finders[b].misfit);
    if (rough > most_misfit) return std::nullopt;
    FinderTriple triple{{i, a, b}, {aligned(origin, u, v), aligned(finders[a], u, v), aligned(finders[b], u, v)}, 0};
    const FinderCorners& corners = triple.corners;
    const double right = modules_between(corners[0], corners[1], lu, true);
    const double down = modules_between(corners[0], corners[2], lv, false);
    if (std::min(right, down) < kNearest || std::max(right, down) > kFarthest) return std::nullopt;
    double slants = 0;
    for (const auto& quad : corners) slants += slant(quad, u, true) + slant(quad, v, false);
    triple.misfit = rough + std::abs(std::log(right / down)) +
                    0.2 * std::abs(std::log(finders[a].side / finders[b].side)) + slants / 3 +
                    0.1 * std::log(std::max(right, 14.0) / 14);
    if (triple.misfit >= most_misfit) return std::nullopt;
    return triple;
}

}  // namespace

std::vector<FinderTriple> FinderTriples::next_round(const std::vector<bool>& open, Work& work) {
    const Reach reach = kRounds[static_cast<std::size_t>(round_)];
    const Reach before = round_ > 0 ? kRounds[static_cast<std::size_t>(round_) - 1] : Reach{0, 0};
    std::vector<FinderTriple> triples;
    bool cut = false;  // whether some pattern has more about it than this round offers
    for (std::size_t i = 0; i < finders_.all().size(); ++i) {
        if (!open[i] || work.exhausted()) continue;
        const Neighbours about = neighbours_of(finders_, i, reach, work);
        const auto offered = [&](const std::vector<Neighbour>& others, std::size_t rank) {
            return rank < before.patterns && others[rank].modules <= before.modules;
        };
        for (std::size_t d = 0; d < 4; ++d) {
            const std::vector<Neighbour>& ahead = about[d];
            const std::vector<Neighbour>& aside = about[(d + 1) % 4];
            cut = cut || ahead.size() >= reach.patterns;
            for (std::size_t a = 0; a < ahead.size(); ++a)
                for (std::size_t b = 0; b < aside.size(); ++b) {
                    if (!open[ahead[a].finder] || !open[aside[b].finder]) continue;
                    if (offered(ahead, a) && offered(aside, b)) continue;
                    work.spend(4);
                    if (auto triple =
                            triple_of(finders_.all(), i, ahead[a].finder, aside[b].finder, settings_.most_misfit))
                        triples.push_back(*triple);
                }
        }
    }
    ++round_;
    finished_ = round_ == static_cast<int>(kRounds.size()) || (!cut && reach.modules == kFarthest);
    // A triple is large, and most rounds have many: their order is sorted, and each moved once.
    std::vector<std::size_t> order(triples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return triples[a].misfit != triples[b].misfit ? triples[a].misfit < triples[b].misfit : a < b;
    });
    std::vector<FinderTriple> sorted;
    sorted.reserve(triples.size());
    for (const std::size_t i : order) sorted.push_back(triples[i]);
    return sorted;
}

}  // namespace fastqr
