#include "fastqr/memory/vector.hpp"

#include <array>
#include <bit>
#include <limits>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define FASTQR_HEAP_ONLY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FASTQR_HEAP_ONLY 1
#endif
#endif

namespace fastqr {

#if defined(FASTQR_HEAP_ONLY)

void* take_memory(std::size_t bytes) { return ::operator new(bytes); }

void give_memory_back(void* memory, std::size_t /*bytes*/) noexcept { ::operator delete(memory); }

bool memory_is_reused() noexcept { return false; }

#else

namespace {

constexpr std::size_t kSmallest = 64;          // bytes
constexpr std::size_t kMostKept = 32U << 20U;  // bytes a thread: a picture of 2,000 pixels a side and its patches
constexpr std::size_t kClasses = 4 * std::numeric_limits<std::size_t>::digits;
constexpr unsigned kQuarters = 2;  // bits: sizes are rounded up to quarters of a power of two

struct Block {
    Block* next;
};

/// The class of a size, and the bytes that its blocks have.
struct SizeClass {
    std::size_t number;
    std::size_t bytes;
};

SizeClass class_of(std::size_t bytes) {
    if (bytes <= kSmallest) return {0, kSmallest};
    const auto power = static_cast<unsigned>(std::bit_width(bytes - 1) - 1);  // 2^power is less than bytes
    const unsigned shift = power - kQuarters;
    const std::size_t quarters = ((bytes - 1) >> shift) + 1;  // 5 to 8 of 2^shift
    return {4 * std::size_t{power} + quarters - 5, quarters << shift};
}

/// Whether this thread's blocks are gone: what outlives them, at the end of a thread, is given to the heap.
thread_local bool closed = false;

struct Kept {
    std::array<Block*, kClasses> first{};
    std::size_t bytes = 0;

    Kept() = default;
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() {
        closed = true;
        for (Block* block : first)
            while (block != nullptr) {
                Block* next = block->next;
                ::operator delete(block);
                block = next;
            }
    }
};

thread_local Kept kept;

constexpr std::size_t kLargest = std::numeric_limits<std::size_t>::max() / 4;  // no rounding up wraps around

}  // namespace

void* take_memory(std::size_t bytes) {
    if (bytes > kLargest) throw std::bad_alloc();
    const SizeClass size = class_of(bytes);
    if (!closed && kept.first[size.number] != nullptr) {
        Block* block = kept.first[size.number];
        kept.first[size.number] = block->next;
        kept.bytes -= size.bytes;
        return block;
    }
    return ::operator new(size.bytes);
}

void give_memory_back(void* memory, std::size_t bytes) noexcept {
    if (memory == nullptr) return;
    const SizeClass size = class_of(bytes);
    if (closed || kept.bytes + size.bytes > kMostKept) {
        ::operator delete(memory);
        return;
    }
    kept.first[size.number] = ::new (memory) Block{kept.first[size.number]};
    kept.bytes += size.bytes;
}

bool memory_is_reused() noexcept { return true; }

#endif

}  // namespace fastqr
