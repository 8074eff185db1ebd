#include "fastqr/standard/codeword_placement.hpp"

#include <vector>

#include "fastqr/standard/function_patterns.hpp"

namespace fastqr {
namespace {

/// A codeword of Model 1: its modules from the lower right one to the left, row after row upwards.
void place_rectangle(int bottom, int right, int height, int width, std::vector<ModulePosition>& order) {
    for (int up = 0; up < height; ++up)
        for (int left = 0; left < width; ++left) order.push_back({bottom - up, right - left});
}

/// Model 1 (ISO/IEC 18004:2000, M.7): upright rectangles in two strips at the right edge, flat ones in columns, upright
/// ones in four strips at the left edge, all of them from below upwards. Function patterns take whole rectangles.
std::vector<ModulePosition> placement_of_rectangles(int size) {
    const auto region = encoding_region(size, Model::one);
    std::vector<ModulePosition> order;
    order.reserve(region.size());
    const auto place = [&](int bottom, int right, int height, int width) {
        const auto upper_left = static_cast<std::size_t>(bottom - height + 1) * static_cast<std::size_t>(size) +
                                static_cast<std::size_t>(right - width + 1);
        if (region[upper_left]) place_rectangle(bottom, right, height, width, order);
    };
    constexpr int below_finders = 9;  // the first row or column beyond those of the format information
    constexpr int timing_line = 6;
    const int last = size - 1;
    for (const int right : {last, last - 2})
        for (int bottom = last; bottom >= below_finders; bottom -= 4) place(bottom, right, 4, 2);
    for (int right = last - 4; right >= below_finders; right -= 4) {
        int bottom = last;
        for (; bottom > timing_line; bottom -= 2) place(bottom, right, 2, 4);
        for (bottom = timing_line - 1; bottom > 0; bottom -= 2) place(bottom, right, 2, 4);
    }
    for (const int right : {8, 5, 3, 1})
        for (int bottom = last - 8; bottom >= below_finders; bottom -= 4) place(bottom, right, 4, 2);
    return order;
}

}  // namespace

std::vector<ModulePosition> codeword_placement(int size, Model model) {
    if (model == Model::one) return placement_of_rectangles(size);
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
