#pragma once

#include <cstdint>
#include <vector>

#include "fastqr/standard/model.hpp"

namespace fastqr {

/// Coordinates of the alignment patterns' centres along one axis, in modules (row or column index of the centre
/// module), ascending; empty for version 1 (ISO/IEC 18004:2015, Annex E). A pattern stands at every pair of them save
/// the three that fall on finder patterns. `size` must be 17 + 4v; any other size has no centres.
std::vector<int> alignment_centres(int size);

/// The modules that every symbol of this size has in common, row by row: +1 dark, -1 light, 0 not fixed (data, format
/// and version information). Finder patterns with separators, timing patterns, alignment patterns and the dark module
/// of 7.9.1 (ISO/IEC 18004:2015, 5.3.2 to 5.3.6); in Model 1 extension patterns instead of the alignment patterns
/// (ISO/IEC 18004:2000, M.3.2). Empty when the model has no symbols of `size`.
std::vector<std::int8_t> function_patterns(int size, Model model = Model::two);

/// 1 where a codeword's bit may stand: neither a function pattern nor format or version information, row by row. Of
/// Model 1 also the corner under which half of the first codeword lies.
std::vector<std::uint8_t> encoding_region(int size, Model model = Model::two);

}  // namespace fastqr
