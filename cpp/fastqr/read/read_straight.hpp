#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

struct StraightReading {
    SymbolReading reading;
    /// Whether the alignment pattern nearest to the fourth corner is where the map has it: what is wrong of the message
    /// is then the symbol's fault, not the map's. Never of version 1, which has none.
    bool shows_alignment = false;
};

/// What a sample covers of its module's middle, along either axis.
enum class Sample { kThird, kPoint };

/// Reads a symbol by one grey value a module: what a clean symbol needs. Nothing where the function patterns show no
/// contrast on the map, or where it does not decode. Of halftones only the middle third of a module is its own; where
/// that is no more than two pixels wide, all but a point reaches beyond it.
[[nodiscard]] std::optional<StraightReading> read_straight(const MipMap& image, const Homography& map, int size,
                                                           bool inverted, const StageSettings& settings = {},
                                                           Sample sample = Sample::kThird);

/// The homography of a fit's corners, held by the alignment pattern nearest to the fourth corner; nothing where none is
/// seen there. `corners` are those that the size was fitted to.
[[nodiscard]] std::optional<Homography> held_by_alignment_pattern(const MipMap& image, const FinderCorners& corners,
                                                                  const SizeFit& fit, bool inverted);

}  // namespace fastqr
