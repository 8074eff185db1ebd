#include "fastqr/rectify/finder_triples.hpp"

#include <algorithm>
#include <cmath>

#include "fastqr/memory/sort_by.hpp"
#include "fastqr/memory/vector.hpp"

namespace fastqr {
namespace {

constexpr std::size_t kNeighbours = 8;   // finders that a finder may form a symbol with
constexpr double kMostMisfit = 1.1;      // 0.65 in 99 of 100 symbols that were read
constexpr double kFarthest = 190.0 / 7;  // between the centres of two finders, in their sides: 170 modules, tilted
constexpr double kNearest = 1.4;         // 10 modules; 14 are between those of version 1, and tilt shortens them

double length(double x, double y) { return std::sqrt(x * x + y * y); }  // no overflow to fear among pixels

double distance(Point a, Point b) { return length(a.x - b.x, a.y - b.y); }

/// The quad turned so that its first corner is the one farthest against both axes of the symbol.
FinderQuad aligned(const FinderQuad& quad, Point across, Point down) {
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

}  // namespace

Vector<FinderTriple> rank_triples(const Vector<FinderPattern>& finders) {
    Vector<FinderTriple> triples;
    Vector<std::size_t> near;
    for (std::size_t i = 0; i < finders.size(); ++i) {
        const FinderPattern& origin = finders[i];
        near.clear();
        for (std::size_t j = 0; j < finders.size(); ++j) {
            const double ratio = finders[j].side / std::max(origin.side, 1e-9);
            const double apart = distance(finders[j].centre, origin.centre);
            const double side = std::min(origin.side, finders[j].side);
            if (j != i && finders[j].inverted == origin.inverted && ratio > 0.4 && ratio < 2.5 &&
                apart > kNearest * side * 0.7 && apart < kFarthest * std::max(origin.side, finders[j].side))
                near.push_back(j);
        }
        std::sort(near.begin(), near.end(), [&](std::size_t a, std::size_t b) {
            const auto apart = [&](std::size_t f) { return distance(finders[f].centre, origin.centre); };
            // The patterns of a large symbol lie beyond many shapes that are none.
            if (finders[a].credible() != finders[b].credible()) return finders[a].credible();
            return apart(a) < apart(b);
        });
        if (near.size() > kNeighbours) near.resize(kNeighbours);
        for (std::size_t a : near)
            for (std::size_t b : near) {
                const Point u{finders[a].centre.x - origin.centre.x, finders[a].centre.y - origin.centre.y};
                const Point v{finders[b].centre.x - origin.centre.x, finders[b].centre.y - origin.centre.y};
                const double lu = length(u.x, u.y);
                const double lv = length(v.x, v.y);
                const double sine = (u.x * v.y - u.y * v.x) / std::max(lu * lv, 1e-9);
                // Clockwise on screen; sides of one square under some tilt.
                if (sine < 0.35 || lu / lv < 0.35 || lu / lv > 2.85) continue;
                const double rough = (1 - sine) + 0.5 * std::abs(std::log(lu / lv)) +
                                     0.2 * (origin.misfit + finders[a].misfit + finders[b].misfit);
                if (rough > kMostMisfit) continue;
                const FinderCorners corners{aligned(origin.quad, u, v), aligned(finders[a].quad, u, v),
                                            aligned(finders[b].quad, u, v)};
                const double right = modules_between(corners[0], corners[1], lu, true);
                const double down = modules_between(corners[0], corners[2], lv, false);
                if (std::min(right, down) < 9 || std::max(right, down) > 220) continue;
                double slants = 0;
                for (const auto& quad : corners) slants += slant(quad, u, true) + slant(quad, v, false);
                FinderTriple triple{{i, a, b}, corners, 0};
                triple.misfit = rough + std::abs(std::log(right / down)) +
                                0.2 * std::abs(std::log(finders[a].side / finders[b].side)) + slants / 3 +
                                0.1 * std::log(std::max(right, 14.0) / 14);
                if (triple.misfit < kMostMisfit) triples.push_back(triple);
            }
    }
    sort_by(triples, [](const FinderTriple& triple) { return triple.misfit; });
    if (triples.size() > kMostTriples) triples.resize(kMostTriples);
    return triples;
}

}  // namespace fastqr
