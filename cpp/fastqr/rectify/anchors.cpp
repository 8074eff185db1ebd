#include "fastqr/rectify/anchors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "fastqr/geometry/thin_plate_spline.hpp"
#include "fastqr/rectify/grid_search.hpp"
#include "fastqr/rectify/local_field.hpp"
#include "fastqr/rectify/pattern_samples.hpp"
#include "fastqr/standard/function_patterns.hpp"

namespace fastqr {
namespace {

constexpr int kPixels = LocalField::kPixels;
constexpr double kLeash = 0.04;      // correlation that a module of distance must be worth
constexpr double kRing = 1.15;       // of the nearest pattern's distance: as far are those of one ring
constexpr int kKnot = 4;             // nodes between places at which a spline is evaluated
constexpr double kBlur = 0.3;        // modules
constexpr double kStiffness = 1e-4;  // of a spline over places in symbol sides: lets single anchors be off a little

/// How alignment patterns are searched: those that are where they are expected, those that the others then lead to, and
/// what is too dim to be told from data but where it must be. Patterns correlate by 0.8 and more, data seldom by 0.6.
struct Pass {
    double reach;     // modules about the expected place
    double accepted;  // correlation
    int rounds;       // at most: another one where the last has found some of the patterns
};
constexpr std::array<Pass, 3> kPasses{{{1.67, 0.65, 1}, {3.0, 0.65, 4}, {1.0, 0.45, 1}}};

/// A smooth map from the symbol to the picture: a homography, and what places are seen beside where it has them.
class Surface {
  public:
    Surface(const Homography& start, int size) : start_(start), size_(size) {}

    void hold(Point place, Point seen) {
        const Point flat = start_(place);
        places_.push_back(unit(place));
        moves_.push_back({seen.x - flat.x, seen.y - flat.y});
    }
    void settle() { spline_.emplace(places_, moves_, kStiffness); }

    /// How far a place is seen from where the homography has it.
    [[nodiscard]] Point move(Point place) const { return (*spline_)(unit(place)); }
    [[nodiscard]] Point operator()(Point place) const {
        const Point flat = start_(place);
        const Point by = move(place);
        return {flat.x + by.x, flat.y + by.y};
    }
    [[nodiscard]] LocalFrame frame(Point place) const {
        const Point left = (*this)({place.x - 0.5, place.y});
        const Point right = (*this)({place.x + 0.5, place.y});
        const Point above = (*this)({place.x, place.y - 0.5});
        const Point below = (*this)({place.x, place.y + 0.5});
        return {{(left.x + right.x) / 2, (left.y + right.y) / 2},
                {right.x - left.x, right.y - left.y},
                {below.x - above.x, below.y - above.y}};
    }
    /// Modules to the nearest place that holds it.
    [[nodiscard]] double distance(Point place) const {
        double nearest = 1e9;
        for (const Point& held : places_)
            nearest = std::min(nearest, std::hypot(place.x - held.x * size_, place.y - held.y * size_));
        return nearest;
    }

  private:
    [[nodiscard]] Point unit(Point p) const { return {p.x / size_, p.y / size_}; }

