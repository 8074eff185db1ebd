#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/block_mean.hpp"
#include "fastqr/image/image_view.hpp"
#include "fastqr/image/local_levels.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/image/sample_line.hpp"

using namespace fastqr;

namespace {

GreyImage noise(int height, int width, unsigned seed = 1) {
    std::mt19937 random(seed);
    GreyImage image{height, width, Pixels(static_cast<std::size_t>(height * width))};
    for (std::uint8_t& v : image.pixels) v = static_cast<std::uint8_t>(random() & 255U);
    return image;
}

/// Mean of a rectangle of a picture, corners anywhere between pixels.
double mean_of(const GreyImage& image, double x1, double y1, double x2, double y2) {
    double sum = 0;
    for (int y = static_cast<int>(y1); y < std::min(y2, image.height + 0.0); ++y)
        for (int x = static_cast<int>(x1); x < std::min(x2, image.width + 0.0); ++x) {
            const double across = std::min(x2, x + 1.0) - std::max(x1, static_cast<double>(x));
            const double down = std::min(y2, y + 1.0) - std::max(y1, static_cast<double>(y));
            if (across > 0 && down > 0) sum += across * down * image.view().grey(y, x);
        }
    return sum / ((x2 - x1) * (y2 - y1));
}

}  // namespace

TEST_CASE("grey of BGR weighs the channels as ITU-R BT.601 does") {
    const std::uint8_t bgr[3] = {10, 100, 200};
    const ImageView view{bgr, 1, 1, 3, 3, 3, 1};
    CHECK(view.grey(0, 0) == static_cast<int>(std::lround(0.114 * 10 + 0.587 * 100 + 0.299 * 200)));
    const std::uint8_t white[3] = {255, 255, 255};
    CHECK(ImageView{white, 1, 1, 3, 3, 3, 1}.grey(0, 0) == 255);
}

TEST_CASE("views with negative and wide strides show the same picture") {
    const GreyImage image = noise(5, 7);
    const std::uint8_t* last = image.pixels.data() + image.pixels.size() - 1;
    const ImageView turned{last, 5, 7, 1, -7, -1, 1};
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 7; ++x) CHECK(turned.grey(y, x) == image.view().grey(4 - y, 6 - x));
}

TEST_CASE("shrinking gives the mean of the area under each pixel") {
    const GreyImage image = noise(23, 31);
    for (const auto& [height, width] : {std::pair{23, 31}, {22, 30}, {11, 16}, {7, 4}, {1, 1}, {23, 1}}) {
        const GreyImage small = area_resize(image.view(), height, width);
        REQUIRE(small.pixels.size() == static_cast<std::size_t>(height * width));
        const double sy = 23.0 / height;
        const double sx = 31.0 / width;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                CHECK(std::abs(small.view().grey(y, x) - mean_of(image, x * sx, y * sy, (x + 1) * sx, (y + 1) * sy)) <
                      0.51);
    }
}

TEST_CASE("a picture that shows less than its last row and column shrinks by what it shows") {
    const GreyImage image = noise(12, 17);
    const GreyImage small = area_resize(image.view(), 11.25, 16.5, 5, 6);
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 6; ++x)
            CHECK(std::abs(small.view().grey(y, x) -
                           mean_of(image, 2.75 * x, 2.25 * y, 2.75 * (x + 1), 2.25 * (y + 1))) < 0.51);
}

