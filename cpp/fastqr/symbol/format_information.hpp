#pragma once

#include <array>
#include <cstdint>

#include "fastqr/memory/vector.hpp"
#include "fastqr/symbol/module_grid.hpp"

namespace fastqr {

/// Error correction levels, in order of strength.
enum class EcLevel : std::uint8_t { L, M, Q, H };

struct FormatInformation {
    EcLevel level = EcLevel::L;
    int mask = 0;
};

/// The 15 bits of 7.9.1 with their mask applied, bit 14 the most significant.
std::uint32_t format_word(FormatInformation format);

/// Where bit i (0 least significant) stands in both copies (ISO/IEC 18004:2015, Figure 25).
std::array<std::array<ModulePosition, 15>, 2> format_positions(int size);

struct RankedFormat {
    FormatInformation format;
    double log_likelihood = 0;  ///< natural logarithm, relative to the likeliest: 0 or less
};

/// All 32 formats, likeliest first: the likelihood of the 30 modules of both copies together.
Vector<RankedFormat> rank_formats(const LogOddsGrid& grid);

}  // namespace fastqr
