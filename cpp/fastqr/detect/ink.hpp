#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/image/grey_image.hpp"

namespace fastqr {

/// Which pixels of a grey picture are ink: those darker than the mean of the window about their block of 8 × 8 pixels.
/// The means are taken at once, 1 byte read a pixel; a pixel is judged when somebody asks.
class Ink {
  public:
    /// `reach`: blocks of the window to either side.
    Ink(const GreyImage& image, int reach);

    [[nodiscard]] int height() const { return image_.height; }
    [[nodiscard]] int width() const { return image_.width; }

    [[nodiscard]] bool at(int row, int column) const {
        return image_.pixels[static_cast<std::size_t>(row) * static_cast<std::size_t>(image_.width) +
                             static_cast<std::size_t>(column)] <
               limits_[static_cast<std::size_t>(row >> kBlockBits) * static_cast<std::size_t>(columns_) +
                       static_cast<std::size_t>(column >> kBlockBits)];
    }

    /// Columns at which a row changes from ink to paper or back, from 0 to the width. Returns whether it begins with
    /// ink. 1 byte read a pixel.
    bool changes_of(int row, std::vector<int>& changes);

  private:
    static constexpr int kBlockBits = 3;

    const GreyImage& image_;
    int columns_ = 0;                   // of blocks
    std::vector<std::uint8_t> limits_;  // of each block: pixels below it are ink
    int spread_row_ = -1;               // row of blocks whose limits are spread over the pixels of a row
    std::vector<std::uint8_t> spread_;  // a limit for each pixel of a row, padded to whole words
    std::vector<std::uint8_t> flags_;   // of a row's last pixels, padded
};

}  // namespace fastqr