TEST_CASE("means of blocks, whole and cut, whatever the strides") {
    for (const auto& [height, width] : {std::pair{1, 1}, {1, 40}, {40, 1}, {23, 70}, {64, 48}, {259, 260}}) {
        const GreyImage image = noise(height, width);
        const std::uint8_t* last = image.pixels.data() + image.pixels.size() - 1;
        const ImageView turned{last, height, width, 1, -width, -1, 1};
        Pixels turned_pixels(image.pixels.rbegin(), image.pixels.rend());
        const GreyImage copy{height, width, std::move(turned_pixels)};
        for (int factor : {1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 258, 1000000}) {
            const GreyImage small = block_mean(image.view(), factor);
            CHECK(block_mean(turned, factor).pixels == block_mean(copy.view(), factor).pixels);
            const int side = std::min(factor, std::max(height, width));
            REQUIRE(small.height == (height + side - 1) / side);
            REQUIRE(small.width == (width + side - 1) / side);
            bool right = true;
            for (int y = 0; y < small.height; ++y)
                for (int x = 0; x < small.width; ++x) {
                    const double mean = mean_of(image, x * side, y * side, std::min(width, (x + 1) * side),
                                                std::min(height, (y + 1) * side));
                    right = right && std::abs(small.view().grey(y, x) - mean) < 0.5 + 1e-9;
                }
            CHECK(right);
        }
    }
    CHECK(block_mean(ImageView{}, 3).pixels.empty());
}

TEST_CASE("means of blocks of colours are of colours in any order of bytes") {
    for (const auto& [height, width] : {std::pair{1, 1}, {9, 11}, {33, 70}}) {
        const GreyImage bytes = noise(height, 3 * width, 3);
        const ImageView bgr{bytes.pixels.data(), height, width, 3, 3 * width, 3, 1};
        std::vector<std::uint8_t> planes;
        for (int channel = 0; channel < 3; ++channel)
            for (int i = 0; i < height * width; ++i)
                planes.push_back(bytes.pixels[static_cast<std::size_t>(3 * i + channel)]);
        const ImageView planar{planes.data(), height, width, 3, width, 1, static_cast<std::ptrdiff_t>(height) * width};
        for (int factor : {1, 2, 3, 4, 5, 6, 7, 8, 9, 300})
            CHECK(block_mean(bgr, factor).pixels == block_mean(planar, factor).pixels);
        const GreyImage grey = block_mean(bgr, 1);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) CHECK(grey.view().grey(y, x) == bgr.grey(y, x));
    }
}

TEST_CASE("means of windows are those of the pixels that are there") {
    for (const auto& [height, width] : {std::pair{1, 1}, {9, 30}, {31, 17}}) {
        const GreyImage image = noise(height, width);
        for (int reach : {1, 4, 40}) {
            const std::vector<float> mean = local_mean(image, reach);
            for (int y = 0; y < height; ++y)
                for (int x = 0; x < width; ++x)
                    CHECK(mean[static_cast<std::size_t>(y * width + x)] ==
                          doctest::Approx(mean_of(image, std::max(0, x - reach), std::max(0, y - reach),
                                                  std::min(width, x + reach + 1), std::min(height, y + reach + 1))));
        }
    }
}

TEST_CASE("the light of a strip is levelled alike upright and lying, and costs no more upright") {
    constexpr int length = 1 << 18;  // where windows as long as the strip cost a second and more
    const GreyImage lying = noise(1, length);
    const GreyImage upright{length, 1, lying.pixels};
    for (int reach : {2, length / 2}) CHECK(levelled(upright, reach).pixels == levelled(lying, reach).pixels);
}

TEST_CASE("a map of larger pixels names their size and takes the level that a step does not skip") {
    const GreyImage image = noise(121, 100);
    const MipMap map(image.view(), {0, 0, 100, 121}, 3);
    REQUIRE(map.levels() >= 3);
    CHECK(map.pixel_size(0) == 3);
    CHECK(map.pixel_size(2) == 12);
    CHECK(map.level(0).height == 41);
    CHECK(map.level(1).width == 17);
    for (const auto& [step, level] : {std::pair{0.1F, 0}, {3.0F, 0}, {5.99F, 0}, {6.0F, 1}, {11.9F, 1}, {12.0F, 2}})
        CHECK(map.level_for(step) == level);
    // At the middle of a pixel the map shows its mean; the last ones are of what the picture has.
    CHECK(std::abs(map.sample(0, 4.5F, 7.5F) - mean_of(image, 3, 6, 6, 9)) < 0.51);
    CHECK(std::abs(map.sample(0, 100.5F, 121.5F) - mean_of(image, 99, 120, 100, 121)) < 0.51);
    CHECK(std::abs(map.sample(0, -500, 0) - mean_of(image, 0, 0, 100, 121)) < 1);
    CHECK(map.with_light_levelled(0.2).pixel_size(0) == 3);
    const MipMap part(image.view(), {10, 20, 40, 50}, 3);
    CHECK(std::abs(part.sample(0, 11.5F, 21.5F) - mean_of(image, 10, 20, 13, 23)) < 0.51);
    CHECK(part.region().x1 == 10);
}

