#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <thread>
#include <vector>

#include "drawing.hpp"
#include "fastqr/decode/decoder.hpp"
#include "fastqr/detect/mtcnn/cascade.hpp"
#include "fastqr/detect/mtcnn/patches.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/finder_search.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/standard/version.hpp"

using namespace fastqr;

namespace {

constexpr int kSize = size_of_version(7);
const Homography kTruth{{3, 0.4, 40, -0.3, 3, 60, 0, 0, 1}};

/// A symbol with so many wrong modules, all of them unsure, that it takes the soft decoder.
std::vector<float> doubtful(std::vector<float> modules) {
    for (std::size_t i = 15 * kSize; i < 28 * kSize; ++i) modules[i] = modules[i] > 0.5F ? 0.45F : 0.55F;
    return modules;
}

/// What all threads look at, and nobody writes to.
struct Shared {
    std::vector<float> modules = drawn_symbol("seen by many threads", 7, {EcLevel::H, 3});
    std::vector<float> probabilities = doubtful(modules);
    GreyImage picture = pictured(modules, kSize, kTruth, 260, 260);
    MipMap map{picture.view(), {0, 0, 260, 260}};
};

using Codewords = std::vector<std::uint8_t>;

struct Outcome {
    std::vector<Codewords> payloads;
    std::vector<std::vector<float>> numbers;
    std::vector<Codewords> greys;
    bool operator==(const Outcome&) const = default;
};

void add(Outcome& outcome, const DecodedSymbol& symbol) {
    for (const Segment& segment : symbol.message.segments) outcome.payloads.push_back(segment.bytes);
    outcome.greys.push_back(symbol.modules);
    outcome.numbers.push_back({static_cast<float>(symbol.confidence)});
}

/// Every stage once, from shared inputs and from a map and a cascade of the thread's own.
Outcome all_stages(const Shared& shared) {
    Outcome outcome;
    if (const auto symbol = decode_symbol(shared.probabilities, kSize)) add(outcome, *symbol);
    for (const SymbolReading& reading : search_finder_patterns(shared.map).readings) {
        add(outcome, reading.symbol);
        outcome.numbers.push_back(reading.lattice().nodes);
    }
    const Registration place = register_patterns(shared.map, kTruth, kSize);
    outcome.numbers.emplace_back(place.homography.h.begin(), place.homography.h.end());
    outcome.numbers.push_back(grow_anchors(shared.map, kTruth, kSize, 2).lattice.nodes);
    outcome.numbers.push_back(bend_lattice(shared.map, kTruth, kSize, 2).lattice.nodes);
    outcome.numbers.push_back(resample_lattice(shared.map, homography_lattice(kTruth, kSize, 2), 4));
    outcome.numbers.push_back(warp(shared.map, kTruth, 50, 50));
    const MipMap own(shared.picture.view(), {10, 10, 250, 250}, 2);
    const MipMap levelled = own.with_light_levelled(0.1);
    for (int level = 0; level < levelled.levels(); ++level) {
        const auto pixels = levelled.level(level).pixels;
        outcome.greys.emplace_back(pixels.begin(), pixels.end());
    }
    Cascade cascade(shared.map, {}, 16, 1e9, {});
    for (Tensor level = cascade.pnet_input(); !level.empty(); level = cascade.pnet_input()) {
        const std::array<int, 4> shape{1, 2, windows_in(level.shape[2]), windows_in(level.shape[3])};
        const std::vector<float> maps(static_cast<std::size_t>(4 * shape[2] * shape[3]), 0.5F);
        cascade.take_pnet({maps, shape}, {maps, {1, 4, shape[2], shape[3]}});
        outcome.numbers.push_back(level.values);
    }
    outcome.numbers.push_back(cascade.rnet_input().values);
    return outcome;
}

}  // namespace

TEST_CASE("many threads share pictures and maps, and each sees what one alone sees") {
    constexpr std::size_t count = 8;
    constexpr int rounds = 3;
    const Shared shared;
    std::array<std::vector<Outcome>, count> outcomes;
    std::latch start(count);
    std::vector<std::thread> threads;
    for (std::vector<Outcome>& mine : outcomes)
        threads.emplace_back([&] {
            start.arrive_and_wait();
            for (int round = 0; round < rounds; ++round) mine.push_back(all_stages(shared));
        });
    for (std::thread& thread : threads) thread.join();
    const Outcome alone = all_stages(shared);
    CHECK_FALSE(decode_symbol(shared.probabilities, kSize, {true, false}));
    REQUIRE(alone.payloads.size() == 2);
    CHECK(alone.payloads[0] == alone.payloads[1]);
    for (const auto& mine : outcomes)
        for (const Outcome& outcome : mine) CHECK(outcome == alone);
}
