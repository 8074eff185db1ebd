#pragma once

#include <vector>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/finder_patterns.hpp"
#include "fastqr/rectify/registration.hpp"

namespace fastqr {

/// What a look without networks saw.
struct DirectLook {
    std::vector<SymbolReading> readings;
    std::vector<Registration> unread;   ///< places whose patterns agree with a symbol's and that did not decode, best first
    std::vector<FinderPattern> loose;   ///< finder patterns of neither
};

/// Reads what shows its three finder patterns: every symbol of a clean picture, and three quarters of those that
/// photographs are taken of. Finder patterns are searched in the levels whose long side is at most `longest` pixels and
/// more than `shortest`, and in the finest where none is. Ends after `most` symbols.
[[nodiscard]] DirectLook look_directly(const MipMap& image, int longest, int shortest, int most);

}  // namespace fastqr
