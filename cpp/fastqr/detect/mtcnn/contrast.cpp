#include "fastqr/detect/mtcnn/contrast.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace fastqr {
namespace {

constexpr int kCell = 4;   // pixels; 2 × 2 cells are compared, of which a code of 12 pixels holds some wherever it lies
constexpr int kApart = 2;  // pixels between those whose second difference is taken: a slope of light has none

// Sum over 8 × 8 pixels. Of symbols of versions 1 to 40 that a window of P-Net shows, printed with a contrast of 4 grey
// values, turned, blurred by 0.7 pixel and rounded to whole grey values, the least had 28 in the better of its places;
// white noise has as much from a deviation of 0.25 grey values.
constexpr int kLeast = 24;

int second_difference(int before, int here, int after) { return std::abs(before - 2 * here + after); }

}  // namespace

Contrast::Contrast(const GreyView& level)
    : rows_(level.height / kCell),
      columns_(level.width / kCell),
      along_rows_(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_)),
      along_columns_(along_rows_.size()) {
    const auto width = static_cast<std::size_t>(columns_ * kCell);
    std::vector<std::uint16_t> across(width);
    std::vector<std::uint16_t> down(width);
    const auto row_at = [&](int y) { return level.pixels.data() + static_cast<std::ptrdiff_t>(y) * level.width; };
    for (int cell = 0; cell < rows_; ++cell) {
        std::fill(across.begin(), across.end(), std::uint16_t{0});
        std::fill(down.begin(), down.end(), std::uint16_t{0});
        for (int y = cell * kCell; y < (cell + 1) * kCell; ++y) {
            const std::uint8_t* here = row_at(y);
            for (std::size_t x = kApart; x + kApart < width; ++x)
                across[x] = static_cast<std::uint16_t>(across[x] +
                                                       second_difference(here[x - kApart], here[x], here[x + kApart]));
            if (y < kApart || y + kApart >= level.height) continue;
            const std::uint8_t* above = row_at(y - kApart);
            const std::uint8_t* below = row_at(y + kApart);
            for (std::size_t x = 0; x < width; ++x)
                down[x] = static_cast<std::uint16_t>(down[x] + second_difference(above[x], here[x], below[x]));
        }
        const std::size_t first = static_cast<std::size_t>(cell) * static_cast<std::size_t>(columns_);
        for (std::size_t x = 0; x < width; ++x) {
            const std::size_t at = first + x / kCell;
            along_rows_[at] = static_cast<std::uint16_t>(along_rows_[at] + across[x]);
            along_columns_[at] = static_cast<std::uint16_t>(along_columns_[at] + down[x]);
        }
    }
}

bool Contrast::shown_at(int row, int column) const {
    const auto sum = [&](const std::vector<std::uint16_t>& cells) {
        const std::uint16_t* a = cells.data() + static_cast<std::ptrdiff_t>(row) * columns_ + column;
        const std::uint16_t* b = a + columns_;
        return a[0] + a[1] + b[0] + b[1];
    };
    return sum(along_rows_) >= kLeast && sum(along_columns_) >= kLeast;
}

bool Contrast::shown_in(const Region& region) const {
    const int top = std::max(0, region.y1 / kCell);
    const int left = std::max(0, region.x1 / kCell);
    const int bottom = std::min(rows_, region.y2 / kCell) - 1;
    const int right = std::min(columns_, region.x2 / kCell) - 1;
    for (int row = top; row < bottom; ++row)
        for (int column = left; column < right; ++column)
            if (shown_at(row, column)) return true;
    return false;
}

Region Contrast::shown() const {
    Region found{columns_, rows_, 0, 0};
    for (int row = 0; row + 1 < rows_; ++row) {
        int left = 0;
        int right = columns_ - 1;
        while (left < right && !shown_at(row, left)) ++left;
        if (left == right) continue;
        while (!shown_at(row, right - 1)) --right;
        found = {std::min(found.x1, left), std::min(found.y1, row), std::max(found.x2, right + 1), row + 2};
    }
    if (found.y2 == 0) return {};
    return {found.x1 * kCell, found.y1 * kCell, found.x2 * kCell, found.y2 * kCell};
}

}  // namespace fastqr
