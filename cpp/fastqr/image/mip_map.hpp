#pragma once

#include <cstdint>
#include <vector>

#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// Part of a picture, in whole pixels; clipped to the picture by what takes it.
struct Region {
    int x1 = 0;
    int y1 = 0;
    int x2 = 0;
    int y2 = 0;
};

/// A part of a picture in grey, and its halves, quarters and so on: what samples wider than a pixel are taken from, so
/// that a look costs the same at every scale and none aliases (Williams 1983, "Pyramidal parametrics").
class MipMap {
  public:
    /// Reads each pixel of the region once; keeps 4 / 3 byte for each.
    MipMap(const ImageView& image, const Region& region);

    /// The level whose pixels are the largest that a step of so many picture pixels does not skip.
    [[nodiscard]] int level_for(float step) const;

    /// Side of a level's pixels, in the picture's.
    [[nodiscard]] float pixel_size(int level) const { return static_cast<float>(1 << (finest_ + level)); }

    /// Bilinear grey value of a level at picture coordinates. Reads 4 bytes. Beyond the region, where a code that was
    /// cropped tight has lost its quiet zone, it is the region's mean: repeating the border would draw out its modules.
    [[nodiscard]] float sample(int level, float x, float y) const;

    /// The same region with the light taken out by windows of a share of its longer side; finest at some 900 pixels.
    [[nodiscard]] MipMap with_light_levelled(double share) const;

    [[nodiscard]] bool empty() const { return levels_.empty(); }
    [[nodiscard]] int levels() const { return static_cast<int>(levels_.size()); }
    [[nodiscard]] const GreyImage& level(int level) const { return levels_[static_cast<std::size_t>(level)]; }
    /// Where the region begins in the picture.
    [[nodiscard]] float left() const { return left_; }
    [[nodiscard]] float top() const { return top_; }

  private:
    MipMap() = default;
    void add_halves();

    int finest_ = 0;  // halvings of the picture's pixels that the first level has undergone
    float left_ = 0;
    float top_ = 0;
    float outside_ = 0;
    std::vector<GreyImage> levels_;
};

}  // namespace fastqr
