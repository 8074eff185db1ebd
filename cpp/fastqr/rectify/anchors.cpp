#include "fastqr/rectify/anchors.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastqr/rectify/pattern_samples.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/straightened.hpp"
#include "fastqr/rectify/thin_plate_spline.hpp"
#include "fastqr/symbol/function_patterns.hpp"

namespace fastqr {
namespace {

constexpr double kReach = 1.6;  // modules around the expected place: beyond it the next module's edges match
constexpr double kStep = 1.0 / 3;
constexpr double kAccepted = 0.45;   // correlation
constexpr double kBlur = 0.3;        // modules
constexpr double kStiffness = 0.02;  // of a spline over places in symbol sides: lets single anchors be off a little

/// Top of the parabola through three equally spaced values, as an offset from the middle one in steps.
double parabola(double before, double at, double after) {
    const double bend = before - 2 * at + after;
    return bend < -1e-9 ? std::clamp(0.5 * (before - after) / bend, -0.5, 0.5) : 0.0;
}

}  // namespace

GrownLattice grow_anchors(const MipMap& image, const Homography& start, int size, int margin) {
    GrownLattice grown{homography_lattice(start, size, margin), 0, 0};
    const std::vector<int> centres = alignment_centres(size);
    if (centres.empty()) return grown;
    Straightened picture(image, start, size, Straightened::Part::kWhole);
    picture.blur(kBlur);
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
            const PatternSamples samples = alignment_samples(place, std::hypot(kBlur, 0.3));
            const Point expected = spline(unit(place));
            const int count = static_cast<int>(std::lround(kReach / kStep));
            const auto at = [&](double i, double j) {
                return sign * correlation(picture, samples, expected.x + j * kStep, expected.y + i * kStep);
            };
            double best = -1;
            int row = 0;
            int column = 0;
            for (int i = -count; i <= count; ++i)
                for (int j = -count; j <= count; ++j) {
                    const double value = at(i, j) - 0.04 * std::hypot(i, j) * kStep;
                    if (value > best) {
                        best = value;
                        row = i;
                        column = j;
                    }
                }
            const double agreement = at(row, column);
            if (agreement < kAccepted) continue;
            const double y = row + parabola(at(row - 1, column), agreement, at(row + 1, column));
            const double x = column + parabola(at(row, column - 1), agreement, at(row, column + 1));
            places.push_back(unit(place));
            moves.push_back({expected.x + x * kStep, expected.y + y * kStep});
            ++grown.found;
            grown.agreement += agreement;
        }
    }
    if (grown.found == 0) return grown;
    grown.agreement /= grown.found;
    const ThinPlateSpline spline(places, moves, kStiffness);
    grown.lattice.nodes.clear();
    for (int i = 0; i <= grown.lattice.cells; ++i)
        for (int j = 0; j <= grown.lattice.cells; ++j) {
            const Point place{static_cast<double>(j - margin), static_cast<double>(i - margin)};
            const Point move = spline(unit(place));
            const Point p = start(place.x + move.x, place.y + move.y);
            grown.lattice.nodes.push_back(static_cast<float>(p.x));
            grown.lattice.nodes.push_back(static_cast<float>(p.y));
        }
    return grown;
}

}  // namespace fastqr
