#pragma once

#include <cstddef>
#include <vector>

namespace fastqr {

/// Memory that a thread has used and uses again: after some frames nothing is asked of the heap any more. Under the
/// address sanitizer it is the heap's own, so that no use of what was given back is hidden.
[[nodiscard]] void* take_memory(std::size_t bytes);
void give_memory_back(void* memory, std::size_t bytes) noexcept;
[[nodiscard]] bool memory_is_reused() noexcept;

/// An allocator of such memory. Any thread may give back what another one took.
template <typename T>
struct Reused {
    using value_type = T;

    Reused() = default;
    template <typename Other>
    Reused(const Reused<Other>& /*other*/) noexcept {}  // NOLINT(google-explicit-constructor): allocators convert

    [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(take_memory(n * sizeof(T))); }
    void deallocate(T* memory, std::size_t n) noexcept { give_memory_back(memory, n * sizeof(T)); }

    template <typename Other>
    bool operator==(const Reused<Other>& /*other*/) const noexcept {
        return true;
    }
};

/// What every stage works with, and gives to the next.
template <typename T>
using Vector = std::vector<T, Reused<T>>;

}  // namespace fastqr
