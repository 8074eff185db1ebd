#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fastqr/detect/settings.hpp"
#include "fastqr/image/grey_image.hpp"
#include "fastqr/vectors.hpp"

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
    Ink(const GreyView& image, const GreyView& means, int reach, int contrast = FinderSettings{}.contrast,
        Vectors widest = Vectors::kAvx512);

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

    /// Which pixels of a column are ink in the rows of a block, one bit each, the first the lowest.
    [[nodiscard]] unsigned block(int number, int column) const;

    /// The runs of a row.
    struct Row {
        bool begins_with_ink = false;
        std::span<const int> changes;  ///< columns at which it changes, from 0 to the width
    };

    /// The runs of a row, which last until the next row is asked for. 1 byte read a pixel; by vectors where the
    /// processor has AVX2 or AVX-512, with the same results as one at a time.
    [[nodiscard]] Row row(int row, Vectors widest = Vectors::kAvx512);

  private:
    GreyView image_;
    int columns_ = 0;                   // of blocks
    std::vector<std::uint8_t> limits_;  // of each block: pixels below it are ink; padded to a whole word's blocks
    std::vector<int> changes_;          // of the row that was asked for last
};

/// The runs of a column up and down from a row. A block's rows are judged at once, when a run comes to them.
class ColumnRuns {
  public:
    ColumnRuns(const Ink& ink, int row, int column) : ink_(ink), column_(column) {
        const int block = row >> Ink::kBlockBits;
        const unsigned rows = ink.block(block, column);
        const int above = row - (block << Ink::kBlockBits) + 1;  // rows of the block
        up_ = {rows << (kWord - above), above, block - 1};
        down_ = {rows >> above, std::min(Ink::kBlock - above, ink.height() - row - 1), block + 1};
    }

    /// Length of the next run up, of a colour, from the row itself. One longer than `longest` may be cut, and nothing
    /// comes after it.
    int up(bool ink, int longest) {
        int length = 0;
        while (true) {
            const int run = std::min(std::countl_zero(ink ? ~up_.ink : up_.ink), up_.left);
            length += run;
            up_.left -= run;
            up_.ink <<= run;
            if (up_.left > 0 || length > longest || up_.next < 0) return length;
            up_ = {ink_.block(up_.next, column_) << (kWord - Ink::kBlock), Ink::kBlock, up_.next - 1};
        }
    }

    /// The same down, from the row below.
    int down(bool ink, int longest) {
        int length = 0;
        while (true) {
            const int run = std::min(std::countr_zero(ink ? ~down_.ink : down_.ink), down_.left);
            length += run;
            down_.left -= run;
            down_.ink >>= run;
            const int rest = ink_.height() - (down_.next << Ink::kBlockBits);
            if (down_.left > 0 || length > longest || rest <= 0) return length;
            down_ = {ink_.block(down_.next, column_), std::min(rest, Ink::kBlock), down_.next + 1};
        }
    }

  private:
    static constexpr int kWord = 32;

    /// Rows that no run has taken.
    struct Rows {
        unsigned ink = 0;  // one bit each, the next one at the end from which runs are counted
        int left = 0;
        int next = 0;  // block
    };

    const Ink& ink_;
    int column_;
    Rows up_;
    Rows down_;
};

}  // namespace fastqr
