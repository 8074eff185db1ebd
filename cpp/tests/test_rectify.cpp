#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "drawing.hpp"
#include "fastqr/detect/finder_patterns.hpp"
#include "fastqr/detect/finder_triples.hpp"
#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/geometry/thin_plate_spline.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/displacement.hpp"
#include "fastqr/rectify/patch_normalisation.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/timing_check.hpp"
#include "fastqr/standard/function_patterns.hpp"

using namespace fastqr;

namespace {

constexpr Homography kTilted{{4.0, -1.0, 60.0, 1.2, 4.4, 30.0, 0.002, 0.003, 1.0}};

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// A symbol's function patterns with coin tosses between them, as a homography shows it.
GreyImage drawn(int size, const Homography& symbol_to_image, int height, int width, double arch = 0) {
    std::vector<float> modules;
    std::mt19937 random(4);
    for (std::int8_t m : function_patterns(size))
        modules.push_back(m == 0 ? static_cast<float>(random() % 2) : static_cast<float>(m > 0));
    return pictured(modules, size, symbol_to_image, height, width, arch);
}

MipMap whole(const GreyImage& image) { return {image.view(), {0, 0, image.width, image.height}}; }

/// The finder patterns of a picture whose pixels are the scene's.
std::vector<FinderPattern> patterns_of(const GreyImage& image) {
    if (image.pixels.empty()) return {};
    const MipMap map = whole(image);
    Work work{.allowance = 1 << 24};
    FinderPatterns found(map);
    found.search_levels(work);
    return found.all();
}

/// How far the centre of a symbol's finder pattern is from the nearest one found, at worst.
double farthest_from(const std::vector<FinderPattern>& found, const Homography& truth, int size) {
    double farthest = 0;
    for (const Point& centre : {Point{3.5, 3.5}, Point{size - 3.5, 3.5}, Point{3.5, size - 3.5}}) {
        double nearest = 1e9;
        for (const FinderPattern& finder : found) nearest = std::min(nearest, distance(finder.centre, truth(centre)));
        farthest = std::max(farthest, nearest);
    }
    return farthest;
}

}  // namespace

TEST_CASE("a symmetric system is solved, a singular one refused") {
    const auto x = solve_symmetric<2>({{{4, 2}, {2, 3}}}, {10, 8});
    REQUIRE(x);
    CHECK((*x)[0] == doctest::Approx(1.75));
    CHECK((*x)[1] == doctest::Approx(1.5));
    CHECK_FALSE(solve_symmetric<2>({{{1, 1}, {1, 1}}}, {1, 1}));
    CHECK_FALSE(solve_symmetric<2>({{{0, 0}, {0, 0}}}, {0, 0}));
}

TEST_CASE("points determine the homography that made them") {
    std::vector<Point> source{{0, 0}, {21, 0}, {21, 21}, {0, 21}};
    for (int extra : {0, 5}) {
        for (int i = 0; i < extra; ++i) source.push_back({3.0 * i + 1, 17.0 - 2 * i});
        std::vector<Point> target;
        for (const Point& p : source) target.push_back(kTilted(p));
        const auto found = fit_homography(source, target);
        REQUIRE(found);
        for (const Point& p : {Point{10, 10}, Point{3.5, 17.5}, Point{-2, 23}})
            CHECK(distance((*found)(p), kTilted(p)) < 1e-6);
    }
}

TEST_CASE("a homography that numbers cannot hold is none") {
    // Found by fuzzing: its last entry is small, and the others overflow when they are divided by it.
    const std::vector<Point> source{{1, 0}, {2, 0}, {2, 1}, {1, 1}};
    for (const double scale : {1e3, 1e200, 1e304}) {
        std::vector<Point> target;
        for (const Point& p : source) {
            const double w = p.x + 1e-6;
            target.push_back({scale * (1 + p.y) / w, scale * (p.x - p.y) / w});
        }
        const auto found = fit_homography(source, target);
        CHECK(found.has_value() == (scale < 1e300));
        if (found)
            for (double v : found->h) CHECK(std::isfinite(v));
    }
}

