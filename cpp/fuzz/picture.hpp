#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/image_view.hpp"
#include "fastqr/image/mip_map.hpp"
#include "input.hpp"

namespace fastqr::fuzz {

/// A picture in memory of exactly the extent that its strides reach, so that a byte too far is one too many.
class Picture {
  public:
    /// `least`: pixels a side; 0 where the bindings take empty pictures. The rest of the input are its pixels, each
    /// shown as zoom × zoom, from the start again where they end.
    Picture(Input& input, int least) {
        view_.height = std::max(least, input.between(0, kMostPixels));
        view_.width = std::max(least, std::min(input.between(0, kMostPixels), kMostPixels / std::max(1, view_.height)));
        const std::uint8_t layout = input.byte();
        const std::uint8_t gaps = input.byte();
        const int zoom = 1 + input.byte() % 8;
        view_.channels = layout & 1U ? 3 : 1;

        // Axes from the innermost of memory outwards; each may run backwards, rows or columns may be repeated.
        struct Axis {
            std::ptrdiff_t* stride;
            int length;
            bool backwards;
            int gap;
            bool repeated;
        };
        const Axis row{&view_.row_stride, view_.height, (layout & 2U) != 0, gaps & 7, (gaps & 64U) != 0};
        const Axis column{&view_.column_stride, view_.width, (layout & 4U) != 0, gaps >> 3 & 3, (gaps & 128U) != 0};
        const Axis channel{&view_.channel_stride, view_.channels, (layout & 8U) != 0, gaps >> 5 & 1, false};
        std::array<Axis, 3> axes{channel, column, row};
        if (layout & 16U) axes = {channel, row, column};  // transposed
        if (layout & 32U) axes = {column, row, channel};  // a plane a channel
        std::ptrdiff_t extent = 1;
        std::ptrdiff_t first = 0;
        for (const Axis& axis : axes) {
            *axis.stride = axis.repeated ? 0 : axis.backwards ? -(extent + axis.gap) : extent + axis.gap;
            if (axis.repeated) continue;
            const std::ptrdiff_t reach = (extent + axis.gap) * std::max(0, axis.length - 1);
            if (axis.backwards) first += reach;
            extent += reach;
        }
        memory_.assign(static_cast<std::size_t>(view_.height > 0 && view_.width > 0 ? extent : 0), 0xA5);
        view_.data = memory_.data();
        if (memory_.empty()) return;
        view_.data += first;
        const std::span<const std::uint8_t> pixels = input.rest();
        const int across = (view_.width + zoom - 1) / zoom;
        for (int y = 0; y < view_.height && !pixels.empty(); ++y)
            for (int x = 0; x < view_.width; ++x)
                for (int c = 0; c < view_.channels; ++c) {
                    const auto at = static_cast<std::size_t>((y / zoom * across + x / zoom) * view_.channels + c);
                    const std::ptrdiff_t offset = view_.pixel(y, x) + c * view_.channel_stride - memory_.data();
                    memory_[static_cast<std::size_t>(offset)] = pixels[at % pixels.size()];
                }
    }
    Picture(const Picture&) = delete;
    Picture& operator=(const Picture&) = delete;

    [[nodiscard]] const ImageView& view() const { return view_; }

    /// The same pixels side by side; valid as long as the picture.
    [[nodiscard]] ImageView packed() {
        packed_.clear();
        for (int y = 0; y < view_.height; ++y)
            for (int x = 0; x < view_.width; ++x)
                for (int c = 0; c < view_.channels; ++c) packed_.push_back(view_.pixel(y, x)[c * view_.channel_stride]);
        return {packed_.data(),
                view_.height,
                view_.width,
                view_.channels,
                std::ptrdiff_t{view_.width} * view_.channels,
                view_.channels,
                1};
    }

  private:
    static constexpr int kMostPixels = 1 << 16;
    ImageView view_;
    std::vector<std::uint8_t> memory_;
    std::vector<std::uint8_t> packed_;
};

/// Where a mip map is to be made of a picture: what the bindings' `MipMap` takes.
struct Place {
    Region region;
    int factor = 1;
};

inline Place place_in(Input& input, bool whole) {
    if (whole) return {{0, 0, 1 << 20, 1 << 20}, 1};
    constexpr int farthest = 9999999;
    Place place;
    place.factor = input.toss() ? input.between(1, 8) : std::max(1, input.raw<int>());
    const bool near = input.toss();
    const auto coordinate = [&] { return near ? input.between(-300, 300) : input.between(-farthest, farthest); };
    place.region = {coordinate(), coordinate(), coordinate(), coordinate()};
    return place;
}

/// Whether the bindings make a mip map there, rather than raise.
inline bool taken(const Place& place, const ImageView& view) {
    const Region& r = place.region;
    return !(r.x1 >= view.width || r.y1 >= view.height || r.x2 <= 0 || r.y2 <= 0 || r.x2 <= r.x1 || r.y2 <= r.y1);
}

/// Nine finite numbers: floats, or any doubles.
inline Homography homography_of(Input& input) {
    Homography result;
    const bool doubles = input.toss();
    for (double& v : result.h) {
        v = doubles ? input.raw<double>() : static_cast<double>(input.raw<float>());
        if (!std::isfinite(v)) v = 0;
    }
    return result;
}

inline int symbol_size_of(Input& input) { return 17 + 4 * (1 + input.byte() % 40); }

}  // namespace fastqr::fuzz
