#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// The tones of a level and their light about each of its pixels, as P-Net takes them: mean and deviation of some
/// 28 × 28 pixels, which is what a window sees and half as much about it.
class LocalLight {
  public:
    using Tones = std::vector<std::int16_t, Unset<std::int16_t>>;

    /// Reads each pixel of the level twice and writes 2 1/2 bytes for it.
    explicit LocalLight(const GreyView& level);

    /// Writes a region of the level in this light, `stride` values a row; nothing where the level has no pixels.
    void write(const Region& region, std::ptrdiff_t stride, float* out) const;

  private:
    int height_;
    int width_;
    Tones tones_;  // of the level
    int columns_;  // of cells of 4 × 4 pixels, with one more before the first and one after the last
    std::vector<float> mean_;
    std::vector<float> gain_;
};

}  // namespace fastqr
