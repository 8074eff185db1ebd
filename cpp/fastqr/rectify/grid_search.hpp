#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "fastqr/geometry/homography.hpp"

namespace fastqr {

/// Where a pattern agrees best with the picture near its expected place, and how well.
struct GridMatch {
    Point steps;  ///< from the expected place, between steps by a parabola
    double agreement = 0;
};

/// The place within `count` steps of the expected one where `agreement(row, column)` is best, less what the distance
/// must be worth: `leash` a step. Every second step first, then the best one's neighbours; looks a step beyond.
template <typename Agreement>
[[nodiscard]] GridMatch best_on_grid(int count, double leash, const Agreement& agreement) {
    double best = -2;
    int row = 0;
    int column = 0;
    const auto look = [&](int i, int j) {
        const double value = agreement(i, j) - leash * std::hypot(i, j);
        if (value <= best) return;
        best = value;
        row = i;
        column = j;
    };
    for (int i = -count; i <= count; i += 2)
        for (int j = -count; j <= count; j += 2) look(i, j);
    const int coarse_row = row;
    const int coarse_column = column;
    for (int i = -1; i <= 1; ++i)
        for (int j = -1; j <= 1; ++j)
            if (i != 0 || j != 0) look(coarse_row + i, coarse_column + j);
    // Top of the parabola through three equally spaced values, as an offset from the middle one.
    const auto top = [](double before, double at, double after) {
        const double bend = before - 2 * at + after;
        return bend < -1e-9 ? std::clamp(0.5 * (before - after) / bend, -0.5, 0.5) : 0.0;
    };
    const double middle = agreement(row, column);
    const double y = row + top(agreement(row - 1, column), middle, agreement(row + 1, column));
    const double x = column + top(agreement(row, column - 1), middle, agreement(row, column + 1));
    return {{x, y}, middle};
}

}  // namespace fastqr
