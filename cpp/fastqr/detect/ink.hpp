#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fastqr/detect/settings.hpp"
#include "fastqr/image/grey_image.hpp"

namespace fastqr {

/// Which pixels of a grey picture are ink: those darker than the mean of the window about their block of 8 × 8 pixels.
/// A pixel is judged when somebody asks.
class Ink {
  public:
    static constexpr int kBlockBits = 3;
    static constexpr int kBlock = 1 << kBlockBits;  ///< pixels along a side of a block

    /// `means`: of the blocks, a pixel each; those at the right and at the bottom may be smaller.
    /// `reach`: blocks of the window to either side.
    /// `contrast`: grey levels below the mean from which a pixel is ink.
    Ink(const GreyView& image, const GreyView& means, int reach, int contrast = FinderSettings{}.contrast);

    [[nodiscard]] int height() const { return image_.height; }
    [[nodiscard]] int width() const { return image_.width; }

    /// The grey value that no ink reaches at a pixel.
    [[nodiscard]] std::uint8_t limit(int row, int column) const {
        return limits_[static_cast<std::size_t>(row >> kBlockBits) * static_cast<std::size_t>(columns_) +
                       static_cast<std::size_t>(column >> kBlockBits)];
    }

    [[nodiscard]] bool at(int row, int column) const {
        return image_.pixels[static_cast<std::size_t>(row) * static_cast<std::size_t>(image_.width) +
                             static_cast<std::size_t>(column)] < limit(row, column);
    }

    /// Length of the run of a colour along a column from a row on, up or down, one more than `longest` at most; `row`
    /// becomes the first beyond it.
    [[nodiscard]] int run(int& row, int column, int step, bool colour, int longest) const {
        const std::ptrdiff_t stride = step * std::ptrdiff_t{image_.width};
        const std::uint8_t* limits = limits_.data() + (column >> kBlockBits);
        const std::uint8_t* pixel = image_.pixels.data() + row * std::ptrdiff_t{image_.width} + column;
        const int rows = std::min(longest + 1, step > 0 ? image_.height - row : row + 1);
        int length = 0;
        while (length < rows && (*pixel < limits[(row >> kBlockBits) * std::ptrdiff_t{columns_}]) == colour) {
            ++length;
            row += step;
            pixel += stride;
        }
        return length;
    }

    /// The runs of a row.
    struct Row {
        bool begins_with_ink = false;
        std::span<const int> changes;  ///< columns at which it changes, from 0 to the width
    };

    /// The runs of a row, which last until the next row is asked for. 1 byte read a pixel.
    [[nodiscard]] Row row(int row);

  private:
    GreyView image_;
    int columns_ = 0;                   // of blocks
    std::vector<std::uint8_t> limits_;  // of each block: pixels below it are ink; padded to a whole word's blocks
    std::vector<int> changes_;          // of the row that was asked for last
};

}  // namespace fastqr
