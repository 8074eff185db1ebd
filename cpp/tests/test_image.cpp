#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/image_view.hpp"
#include "fastqr/image/mip_map.hpp"

using namespace fastqr;

namespace {

GreyImage noise(int height, int width, unsigned seed = 1) {
    std::mt19937 random(seed);
    GreyImage image{height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width))};
    for (std::uint8_t& v : image.pixels) v = static_cast<std::uint8_t>(random() & 255U);
    return image;
}

/// Mean of a rectangle of a picture, corners anywhere between pixels.
double mean_of(const GreyImage& image, double x1, double y1, double x2, double y2) {
    double sum = 0;
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
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
