#pragma once

#include <array>

#include "fastqr/image/area_resize.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/rectify/homography.hpp"

namespace fastqr {

/// Outer corners of one finder pattern, clockwise on screen, starting anywhere.
using FinderQuad = std::array<Point, 4>;

/// A finder pattern (ISO/IEC 18004:2015 clause 6.3.3) that was seen by its shape alone.
struct FinderPattern {
    FinderQuad quad{};
    Point centre;
    double side = 0;    ///< square root of the quad's area
    double misfit = 0;  ///< 0 where all rays from the centre cross dark, light and dark as 3 : 2 : 2
    bool inverted = false;

    /// Nine of ten that were read had a misfit below 0.2, nine of ten that were none one above 0.5.
    [[nodiscard]] bool credible() const { return misfit < 0.3; }
};

/// Adds the finder patterns of a grey picture that are not among `found` already, corners mapped to
/// (left + x · scale, top + y · scale). Runs of 1 : 1 : 3 : 1 : 1 in rows, in ink that is darker than the mean of a
/// window, are followed along rays from their centre in the grey levels. A core wider than the window shows only in a
/// coarser picture. Costs one or two operations a pixel, most of them on eight pixels at a time, and some microseconds
/// a place that looks like one.
void add_finder_patterns(const GreyImage& image, double left, double top, double scale, Vector<FinderPattern>& found);

}  // namespace fastqr
