#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "drawing.hpp"
#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/corner_finder.hpp"
#include "fastqr/read/finder_search.hpp"
#include "fastqr/read/grid_reader.hpp"
#include "fastqr/read/named_size.hpp"
#include "fastqr/read/paired_places.hpp"
#include "fastqr/read/ranked_places.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/standard/version.hpp"

using namespace fastqr;

namespace {

constexpr FormatInformation kFormat{EcLevel::M, 3};

MipMap whole(const GreyImage& image) { return {image.view(), {0, 0, image.width, image.height}}; }

/// A turn about the symbol's centre, which comes to lie at (x, y).
Homography turned(int size, double pitch, double degrees, double x, double y, bool mirrored = false) {
    const double c = pitch * std::cos(degrees * M_PI / 180);
    const double s = pitch * std::sin(degrees * M_PI / 180);
    const Homography map{{c, -s, x - size / 2.0 * (c - s), s, c, y - size / 2.0 * (s + c), 0, 0, 1}};
    return mirrored ? compose(map, {{0, 1, 0, 1, 0, 0, 0, 0, 1}}) : map;
}

std::string text_of(const SymbolReading& reading) {
    std::string text;
    for (const auto& segment : reading.symbol.message.segments) text.append(segment.bytes.begin(), segment.bytes.end());
    return text;
}

/// How far the lattice's corners of the symbol are from where they were drawn, at worst, the nearest one for each.
double miss(const SymbolReading& reading, const Homography& truth) {
    const Lattice lattice = reading.lattice();
    const int last = kReadMargin + reading.size;
    double worst = 0;
    for (const auto& [x, y] : {std::pair{0, 0}, {1, 0}, {1, 1}, {0, 1}}) {
        const Point p = truth(x * reading.size, y * reading.size);
        double nearest = 1e9;
        for (int row : {kReadMargin, last})
            for (int column : {kReadMargin, last}) {
                const float* node = lattice.node(row, column);
                nearest = std::min(nearest,
                                   std::hypot(static_cast<double>(node[0]) - p.x, static_cast<double>(node[1]) - p.y));
            }
        worst = std::max(worst, nearest);
    }
    return worst;
}

}  // namespace

TEST_CASE("a clean symbol is read by its grey levels") {
    for (int version : {1, 7}) {
        const int size = size_of_version(version);
        const Homography truth = turned(size, 3, 20, 120, 120);
        const GreyImage image = pictured(drawn_symbol("levels", version, kFormat), size, truth, 240, 240);
        const auto reading = read_levels(whole(image), homography_lattice(truth, size, kReadMargin), size, false);
        REQUIRE(reading);
        CHECK(text_of(*reading) == "levels");
        CHECK(reading->symbol.version == version);
        CHECK_FALSE(read_levels(whole(image), homography_lattice(truth, size, kReadMargin), size, true));
        const Homography aside = compose(truth, {{1, 0, 4, 0, 1, 3, 0, 0, 1}});
        CHECK_FALSE(read_levels(whole(image), homography_lattice(aside, size, kReadMargin), size, false));
    }
}

TEST_CASE("a search by finder patterns reads a clean symbol in any turn, mirrored, and light on dark") {
    for (int version : {1, 5, 10})
        for (double degrees : {0.0, 30.0, 90.0, 180.0, 287.0})
            for (bool mirrored : {false, true})
                for (bool inverted : {false, true}) {
                    CAPTURE(version);
                    CAPTURE(degrees);
                    CAPTURE(mirrored);
                    CAPTURE(inverted);
                    const int size = size_of_version(version);
                    const Homography truth = turned(size, 4, degrees, 210, 190, mirrored);
                    const GreyImage dark = pictured(drawn_symbol("direct", version, kFormat), size, truth, 400, 420);
                    const GreyImage image = inverted ? negative(dark) : dark;
                    const FinderSearch search = search_finder_patterns(whole(image));
                    REQUIRE(search.readings.size() == 1);
                    const SymbolReading& reading = search.readings.front();
                    CHECK(text_of(reading) == "direct");
                    CHECK(reading.size == size);
                    CHECK(reading.inverted == inverted);
                    CHECK(reading.symbol.mirrored == mirrored);
                    CHECK(reading.lattice().cells == size + 2 * kReadMargin);
                    CHECK(miss(reading, truth) < 2);
                    CHECK(search.unread.empty());
                    CHECK(search.ungrouped.empty());
                }
}

