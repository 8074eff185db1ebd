#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

/// Pixels as the networks take them: normalised, and in a dark picture lifted by one gamma to middle greys.
class NetworkGreys {
  public:
    explicit NetworkGreys(const MipMap& view);

    /// Writes a region of a level, `stride` values a row; nothing where the level has no pixels.
    void write(const GreyImage& level, const Region& region, std::ptrdiff_t stride, float* out) const;

    /// Writes the patch of a box in the picture's pixels, from the coarsest level of the view that shows it at `size`
    /// pixels or more; black outside.
    void write_patch(const MipMap& view, const Box& box, int size, float* out) const;

  private:
    bool lifts_ = false;
    std::array<float, 256> values_{};
};

/// P-Net's level whose pixels are squares of side `pixel` of the picture's, counted from the corner of the view's
/// region: the view's own where it has them, else the area means of its next finer ones. What the last pixels cover
/// beyond the region repeats its border.
class CascadeLevel {
  public:
    CascadeLevel(const MipMap& view, double pixel);

    [[nodiscard]] const GreyImage& image(const MipMap& view) const { return own_ ? *own_ : view.level(level_); }
    [[nodiscard]] double pixel() const { return pixel_; }

  private:
    double pixel_;
    int level_;
    std::optional<GreyImage> own_;
};

}  // namespace fastqr
