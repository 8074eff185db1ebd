#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>

#include "fastqr/cascade/boxes.hpp"
#include "fastqr/cascade/heatmap_landmarks.hpp"
#include "fastqr/cascade/patches.hpp"
#include "fastqr/cascade/proposals.hpp"
#include "fastqr/cascade/pyramid.hpp"
#include "fastqr/image/block_mean.hpp"
#include "fastqr/memory/vector.hpp"

using namespace fastqr;

TEST_CASE("suppression keeps the best of boxes that overlap by more than the threshold") {
    const Vector<Box> boxes{{0, 0, 10, 10}, {1, 1, 11, 11}, {20, 20, 30, 30}, {4, 4, 6, 6}};
    const Vector<float> scores{0.8F, 0.9F, 0.7F, 0.95F};
    CHECK(nms(boxes, scores, 0.5F, Overlap::kUnion) == Vector<int>{3, 1, 2});
    CHECK(nms(boxes, scores, 0.5F, Overlap::kMinimum) == Vector<int>{3, 2});
    CHECK(nms(boxes, scores, 1.0F, Overlap::kUnion) == Vector<int>{3, 1, 0, 2});
    CHECK(nms({}, {}, 0.5F, Overlap::kUnion).empty());
}

TEST_CASE("suppression takes infinite and empty boxes") {
    const float infinity = std::numeric_limits<float>::infinity();
    const Vector<Box> boxes{{0, 0, infinity, infinity}, {NAN, 0, 1, 1}, {5, 5, 5, 5}, {9, 9, 1, 1}};
    const Vector<float> scores{0.5F, 0.6F, 0.7F, NAN};
    const Vector<int> kept = nms(boxes, scores, 0.5F, Overlap::kMinimum);
    CHECK(std::find(kept.begin(), kept.end(), 3) == kept.end());
    CHECK(kept.front() == 2);
}

TEST_CASE("calibration and squaring follow their definitions") {
    const float offsets[4] = {0.1F, -0.2F, 0.3F, 0.4F};
    const Box moved = calibrated({10, 20, 30, 60}, offsets);
    CHECK(moved.x1 == doctest::Approx(12));
    CHECK(moved.y1 == doctest::Approx(12));
    CHECK(moved.x2 == doctest::Approx(36));
    CHECK(moved.y2 == doctest::Approx(76));
    const Box square = squared({10, 20, 30, 60});
    CHECK(square.x1 == doctest::Approx(0));
    CHECK(square.y1 == doctest::Approx(20));
    CHECK(square.x2 == doctest::Approx(40));
    CHECK(square.y2 == doctest::Approx(60));
}

TEST_CASE("proposals are windows of the map's hottest places") {
    const Vector<float> probability{0.1F, 0.9F, 0.6F, 0.2F, 0.7F, 0.95F};
    Vector<float> offsets(24);
    for (std::size_t i = 0; i < offsets.size(); ++i) offsets[i] = static_cast<float>(i);
    const Proposals found = proposals(probability.data(), offsets.data(), 2, 3, 0.5, 0.5F, 3, {});
    REQUIRE(found.scores == Vector<float>{0.95F, 0.9F, 0.7F});
    CHECK(found.boxes[0].x1 == doctest::Approx((4 * 2 - 3) / 0.5));
    CHECK(found.boxes[0].y1 == doctest::Approx((4 * 1 - 3) / 0.5));
    CHECK(found.boxes[0].width() == doctest::Approx(24));
    CHECK(found.offsets[0] == std::array<float, 4>{5, 11, 17, 23});
    CHECK(proposals(probability.data(), offsets.data(), 2, 3, 0.5, 0.5F, -1, {}).boxes.empty());
}

TEST_CASE("patches are cut as they are at scale 1, and are black outside") {
    Vector<std::uint8_t> pixels(6 * 8 * 3);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
    const ImageView image{pixels.data(), 6, 8, 3, 24, 3, 1};
    Vector<float> patch(3 * 4 * 4);
    extract_patch(image, {6, 3, 10, 7}, 4, false, patch.data());
    for (int channel = 0; channel < 3; ++channel)
        for (int y = 0; y < 4; ++y)
            for (int x = 0; x < 4; ++x) {
                const bool inside = 6 + x < 8 && 3 + y < 6;
                const float expected = inside ? static_cast<float>(image.pixel(3 + y, 6 + x)[channel]) : 0.0F;
                CHECK(patch[static_cast<std::size_t>((channel * 4 + y) * 4 + x)] ==
                      doctest::Approx(normalised(expected)));
            }
}