TEST_CASE("a damaged symbol is read straight where its last alignment pattern holds the grid, registered elsewhere") {
    const int size = size_of_version(4);
    std::vector<float> modules = drawn_symbol("damaged", 4, kFormat);
    for (int row = 13; row < 20; ++row)  // a logo, which takes more of the codewords than an inexact grid may
        for (int column = 13; column < 20; ++column) modules[static_cast<std::size_t>(row * size + column)] = 1;
    const Homography truth = turned(size, 5, 10, 150, 150);
    const auto grid_of = [&] {
        const FinderSearch search = search_finder_patterns(whole(pictured(modules, size, truth, 300, 300)));
        REQUIRE(search.readings.size() == 1);
        CHECK(text_of(search.readings.front()) == "damaged");
        CHECK(search.readings.front().symbol.corrected_codewords > 5);
        return search.readings.front().grid;
    };
    CHECK(std::holds_alternative<Homography>(grid_of()));
    for (int row = size - 9; row < size - 4; ++row)
        for (int column = size - 9; column < size - 4; ++column)
            modules[static_cast<std::size_t>(row * size + column)] = 1;
    CHECK(std::holds_alternative<Lattice>(grid_of()));
}

TEST_CASE("a search by finder patterns reads a symbol of large modules") {
    const int size = size_of_version(2);
    for (double degrees : {0.0, 20.0, 180.0}) {
        const Homography truth = turned(size, 30, degrees, 620, 600);
        const GreyImage image = pictured(drawn_symbol("large", 2, kFormat), size, truth, 1200, 1240);
        const FinderSearch search = search_finder_patterns(whole(image));
        REQUIRE(search.readings.size() == 1);
        CHECK(text_of(search.readings.front()) == "large");
    }
}

TEST_CASE("a search by finder patterns takes finer levels where the first ones show nothing") {
    const int size = size_of_version(3);
    const Homography truth = turned(size, 3, 0, 700, 500);
    const GreyImage image = pictured(drawn_symbol("small in it", 3, kFormat), size, truth, 900, 1300);
    const FinderSearch search = search_finder_patterns(whole(image));
    REQUIRE(search.readings.size() == 1);
    CHECK(text_of(search.readings.front()) == "small in it");
}

TEST_CASE("a search by finder patterns ends after as many symbols as are wanted") {
    const int size = size_of_version(2);
    GreyImage both = pictured(drawn_symbol("one", 2, kFormat), size, turned(size, 4, 0, 100, 100), 200, 400);
    const GreyImage other = pictured(drawn_symbol("two", 2, kFormat), size, turned(size, 4, 15, 300, 100), 200, 400);
    for (std::size_t i = 0; i < both.pixels.size(); ++i) both.pixels[i] = std::min(both.pixels[i], other.pixels[i]);
    CHECK(search_finder_patterns(whole(both), {.most = 1}).readings.size() == 1);
    CHECK(search_finder_patterns(whole(both), {.until = std::chrono::steady_clock::now()}).readings.empty());
    const FinderSearch search = search_finder_patterns(whole(both));
    REQUIRE(search.readings.size() == 2);
    CHECK(text_of(search.readings[0]) != text_of(search.readings[1]));
}

TEST_CASE("what looks like a symbol and cannot be read is told of") {
    const int size = size_of_version(4);
    std::vector<float> modules = drawn_symbol("torn", 4, kFormat);
    // Light where data should be: neither level nor text is vouched for.
    for (int row = 9; row < size; ++row)
        for (int column = 9; column < size; ++column) modules[static_cast<std::size_t>(row * size + column)] = 0;
    const Homography truth = turned(size, 5, 10, 150, 150);
    const GreyImage image = pictured(modules, size, truth, 300, 300);
    const FinderSearch search = search_finder_patterns(whole(image));
    CHECK(search.readings.empty());
    REQUIRE_FALSE(search.unread.empty());
    const SymbolPlace& place = search.unread.front();
    CHECK(place.size == size);
    CHECK_FALSE(place.inverted);
    CHECK(place.score > 0.5);
    const Point centre = place.homography(size / 2.0, size / 2.0);
    CHECK(std::hypot(centre.x - 150, centre.y - 150) < 5);
}

