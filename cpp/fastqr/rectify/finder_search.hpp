#pragma once

#include <array>
#include <vector>

#include "fastqr/image/image_view.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/homography.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

/// Outer corners of one finder pattern, clockwise on screen, starting anywhere.
using FinderQuad = std::array<Point, 4>;

/// Finder patterns (ISO/IEC 18004:2015 clause 6.3.3) by their shape alone: a core, and a ring of the same ink about it.
/// Looks at dark on light and at light on dark; finds what is too small for the networks' windows. Costs some ten
/// operations a pixel of the region, which is brought to `kSearchSide` pixels first where it is larger.
[[nodiscard]] std::vector<FinderQuad> find_finder_patterns(const ImageView& image, const Region& region);

/// Long side in pixels to which a region is shrunk before the search.
inline constexpr int kSearchSide = 1100;

/// Triples of finder patterns that one symbol's geometry explains, best first, `top` of them at most.
[[nodiscard]] std::vector<FinderCorners> finder_triples(const std::vector<FinderQuad>& finders, int top);

}  // namespace fastqr
