#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/image/image_view.hpp"
#include "fastqr/image/sampling.hpp"

namespace fastqr {

/// A grey picture that owns its pixels.
struct GreyImage {
    int height = 0;
    int width = 0;
    std::vector<std::uint8_t> pixels;

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

}  // namespace fastqr