TEST_CASE("a mip map's levels halve the picture") {
    const GreyImage image = noise(64, 48);
    const MipMap map(image.view(), {0, 0, 48, 64});
    CHECK(map.level_for(1.0F) == 0);
    CHECK(map.level_for(1.99F) == 0);
    CHECK(map.level_for(2.0F) == 1);
    CHECK(map.level_for(4.0F) == 2);
    CHECK(map.level_for(1e30F) == map.level_for(1000.0F));
    for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 24; ++x)
            CHECK(std::abs(map.sample(1, 2.0F * static_cast<float>(x) + 1, 2.0F * static_cast<float>(y) + 1) -
                           mean_of(image, 2 * x, 2 * y, 2 * x + 2, 2 * y + 2)) < 0.51);
}

TEST_CASE("a mip map of a region keeps the picture's coordinates and shows its mean beyond") {
    const GreyImage image = noise(40, 40);
    const MipMap map(image.view(), {10, 20, 30, 35});
    for (int y = 20; y < 35; ++y)
        for (int x = 10; x < 30; ++x)
            CHECK(map.sample(0, static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F) ==
                  doctest::Approx(image.view().grey(y, x)));
    for (const auto& [x, y] : {std::pair{-100.0F, 27.5F}, {1e30F, 1e30F}, {NAN, 25.0F}, {15.0F, INFINITY}})
        CHECK(std::abs(map.sample(0, x, y) - mean_of(image, 10, 20, 30, 35)) < 0.5);
}

TEST_CASE("a mip map looks at grey rows that lie one after the other, and copies others") {
    const GreyImage image = noise(40, 50);
    const MipMap whole(image.view(), {0, 0, 50, 40});
    CHECK(whole.looks_at_picture());
    CHECK(whole.level(0).pixels.data() == image.pixels.data());
    const MipMap band(image.view(), {0, 10, 50, 30});
    CHECK(band.level(0).pixels.data() == image.pixels.data() + 10 * 50);
    ImageView turned = image.view();
    turned.data += 50 * 40 - 1;
    turned.row_stride = -50;
    turned.column_stride = -1;
    const GreyImage bytes = noise(40, 3 * 50);
    const ImageView bgr{bytes.pixels.data(), 40, 50, 3, 150, 3, 1};
    const MipMap others[]{{image.view(), {0, 0, 49, 40}},
                          {image.view(), {0, 0, 50, 40}, 2},
                          {turned, {0, 0, 50, 40}},
                          {bgr, {0, 0, 50, 40}}};
    for (const MipMap& map : others) CHECK_FALSE(map.looks_at_picture());
    CHECK(others[2].level(0).pixels.front() == image.pixels.back());
    CHECK_FALSE(whole.with_light_levelled(0.1).looks_at_picture());
}

TEST_CASE("a look is bilinear between pixels, exact at them, and replicates the border") {
    const GreyImage image{3, 4, {10, 20, 40, 80, 12, 24, 48, 96, 14, 28, 56, 112}};
    const auto plane = GreyView(image).plane();
    for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 4; ++x) {
            const auto here = static_cast<float>(image.view().grey(y, x));
            CHECK(plane.clamped(static_cast<float>(x), static_cast<float>(y)).value() == here);
        }
    const BilinearLook between = plane.inside(1.25F, 0.5F);
    CHECK(between.value() == doctest::Approx(27.5));
    CHECK(between.slope_x() == doctest::Approx(22));
    CHECK(between.slope_y() == doctest::Approx(5));
    CHECK(plane.clamped(1.25F, 0.5F).value() == between.value());
    CHECK(plane.clamped(-7, -1e30F).value() == 10);
    CHECK(plane.clamped(1e30F, 99).value() == 112);
    CHECK(plane.clamped(std::numeric_limits<float>::quiet_NaN(), 1).value() == 12);
    const GreyImage pixel{1, 1, {7}};
    for (float at : {-1.0F, 0.0F, 0.5F, 3.0F}) CHECK(GreyView(pixel).plane().clamped(at, at).value() == 7);
}

