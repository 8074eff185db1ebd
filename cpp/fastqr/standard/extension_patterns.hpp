#pragma once

#include "fastqr/standard/module_grid.hpp"

namespace fastqr {

inline constexpr int extension_length = 4;  ///< modules along the edge, two across it: dark outside, light inside
inline constexpr int extension_period = 8;  ///< modules from one to the next
inline constexpr int extension_corner = 2;  ///< modules along a side of the square in the corner, dark at the outermost

/// The first row, or column, of the last extension pattern along an edge of a Model 1 symbol. The others lie before it
/// as long as they do not touch the modules beside the finder patterns (ISO/IEC 18004:2000, M.3.2).
constexpr int last_extension(int size) { return size - 12; }
inline constexpr int before_extensions = 9;  ///< every one begins after this row or column

/// How far the right edge, the lower edge and the corner speak for Model 1's extension patterns, in bits; the same
/// modules whether the symbol is mirrored or not.
double extension_evidence(const LogOddsGrid& grid);

}  // namespace fastqr
