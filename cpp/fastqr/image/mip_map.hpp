#pragma once

#include <vector>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// A part of a picture in grey, and its halves, quarters and so on: what samples wider than a pixel are taken from, so
/// that a look costs the same at every scale and none aliases (Williams 1983, "Pyramidal parametrics").
class MipMap {
  public:
    /// Reads each pixel of the region once, at the speed of memory; keeps 4 / 3 byte for each of the first level's.
    /// `factor`: side of the first level's pixels, 1 or more, where nobody is to look at finer ones.
    MipMap(const ImageView& image, const Region& region, int factor = 1);

    /// The level whose pixels are the largest that a step of so many picture pixels does not skip.
    [[nodiscard]] int level_for(float step) const;

    /// Side of a level's pixels, in the picture's.
    [[nodiscard]] float pixel_size(int level) const { return finest_ * static_cast<float>(1 << level); }

    /// Each pixel of a coarser level is the mean of four; sides are rounded up, of odd ones the last is the mean of
    /// what is there.
    [[nodiscard]] const GreyImage& level(int level) const { return levels_[static_cast<std::size_t>(level)]; }
    [[nodiscard]] int levels() const { return static_cast<int>(levels_.size()); }

    /// What the map was made of, clipped to the picture.
    [[nodiscard]] const Region& region() const { return region_; }

    /// Bilinear grey value of a level at picture coordinates. Reads 4 bytes. Beyond the region, where a code that was
    /// cropped tight has lost its quiet zone, it is the region's mean: repeating the border would draw out its modules.
    [[nodiscard]] float sample(int level, float x, float y) const;

    /// Whether looks at a place and between such places need no care for the border.
    [[nodiscard]] bool inside(int level, float x, float y) const {
        const GreyImage& image = levels_[static_cast<std::size_t>(level)];
        const float scale = 1.0F / pixel_size(level);
        const float u = (x - static_cast<float>(region_.x1)) * scale - 0.5F;
        const float v = (y - static_cast<float>(region_.y1)) * scale - 0.5F;
        return u >= 0 && v >= 0 && u < static_cast<float>(image.width - 1) && v < static_cast<float>(image.height - 1);
    }

    /// `sample` at a place that is `inside`.
    [[nodiscard]] float sample_inside(int level, float x, float y) const {
        const GreyImage& image = levels_[static_cast<std::size_t>(level)];
        const float scale = 1.0F / pixel_size(level);
        const float u = (x - static_cast<float>(region_.x1)) * scale - 0.5F;
        const float v = (y - static_cast<float>(region_.y1)) * scale - 0.5F;
        const int column = static_cast<int>(u);
        const int row = static_cast<int>(v);
        const float fx = u - static_cast<float>(column);
        const float fy = v - static_cast<float>(row);
        const std::uint8_t* a = image.pixels.data() + static_cast<std::ptrdiff_t>(row) * image.width + column;
        const std::uint8_t* b = a + image.width;
        const float top = static_cast<float>(a[0]) + static_cast<float>(a[1] - a[0]) * fx;
        const float bottom = static_cast<float>(b[0]) + static_cast<float>(b[1] - b[0]) * fx;
        return top + (bottom - top) * fy;
    }

    /// The same region with the light taken out by windows of a share of its longer side; finest at some 900 pixels.
    [[nodiscard]] MipMap with_light_levelled(double share) const;

    [[nodiscard]] bool empty() const { return levels_.empty(); }

  private:
    MipMap() = default;
    void add_halves();

    Region region_;
    float finest_ = 1;  // side of the first level's pixels, in the picture's
    float outside_ = 0;
    std::vector<GreyImage> levels_;
};

}  // namespace fastqr
