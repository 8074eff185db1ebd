#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "fastqr/standard/module_grid.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {

inline constexpr int first_version_with_information = 7;

/// Whether symbols of a size name their version; they have alignment patterns all over, too.
constexpr bool names_its_version(int size) { return size >= size_of_version(first_version_with_information); }

/// The 18 bits of 7.10, bit 17 the most significant.
std::uint32_t version_word(int version);

/// Where bit i (0 least significant) stands in both copies (ISO/IEC 18004:2015, Figures 27 and 28).
std::array<std::array<ModulePosition, 18>, 2> version_positions(int size);

/// How much likelier the modules are under another version's word than under `version`'s own, as a natural logarithm:
/// negative when the version information agrees, 0 below version 7.
double log_odds_against_version(const LogOddsGrid& grid, int version);

/// The version that the version information names beyond doubt, whatever the grid's own size: both copies stand beside
/// finder patterns, where a grid of a wrong size is still right.
std::optional<int> version_named(const LogOddsGrid& grid);

}  // namespace fastqr
