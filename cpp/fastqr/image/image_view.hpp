#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "fastqr/image/luma.hpp"

namespace fastqr {

/// Part of a picture, in whole pixels; clipped to the picture by what takes it.
struct Region {
    int x1 = 0;
    int y1 = 0;
    int x2 = 0;
    int y2 = 0;
};

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
        const int sum = kBlueWeight * p[0] + kGreenWeight * p[channel_stride] + kRedWeight * p[2 * channel_stride];
        return static_cast<std::uint8_t>((sum + (1 << (kWeightBits - 1))) >> kWeightBits);
    }

    /// What of a region lies in the picture; of no height or width where nothing does.
    [[nodiscard]] Region clipped(const Region& region) const {
        const int x1 = std::clamp(region.x1, 0, width);
        const int y1 = std::clamp(region.y1, 0, height);
        return {x1, y1, std::clamp(region.x2, x1, width), std::clamp(region.y2, y1, height)};
    }

    /// The same pixels, of a region that lies in the picture.
    [[nodiscard]] ImageView part(const Region& inside) const {
        ImageView view = *this;
        view.data = pixel(inside.y1, inside.x1);
        view.height = inside.y2 - inside.y1;
        view.width = inside.x2 - inside.x1;
        return view;
    }
};

}  // namespace fastqr
