#pragma once

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

/// Share of the variation along the two timing patterns that has their period, 0..1, whatever its phase from one
/// stretch of eight modules to the next: some 0.8 where a symbol of the size lies, 0.1 or 0.2 elsewhere, even where the
/// map is off by a module. Costs some 12 looks a module, a third where it is `enough` on the patterns' middle lines:
/// what a registration is not worth without.
[[nodiscard]] double timing_coherence(const MipMap& image, const Homography& symbol_to_image, int size,
                                      double enough = 1);

/// The same of the timing pattern in row 6 alone, or of that in column 6.
[[nodiscard]] double timing_coherence_along(const MipMap& image, const Homography& symbol_to_image, int size,
                                            bool in_row);

}  // namespace fastqr
