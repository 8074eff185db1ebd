#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/settings.hpp"
#include "fastqr/rectify/symbol_place.hpp"

namespace fastqr {

/// A map from a symbol of a size to the picture, before it is refined on the symbol's patterns.
struct PlaceStart {
    Homography homography;
    int size = 0;
    std::optional<SymbolPlace> known = {};  ///< what it is refined to, where that is known already
    SeenFinders seen = kAllFinders;
};

/// Places worth reading among several, registered only when they are asked for: those that convince as they come, then
/// the best of the others. What follows a reading is so never registered.
class RankedPlaces {
  public:
    /// The map is looked at until the last place was given.
    /// `finders`: corners of three finder patterns, which may lie on rolled paper where no start convinces.
    RankedPlaces(const MipMap& image, std::vector<PlaceStart> starts, const StageSettings& settings = {},
                 const std::optional<FinderCorners>& finders = {})
        : image_(image), starts_(std::move(starts)), settings_(settings), finders_(finders) {}

    [[nodiscard]] std::optional<SymbolPlace> next();

  private:
    const MipMap& image_;
    std::vector<PlaceStart> starts_;
    StageSettings settings_;
    std::size_t registered_ = 0;
    std::optional<FinderCorners> finders_;
    std::vector<SymbolPlace> doubtful_;
    std::size_t given_ = 0;  // of the doubtful ones
    bool is_sorted_ = false;
};

/// Places from all turns and sizes of a square whose corners lie `inset` modules inside the symbol's; near the modules
/// a side that it `seems` to have.
[[nodiscard]] RankedPlaces places_by_correlation(const MipMap& image, const std::array<Point, 4>& square, double inset,
                                                 std::optional<double> seems = {}, const StageSettings& settings = {});

}  // namespace fastqr
