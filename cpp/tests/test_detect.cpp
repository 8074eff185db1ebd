#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "drawing.hpp"
#include "fastqr/detect/finder_rays.hpp"
#include "fastqr/detect/finder_runs.hpp"
#include "fastqr/detect/finder_shape.hpp"
#include "fastqr/detect/ink.hpp"
#include "fastqr/image/block_mean.hpp"

using namespace fastqr;

namespace {

/// A finder pattern of so many pixels a module in the corner of a picture with a quiet zone of so many pixels, blurred
/// by nothing but the pixels.
GreyImage finder_pattern(int module, int margin) {
    const int side = 7 * module + 2 * margin;
    GreyImage image{side, side, Pixels(static_cast<std::size_t>(side * side), 220)};
    for (int y = 0; y < 7 * module; ++y)
        for (int x = 0; x < 7 * module; ++x) {
            const int radius = std::max(std::abs(y / module - 3), std::abs(x / module - 3));
            if (radius == 2) continue;
            image.pixels[static_cast<std::size_t>((margin + y) * side + margin + x)] = 30;
        }
    return image;
}

/// Rays end where the outline of such a pattern is, to a third of a module.
void check_outline(const FinderRays& rays, double middle, int module) {
    for (const Point& p : rays.outer) {
        const double reach = std::max(std::abs(p.x - middle), std::abs(p.y - middle)) / module;
        CHECK(reach > 3.2);
        CHECK(reach < 3.8);
    }
}

}  // namespace

TEST_CASE("rays cross a finder pattern where its ring ends") {
    for (int module : {2, 3, 8}) {
        const GreyImage image = finder_pattern(module, 8 * module);
        const double middle = 11.5 * module;
        const FinderRays rays = finder_rays(image, {middle, middle}, 7.0 * module, 125, false, kFinderRays);
        CHECK(rays.agreeing == kFinderRays);
        CHECK(rays.misfit < 0.15);
        check_outline(rays, middle, module);
    }
}

TEST_CASE("a finder pattern several times as wide as high is seen to its corners") {
    const int module = 3;
    const int times = 6;
    const GreyImage square = finder_pattern(module, 8 * module);
    GreyImage image{square.height, times * square.width, Pixels(times * square.pixels.size())};
    for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = square.pixels[i / times];
    const double middle = 11.5 * module;
    const auto pattern = finder_at(image, {times * middle, middle}, times * 7.0 * module, 7.0 * module, false, 125);
    REQUIRE(pattern);
    CHECK(pattern->credible);
    for (const Point& p : pattern->quad) {
        CHECK(std::abs(std::abs(p.x - times * middle) / (times * module) - 3.5) < 0.3);
        CHECK(std::abs(std::abs(p.y - middle) / module - 3.5) < 0.3);
    }
}

TEST_CASE("where a ring has no end its gap tells where it would be") {
    const int module = 4;
    const int margin = 8 * module;
    GreyImage image = finder_pattern(module, margin);
    for (int y = 0; y < image.height; ++y)  // its ink goes on to the left and above
        for (int x = 0; x < image.width; ++x)
            if (x < margin || y < margin) image.pixels[static_cast<std::size_t>(y * image.width + x)] = 30;
    const double middle = 11.5 * module;
    const FinderRays closed = finder_rays(image, {middle, middle}, 7.0 * module, 125, false, 0);
    CHECK(closed.agreeing < kFinderRays * 3 / 5);
    const FinderRays open = finder_rays(image, {middle, middle}, 7.0 * module, 125, false, 0, true, Ring::kOpen);
    CHECK(open.agreeing == kFinderRays);
    check_outline(open, middle, module);
}

