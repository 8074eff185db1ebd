#pragma once

#include "fastqr/image/grey_image.hpp"

namespace fastqr {

/// A line of places as a projective map shows it: the first one in homogeneous coordinates, counted from the first
/// pixel's centre, and what each next one adds.
struct ProjectedLine {
    float x = 0;
    float y = 0;
    float w = 1;
    float dx = 0;
    float dy = 0;
    float dw = 0;
};

/// Bilinear grey values of `count` places on a line that stays two pixels away from the right and the lower border, and
/// within the others. Reads 4 bytes a place, eight places at a time where the processor has AVX2, with the same results
/// as one at a time.
void sample_line(const GreyView& image, const ProjectedLine& line, int count, float* out, bool eight_at_a_time = true);

}  // namespace fastqr
