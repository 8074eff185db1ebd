#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/detect/mtcnn/cascade.hpp"
#include "fastqr/detect/mtcnn/contrast.hpp"
#include "fastqr/detect/mtcnn/heatmap_landmarks.hpp"
#include "fastqr/detect/mtcnn/levels.hpp"
#include "fastqr/detect/mtcnn/patches.hpp"
#include "fastqr/detect/mtcnn/proposals.hpp"
#include "fastqr/detect/mtcnn/quads.hpp"
#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/mip_map.hpp"

using namespace fastqr;

TEST_CASE("suppression keeps the best of boxes that overlap by more than the threshold") {
    const std::vector<Box> boxes{{0, 0, 10, 10}, {1, 1, 11, 11}, {20, 20, 30, 30}, {4, 4, 6, 6}};
    const std::vector<float> scores{0.8F, 0.9F, 0.7F, 0.95F};
    CHECK(nms(boxes, scores, 0.5F, Overlap::kUnion) == std::vector<int>{3, 1, 2});
    CHECK(nms(boxes, scores, 0.5F, Overlap::kMinimum) == std::vector<int>{3, 2});
    CHECK(nms(boxes, scores, 1.0F, Overlap::kUnion) == std::vector<int>{3, 1, 0, 2});
    CHECK(nms({}, {}, 0.5F, Overlap::kUnion).empty());
}

TEST_CASE("suppression gives all that are sure and as many others as are wanted") {
    const std::vector<Box> boxes{{0, 0, 10, 10}, {1, 1, 11, 11}, {20, 20, 30, 30}, {4, 4, 6, 6}};
    const std::vector<float> scores{0.8F, 0.9F, 0.7F, 0.95F};
    CHECK(nms(boxes, scores, 1.0F, Overlap::kUnion, {0.85F, 0}) == std::vector<int>{3, 1});
    CHECK(nms(boxes, scores, 1.0F, Overlap::kUnion, {0.85F, 1}) == std::vector<int>{3, 1, 0});
    CHECK(nms(boxes, scores, 0.5F, Overlap::kUnion, {0.85F, 1}) == std::vector<int>{3, 1, 2});
    CHECK(nms(boxes, scores, 1.0F, Overlap::kUnion, {2, 2}) == std::vector<int>{3, 1});
    CHECK(nms(boxes, scores, 1.0F, Overlap::kUnion, {0, 0}).size() == 4);
}

TEST_CASE("suppression takes infinite and empty boxes") {
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<Box> boxes{{0, 0, infinity, infinity}, {NAN, 0, 1, 1}, {5, 5, 5, 5}, {9, 9, 1, 1}};
    const std::vector<float> scores{0.5F, 0.6F, 0.7F, NAN};
    const std::vector<int> kept = nms(boxes, scores, 0.5F, Overlap::kMinimum);
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

TEST_CASE("proposals are the best windows of a grid, calibrated") {
    const std::vector<float> probability{0.1F, 0.9F, 0.6F, 0.2F, 0.7F, 0.95F};
    std::vector<float> offsets(24, 0.0F);
    for (std::size_t i = 0; i < 6; ++i) offsets[i] = 0.25F;  // of x1
    const WindowMaps maps{probability.data(), offsets.data(), 6, 3, 2, 3, 10, 20, 2};
    Proposals found;
    add_proposals(maps, {0.5F, 1, 3, 64}, {}, found);
    REQUIRE(found.scores == std::vector<float>{0.95F, 0.9F, 0.7F});
    CHECK(found.boxes[0].x1 == doctest::Approx(10 + 2 * 4 * 2 + 0.25 * 24));
    CHECK(found.boxes[0].y1 == doctest::Approx(20 + 2 * 4 * 1));
    CHECK(found.boxes[0].x2 == doctest::Approx(10 + 2 * 4 * 2 + 24));
    Proposals sure;
    add_proposals(maps, {0.5F, 0.9F, 1, 64}, {}, sure);
    CHECK(sure.scores == std::vector<float>{0.95F, 0.9F, 0.7F});
    Proposals few;
    add_proposals(maps, {0.5F, 0.9F, 0, 1}, {}, few);
    CHECK(few.scores == std::vector<float>{0.95F});
    Proposals unknown;
    const std::vector<Quad> known{{{{26, 36}, {60, 36}, {60, 60}, {26, 60}}}};
    add_proposals(maps, {0.5F, 0.9F, 2, 64}, known, unknown);
    CHECK(unknown.scores == std::vector<float>{0.9F, 0.6F});
}

TEST_CASE("a point lies in a quadrilateral of either direction, and on its edge") {
    const Quad quad{{{0, 0}, {10, 1}, {11, 9}, {1, 10}}};
    const Quad other{{{1, 10}, {11, 9}, {10, 1}, {0, 0}}};
    for (const Quad& q : {quad, other}) {
        CHECK(inside(q, 5, 5));
        CHECK(inside(q, 0, 0));
        CHECK_FALSE(inside(q, 5, -1));
        CHECK_FALSE(inside(q, NAN, 5));
    }
    CHECK_FALSE(inside_any({}, 1, 1));
}

TEST_CASE("a level has the view's own pixels, or the means of the next finer ones") {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < 403 * 301; ++i) pixels.push_back(static_cast<std::uint8_t>(100 + (i % 403) / 4));
    const MipMap view({pixels.data(), 301, 403, 1, 403, 1, 1}, {0, 0, 403, 301});
    CHECK(CascadeLevel(view, 1).image(view).pixels.data() == view.level(0).pixels.data());
    CHECK(CascadeLevel(view, 4).image(view).pixels.data() == view.level(2).pixels.data());
    const CascadeLevel between(view, 6);
    const GreyView image = between.image(view);
    CHECK(image.height == 51);
    CHECK(image.width == 68);
    for (int x = 0; x < 67; ++x) CHECK(std::abs(image.pixels[static_cast<std::size_t>(x)] - 100 - 1.5 * x) < 2);
}

