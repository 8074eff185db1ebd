#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "fastqr/detect/finder_shape.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/symbol_place.hpp"

namespace fastqr {

/// What bounds a search by finder patterns.
struct FinderSearchLimits {
    int most = 1 << 30;  ///< symbols
    /// Grey values that may be visited, beyond the pixels themselves, for what leads to no symbol.
    std::int64_t work = std::int64_t{1} << 40;
    /// Whether the pixels are searched again where something is missing: with ink judged by what is near alone, which
    /// costs as much as the first time, and the finest ones enlarged, for symbols of less than two pixels a module, at
    /// four times that.
    bool again = true;
    /// Whether a blank is searched as far: pixels of which nothing is read and that show no finder pattern of a symbol.
    /// Otherwise ink is judged by what is near alone, and that is all.
    bool blank_too = true;
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

/// What a search by finder patterns found.
struct FinderSearch {
    std::vector<SymbolReading> readings;
    /// Places whose patterns agree with a symbol's and that did not decode, best first.
    std::vector<SymbolPlace> unread;
    /// Credible finder patterns of neither, outside of what was read.
    std::vector<FinderPattern> ungrouped;
    std::vector<FinderPattern> credible;  ///< all finder patterns that are credible or part of what was read
    std::int64_t work = 0;                ///< grey values visited that led to no symbol
    bool blank = false;                   ///< whether it was searched no further, because nothing shows
    bool exhausted = false;               ///< whether the allowance of work or time ended the search

    /// Whether something was read, and nothing else shows that it might be a symbol or a part of one.
    [[nodiscard]] bool all_read() const {
        return !readings.empty() && unread.empty() && ungrouped.empty() && !exhausted;
    }

    /// What was read, from top to bottom, then from left to right, by the centres.
    [[nodiscard]] std::vector<SymbolRecord> records() const;
};

/// Reads what shows its three finder patterns, without a network: finder patterns of every size from the picture's own
/// pixels upwards, the triples of them that may be a symbol's, likeliest and nearest first, and each triple the
/// cheapest way first: straight by its corners, then registered on its patterns, then along its alignment patterns.
/// Those that are left may be pairs whose third one is covered: beside either a timing pattern begins.
[[nodiscard]] FinderSearch search_finder_patterns(const MipMap& image, const FinderSearchLimits& limits = {},
                                                  const StageSettings& settings = {});

}  // namespace fastqr