TEST_CASE("points that span no area determine none") {
    const std::vector<Point> square{{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    const std::vector<Point> line{{0, 0}, {1, 1}, {2, 2}, {3, 3}};
    const std::vector<Point> three_on_a_line{{0, 0}, {1, 0}, {2, 0}, {0, 1}};
    const std::vector<Point> one(4, {5, 5});
    for (const auto& points : {line, three_on_a_line, one}) {
        CHECK_FALSE(fit_homography(points, square));
        CHECK_FALSE(fit_homography(square, points));
    }
    CHECK_FALSE(fit_homography(std::vector<Point>(3), std::vector<Point>(3)));
}

TEST_CASE("composition applies the right map first") {
    const Homography shift{{1, 0, 5, 0, 1, 7, 0, 0, 1}};
    CHECK(distance(compose(kTilted, shift)(1, 2), kTilted(6, 9)) < 1e-9);
}

TEST_CASE("a lattice's nodes are the homography's points") {
    const Lattice lattice = homography_lattice(kTilted, 21, 2);
    REQUIRE(lattice.cells == 25);
    REQUIRE(lattice.nodes.size() == 26U * 26U * 2U);
    const Point p = kTilted(3 - 2, 24 - 2);
    CHECK(lattice.node(24, 3)[0] == doctest::Approx(p.x));
    CHECK(lattice.node(24, 3)[1] == doctest::Approx(p.y));
    const Point q = at_place(lattice, 3, 24);
    CHECK(distance(p, q) < 1e-4);
}

TEST_CASE("resampling at the symbol's own pitch returns the modules") {
    const Homography plain{{4, 0, 20, 0, 4, 12, 0, 0, 1}};
    const GreyImage image = drawn(25, plain, 130, 140);
    const std::vector<float> patch = resample_lattice(whole(image), homography_lattice(plain, 25, 0), 1);
    const std::vector<std::int8_t> patterns = function_patterns(25);
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (patterns[i] != 0) CHECK((patch[i] < 125) == (patterns[i] > 0));
}

TEST_CASE("a large patch is normalised by the window about each sample, mirrored at the border") {
    const int cells = 33;
    const int pixels = 2;
    const int side = cells * pixels;
    const int window = kLocalCells * pixels;
    std::vector<float> patch;
    for (std::uint8_t v : noise(side, side, 3).pixels) patch.push_back(static_cast<float>(v) / 3);
    const std::vector<float> got = normalised_patch(patch, cells, pixels);
    const auto mirrored = [&](int i) { return i < 0 ? -1 - i : i >= side ? 2 * side - 1 - i : i; };
    for (int row : {0, 1, 20, side - 1})
        for (int column : {0, 17, side - 1}) {
            double sum = 0;
            double square = 0;
            for (int r = row - window / 2; r < row + window / 2; ++r)
                for (int c = column - window / 2; c < column + window / 2; ++c) {
                    const double v = patch[static_cast<std::size_t>(mirrored(r) * side + mirrored(c))];
                    sum += v;
                    square += v * v;
                }
            const double mean = sum / (window * window);
            const double spread = std::sqrt(square / (window * window) - mean * mean);
            const auto i = static_cast<std::size_t>(row * side + column);
            CHECK(static_cast<double>(got[i]) ==
                  doctest::Approx((static_cast<double>(patch[i]) - mean) / spread).epsilon(1e-4));
        }
}

TEST_CASE("warping by the identity returns the picture") {
    const GreyImage image = drawn(21, {{3, 0, 5, 0, 3, 5, 0, 0, 1}}, 70, 75);
    const std::vector<float> same = warp(whole(image), {}, 70, 75);
    for (std::size_t i = 0; i < same.size(); ++i) CHECK(same[i] == doctest::Approx(image.pixels[i]));
}

TEST_CASE("a uniform displacement shifts the lattice") {
    const Lattice lattice = homography_lattice({{5, 0, 0, 0, 5, 0, 0, 0, 1}}, 21, 0);
    std::vector<float> displacement(2 * 21 * 21, 0.5F);
    std::fill(displacement.begin() + 21 * 21, displacement.end(), -0.25F);
    const std::vector<float> log_error(21 * 21, -1.0F);
    for (int degree : {-3, 0, 2, 4, 99}) {
        const Lattice moved = displaced(lattice, displacement.data(), log_error.data(), degree);
        CHECK(moved.node(10, 10)[0] == doctest::Approx(52.5).epsilon(0.001));
        CHECK(moved.node(10, 10)[1] == doctest::Approx(48.75).epsilon(0.001));
    }
}

TEST_CASE("a displacement of which nothing is known moves nothing") {
    const Lattice lattice = homography_lattice({{5, 0, 0, 0, 5, 0, 0, 0, 1}}, 21, 0);
    std::vector<float> displacement(2 * 21 * 21, 0.5F);
    std::vector<float> log_error(21 * 21, -1.0F);
    log_error[200] = NAN;
    displacement[201] = NAN;
    displacement[202] = INFINITY;
    for (int degree : {2, 99}) {
        const Lattice moved = displaced(lattice, displacement.data(), log_error.data(), degree);
        for (int i = 0; i <= 21; ++i)
            for (int j = 0; j <= 21; ++j) {
                CHECK(moved.node(i, j)[0] == doctest::Approx(5 * j + 2.5).epsilon(0.001));
                CHECK(moved.node(i, j)[1] == doctest::Approx(5 * i + 2.5).epsilon(0.001));
            }
    }
}

TEST_CASE("exact finder corners give the size") {
    for (int size = 21; size <= 177; size += 4) {
        const double scale = 20.0 / size;
        const Homography map = compose(kTilted, {{scale, 0, 0, 0, scale, 0, 0, 0, 1}});
        FinderCorners corners{};
        const auto places = finder_corner_places(size);
        for (std::size_t i = 0; i < places.size(); ++i) corners[i / 4][i % 4] = map(places[i]);
        const std::vector<SizeFit> fits = fit_sizes(corners, 3);
        REQUIRE_FALSE(fits.empty());
        CHECK(fits.front().size == size);
        CHECK(distance(fits.front().homography(size, size), map(size, size)) < 1e-3);
    }
    CHECK(fit_sizes({}, 3).empty());
}

TEST_CASE("a thin-plate spline without stiffness passes through its values") {
    const std::vector<Point> places{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0.4, 0.6}};
    const std::vector<Point> moves{{0, 0}, {0.1, 0}, {0, 0.2}, {-0.1, 0.1}, {0.3, -0.2}};
    const ThinPlateSpline spline(places, moves, 0);
    for (std::size_t i = 0; i < places.size(); ++i) CHECK(distance(spline(places[i]), moves[i]) < 1e-9);
    const std::vector<Point> line{{0, 0}, {1, 1}, {2, 2}};
    CHECK(distance(ThinPlateSpline(line, {moves.data(), 3}, 0)({1, 0}), {0, 0}) < 1e-9);
}

TEST_CASE("registration brings a disturbed map back") {
    for (int size : {21, 25, 45}) {
        const double scale = 21.0 / size;
        const Homography truth =
            compose({{9, -2, 90, 2, 9, 30, 0.002, 0.003, 1}}, {{scale, 0, 0, 0, scale, 0, 0, 0, 1}});
        const GreyImage image = drawn(size, truth, 260, 280);
        const Homography start = compose(truth, {{1.01, 0.005, 0.4, -0.005, 0.99, -0.4, 0, 0, 1}});
        const Registration found = register_patterns(whole(image), start, size);
        CHECK_FALSE(found.inverted);
        CHECK(found.score() > 0.8);
        for (const Point& p : {Point{0, 0}, Point{double(size), 0}, Point{double(size), double(size)}})
            CHECK(distance(found.homography(p), truth(p)) < 0.2 * 9 * scale);
        CHECK(pattern_agreement(whole(image), truth, size).score() >
              pattern_agreement(whole(image), compose(truth, {{1, 0, 5, 0, 1, 5, 0, 0, 1}}), size).score());
    }
}

TEST_CASE("anchors of a flat symbol are where the homography has them") {
    const Homography truth{{4, 0, 20, 0, 4, 20, 0, 0, 1}};
    const GreyImage image = drawn(53, truth, 260, 260);
    const GrownLattice grown = grow_anchors(whole(image), truth, 53, 2);
    const auto along = static_cast<int>(alignment_centres(53).size());
    CHECK(grown.found == along * along - 3);
    const Lattice flat = homography_lattice(truth, 53, 2);
    for (std::size_t i = 0; i < flat.nodes.size(); ++i) CHECK(std::abs(grown.lattice.nodes[i] - flat.nodes[i]) < 0.8F);
}

TEST_CASE("corners of finder patterns that are off by half a module are moved to where the patterns are") {
    const Homography truth{{4, 0.5, 20, -0.5, 4, 60, 0, 0, 1}};
    const GreyImage image = drawn(53, truth, 280, 280);
    FinderCorners exact{};
    FinderCorners off{};
    const auto places = finder_corner_places(53);
    for (std::size_t i = 0; i < places.size(); ++i) {
        exact[i / 4][i % 4] = truth(places[i]);
        const double wider = i % 4 == 1 || i % 4 == 2 ? 0.5 : 0.0;
        off[i / 4][i % 4] = truth(places[i].x + wider + 0.2, places[i].y - 0.4);
    }
    for (const bool inverted : {false, true}) {
        const RegisteredCorners found = registered_corners(whole(inverted ? negative(image) : image), off);
        CHECK((inverted ? -found.agreement : found.agreement) > 0.9);
        for (std::size_t f = 0; f < 3; ++f)
            for (std::size_t k = 0; k < 4; ++k) CHECK(distance(found.corners[f][k], exact[f][k]) < 0.15 * 4);
    }
}

TEST_CASE("corners of what is no finder pattern stay where they are") {
    const GreyImage image = noise(280, 280, 5);
    FinderCorners corners{};
    const auto places = finder_corner_places(53);
    for (std::size_t i = 0; i < places.size(); ++i)
        corners[i / 4][i % 4] = {4 * places[i].x + 20, 4 * places[i].y + 20};
    const RegisteredCorners found = registered_corners(whole(image), corners);
    CHECK(std::abs(found.agreement) < 0.3);
    for (std::size_t f = 0; f < 3; ++f)
        for (std::size_t k = 0; k < 4; ++k) CHECK(distance(found.corners[f][k], corners[f][k]) < 1e-9);
}

TEST_CASE("a flat symbol's lattice is not bent") {
    const Homography truth{{5, 0.5, 30, -0.5, 5, 50, 0, 0, 1}};
    const GreyImage image = drawn(29, truth, 230, 230);
    const BentLattice bent = bend_lattice(whole(image), truth, 29, 2);
    CHECK(bent.lattice.cells == 33);
    CHECK(bent.largest < 0.2);
}

TEST_CASE("a lattice is bent as the paper is") {
    const Homography truth{{5, 0.5, 30, -0.5, 5, 50, 0, 0, 1}};
    for (double arch : {1.2, -1.2}) {
        const GreyImage image = drawn(29, truth, 240, 230, arch);
        // The map that the outermost corners suggest.
        const Homography start = compose(truth, {{1, 0, 0, 0, 1, arch, 0, 0, 1}});
        const BentLattice bent = bend_lattice(whole(image), start, 29, 0);
        CHECK(bent.largest == doctest::Approx(1.2).epsilon(0.3));
        for (int column : {3, 14, 26})
            for (int row : {3, 14, 26}) {
                const double x = 2.0 * column / 29 - 1;
                const Point p = truth(column, row + arch * x * x);
                const Point seen{bent.lattice.node(row, column)[0], bent.lattice.node(row, column)[1]};
                CHECK(distance(p, seen) < 0.3 * 5);
            }
    }
}

TEST_CASE("finder patterns are found by their shape, dark or light, small or large, in any turn") {
    for (double pitch : {2.0, 5.0, 8.0})
        for (double degrees : {0.0, 11.0, 45.0, 100.0, 180.0})
            for (bool inverted : {false, true}) {
                CAPTURE(pitch);
                CAPTURE(degrees);
                const double c = pitch * std::cos(degrees * M_PI / 180);
                const double s = pitch * std::sin(degrees * M_PI / 180);
                const double middle = 26 * pitch;
                const Homography truth{{c, -s, middle - 14.5 * (c - s), s, c, middle - 14.5 * (s + c), 0, 0, 1}};
                const int side = static_cast<int>(52 * pitch);
                const GreyImage image = drawn(29, truth, side, side);
                const std::vector<FinderPattern> found = patterns_of(inverted ? negative(image) : image);
                CHECK(farthest_from(found, truth, 29) < 0.5 * pitch);
                for (const FinderPattern& finder : found)
                    for (const Point& centre : {Point{3.5, 3.5}, Point{25.5, 3.5}, Point{3.5, 25.5}}) {
                        if (distance(finder.centre, truth(centre)) > 0.5 * pitch) continue;
                        CHECK(finder.inverted == inverted);
                        CHECK(finder.misfit < 0.3);
                        CHECK(finder.side == doctest::Approx(7 * pitch).epsilon(0.15));
                    }
            }
}

TEST_CASE("finder patterns of part of a picture lie where they are in the picture, and are found once") {
    const Homography truth{{5, 0, 60, 0, 5, 40, 0, 0, 1}};
    const GreyImage image = drawn(21, truth, 200, 220);
    for (const int factor : {1, 2}) {
        const MipMap map(image.view(), {30, 20, 200, 180}, factor);
        Work work{.allowance = 1 << 24};
        FinderPatterns found(map);
        found.search_levels(work);
        CHECK(farthest_from(found.all(), truth, 21) < 3);
        const std::size_t before = found.all().size();
        found.search_levels(work);
        CHECK(found.all().size() == before);
    }
}

TEST_CASE("three finder patterns of one symbol are one triple, in the symbol's order") {
    for (int size : {21, 45, 101}) {
        CAPTURE(size);
        const double pitch = 1000.0 / size;
        const Homography truth{{pitch, -pitch / 3, 500, pitch / 3, pitch, 20, 0, 0, 1}};
        const GreyImage image = drawn(size, truth, 1500, 1800);
        const MipMap map = whole(image);
        Work work{.allowance = 1 << 24};
        FinderPatterns found(map);
        found.search_levels(work);
        const auto finder_at = [&](Point centre) {
            for (std::size_t f = 0; f < found.all().size(); ++f)
                if (distance(found.all()[f].centre, truth(centre)) < pitch) return f;
            return found.all().size();
        };
        const std::array<std::size_t, 3> expected{finder_at({3.5, 3.5}), finder_at({size - 3.5, 3.5}),
                                                  finder_at({3.5, size - 3.5})};
        FinderTriples triples(found);
        std::vector<bool> open(found.all().size(), true);
        int offered = 0;
        const auto places = finder_corner_places(size);
        while (!triples.finished())
            for (const FinderTriple& triple : triples.next_round(open, work)) {
                if (triple.finders != expected) continue;
                ++offered;
                for (std::size_t i = 0; i < places.size(); ++i)
                    CHECK(distance(triple.corners[i / 4][i % 4], truth(places[i])) < 0.3 * pitch);
            }
        CHECK(offered == 1);
        open[expected[1]] = false;
        for (const FinderTriple& triple : FinderTriples(found).next_round(open, work))
            CHECK(triple.finders != expected);
    }
}

TEST_CASE("no triple is offered twice, and all rounds together offer those that lie beyond many others") {
    // A large symbol that holds a row of small ones, each of the same module size, between two of its finder patterns.
    const Homography truth{{6, 0, 40, 0, 6, 40, 0, 0, 1}};
    GreyImage image = drawn(101, truth, 720, 720);
    for (int k = 0; k < 3; ++k) {
        const GreyImage small = drawn(21, {{6, 0, 110.0 + 160 * k, 0, 6, 40, 0, 0, 1}}, 720, 720);
        for (int y = 0; y < 190; ++y)
            for (int x = 100 + 160 * k; x < 250 + 160 * k; ++x) {
                const auto at = static_cast<std::size_t>(y * 720 + x);
                image.pixels[at] = small.pixels[at];
            }
    }
    const MipMap map = whole(image);
    Work work{.allowance = 1 << 26};
    FinderPatterns found(map);
    found.search_levels(work);
    const std::vector<bool> open(found.all().size(), true);
    FinderTriples triples(found);
    std::vector<std::array<std::size_t, 3>> offered;
    while (!triples.finished())
        for (const FinderTriple& triple : triples.next_round(open, work)) offered.push_back(triple.finders);
    std::sort(offered.begin(), offered.end());
    CHECK(std::adjacent_find(offered.begin(), offered.end()) == offered.end());
    const auto is_large = [&](const std::array<std::size_t, 3>& finders) {
        const std::array<Point, 3> centres{Point{61, 61}, Point{625, 61}, Point{61, 625}};
        for (std::size_t f = 0; f < 3; ++f)
            if (distance(found.all()[finders[f]].centre, centres[f]) > 6) return false;
        return true;
    };
    CHECK(std::count_if(offered.begin(), offered.end(), is_large) == 1);
}

TEST_CASE("timing patterns tell a symbol's place and size from others") {
    for (int size : {21, 29, 57}) {
        CAPTURE(size);
        const double pitch = 200.0 / size;
        const Homography truth{{pitch, pitch / 5, 30, -pitch / 5, pitch, 70, 0, 0, 1}};
        const GreyImage image = drawn(size, truth, 300, 300);
        const GreyImage inverted = negative(image);
        CHECK(timing_coherence(whole(image), truth, size) > 0.8);
        CHECK(timing_coherence(whole(inverted), truth, size) > 0.8);
        CHECK(timing_coherence(whole(image), compose(truth, {{1, 0, 0.3, 0, 1, -0.3, 0, 0, 1}}), size) > 0.6);
        CHECK(timing_coherence(whole(image), compose(truth, {{1, 0, 3.5, 0, 1, 4, 0, 0, 1}}), size) < 0.45);
        CHECK(timing_coherence(whole(noise(300, 300, 3)), truth, size) < 0.45);
        const GreyImage grey{300, 300, Pixels(90000, 128)};
        CHECK(timing_coherence(whole(grey), truth, size) < 0.01);
    }
}

TEST_CASE("any homography and picture is survived") {
    std::mt19937 random(5);
    std::normal_distribution<double> value(0, 30);
    const GreyImage tiny{1, 1, {9}};
    const GreyImage image = drawn(25, kTilted, 60, 80);
    for (int i = 0; i < 100; ++i) {
        Homography map;
        for (double& v : map.h) v = value(random);
        if (i % 10 == 0) map.h = {};
        for (const GreyImage* picture : {&tiny, &image}) {
            const std::vector<float> patch = resample_lattice(whole(*picture), homography_lattice(map, 21, 2), 4);
            CHECK(std::all_of(patch.begin(), patch.end(), [](float v) { return v >= 0 && v <= 255; }));
            CHECK(std::abs(register_patterns(whole(*picture), map, 25).score()) <= 1.001);
            CHECK(grow_anchors(whole(*picture), map, 25, 2).lattice.cells == 29);
            CHECK(bend_lattice(whole(*picture), map, 25, 2).lattice.cells == 29);
        }
    }
}

TEST_CASE("a finder pattern in the last corner of a picture wider than floats are fine is looked at within it") {
    constexpr int module = 3;
    constexpr int side = 7 * module;
    for (int width : {32770, 40000, 65537}) {
        GreyImage image{side, width, Pixels(static_cast<std::size_t>(side * width), 220)};
        for (int y = 0; y < side; ++y)
            for (int x = 0; x < side; ++x) {
                const int ring = std::max(std::abs(y / module - 3), std::abs(x / module - 3));
                if (ring != 2) image.pixels[static_cast<std::size_t>((y + 1) * width - side + x)] = 30;
            }
        const std::vector<FinderPattern> found = patterns_of(image);
        REQUIRE(found.size() == 1);
        CHECK(std::hypot(found[0].centre.x - (width - side / 2.0), found[0].centre.y - side / 2.0) < 2);
    }
}

TEST_CASE("finder patterns are sought in any picture") {
    for (const auto& [height, width] :
         {std::pair{14, 14}, {15, 400}, {400, 15}, {90, 90}, {13, 13}, {1, 1}, {1, 300}, {300, 1}, {40, 33}}) {
        const GreyImage image = noise(height, width, 6);
        const std::vector<FinderPattern> found = patterns_of(image);
        for (const FinderPattern& finder : found) CHECK((std::isfinite(finder.misfit) && finder.side > 0));
        for (std::uint8_t level : {0, 128, 255}) {
            const GreyImage blank{height, width, Pixels(image.pixels.size(), level)};
            CHECK(patterns_of(blank).empty());
        }
    }
    CHECK(patterns_of({0, 0, {}}).empty());
}