TEST_CASE("where a ring is no more than dots its core tells where it would be") {
    const int module = 6;
    const int margin = 8 * module;
    GreyImage image = finder_pattern(module, margin);
    for (int y = 0; y < 7 * module; ++y)
        for (int x = 0; x < 7 * module; ++x) {
            const int row = y / module;
            const int column = x / module;
            const bool in_ring = std::max(std::abs(row - 3), std::abs(column - 3)) == 3;
            if (in_ring && (row % 3 != 0 || column % 3 != 0))
                image.pixels[static_cast<std::size_t>((margin + y) * image.width + margin + x)] = 220;
        }
    const double middle = margin + 3.5 * module;
    const FinderRays closed = finder_rays(image, {middle, middle}, 7.0 * module, 125, false, 0);
    CHECK(closed.agreeing < kFinderRays * 3 / 5);
    const FinderRays dotted = finder_rays(image, {middle, middle}, 7.0 * module, 125, false, 0, true, Ring::kDotted);
    CHECK(dotted.agreeing == kFinderRays);
    CHECK(dotted.misfit < 0.05);
    check_outline(dotted, middle, module);
    const FinderRays aside =
        finder_rays(image, {middle + module, middle}, 7.0 * module, 125, false, 0, true, Ring::kDotted);
    CHECK(aside.misfit > 0.3);
}

TEST_CASE("rays that are followed eight at a time are those that are followed one at a time") {
    const auto same = [](const GreyImage& image, Point centre, double side, bool inverted) {
        const FinderRays one = finder_rays(image, centre, side, 125, inverted, 0, false);
        const FinderRays eight = finder_rays(image, centre, side, 125, inverted, 0);
        CHECK(one.agreeing == eight.agreeing);
        CHECK(one.crossed == eight.crossed);
        CHECK(one.misfit == eight.misfit);
        for (std::size_t i = 0; i < kFinderRays; ++i) {
            CHECK(one.outer[i].x == eight.outer[i].x);
            CHECK(one.outer[i].y == eight.outer[i].y);
        }
        return one.agreeing;
    };
    std::size_t agreeing = 0;
    for (int module : {2, 3, 5})
        for (int margin : {0, 1, 40}) {  // cropped tight, all but so, and well within
            GreyImage image = finder_pattern(module, margin);
            const double middle = margin + 3.5 * module;
            for (double off : {-0.7, 0.0, 0.4})
                agreeing += same(image, {middle + off, middle - off / 2}, 7.0 * module, false);
            for (auto& v : image.pixels) v = static_cast<std::uint8_t>(255 - v);
            agreeing += same(image, {middle, middle}, 7.0 * module, true);
        }
    CHECK(agreeing > 1000);
    const GreyImage dots = noise(40, 60, 3);
    for (double y : {0.0, 3.0, 20.0, 39.5})
        for (double x : {0.0, 5.0, 30.0, 59.5})
            for (double side : {7.0, 20.0, 90.0}) same(dots, {x, y}, side, false);
}

TEST_CASE("runs like a finder's are found eight and sixteen at a time as one at a time") {
    std::minstd_rand random(7);
    std::size_t most = 0;
    for (int length : {0, 1, 5, 6, 12, 13, 14, 20, 21, 22, 400, 5000}) {
        std::vector<int> changes;
        for (int i = 0, at = 0; i < length; ++i) {
            changes.push_back(at);
            at += 1 + static_cast<int>(random() % (i % 7 == 0 ? 9 : 3));
        }
        for (const Ring ring : {Ring::kClosed, Ring::kOpen}) {
            std::vector<std::size_t> apart{9};
            find_runs(changes, ring, apart, Vectors::kNone);
            for (const Vectors widest : {Vectors::kAvx2, Vectors::kAvx512}) {
                std::vector<std::size_t> together{9};
                find_runs(changes, ring, together, widest);
                CHECK(together == apart);
            }
            most = std::max(most, apart.size());
        }
    }
    CHECK(most > 100);
    std::vector<std::size_t> found;
    find_runs(std::vector{0, 5, 8, 11, 20, 23, 26, 30}, Ring::kClosed, found);
    CHECK(found == std::vector<std::size_t>{1});
}

