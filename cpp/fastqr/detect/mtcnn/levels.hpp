#pragma once

#include <optional>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

/// P-Net's level whose pixels are squares of side `pixel` of the picture's, counted from the corner of the view's
/// region: the view's own where it has them, else the area means of its next finer ones. What the last pixels cover
/// beyond the region repeats its border.
class CascadeLevel {
  public:
    CascadeLevel(const MipMap& view, double pixel);

    [[nodiscard]] GreyView image(const MipMap& view) const { return own_ ? GreyView(*own_) : view.level(level_); }
    [[nodiscard]] double pixel() const { return pixel_; }

  private:
    double pixel_;
    int level_;
    std::optional<GreyImage> own_;
};

}  // namespace fastqr
