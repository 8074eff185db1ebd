#pragma once

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/corner_finder.hpp"
#include "fastqr/read/ranked_places.hpp"
#include "fastqr/read/settings.hpp"

namespace fastqr {

/// Places of symbols of which two finder patterns are seen at the corners of a rough square, each with a probability of
/// `least`, and the third one is covered or torn off, whichever of the two other corners it belongs to. Each pattern is
/// registered by itself; their distance in modules tells the size, their corners the map.
[[nodiscard]] RankedPlaces places_by_pairs(const MipMap& image, const SeenCorners& seen, double least,
                                           const StageSettings& settings = {});

}  // namespace fastqr
