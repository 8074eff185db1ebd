#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "fastqr/image/area_resize.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/displacement.hpp"
#include "fastqr/rectify/finder_search.hpp"
#include "fastqr/rectify/homography.hpp"
#include "fastqr/rectify/lattice.hpp"
#include "fastqr/rectify/linear_solve.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/thin_plate_spline.hpp"
#include "fastqr/symbol/function_patterns.hpp"

using namespace fastqr;

namespace {

constexpr Homography kTilted{{4.0, -1.0, 60.0, 1.2, 4.4, 30.0, 0.002, 0.003, 1.0}};

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// A symbol's function patterns with coin tosses between them, as a homography shows it, on white. Where it arches, the
/// paper's middle column stays and its outer ones move down by so many modules.
GreyImage drawn(int size, const Homography& symbol_to_image, int height, int width, double arch = 0) {
    std::vector<std::int8_t> modules = function_patterns(size);
    std::mt19937 random(4);
    for (std::int8_t& m : modules)
        if (m == 0) m = random() % 2 ? 1 : -1;
    std::vector<Point> corners;
    for (const Point& p : {Point{0, 0}, Point{1, 0}, Point{1, 1}, Point{0, 1}})
        corners.push_back(symbol_to_image(p.x * size, p.y * size));
    const std::vector<Point> square{{0, 0}, {double(size), 0}, {double(size), double(size)}, {0, double(size)}};
    const auto image_to_symbol = fit_homography(corners, square);
    REQUIRE(image_to_symbol);
    GreyImage image{height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width))};
    constexpr int looks = 4;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            int sum = 0;
            for (int i = 0; i < looks * looks; ++i) {
                Point p = (*image_to_symbol)(x + (i % looks + 0.5) / looks, y + (i / looks + 0.5) / looks);
                p.y -= arch * std::pow(2 * p.x / size - 1, 2);
                const bool inside = p.x >= 0 && p.y >= 0 && p.x < size && p.y < size;
                const auto at = static_cast<std::size_t>(inside ? int(p.y) * size + int(p.x) : 0);
                sum += inside && modules[at] > 0 ? 30 : 220;
            }
            image.pixels[static_cast<std::size_t>(y * width + x)] = static_cast<std::uint8_t>(sum / (looks * looks));
        }
    return image;
}

/// How far the centre of a symbol's finder pattern is from the nearest one found, at worst.
double farthest_from(const std::vector<FinderQuad>& quads, const Homography& truth, int size) {
    double farthest = 0;
    for (const Point& centre : {Point{3.5, 3.5}, Point{size - 3.5, 3.5}, Point{3.5, size - 3.5}}) {
        double nearest = 1e9;
        for (const FinderQuad& quad : quads) {
            const Point middle{(quad[0].x + quad[1].x + quad[2].x + quad[3].x) / 4,
                               (quad[0].y + quad[1].y + quad[2].y + quad[3].y) / 4};
            nearest = std::min(nearest, distance(middle, truth(centre)));
        }
        farthest = std::max(farthest, nearest);
    }
    return farthest;
}

MipMap whole(const GreyImage& image) { return {image.view(), {0, 0, image.width, image.height}}; }

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

TEST_CASE("finder patterns are found by their shape, dark or light, small or large") {
    for (double pitch : {2.0, 5.0, 45.0})
        for (bool inverted : {false, true}) {
            const double p = pitch;
            const Homography truth{{p, p / 5, 6 * p, -p / 5, p, 12 * p, 0, 0, 1}};
            const int side = static_cast<int>(52 * p);
            GreyImage image = drawn(29, truth, side, side);
            if (inverted)
                for (std::uint8_t& v : image.pixels) v = static_cast<std::uint8_t>(255 - v);
            const std::vector<FinderQuad> quads = find_finder_patterns(image.view(), {0, 0, side, side});
            CHECK(farthest_from(quads, truth, 29) < 0.5 * p);
        }
}

TEST_CASE("finder patterns of a region are in the picture's coordinates") {
    const Homography truth{{5, 0, 200, 0, 5, 100, 0, 0, 1}};
    const GreyImage image = drawn(21, truth, 400, 400);
    CHECK(farthest_from(find_finder_patterns(image.view(), {180, 80, 330, 5000}), truth, 21) < 2.5);
    for (const Region& region :
         {Region{0, 0, 150, 90}, Region{500, 500, 600, 600}, Region{200, 100, 205, 300}, Region{300, 300, 200, 200}})
        CHECK(find_finder_patterns(image.view(), region).empty());
}

TEST_CASE("three finder patterns of one symbol are one triple, in the symbol's order") {
    for (int size : {21, 45, 177}) {
        const double pitch = 200.0 / size;
        const Homography truth{{pitch, -pitch / 3, 100, pitch / 3, pitch, 20, 0, 0, 1}};
        std::vector<FinderQuad> finders;
        const auto places = finder_corner_places(size);
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (i % 4 == 0) finders.emplace_back();
            finders.back()[(i + i / 4) % 4] = truth(places[i]);  // each starts at another corner
        }
        CHECK(finder_triples({finders[0], finders[1]}, 4).empty());
        std::swap(finders[0], finders[2]);
        const std::vector<FinderCorners> triples = finder_triples(finders, 4);
        REQUIRE_FALSE(triples.empty());
        for (std::size_t i = 0; i < places.size(); ++i)
            CHECK(distance(triples.front()[i / 4][i % 4], truth(places[i])) < 1e-9);
        CHECK(finder_triples(finders, 0).empty());
    }
    CHECK(finder_triples({}, 4).empty());
    CHECK(finder_triples(std::vector<FinderQuad>(5), 4).empty());  // of no size
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

TEST_CASE("finder patterns are sought in any picture") {
    std::mt19937 random(6);
    for (const auto& [height, width] : {std::pair{14, 14}, {15, 400}, {400, 15}, {90, 90}, {13, 13}, {1, 1}}) {
        GreyImage image{height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width))};
        for (std::uint8_t& v : image.pixels) v = random() % 2 ? 255 : 0;
        const std::vector<FinderQuad> quads = find_finder_patterns(image.view(), {-9, -9, width + 9, height + 9});
        CHECK(quads.size() <= 48);
        for (const FinderQuad& quad : quads)
            for (const Point& p : quad) CHECK((p.x >= 0 && p.y >= 0 && p.x <= width && p.y <= height));
        CHECK(finder_triples(quads, 4).size() <= 4);
    }
}
