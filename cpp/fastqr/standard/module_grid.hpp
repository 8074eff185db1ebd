#pragma once

#include <cstddef>
#include <vector>

namespace fastqr {

struct ModulePosition {
    int row = 0;
    int column = 0;
};

/// Log-odds of being dark (natural logarithm) of every module of a symbol, row by row; 0 where nothing is known.
struct LogOddsGrid {
    int size = 0;
    std::vector<float> values;

    float at(ModulePosition m) const {
        return values[static_cast<std::size_t>(m.row) * static_cast<std::size_t>(size) +
                      static_cast<std::size_t>(m.column)];
    }
};

}  // namespace fastqr