TEST_CASE("contrast is a matter of both directions") {
    GreyImage level{64, 64, Pixels(64 * 64, 100)};
    const auto shown = [&](const Region& region) { return Contrast(level).shown_in(region); };
    const Region whole{0, 0, 64, 64};
    CHECK_FALSE(shown(whole));
    for (std::size_t i = 0; i < level.pixels.size(); ++i) level.pixels[i] = i % 64 / 3 % 2 == 0 ? 90 : 160;
    CHECK_FALSE(shown(whole));
    level.pixels.assign(level.pixels.size(), 100);
    for (std::size_t y = 20; y < 32; ++y)
        for (std::size_t x = 40; x < 52; ++x) level.pixels[64 * y + x] = (x / 2 + y / 2) % 2 == 0 ? 98 : 102;
    CHECK(shown(whole));
    CHECK(shown({36, 16, 56, 36}));
    CHECK_FALSE(shown({0, 0, 36, 64}));
    CHECK_FALSE(shown({-50, -50, 20, 1000}));
    CHECK_FALSE(Contrast(GreyImage{3, 900, Pixels(2700, 9)}).shown_in({0, 0, 900, 3}));
}

TEST_CASE("a cascade goes from P-Net's levels to boxes") {
    std::vector<std::uint8_t> pixels(200 * 260);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);
    const MipMap view({pixels.data(), 200, 260, 1, 260, 1, 1}, {0, 0, 260, 200});
    Cascade cascade(view, {}, 60, 1e9, {});
    int levels = 0;
    for (Tensor level = cascade.pnet_input(); !level.empty(); level = cascade.pnet_input()) {
        const int rows = windows_in(level.shape[2]);
        const int columns = windows_in(level.shape[3]);
        std::vector<float> probability(static_cast<std::size_t>(2 * rows * columns), 0.5F);
        const std::vector<float> offsets(static_cast<std::size_t>(4 * rows * columns), 0.0F);
        CHECK_THROWS_AS(cascade.take_pnet({probability, {1, 2, rows + 1, columns}}, {offsets, {1, 4, rows, columns}}),
                        std::invalid_argument);
        cascade.take_pnet({probability, {1, 2, rows, columns}}, {offsets, {1, 4, rows, columns}});
        ++levels;
    }
    CHECK(levels == 4);
    const int count = cascade.rnet_input().shape[0];
    CHECK(count > 4);
    std::vector<float> scores(static_cast<std::size_t>(2 * count), 0.0F);
    scores[3] = 0.9F;
    const std::vector<float> moves(static_cast<std::size_t>(4 * count), 0.0F);
    const Box second = cascade.windows()[1];
    cascade.take_rnet({scores, {count, 2, 1, 1}}, {moves, {count, 4, 1, 1}});
    CHECK(cascade.onet_input().shape == std::array<int, 4>{1, 1, 48, 48});
    const std::vector<float> heat(3 * 24 * 24, 0.0F);
    cascade.take_onet({std::vector<float>{0.2F, 0.8F}, {1, 2, 1, 1}}, {std::vector<float>(4), {1, 4, 1, 1}},
                      {heat, {1, 3, 24, 24}});
    REQUIRE(cascade.boxes().boxes.size() == 1);
    CHECK(cascade.boxes().boxes[0].x1 == second.x1);
    CHECK(cascade.boxes().scores[0] == 0.8F);
    CHECK(cascade.work().onet_windows == 1);
}

TEST_CASE("patches are cut as they are at scale 1, and are black outside") {
    std::vector<std::uint8_t> pixels(6 * 8 * 3);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
    const ImageView image{pixels.data(), 6, 8, 3, 24, 3, 1};
    std::vector<float> patch(3 * 4 * 4);
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
    const std::vector<std::uint8_t> pixels(30, 200);
    const ImageView image{pixels.data(), 5, 6, 1, 6, 1, 1};
    std::vector<float> patch(12 * 12);
    std::mt19937 random(2);
    std::uniform_real_distribution<float> place(-40, 40);
    for (int i = 0; i < 500; ++i) {
        extract_patch(image, {place(random), place(random), place(random), place(random)}, 12, true, patch.data());
        for (float v : patch) CHECK((v >= normalised(0) - 1e-4F && v <= normalised(200) + 1e-4F));
    }
    extract_patch(image, {-1e7F, -1e7F, 1e7F, 1e7F}, 12, true, patch.data());
    CHECK(patch[0] == doctest::Approx(normalised(0)));
}

TEST_CASE("heat maps give landmarks in the box, clockwise about the diagonal") {
    constexpr int side = 24;
    std::vector<float> heat(3 * side * side);
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
    std::vector<float> heat(3 * 24 * 24);
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
    std::vector<float> heat(3 * side * side);
    for (int at : {5 * side + 5, 5 * side + 18, 18 * side + 5})
        heat[static_cast<std::size_t>(at)] = std::numeric_limits<float>::infinity();
    for (float strength : heatmap_landmarks(heat.data(), side, {0, 0, 48, 48}).strengths) CHECK(strength == 0);
}
