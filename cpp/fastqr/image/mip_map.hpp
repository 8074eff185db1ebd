#pragma once

#include <vector>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// A part of a picture in grey, and its halves, quarters and so on: what samples wider than a pixel are taken from, so
/// that a look costs the same at every scale and none aliases (Williams 1983, "Pyramidal parametrics").
class MipMap {
  public:
    /// Reads each pixel of the region once, at the speed of memory; keeps a byte for each of its levels' pixels. Grey
    /// rows that lie one after the other are the first level themselves: the picture is looked at as long as the map
    /// is. `factor`: side of the first level's pixels, 1 or more, where nobody is to look at finer ones.
    MipMap(const ImageView& image, const Region& region, int factor = 1);

    MipMap(MipMap&&) = default;
    MipMap& operator=(MipMap&&) = default;
    MipMap(const MipMap&) = delete;  // a copy would look at the levels of the first
    MipMap& operator=(const MipMap&) = delete;
    ~MipMap() = default;

    /// The level whose pixels are the largest that a step of so many picture pixels does not skip.
    [[nodiscard]] int level_for(float step) const;

    /// Side of a level's pixels, in the picture's.
    [[nodiscard]] float pixel_size(int level) const { return finest_ * static_cast<float>(1 << level); }

    /// Each pixel of a coarser level is the mean of four; sides are rounded up, of odd ones the last is the mean of
    /// what is there.
    [[nodiscard]] const GreyView& level(int level) const { return levels_[static_cast<std::size_t>(level)]; }
    [[nodiscard]] int levels() const { return static_cast<int>(levels_.size()); }

    /// What the map was made of, clipped to the picture.
    [[nodiscard]] const Region& region() const { return region_; }

    /// Bilinear grey value of a level at picture coordinates. Reads 4 bytes. Beyond the region, where a code that was
    /// cropped tight has lost its quiet zone, it is the region's mean: repeating the border would draw out its modules.
    [[nodiscard]] float sample(int level, float x, float y) const;

    /// The same region with the light taken out by windows of a share of its longer side; finest at some 900 pixels.
    [[nodiscard]] MipMap with_light_levelled(double share) const;

    /// The same of a part of it, from the level that shows the part at some 900 pixels.
    [[nodiscard]] MipMap with_light_levelled(double share, const Region& part) const;

    [[nodiscard]] bool empty() const { return levels_.empty(); }

    /// Whether the first level is the picture that the map was made of.
    [[nodiscard]] bool looks_at_picture() const { return own_.size() < levels_.size(); }

  private:
    MipMap() = default;
    void add(GreyImage&& level);
    void add_halves();

    Region region_;
    float finest_ = 1;  // side of the first level's pixels, in the picture's
    float outside_ = 0;
    std::vector<GreyImage> own_;    // those levels that are not the picture itself
    std::vector<GreyView> levels_;  // all of them
};

}  // namespace fastqr
