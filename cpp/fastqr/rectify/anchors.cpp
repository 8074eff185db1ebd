#include "fastqr/rectify/anchors.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastqr/geometry/thin_plate_spline.hpp"
#include "fastqr/rectify/pattern_samples.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/straightened.hpp"
#include "fastqr/standard/function_patterns.hpp"

namespace fastqr {
namespace {

constexpr double kReach = 1.6;       // modules around the expected place: beyond it the next module's edges match
constexpr double kAccepted = 0.45;   // correlation
constexpr double kLeash = 0.04;      // correlation that a module of distance must be worth
constexpr int kKnot = 4;             // nodes between places at which a spline is evaluated
constexpr double kBlur = 0.3;        // modules
constexpr double kStiffness = 0.02;  // of a spline over places in symbol sides: lets single anchors be off a little

}  // namespace

GrownLattice grow_anchors(const MipMap& image, const Homography& start, int size, int margin) {
    GrownLattice grown{homography_lattice(start, size, margin), 0, 0};
    const std::vector<int> centres = alignment_centres(size);
    if (centres.empty()) return grown;
    Straightened picture(image, start, size, Straightened::Part::kWhole);
    picture.blur(kBlur);
    const PatternSamples pattern = alignment_samples({0, 0}, blur_seen(kBlur), 0.5);
    double sign = 0;
    for (const Point& c : {Point{3.5, 3.5}, Point{size - 3.5, 3.5}, Point{3.5, size - 3.5}})
        sign += correlation(picture, finder_samples(c, kBlur));
    sign = sign < 0 ? -1 : 1;

    std::vector<Point> places;
    std::vector<Point> moves;
    const auto unit = [&](Point p) { return Point{p.x / size, p.y / size}; };
    for (const Point& p : finder_corner_places(size)) {
        places.push_back(unit(p));
        moves.push_back({0, 0});
    }
    std::vector<Point> open;
    const int first = centres.front();
    const int last = centres.back();
    for (int r : centres)
        for (int c : centres)
            if (!((r == first && c == first) || (r == first && c == last) || (r == last && c == first)))
                open.push_back({c + 0.5, r + 0.5});
    while (!open.empty()) {
        // The ring of patterns nearest to what is anchored, all searched with one spline.
        const ThinPlateSpline spline(places, moves, kStiffness);
        std::vector<std::pair<double, Point>> ranked;
        for (const Point& p : open) {
            double nearest = 1e9;
            for (const Point& q : places) nearest = std::min(nearest, std::hypot(p.x / size - q.x, p.y / size - q.y));
            ranked.emplace_back(nearest, p);
        }
        std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        const double ring = ranked.front().first * 1.15;
        open.clear();
        for (const auto& [distance, place] : ranked) {
            if (distance > ring) {
                open.push_back(place);
                continue;
            }
            PatternSamples samples = pattern;
            for (Point& p : samples.places) p = {p.x + place.x, p.y + place.y};
            const PatternMatch match = find_pattern(picture, samples, sign, spline(unit(place)), kReach, kLeash);
            if (match.agreement < kAccepted) continue;
            places.push_back(unit(place));
            moves.push_back(match.move);
            ++grown.found;
            grown.agreement += match.agreement;
        }
    }
    if (grown.found == 0) return grown;
    grown.agreement /= grown.found;
    const ThinPlateSpline spline(places, moves, kStiffness);
    // The field is smooth: evaluated at every fourth node, its logarithms are the most of the work, and bilinear
    // between.
    const int knots = grown.lattice.cells / kKnot + 2;
    std::vector<Point> field;
    field.reserve(static_cast<std::size_t>(knots) * static_cast<std::size_t>(knots));
    for (int i = 0; i < knots; ++i)
        for (int j = 0; j < knots; ++j)
            field.push_back(
                spline(unit({static_cast<double>(j * kKnot - margin), static_cast<double>(i * kKnot - margin)})));
    const auto knot = [&](int i, int j) { return field[static_cast<std::size_t>(i * knots + j)]; };
    grown.lattice.nodes.clear();
    for (int i = 0; i <= grown.lattice.cells; ++i)
        for (int j = 0; j <= grown.lattice.cells; ++j) {
            const int row = i / kKnot;
            const int column = j / kKnot;
            const double v = static_cast<double>(i % kKnot) / kKnot;
            const double u = static_cast<double>(j % kKnot) / kKnot;
            const auto between = [&](double Point::* c) {
                const double top = knot(row, column).*c * (1 - u) + knot(row, column + 1).*c * u;
                const double bottom = knot(row + 1, column).*c * (1 - u) + knot(row + 1, column + 1).*c * u;
                return top * (1 - v) + bottom * v;
            };
            const Point p = start(j - margin + between(&Point::x), i - margin + between(&Point::y));
            grown.lattice.nodes.push_back(static_cast<float>(p.x));
            grown.lattice.nodes.push_back(static_cast<float>(p.y));
        }
    return grown;
}

}  // namespace fastqr
