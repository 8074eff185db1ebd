#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "fastqr/image/image_view.hpp"
#include "fastqr/image/sampling.hpp"

namespace fastqr {

/// Leaves new values as they are in memory: of a picture all are written at once, and zeros would be written in vain.
template <typename Value>
struct Unset : std::allocator<Value> {
    template <typename Other>
    struct rebind {
        using other = Unset<Other>;
    };

    template <typename Other>
    void construct(Other* at) noexcept {
        ::new (static_cast<void*>(at)) Other;
    }
    template <typename Other, typename... Arguments>
    void construct(Other* at, Arguments&&... arguments) {
        ::new (static_cast<void*>(at)) Other(std::forward<Arguments>(arguments)...);
    }
};

using Pixels = std::vector<std::uint8_t, Unset<std::uint8_t>>;

/// A grey picture, row after row, whose pixels somebody else owns.
struct GreyView {
    int height = 0;
    int width = 0;
    std::span<const std::uint8_t> pixels;

    [[nodiscard]] ImageView view() const { return {pixels.data(), height, width, 1, width, 1, 1}; }
    [[nodiscard]] Plane<std::uint8_t> plane() const { return {pixels.data(), height, width}; }

    /// Of a picture that has pixels. Sums in 32 bits, which vectorises, and carries over every 2 ** 16 pixels.
    [[nodiscard]] double mean() const {
        std::uint64_t sum = 0;
        for (std::size_t first = 0; first < pixels.size(); first += 1U << 16U) {
            const std::size_t last = pixels.size() < first + (1U << 16U) ? pixels.size() : first + (1U << 16U);
            std::uint32_t part = 0;
            for (std::size_t i = first; i < last; ++i) part += pixels[i];
            sum += part;
        }
        return static_cast<double>(sum) / static_cast<double>(pixels.size());
    }
};

/// A grey picture that owns its pixels.
struct GreyImage {
    int height = 0;
    int width = 0;
    Pixels pixels;

    operator GreyView() const { return {height, width, pixels}; }
    [[nodiscard]] ImageView view() const { return GreyView(*this).view(); }
};

}  // namespace fastqr
