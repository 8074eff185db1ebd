#pragma once

#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/image/image_view.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

/// MTCNN's input range: grey levels about zero.
constexpr float normalised(float grey) { return (grey - 127.5F) / 128.0F; }

/// Writes the picture inside a box, resized to size × size and normalised, channel after channel, to `out`.
/// Shrinking averages the area that a patch pixel covers, enlarging is bilinear; outside the picture is black.
/// `as_grey` makes one channel of a BGR picture.
void extract_patch(const ImageView& image, const Box& box, int size, bool as_grey, float* out);

/// Writes the patch of a box in the picture's pixels as R-Net, of `tones`, and O-Net take it: size × size in its own
/// light, from the coarsest level of the view that shows it so large; 0 outside.
void write_network_patch(const MipMap& view, const Box& box, int size, bool tones, float* out);

}  // namespace fastqr