TEST_CASE("a finder pattern that belongs to no symbol is ungrouped") {
    const int size = 7;
    std::vector<float> modules;
    for (int row = 0; row < size; ++row)
        for (int column = 0; column < size; ++column) {
            const int ring = std::max(std::abs(row - 3), std::abs(column - 3));
            modules.push_back(ring == 2 ? 0.0F : 1.0F);
        }
    const GreyImage image = pictured(modules, size, turned(size, 6, 25, 80, 60), 120, 160);
    const FinderSearch search = search_finder_patterns(whole(image));
    CHECK(search.readings.empty());
    CHECK(search.unread.empty());
    REQUIRE(search.ungrouped.size() == 1);
    CHECK(std::hypot(search.ungrouped.front().centre.x - 80, search.ungrouped.front().centre.y - 60) < 3);
}

TEST_CASE("a search by finder patterns at a picture of nothing, or too small, sees nothing") {
    for (const auto& [height, width] :
         {std::pair{1, 1}, {1, 500}, {500, 1}, {7, 7}, {13, 40}, {20, 20}, {60, 90}, {500, 700}}) {
        for (unsigned seed : {1U, 2U}) {
            const FinderSearch search = search_finder_patterns(whole(noise(height, width, seed)));
            CHECK(search.readings.empty());
        }
        const GreyImage blank{height, width, Pixels(static_cast<std::size_t>(height * width), 90)};
        const FinderSearch search = search_finder_patterns(whole(blank));
        CHECK(search.readings.empty());
        CHECK(search.unread.empty());
        CHECK(search.ungrouped.empty());
    }
}

namespace {

/// The outer corners of a symbol's finder patterns where a homography shows them, each moved by up to a share of a
/// module.
FinderCorners corners_of(int size, const Homography& truth, double share) {
    FinderCorners corners{};
    const auto places = finder_corner_places(size);
    for (std::size_t i = 0; i < places.size(); ++i)
        corners[i / 4][i % 4] =
            truth(places[i].x + (i % 3 == 0 ? share : -share), places[i].y + (i % 2 ? share : -share));
    return corners;
}

}  // namespace

TEST_CASE("a large symbol names its size beside its finder patterns") {
    for (int version : {7, 22, 40})
        for (bool mirrored : {false, true})
            for (bool inverted : {false, true}) {
                const int size = size_of_version(version);
                const Homography truth = turned(size, 4, 30, 560, 560, mirrored);
                const GreyImage dark = pictured(drawn_symbol("named", version, kFormat), size, truth, 1120, 1120);
                const GreyImage image = inverted ? negative(dark) : dark;
                CHECK(named_size(whole(image), corners_of(size, truth, 0.25)) == size);
            }
}

TEST_CASE("what names no version has no named size") {
    const int size = size_of_version(6);
    const Homography truth = turned(size, 4, 30, 160, 160);
    const GreyImage image = pictured(drawn_symbol("small", 6, kFormat), size, truth, 320, 320);
    CHECK_FALSE(named_size(whole(image), corners_of(size, truth, 0)));
    const GreyImage flat{320, 320, Pixels(320 * 320, 90)};
    CHECK_FALSE(named_size(whole(flat), corners_of(size, truth, 0)));
    int named = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        const GreyImage random = noise(320, 320, seed);
        named += named_size(whole(random), corners_of(size, truth, 0)) ? 1 : 0;
    }
    CHECK(named <= 4);  // one in a thousand by chance
}

namespace {

/// What a network says that sees these modules, 1 dark, and a lattice that is off by a move in modules.
struct Seen {
    std::vector<float> logits;
    std::vector<float> displacement;

    Seen(const std::vector<float>& modules, int size, float log_odds, float move = 0) {
        const int cells = size + 2 * kReadMargin;
        const auto total = static_cast<std::size_t>(cells * cells);
        logits.assign(total, -log_odds);
        for (int row = 0; row < size; ++row)
            for (int column = 0; column < size; ++column)
                if (modules[static_cast<std::size_t>(row * size + column)] > 0.5F)
                    logits[static_cast<std::size_t>((row + kReadMargin) * cells + column + kReadMargin)] = log_odds;
        displacement.assign(2 * total, move);
        displacement.resize(3 * total, -3);
    }
};

std::vector<float> coin_tosses(int size) {
    std::vector<float> modules;
    for (std::uint8_t pixel : noise(size, size, 5).pixels) modules.push_back(pixel > 0 ? 1.0F : 0.0F);
    return modules;
}

}  // namespace