TEST_CASE("a look at the last pixel of a row wider than floats are fine stays within it") {
    const int width = 1 << 20;
    GreyImage image{1, width, Pixels(static_cast<std::size_t>(width), 5)};
    image.pixels.back() = 9;
    CHECK(GreyView(image).plane().clamped(static_cast<float>(width), 0).value() == 9);
    CHECK(GreyView(image).plane().clamped(static_cast<float>(width) - 1.0F, 0).value() == 9);
}

TEST_CASE("regions are clipped to the picture, and may be empty") {
    const GreyImage image = noise(9, 9);
    CHECK(MipMap(image.view(), {-5, -5, 0, 4}).empty());
    CHECK(MipMap(image.view(), {5, 5, 5, 9}).empty());
    CHECK(MipMap(image.view(), {20, 20, 30, 30}).empty());
    const MipMap map(image.view(), {-1000, -1000, 1000, 1000});
    REQUIRE_FALSE(map.empty());
    CHECK(map.sample(0, 0.5F, 0.5F) == doctest::Approx(image.view().grey(0, 0)));
}

TEST_CASE("a picture of one pixel is a mip map of one level") {
    const GreyImage image{1, 1, {77}};
    const MipMap map(image.view(), {0, 0, 1, 1});
    CHECK(map.level_for(100.0F) == 0);
    CHECK(map.sample(0, 3.0F, -3.0F) == doctest::Approx(77));
}

TEST_CASE("a mip map of colours in any order of bytes is grey") {
    std::vector<std::uint8_t> planes(3 * 8 * 9);  // channel after channel
    std::mt19937 random(2);
    for (std::uint8_t& v : planes) v = static_cast<std::uint8_t>(random() & 255U);
    const ImageView view{planes.data(), 8, 9, 3, 9, 1, 72};
    const MipMap map(view, {2, 1, 9, 8});
    for (int y = 1; y < 8; ++y)
        for (int x = 2; x < 9; ++x)
            CHECK(map.sample(0, static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F) ==
                  doctest::Approx(view.grey(y, x)));
}

TEST_CASE("a mip map halves odd sides too") {
    const GreyImage image = noise(9, 11);
    const MipMap map(image.view(), {0, 0, 11, 9});
    REQUIRE(map.level_for(1000.0F) == 1);
    CHECK(std::abs(map.sample(1, 11, 1) - mean_of(image, 10, 0, 11, 2)) < 0.51);
    CHECK(std::abs(map.sample(1, 1, 9) - mean_of(image, 0, 8, 2, 9)) < 0.51);
    CHECK(std::abs(map.sample(1, 11, 9) - image.view().grey(8, 10)) < 0.51);
}

TEST_CASE("places on a line are sampled eight at a time as they are one at a time, and as a map shows them") {
    const GreyImage image = noise(90, 70);
    const Homography map{{1.7, 0.2, 3, -0.1, 1.9, 4, 0.004, -0.002, 1}};
    for (int count : {1, 7, 8, 29}) {
        const auto at = [&](std::size_t i) { return static_cast<float>(map.h[i]); };
        const ProjectedLine line{at(2), at(5), at(8), at(0), at(3), at(6)};
        std::vector<float> one(static_cast<std::size_t>(count));
        std::vector<float> eight(static_cast<std::size_t>(count));
        sample_line(image, line, count, one.data(), false);
        sample_line(image, line, count, eight.data());
        CHECK(one == eight);
        for (int k = 0; k < count; ++k) {
            const Point p = map(k, 0);
            const float expected =
                GreyView(image).plane().clamped(static_cast<float>(p.x), static_cast<float>(p.y)).value();
            CHECK(std::abs(one[static_cast<std::size_t>(k)] - expected) < 0.1F);
        }
    }
}
