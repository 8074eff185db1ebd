#pragma once

#include <cstddef>
#include <vector>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// The light of a level about each of its pixels, as P-Net takes it: mean and deviation of some 28 × 28 pixels, which
/// is what a window sees and half as much about it.
class LocalLight {
  public:
    /// Reads each pixel of the level once and writes 1 / 2 byte for it.
    explicit LocalLight(const GreyView& level);

    /// Writes a region of the level in this light, `stride` values a row; nothing where the level has no pixels.
    void write(const GreyView& level, const Region& region, std::ptrdiff_t stride, float* out) const;

  private:
    int columns_ = 0;  // of cells of 4 × 4 pixels, with one more before the first and one after the last
    std::vector<float> mean_;
    std::vector<float> gain_;
};

}  // namespace fastqr