TEST_CASE("ink is what is darker than the mean about its block") {
    constexpr int contrast = 3;
    for (const auto& sides : {std::pair{40, 200}, {17, 64}, {64, 63}, {5, 9}, {90, 131}})
        for (int reach : {1, 3}) {
            const int height = sides.first;
            const int width = sides.second;
            const GreyImage image = noise(height, width, 5);
            const GreyImage means = block_mean(image.view(), Ink::kBlock);
            Ink ink(image, means, reach);
            Ink apart(image, means, reach, contrast, Vectors::kNone);
            std::size_t wrong = 0;
            for (int y = 0; y < height; ++y) {
                std::vector<int> changes{0};
                bool before = false;
                for (int x = 0; x < width; ++x) {
                    int sum = 0;
                    int count = 0;
                    for (int r = std::max(y / 8 - reach, 0); r <= std::min(y / 8 + reach, (height - 1) / 8); ++r)
                        for (int c = std::max(x / 8 - reach, 0); c <= std::min(x / 8 + reach, (width - 1) / 8);
                             ++c, ++count)
                            sum += means.pixels[static_cast<std::size_t>(r * means.width + c)];
                    const bool dark = image.pixels[static_cast<std::size_t>(y * width + x)] <
                                      floor(static_cast<double>(sum) / count - 0.87) - contrast;
                    wrong += ink.at(y, x) != dark ? 1U : 0U;
                    if (x > 0 && dark != before) changes.push_back(x);
                    before = dark;
                }
                changes.push_back(width);
                for (const Vectors widest : {Vectors::kNone, Vectors::kAvx2, Vectors::kAvx512}) {
                    const Ink::Row row = (widest == Vectors::kNone ? apart : ink).row(y, widest);
                    CHECK(row.begins_with_ink == ink.at(y, 0));
                    CHECK(std::equal(row.changes.begin(), row.changes.end(), changes.begin(), changes.end()));
                }
            }
            CHECK(wrong == 0);
        }
}

TEST_CASE("a row may change at each of its pixels") {
    for (const int width : {1, 9, 63, 64, 65, 112, 128, 200}) {
        GreyImage image{8, width, Pixels(static_cast<std::size_t>(8 * width))};
        std::vector<int> changes;
        for (std::size_t i = 0; i < image.pixels.size(); ++i) {
            const int column = static_cast<int>(i) % width;
            image.pixels[i] = column % 2 == 0 ? 255 : 0;
            if (i <= static_cast<std::size_t>(width)) changes.push_back(static_cast<int>(i));
        }
        Ink ink(image, block_mean(image.view(), Ink::kBlock), 1);
        for (const Vectors widest : {Vectors::kNone, Vectors::kAvx2, Vectors::kAvx512}) {
            const Ink::Row row = ink.row(3, widest);
            CHECK(std::equal(row.changes.begin(), row.changes.end(), changes.begin(), changes.end()));
        }
    }
}

TEST_CASE("runs of a column are those of its pixels, up and down from any row") {
    for (const int height : {5, 8, 9, 40, 63}) {
        const int width = 16;
        GreyImage image = noise(height, width, 5);
        for (int y = 0; y < height; ++y) image.pixels[static_cast<std::size_t>(y * width + 3)] = 0;  // one long run
        const Ink ink(image, block_mean(image.view(), Ink::kBlock), 1);
        for (int column = 0; column < width; ++column)
            for (int start = 0; start < height; ++start) {
                ColumnRuns runs(ink, start, column);
                for (const int step : {-1, 1}) {
                    bool colour = ink.at(start, column);
                    for (int row = step < 0 ? start : start + 1; row >= 0 && row < height; colour = !colour) {
                        int length = 0;
                        for (; row >= 0 && row < height && ink.at(row, column) == colour; row += step) ++length;
                        CHECK((step < 0 ? runs.up(colour, height) : runs.down(colour, height)) == length);
                    }
                    CHECK((step < 0 ? runs.up(colour, height) : runs.down(colour, height)) == 0);
                }
                CHECK(ColumnRuns(ink, start, column).up(ink.at(start, column), 0) > 0);
            }
    }
}