TEST_CASE("patches of any box stay within the picture's memory") {
    const Vector<std::uint8_t> pixels(30, 200);
    const ImageView image{pixels.data(), 5, 6, 1, 6, 1, 1};
    Vector<float> patch(12 * 12);
    std::mt19937 random(2);
    std::uniform_real_distribution<float> place(-40, 40);
    for (int i = 0; i < 500; ++i) {
        extract_patch(image, {place(random), place(random), place(random), place(random)}, 12, true, patch.data());
        for (float v : patch) CHECK((v >= normalised(0) - 1e-4F && v <= normalised(200) + 1e-4F));
    }
    extract_patch(image, {-1e7F, -1e7F, 1e7F, 1e7F}, 12, true, patch.data());
    CHECK(patch[0] == doctest::Approx(normalised(0)));
}

TEST_CASE("a pyramid's scales ascend to the limit") {
    const Vector<std::uint8_t> pixels(400 * 300, 128);
    const Pyramid pyramid({pixels.data(), 300, 400, 1, 400, 1, 1}, 200, 0.7);
    REQUIRE(pyramid.scales().size() == pyramid.levels().size());
    CHECK(std::is_sorted(pyramid.scales().begin(), pyramid.scales().end()));
    CHECK(pyramid.scales().back() == doctest::Approx(0.5));
    CHECK(pyramid.levels().back().width == 200);
    for (const GreyImage& level : pyramid.levels())
        CHECK(std::all_of(level.pixels.begin(), level.pixels.end(), [](std::uint8_t v) { return v == 128; }));
    CHECK(Pyramid({pixels.data(), 0, 400, 1, 400, 1, 1}, 200, 0.7).levels().empty());
    for (const auto& [height, width] : {std::pair{1, 1}, {1, 400}, {300, 1}, {12, 12}})
        CHECK_FALSE(Pyramid({pixels.data(), height, width, 1, 400, 1, 1}, 200, 0.7).levels().empty());
}

TEST_CASE("a pyramid of a picture that was shrunk already has the picture's scales") {
    Vector<std::uint8_t> pixels;
    for (int i = 0; i < 403 * 301; ++i) pixels.push_back(static_cast<std::uint8_t>(100 + (i % 403) / 4));
    const ImageView image{pixels.data(), 301, 403, 1, 403, 1, 1};
    const Pyramid whole(image, 100, 0.7);
    const Pyramid shrunk(block_mean(image, 4), 4, 301, 403, 100, 0.7);
    REQUIRE(whole.scales() == shrunk.scales());
    for (std::size_t i = 0; i < whole.levels().size(); ++i)
        CHECK(whole.levels()[i].pixels == shrunk.levels()[i].pixels);
    // Two pixels were left of the last block: the ramp goes on to the border in its own slope.
    const GreyImage& finest = shrunk.levels().back();
    CHECK(std::abs(finest.pixels[99] - finest.pixels[95] - 4) <= 1);
    CHECK(Pyramid(block_mean(image, 8), 8, 301, 403, 100, 0.7).scales().back() == doctest::Approx(1.0 / 8));
}

TEST_CASE("heat maps give landmarks in the box, clockwise about the diagonal") {
    constexpr int side = 24;
    Vector<float> heat(3 * side * side);
    const auto warm = [&](int map, int row, int column) {
        heat[static_cast<std::size_t>((map * side + row) * side + column)] = 1;
    };
    warm(0, 5, 5);
    warm(0, 5, 18);
    warm(0, 18, 5);
    warm(1, 5, 5);
    warm(2, 18, 18);
    const Landmarks found = heatmap_landmarks(heat.data(), side, {100, 200, 148, 248});
    const std::array<std::array<float, 2>, 5> expected{{{111, 211}, {137, 211}, {111, 237}, {137, 237}, {124, 224}}};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(found.points[i][0] == doctest::Approx(expected[i][0]));
        CHECK(found.points[i][1] == doctest::Approx(expected[i][1]));
    }
    CHECK(found.strengths == std::array<float, 4>{1, 1, 1, 1});
}

TEST_CASE("heat of nothing but noise or NaN gives some landmarks") {
    std::mt19937 random(3);
    std::uniform_real_distribution<float> value(0, 1);
    Vector<float> heat(3 * 24 * 24);
    for (int i = 0; i < 200; ++i) {
        for (float& v : heat) v = value(random);
        for (const auto& point : heatmap_landmarks(heat.data(), 24, {0, 0, 24, 24}).points)
            for (float v : point) CHECK((v > -60 && v < 84));
    }
    std::fill(heat.begin(), heat.end(), NAN);
    CHECK(heatmap_landmarks(heat.data(), 24, {0, 0, 24, 24}).points.size() == 5);
}

TEST_CASE("infinite heat has no place, and no strength there") {
    constexpr int side = 24;
    Vector<float> heat(3 * side * side);
    for (int at : {5 * side + 5, 5 * side + 18, 18 * side + 5})
        heat[static_cast<std::size_t>(at)] = std::numeric_limits<float>::infinity();
    for (float strength : heatmap_landmarks(heat.data(), side, {0, 0, 48, 48}).strengths) CHECK(strength == 0);
}
