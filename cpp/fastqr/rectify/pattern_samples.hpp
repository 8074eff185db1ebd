#pragma once

#include <vector>

#include "fastqr/geometry/homography.hpp"

namespace fastqr {

/// Places in a symbol at which the grey level is known but for gain and offset: +1 light, −1 dark, blurred.
struct PatternSamples {
    std::vector<Point> places;  ///< symbol coordinates
    std::vector<float> expected;
    double weight = 1;  ///< of the pattern among all
};

/// What a picture that was blurred by so many modules shows of a sharp edge: lens and print have blurred it before.
[[nodiscard]] double blur_seen(double blur);

/// A finder pattern (ISO/IEC 18004:2015 clause 6.3.3) about a centre, its separator's half module included, a sample
/// every `step` modules.
[[nodiscard]] PatternSamples finder_samples(Point centre, double blur, double step = 1.0 / 3);

/// An alignment pattern (clause 6.3.6) about a centre.
[[nodiscard]] PatternSamples alignment_samples(Point centre, double blur, double step = 1.0 / 3);

/// The timing pattern (clause 6.3.5) in row 6, or in column 6.
[[nodiscard]] PatternSamples timing_samples(int size, bool in_row, double blur);

}  // namespace fastqr
