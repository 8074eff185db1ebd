#pragma once

#include <chrono>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/finder_patterns.hpp"
#include "fastqr/rectify/registration.hpp"

namespace fastqr {

/// What a look without networks saw.
struct DirectLook {
    Vector<SymbolReading> readings;
    /// Places whose patterns agree with a symbol's and that did not decode, best first.
    Vector<Registration> unread;
    /// Finder patterns of neither that are likely to be some.
    Vector<FinderPattern> loose;
};

/// Reads what shows its three finder patterns: every symbol of a clean picture, and three quarters of those that
/// photographs are taken of. Finder patterns are searched in the levels of a long side of `first` pixels or less, and
/// in finer ones while nothing was read, or something that was seen was not. Ends after `most` symbols, and begins
/// nothing new after `until`.
[[nodiscard]] DirectLook look_directly(
    const MipMap& image, int first, int most,
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

}  // namespace fastqr
