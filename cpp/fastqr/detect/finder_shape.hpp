#pragma once

#include <array>
#include <optional>

#include "fastqr/detect/finder_rays.hpp"
#include "fastqr/detect/settings.hpp"
#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/grey_image.hpp"

namespace fastqr {

/// Outer corners of one finder pattern, clockwise on screen, starting anywhere.
using FinderQuad = std::array<Point, 4>;

/// A finder pattern (ISO/IEC 18004:2015 clause 6.3.3) that was seen by its shape alone.
struct FinderPattern {
    FinderQuad quad{};
    Point centre;
    double side = 0;        ///< square root of the quad's area
    double misfit = 0;      ///< 0 where all rays from the centre cross dark, light and dark as 3 : 2 : 2
    bool credible = false;  ///< whether the misfit is one of patterns that were read, not of what looks like one
    bool inverted = false;
    Ring ring = Ring::kClosed;  ///< what was seen of it
    bool round = false;  ///< an ellipse, which the quad lies about; it shows no turn, and any such quad is as good
};

/// Follows rays through core, gap and ring about a place whose row and column have a finder pattern's proportions, and
/// fits its corners to a fraction of a pixel. Nothing where too few rays cross them. Some hundred grey values read.
/// `limit`: the grey value between ink and paper by which row and column show them.
[[nodiscard]] std::optional<FinderPattern> finder_at(const GreyView& image, Point centre, double width, double height,
                                                     bool inverted, float limit, const FinderSettings& settings = {},
                                                     Ring ring = Ring::kClosed);

}  // namespace fastqr
