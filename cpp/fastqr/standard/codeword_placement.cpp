#include "fastqr/standard/codeword_placement.hpp"

#include <vector>

#include "fastqr/standard/function_patterns.hpp"

namespace fastqr {

std::vector<ModulePosition> codeword_placement(int size) {
    const auto region = encoding_region(size);
    std::vector<ModulePosition> order;
    order.reserve(region.size());
    bool upwards = true;
    for (int right = size - 1; right > 0; right -= 2) {
        if (right == 6) --right;  // the vertical timing pattern takes a whole column
        for (int i = 0; i < size; ++i) {
            const int row = upwards ? size - 1 - i : i;
            for (const int column : {right, right - 1})
                if (region[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) +
                           static_cast<std::size_t>(column)])
                    order.push_back({row, column});
        }
        upwards = !upwards;
    }
    return order;
}

}  // namespace fastqr