    Homography start_;
    int size_;
    std::vector<Point> places_;  // in sides of the symbol
    std::vector<Point> moves_;   // pixels
    std::optional<ThinPlateSpline> spline_;
};

/// Searches alignment patterns from what holds the surface outwards, and lets those that are found hold it. Gives the
/// others.
std::vector<Point> search_outwards(const MipMap& image, double sign, const Pass& pass, std::vector<Point> open,
                                   Surface& surface, GrownLattice& grown) {
    static const FieldPattern pattern(alignment_samples({0, 0}, blur_seen(kBlur), 1.0 / kPixels));
    const int count = static_cast<int>(std::lround(pass.reach * kPixels));
    std::vector<Point> unfound;
    while (!open.empty()) {
        // The ring of patterns nearest to what is anchored, all searched on one surface.
        std::vector<std::pair<double, Point>> ranked;
        for (const Point& p : open) ranked.emplace_back(surface.distance(p), p);
        std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        const double ring = ranked.front().first * kRing;
        open.clear();
        std::vector<std::pair<Point, Point>> anchors;
        for (const auto& [distance, place] : ranked) {
            if (distance > ring) {
                open.push_back(place);
                continue;
            }
            const LocalFrame frame = surface.frame(place);
            const LocalField field(image, frame, pattern.reach() + (count + 2.0) / kPixels);
            const GridMatch match = best_on_grid(count, kLeash / kPixels,
                                                 [&](int i, int j) { return sign * pattern.correlation(field, i, j); });
            if (match.agreement < pass.accepted) {
                unfound.push_back(place);
                continue;
            }
            anchors.emplace_back(place, frame(match.steps.x / kPixels, match.steps.y / kPixels));
            ++grown.found;
            grown.agreement += match.agreement;
        }
        for (const auto& [place, seen] : anchors) surface.hold(place, seen);
        if (!anchors.empty()) surface.settle();
    }
    return unfound;
}

/// Lattice of a surface. The spline is smooth: evaluated at every fourth node, its logarithms are the most of the work,
/// and bilinear between.
Lattice lattice_of(const Surface& surface, const Homography& start, int size, int margin) {
    Lattice lattice;
    lattice.cells = size + 2 * margin;
    const int knots = lattice.cells / kKnot + 2;
    std::vector<Point> field;
    field.reserve(static_cast<std::size_t>(knots) * static_cast<std::size_t>(knots));
    for (int i = 0; i < knots; ++i)
        for (int j = 0; j < knots; ++j)
            field.push_back(
                surface.move({static_cast<double>(j * kKnot - margin), static_cast<double>(i * kKnot - margin)}));
    const auto knot = [&](int i, int j) { return field[static_cast<std::size_t>(i * knots + j)]; };
    lattice.nodes.reserve(2 * static_cast<std::size_t>(lattice.cells + 1) *
                          static_cast<std::size_t>(lattice.cells + 1));
    for (int i = 0; i <= lattice.cells; ++i)
        for (int j = 0; j <= lattice.cells; ++j) {
            const int row = i / kKnot;
            const int column = j / kKnot;
            const double v = static_cast<double>(i % kKnot) / kKnot;
            const double u = static_cast<double>(j % kKnot) / kKnot;
            const auto between = [&](double Point::* c) {
                const double top = knot(row, column).*c * (1 - u) + knot(row, column + 1).*c * u;
                const double bottom = knot(row + 1, column).*c * (1 - u) + knot(row + 1, column + 1).*c * u;
                return top * (1 - v) + bottom * v;
            };
            const Point flat = start(j - margin, i - margin);
            lattice.nodes.push_back(static_cast<float>(flat.x + between(&Point::x)));
            lattice.nodes.push_back(static_cast<float>(flat.y + between(&Point::y)));
        }
    return lattice;
}

}  // namespace

GrownLattice grow_anchors(const MipMap& image, const Homography& start, const RegisteredCorners& finders, int size,
                          int margin) {
    GrownLattice grown{homography_lattice(start, size, margin), 0, 0, 0};
    const std::vector<int> centres = alignment_centres(size);
    if (centres.empty()) return grown;
    const double sign = finders.agreement < 0 ? -1 : 1;
    Surface surface(start, size);
    const auto places = finder_corner_places(size);
    for (std::size_t i = 0; i < places.size(); ++i) surface.hold(places[i], finders.corners[i / 4][i % 4]);
    surface.settle();

    std::vector<Point> unfound;
    const int first = centres.front();
    const int last = centres.back();
    for (int r : centres)
        for (int c : centres)
            if (!((r == first && c == first) || (r == first && c == last) || (r == last && c == first)))
                unfound.push_back({c + 0.5, r + 0.5});
    const std::size_t all = unfound.size();
    for (const Pass& pass : kPasses)
        for (int round = 0; round < pass.rounds && !unfound.empty(); ++round) {
            const int before = grown.found;
            unfound = search_outwards(image, sign, pass, std::move(unfound), surface, grown);
            if (grown.found == before) break;
        }
    if (grown.found == 0) return grown;
    grown.agreement /= grown.found;
    grown.share = static_cast<double>(grown.found) / static_cast<double>(all);
    grown.lattice = lattice_of(surface, start, size, margin);
    return grown;
}

GrownLattice grow_anchors(const MipMap& image, const Homography& start, int size, int margin) {
    FinderCorners corners{};
    const auto places = finder_corner_places(size);
    for (std::size_t i = 0; i < places.size(); ++i) corners[i / 4][i % 4] = start(places[i]);
    return grow_anchors(image, start, registered_corners(image, corners), size, margin);
}

}  // namespace fastqr
