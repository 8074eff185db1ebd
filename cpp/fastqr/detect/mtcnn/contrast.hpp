#pragma once

#include <cstdint>
#include <vector>

#include "fastqr/image/grey_image.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// Where a level shows grey values that change along its rows and along its columns, as every code does, and as an even
/// ground, a shadow's slope, a ruled line or a row of blinds does not.
class Contrast {
  public:
    /// Reads each pixel of the level nine times from the cache and writes 1 / 2 byte for it.
    explicit Contrast(const GreyView& level);

    /// Whether some 8 × 8 pixels of a region do.
    [[nodiscard]] bool shown_in(const Region& region) const;

    /// The least region that holds all 8 × 8 pixels that do; of no height or width where none do.
    [[nodiscard]] Region shown() const;

  private:
    [[nodiscard]] bool shown_at(int row, int column) const;

    int rows_ = 0;  // of cells of 4 × 4 pixels
    int columns_ = 0;
    std::vector<std::uint16_t> along_rows_;  // sums of a cell's absolute second differences
    std::vector<std::uint16_t> along_columns_;
};

}  // namespace fastqr
