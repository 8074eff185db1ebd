#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/image_view.hpp"

namespace fastqr {

/// Finder patterns by place and size: a grid for each octave of sizes, its cells as wide as a few patterns. Asking
/// costs by what lies near, not by what there is.
class FinderIndex {
  public:
    explicit FinderIndex(const Region& region) : region_(region) {}

    void insert(std::size_t id, Point centre, double side);

    /// Calls `visit` with the number of every pattern within a square of `reach` pixels about a place whose side lies
    /// in the octaves of `least` to `most`; and perhaps of some beyond.
    template <typename Visit>
    void near(Point at, double reach, double least, double most, Visit visit) const {
        const int last = std::min(octave_of(most), static_cast<int>(octaves_.size()) - 1);
        for (int o = octave_of(least); o <= last; ++o) {
            const Octave& octave = octaves_[static_cast<std::size_t>(o)];
            if (octave.first.empty()) continue;
            const int left = octave.column_of(at.x - reach - region_.x1);
            const int right = octave.column_of(at.x + reach - region_.x1);
            const int bottom = octave.row_of(at.y + reach - region_.y1);
            for (int row = octave.row_of(at.y - reach - region_.y1); row <= bottom; ++row)
                for (int column = left; column <= right; ++column)
                    for (int id = octave.first[octave.cell_of(row, column)]; id != kNone;
                         id = next_[static_cast<std::size_t>(id)])
                        visit(static_cast<std::size_t>(id));
        }
    }

  private:
    static constexpr int kNone = -1;

    struct Octave {
        double cell = 1;  // pixels
        int rows = 0;
        int columns = 0;
        std::vector<int> first;  // of each cell; the others are chained

        [[nodiscard]] int column_of(double x) const { return index(x, columns); }
        [[nodiscard]] int row_of(double y) const { return index(y, rows); }
        [[nodiscard]] std::size_t cell_of(int row, int column) const {
            return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
        }
        [[nodiscard]] int index(double at, int count) const {
            const double cells = at / cell;
            return cells > 0 ? static_cast<int>(std::min(cells, static_cast<double>(count - 1))) : 0;
        }
    };

    static int octave_of(double side);

    Region region_;
    std::vector<Octave> octaves_;
    std::vector<int> next_;  // in the same cell, by number
};

}  // namespace fastqr
