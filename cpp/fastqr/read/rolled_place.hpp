#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/settings.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/symbol_place.hpp"

namespace fastqr {

/// The place of a symbol on paper so much rolled that no homography has its three finder patterns and the timing
/// patterns between them: of all sizes the one whose timing patterns agree best with a roll. Nothing where none agrees.
[[nodiscard]] std::optional<SymbolPlace> rolled_place(const MipMap& image, const FinderCorners& corners,
                                                      const ReadSettings& settings = {});

}  // namespace fastqr
