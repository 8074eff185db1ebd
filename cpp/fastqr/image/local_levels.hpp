#pragma once

#include <vector>

#include "fastqr/image/grey_image.hpp"

namespace fastqr {

/// Mean of the window of 2 · reach + 1 pixels about each pixel, the window cut at the border. Costs
/// the same at every reach.
[[nodiscard]] std::vector<float> local_mean(const GreyView& image, int reach);

/// The picture with the light taken out: each pixel by how many deviations of its window it lies from the window's
/// mean, about middle grey. What lies in a deep shadow shows as much contrast then as what lies in the sun.
[[nodiscard]] GreyImage levelled(const GreyView& image, int reach);

}  // namespace fastqr
