#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>

#include "drawing.hpp"
#include "fastqr/decode/decoder.hpp"
#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/detect/mtcnn/cascade.hpp"
#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/read/corner_finder.hpp"
#include "fastqr/read/finder_search.hpp"
#include "fastqr/read/grid_reader.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/standard/version.hpp"

using namespace fastqr;

namespace {

std::atomic<long> heap_calls{0};

}  // namespace

// The whole test program's, so that what any stage asks of the heap is counted.
void* operator new(std::size_t bytes) {
    ++heap_calls;
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*none*/) noexcept {
    ++heap_calls;
    return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*none*/) noexcept { std::free(memory); }

namespace {

/// Calls of the heap in one frame, after others like it.
template <typename Frame>
long heap_calls_of(Frame frame) {
    for (int i = 0; i < 3; ++i) frame();
    const long before = heap_calls;
    frame();
    return heap_calls - before;
}

}  // namespace

TEST_CASE("what a thread gave back is taken again, whatever sizes there were between") {
    if (!memory_is_reused()) return;
    void* first = take_memory(1000);
    give_memory_back(first, 1000);
    void* other = take_memory(100000);
    CHECK(take_memory(1010) == first);
    give_memory_back(first, 1010);
    give_memory_back(other, 100000);
    const long before = heap_calls;
    for (std::size_t bytes : {1U, 63U, 64U, 65U, 79U, 80U, 81U, 4095U, 4096U, 4097U}) {
        auto* memory = static_cast<unsigned char*>(take_memory(bytes));
        memory[bytes - 1] = 1;
        give_memory_back(memory, bytes);
        CHECK(take_memory(bytes) == memory);
        give_memory_back(memory, bytes);
    }
    CHECK(heap_calls - before <= 10);
    CHECK_THROWS_AS(static_cast<void>(take_memory(static_cast<std::size_t>(-1))), std::bad_alloc);
}

TEST_CASE("a frame asks nothing of the heap once there were others") {
    if (!memory_is_reused()) return;
    const int size = size_of_version(7);
    const Homography truth{{3, 0.4, 240, -0.3, 3, 160, 0, 0, 1}};
    Vector<float> modules = drawn_symbol("seen again and again", 7, {EcLevel::H, 3});
    const GreyImage picture = pictured(modules, size, truth, 480, 640);
    for (std::size_t i = 15 * 45; i < 28 * 45; ++i) modules[i] = modules[i] > 0.5F ? 0.45F : 0.55F;
    const MipMap map(picture.view(), {0, 0, 640, 480});
    std::size_t read = 0;
    CHECK(heap_calls_of([&] { const MipMap again(picture.view(), {0, 0, 640, 480}, 2); }) == 0);
    CHECK(heap_calls_of([&] { const MipMap levelled = map.with_light_levelled(0.2); }) == 0);
    CHECK(heap_calls_of([&] {
              Cascade cascade(map, {}, 16, 1e9, {});
              const Tensor level = cascade.pnet_input();
              const Tensor windows = cascade.rnet_input();
          }) == 0);
    CHECK(heap_calls_of([&] { const auto small = area_resize(picture.view(), 200, 300); }) == 0);
    CHECK(heap_calls_of([&] { read += search_finder_patterns(map).readings.size(); }) == 0);
    CHECK(heap_calls_of([&] { const auto place = register_patterns(map, truth, size); }) == 0);
    CHECK(heap_calls_of([&] { const auto grown = grow_anchors(map, truth, size, 2); }) == 0);
    CHECK(heap_calls_of([&] { const auto bent = bend_lattice(map, truth, size, 2); }) == 0);
    CHECK(heap_calls_of([&] {
              const auto ranked = rank_frames(map, {Point{240, 160}, {375, 150}, {390, 300}, {255, 290}}, 0, 4);
          }) == 0);
    CHECK(heap_calls_of([&] { const auto patch = resample_lattice(map, homography_lattice(truth, size, 2), 4); }) == 0);
    const Vector<float> said(3 * 49 * 49, 0.2F);
    const std::span<const float> logits(said.data(), 49 * 49);
    const GreyImage torn = noise(480, 640, 1);
    const MipMap torn_map(torn.view(), {0, 0, 640, 480});
    CHECK(heap_calls_of([&] {
              GridReader reader(torn_map, {truth, size}, ReadEffort::kThorough);
              while (reader.next_patch()) reader.take(logits, said);
              CHECK(reader.events().size() == 3);
          }) == 0);
    CHECK(heap_calls_of([&] {
              CornerFinder finder(map, {truth(3.5, 3.5), truth(41.5, 3.5), truth(41.5, 41.5), truth(3.5, 41.5)});
              while (finder.next_patches()) finder.take(std::array{0.9F, 0.9F, 0.1F, 0.9F}, logits.first(32));
              static_cast<void>(places_by_corners(map, finder.seen(), 0.2).next());
          }) == 0);
    CHECK(heap_calls_of([&] { read += decode_symbol(modules, size) ? 1 : 0; }) == 0);
    CHECK(heap_calls_of(
              [&] { const auto kept = nms(Vector<Box>(50), Vector<float>(50, 0.5F), 0.5F, Overlap::kUnion); }) == 0);
    CHECK(read == 8);
}
