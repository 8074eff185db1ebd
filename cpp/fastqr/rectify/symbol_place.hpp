#pragma once

#include <array>
#include <optional>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/registered_corners.hpp"
#include "fastqr/rectify/registration.hpp"

namespace fastqr {

/// Where a symbol of a size may be, and how well its function patterns are seen there: what is worth reading.
struct SymbolPlace {
    Homography homography;                          ///< symbol to image
    int size = 0;                                   ///< modules
    double score = 0;                               ///< how well the function patterns agree, up to 1
    bool inverted = false;                          ///< light on dark
    std::optional<RegisteredCorners> finders = {};  ///< as they are seen, where the homography has them elsewhere
    Lattice bent = {};  ///< of cells where paper is rolled so much that no homography has the patterns

    /// Outer corners of the symbol in the picture, clockwise from its top left.
    [[nodiscard]] std::array<Point, 4> corners() const {
        const double far = size;
        return {homography(0, 0), homography(far, 0), homography(far, far), homography(0, far)};
    }
};

[[nodiscard]] inline SymbolPlace place_of(const Registration& found) {
    return {found.homography, found.size, found.score(), found.inverted};
}

/// A place refined on the patterns that every symbol of the size shows.
[[nodiscard]] inline SymbolPlace registered_place(const MipMap& image, const Homography& start, int size,
                                                  const RectifySettings& settings = {},
                                                  const SeenFinders& seen = kAllFinders) {
    return place_of(register_patterns(image, start, size, settings, seen));
}

}  // namespace fastqr
