#pragma once

#include <vector>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/corner_finder.hpp"
#include "fastqr/read/ranked_places.hpp"
#include "fastqr/read/settings.hpp"
#include "fastqr/rectify/registered_corners.hpp"

namespace fastqr {

/// A map of a symbol of a size that has two finder patterns, and how well the timing patterns show on it.
struct PairedStart {
    Homography homography;
    int size = 0;
    SeenFinders seen{};
    double coherence = 0;  ///< 0..1, of the worse one of both timing patterns, as far as they are known
};

/// Whether two finder patterns may be of one symbol: whether they lie to each other as a symbol's do, and a timing
/// pattern begins beside either where the symbol then has one. Some hundred looks.
[[nodiscard]] bool may_be_paired(const MipMap& image, const LocalFrame& first, const LocalFrame& second,
                                 const ReadSettings& settings = {});

/// Maps of the symbols that two finder patterns may belong to, whatever the third one is covered by: on either side of
/// the line between them, and as opposite corners. Their distance in modules tells the size, their corners the map.
/// The likeliest three, best first; none where the patterns do not lie to each other as a symbol's do.
[[nodiscard]] std::vector<PairedStart> paired_starts(const MipMap& image, const RegisteredFinder& first,
                                                     const RegisteredFinder& second, const ReadSettings& settings = {});

/// Places of symbols of which two finder patterns are seen, each with a probability of `least`, at the corners of a
/// rough square. Each pattern is registered by itself.
[[nodiscard]] RankedPlaces places_by_pairs(const MipMap& image, const SeenCorners& seen, double least,
                                           const StageSettings& settings = {});

}  // namespace fastqr
