#include "fastqr/standard/function_patterns.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "fastqr/standard/extension_patterns.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr int finder_side = 7;
constexpr int timing_line = 6;  // row and column of the timing patterns (5.3.5)

}  // namespace

std::vector<int> alignment_centres(int size) {
    const auto version = version_of_size(size);
    if (!version || *version == 1) return {};
    // Annex E tabulates these; they are 6, and from size - 7 backwards in equal even steps. Version 32 alone departs
    // from the rounding rule that yields the other 38 rows (checked against the table in the tests).
    const int count = *version / 7 + 2;
    const int intervals = count - 1;
    const int step = *version == 32 ? 26 : (*version * 4 + count * 2 + 1) / (2 * intervals) * 2;
    std::vector<int> centres(static_cast<std::size_t>(count), timing_line);
    for (int i = 0; i < intervals; ++i)
        centres[static_cast<std::size_t>(count - 1 - i)] = size - finder_side - i * step;
    return centres;
}

std::vector<std::int8_t> function_patterns(int size, Model model) {
    const auto version = version_of_size(size);
    if (!version || !exists(model, *version)) return {};
    std::vector<std::int8_t> modules(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0);
    const auto set = [&](int row, int column, bool dark) {
        modules[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) + static_cast<std::size_t>(column)] =
            dark ? 1 : -1;
    };

    for (int i = 0; i < size; ++i) {
        set(timing_line, i, i % 2 == 0);
        set(i, timing_line, i % 2 == 0);
    }
    // Finder pattern with its separator: rings of Chebyshev radius 0, 1, 3 are dark, 2 and 4 light.
    const auto finder = [&](int centre_row, int centre_column) {
        for (int dy = -4; dy <= 4; ++dy)
            for (int dx = -4; dx <= 4; ++dx) {
                const int row = centre_row + dy;
                const int column = centre_column + dx;
                if (row < 0 || column < 0 || row >= size || column >= size) continue;
                const int radius = std::max(std::abs(dy), std::abs(dx));
                set(row, column, radius != 2 && radius != 4);
            }
    };
    finder(3, 3);
    finder(3, size - 4);
    finder(size - 4, 3);

    set(size - 8, 8, true);  // the dark module (7.9.1)
    if (model == Model::one) {
        for (int begin = last_extension(size); begin > before_extensions; begin -= extension_period)
            for (int along = begin; along < begin + extension_length; ++along)
                for (const bool outside : {false, true}) {
                    set(along, outside ? size - 1 : size - 2, outside);
                    set(outside ? size - 1 : size - 2, along, outside);
                }
        for (int row = size - extension_corner; row < size; ++row)
            for (int column = size - extension_corner; column < size; ++column)
                set(row, column, row == size - 1 && column == size - 1);
        return modules;
    }

    const auto centres = alignment_centres(size);
    for (const int row : centres)
        for (const int column : centres) {
            const bool on_finder = (row == timing_line && column == timing_line) ||
                                   (row == timing_line && column == size - finder_side) ||
                                   (row == size - finder_side && column == timing_line);
            if (on_finder) continue;
            for (int dy = -2; dy <= 2; ++dy)
                for (int dx = -2; dx <= 2; ++dx) set(row + dy, column + dx, std::max(std::abs(dy), std::abs(dx)) != 1);
        }
    return modules;
}

std::vector<std::uint8_t> encoding_region(int size, Model model) {
    const auto patterns = function_patterns(size, model);
    std::vector<std::uint8_t> region(patterns.size());
    std::transform(patterns.begin(), patterns.end(), region.begin(), [](std::int8_t p) { return p == 0 ? 1 : 0; });
    if (region.empty()) return region;
    const auto clear = [&](int row, int column) {
        region[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) + static_cast<std::size_t>(column)] = 0;
    };
    for (int i = 0; i < 9; ++i) {  // format information (7.9.1)
        clear(8, i);
        clear(i, 8);
    }
    for (int i = 1; i <= 8; ++i) {
        clear(8, size - i);
        clear(size - i, 8);
    }
    if (model == Model::one)
        for (int row = size - extension_corner; row < size; ++row)
            for (int column = size - extension_corner; column < size; ++column)
                region[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) +
                       static_cast<std::size_t>(column)] = 1;
    else if (size >= size_of_version(7))  // version information (7.10)
        for (int i = 0; i < 6; ++i)
            for (int j = 9; j <= 11; ++j) {
                clear(i, size - j);
                clear(size - j, i);
            }
    return region;
}

}  // namespace fastqr