TEST_CASE("a grid reader asks the network only where grey values do not read") {
    const int size = size_of_version(3);
    const Homography truth = turned(size, 4, 10, 110, 110);
    const std::vector<float> modules = drawn_symbol("asked", 3, kFormat);
    const GreyImage clean = pictured(modules, size, truth, 220, 220);
    const MipMap clean_map = whole(clean);
    GridReader reader(clean_map, {truth, size}, ReadEffort::kThorough);
    CHECK_FALSE(reader.next_patch());
    REQUIRE(reader.reading());
    CHECK(text_of(*reader.reading()) == "asked");
    REQUIRE(reader.events().size() == 1);
    CHECK(reader.events()[0].outcome == PassOutcome::kReadByGreyValues);

    const GreyImage torn = noise(220, 220, 1);
    const MipMap torn_map = whole(torn);
    GridReader other(torn_map, {truth, size}, ReadEffort::kThorough);
    const auto patch = other.next_patch();
    REQUIRE(patch);
    CHECK(patch->size() == static_cast<std::size_t>(33 * 33 * 16));
    CHECK_FALSE(other.next_patch());  // what the network says is awaited
    const Seen seen(modules, size, 8);
    other.take(std::span(seen.logits).first(9), seen.displacement);  // of another size: not taken
    CHECK(other.awaits_network());
    other.take(seen.logits, seen.displacement);
    REQUIRE(other.reading());
    CHECK(text_of(*other.reading()) == "asked");
    CHECK_FALSE(other.next_patch());
    CHECK(other.events().back().outcome == PassOutcome::kReadByNetwork);
}

TEST_CASE("a grid reader moves the lattice by what the network says and reads what then is clean") {
    const int size = size_of_version(2);
    const Homography truth = turned(size, 5, 0, 90, 90);
    const GreyImage image = pictured(drawn_symbol("moved", 2, kFormat), size, truth, 180, 180);
    const MipMap map = whole(image);
    const Homography aside = compose(truth, {{1, 0, 0.7, 0, 1, 0.7, 0, 0, 1}});
    GridReader reader(map, {aside, size}, ReadEffort::kQuick);
    REQUIRE(reader.next_patch());
    const Seen seen(coin_tosses(size), size, 8, -0.7F);
    reader.take(seen.logits, seen.displacement);
    CHECK_FALSE(reader.next_patch());
    REQUIRE(reader.reading());
    CHECK(text_of(*reader.reading()) == "moved");
    CHECK(miss(*reader.reading(), truth) < 1);
    REQUIRE(reader.events().size() == 2);
    CHECK(reader.events()[1].pass == 1);
}

TEST_CASE("a grid reader ends, whatever the network says") {
    const float none = std::numeric_limits<float>::quiet_NaN();
    const int size = size_of_version(7);
    const GreyImage image = noise(300, 300, 2);
    const MipMap map = whole(image);
    for (float log_odds : {8.0F, 4.0F, 1.0F, 0.0F, none})
        for (float move : {0.0F, 1.0F, 1e30F, none})
            for (ReadEffort effort : {ReadEffort::kQuick, ReadEffort::kThorough}) {
                GridReader reader(map, {turned(size, 5, 20, 150, 150), size, 0.5, true}, effort);
                int passes = 0;
                while (reader.next_patch()) {
                    const Seen seen(coin_tosses(reader.size()), reader.size(), log_odds, move);
                    reader.take(seen.logits, seen.displacement);
                    ++passes;
                }
                CHECK(passes <= (effort == ReadEffort::kQuick ? 2 : 18));
                CHECK_FALSE(reader.reading());
                for (const PassEvent& event : reader.events()) CHECK(event.certainty.value_or(0) >= 0);
            }
}

