#pragma once

#include <cstddef>
#include <cstdint>

namespace fastqr {

/// A picture that somebody else owns: 8-bit, grey (1 channel) or BGR (3 channels), any strides, in bytes.
struct ImageView {
    const std::uint8_t* data = nullptr;
    int height = 0;
    int width = 0;
    int channels = 1;
    std::ptrdiff_t row_stride = 0;
    std::ptrdiff_t column_stride = 1;
    std::ptrdiff_t channel_stride = 1;

    [[nodiscard]] const std::uint8_t* pixel(int row, int column) const {
        return data + row * row_stride + column * column_stride;
    }

    /// Luma of one pixel by ITU-R BT.601 in 14-bit fixed point, the weights that OpenCV uses for BGR.
    [[nodiscard]] std::uint8_t grey(int row, int column) const {
        const std::uint8_t* p = pixel(row, column);
        if (channels == 1) return *p;
        return static_cast<std::uint8_t>(
            (1868 * p[0] + 9617 * p[channel_stride] + 4899 * p[2 * channel_stride] + 8192) >> 14);
    }
};

}  // namespace fastqr
