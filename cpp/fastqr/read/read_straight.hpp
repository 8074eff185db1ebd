#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/homography.hpp"

namespace fastqr {

/// Reads a symbol of a size where a homography puts it, by one grey value a module: what a clean symbol needs. Nothing
/// where the function patterns are not seen at their places, which costs some hundred grey values.
[[nodiscard]] std::optional<SymbolReading> read_straight(const MipMap& image, const Homography& symbol_to_image,
                                                         int size, bool inverted);

}  // namespace fastqr