TEST_CASE("L-Net's corners lead to places, which are registered as they are asked for") {
    const int size = size_of_version(3);
    const Homography truth = turned(size, 5, 25, 150, 150);
    const GreyImage image = pictured(drawn_symbol("corners", 3, kFormat), size, truth, 300, 300);
    const MipMap map = whole(image);
    const double near = 3.5;
    const double far = size - near;
    const std::array<Point, 4> square{truth(near, near), truth(far, near), truth(far, far), truth(near, far)};
    CornerFinder finder(map, square);
    std::vector<float> corners;
    for (int look = 0; look < 2; ++look) {
        const auto patches = finder.next_patches();
        REQUIRE(patches);
        CHECK(patches->size() == static_cast<std::size_t>(4 * CornerFinder::kSide * CornerFinder::kSide));
        CHECK_FALSE(finder.next_patches());
        // A finder pattern takes 7 of 0.75 · 22 modules of the first patch, and half of the second.
        const float half = look == 0 ? 3.5F / (0.75F * 22) : 0.25F;
        corners.clear();
        for (int k = 0; k < 4; ++k)
            for (const auto& [x, y] : {std::pair{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}) {
                corners.push_back(0.5F + half * static_cast<float>(x));
                corners.push_back(0.5F + half * static_cast<float>(y));
            }
        finder.take(std::array{0.99F, 0.98F, 0.02F, 0.97F}, corners);
    }
    CHECK_FALSE(finder.next_patches());
    const Point seen = finder.seen().corners[1][1];
    CHECK(std::hypot(seen.x - truth(size, 0).x, seen.y - truth(size, 0).y) < 0.5);
    RankedPlaces places = places_by_corners(map, finder.seen(), 0.8);
    const auto place = places.next();
    REQUIRE(place);
    CHECK(place->size == size);
    CHECK(place->score > 0.8);
    CHECK(std::hypot(place->corners()[2].x - truth(size, size).x, place->corners()[2].y - truth(size, size).y) < 1);
    CHECK_FALSE(places_by_corners(map, finder.seen(), 0.975).next());
    RankedPlaces ranked = places_by_correlation(map, square, near);
    REQUIRE(ranked.next());
}

TEST_CASE("two finder patterns tell the place of a symbol") {
    const int size = size_of_version(4);
    const Homography truth = turned(size, 5, 65, 150, 150);
    const GreyImage image = pictured(drawn_symbol("two of three", 4, kFormat), size, truth, 300, 300);
    const MipMap map = whole(image);
    const std::array<Point, 3> origins{Point{0, 0}, Point{size - 7.0, 0}, Point{0, size - 7.0}};
    const auto quad_at = [&](const Point& at) {
        return std::array<Point, 4>{truth(at.x, at.y), truth(at.x + 7, at.y), truth(at.x + 7, at.y + 7),
                                    truth(at.x, at.y + 7)};
    };
    std::array<RegisteredFinder, 3> finders{};
    for (std::size_t f = 0; f < finders.size(); ++f) {
        finders[f] = registered_finder(map, quad_at(origins[f]));
        CHECK(finders[f].agreement > 0.8);
    }
    for (std::size_t hidden = 0; hidden < finders.size(); ++hidden) {
        const RegisteredFinder& first = finders[(hidden + 1) % 3];
        const RegisteredFinder& second = finders[(hidden + 2) % 3];
        CHECK(may_be_paired(map, first.frame, second.frame));
        const auto starts = paired_starts(map, first, second);
        const auto right = std::find_if(starts.begin(), starts.end(), [&](const PairedStart& each) {
            const Point far = each.homography(size, size);
            const Point expected = truth(size, size);
            return each.size == size && !each.seen[hidden] && std::hypot(far.x - expected.x, far.y - expected.y) < 10;
        });
        REQUIRE(right != starts.end());
        CHECK(right->coherence > 0.5);
        const SymbolPlace place = registered_place(map, right->homography, size, RectifySettings{}, right->seen);
        CHECK(place.score > 0.8);
        CHECK(std::hypot(place.corners()[2].x - truth(size, size).x, place.corners()[2].y - truth(size, size).y) < 1);
    }
    // A pattern and what is none, or one of another size.
    const RegisteredFinder nothing{LocalFrame::of_finder(quad_at({13, 13})), 0.9};
    CHECK_FALSE(may_be_paired(map, finders[0].frame, nothing.frame));
    RegisteredFinder large = finders[1];
    large.frame.across = {3 * large.frame.across.x, 3 * large.frame.across.y};
    large.frame.down = {3 * large.frame.down.x, 3 * large.frame.down.y};
    CHECK_FALSE(may_be_paired(map, finders[0].frame, large.frame));
    CHECK(paired_starts(map, finders[0], large).empty());
}
