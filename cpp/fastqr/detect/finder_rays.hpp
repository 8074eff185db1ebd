#pragma once

#include <array>
#include <cstddef>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/grey_image.hpp"

namespace fastqr {

inline constexpr std::size_t kFinderRays = 40;

/// What is to be seen of a finder pattern's ring: all of it, with paper all round; or where it begins, for it runs into
/// ink on the sides where a symbol has no margin, and ends where its gap says; or no more than dots, so that the core
/// alone says where it would end.
enum class Ring { kClosed, kOpen, kDotted };

/// Where rays from a finder pattern's centre leave it.
struct FinderRays {
    std::array<Point, kFinderRays> outer{};   ///< where the ring ends, were the picture not stretched
    std::array<bool, kFinderRays> crossed{};  ///< whether the ray met core, gap and ring in a finder's proportions
    std::size_t agreeing = 0;                 ///< rays that did
    double misfit = 0;  ///< of their proportions from 3 : 2 : 2, the mean; of opposite rays where a ring is dotted
};

/// Follows rays from a centre through core, gap and ring: all round first, and no farther than it is known that fewer
/// than `least` of them agree. Ink is what is below the threshold, or above it where `inverted`; about the centre the
/// picture is stretched by so much along its axes. Some fifteen samples a ray, eight rays at a time where the processor
/// has AVX2, with the same results as one at a time.
[[nodiscard]] FinderRays finder_rays(const GreyView& image, Point centre, double side, float threshold, bool inverted,
                                     std::size_t least, bool eight_at_a_time = true, Ring kind = Ring::kClosed,
                                     Point stretch = {1, 1});

}  // namespace fastqr
