#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

/// The map from a symbol to the picture that a straight reading takes.
enum class StraightGrid {
    kFlat,     ///< affine, by the centres of the finder patterns: errors of single corners bend it least
    kTilted,   ///< the homography of the finder patterns' corners
    kAligned,  ///< the same, held by the alignment pattern nearest to the fourth corner
};

/// Reads a symbol by one grey value a module: what a clean symbol needs. Nothing where it has no such grid, where the
/// function patterns show no contrast, or where it does not decode. `corners` are those that the size was fitted to.
[[nodiscard]] std::optional<SymbolReading> read_straight(const MipMap& image, const FinderCorners& corners,
                                                         const SizeFit& fit, StraightGrid grid, bool inverted,
                                                         const StageSettings& settings = {});

}  // namespace fastqr
