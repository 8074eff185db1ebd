#include "fastqr/rectify/pattern_samples.hpp"

#include <cmath>
#include <numbers>

namespace fastqr {
namespace {

constexpr double kStep = 1.0 / 3;  // modules between samples

/// Share of a blurred bar of half width r at a distance from its middle.
double bar(double distance, double r, double blur) {
    const double s = blur * std::numbers::sqrt2;
    return 0.5 * (std::erf((distance + r) / s) - std::erf((distance - r) / s));
}

/// Nested squares about a centre: light with alternating dark and light squares of the given half sides inside.
PatternSamples nested(Point centre, double blur, double reach, std::initializer_list<double> half_sides) {
    PatternSamples samples;
    const int count = static_cast<int>(std::lround(reach / kStep));
    for (int i = -count; i <= count; ++i)
        for (int j = -count; j <= count; ++j) {
            const double x = j * kStep;
            const double y = i * kStep;
            double value = 1;
            double change = -2;
            for (double r : half_sides) {
                value += change * bar(x, r, blur) * bar(y, r, blur);
                change = -change;
            }
            samples.places.push_back({centre.x + x, centre.y + y});
            samples.expected.push_back(static_cast<float>(value));
        }
    return samples;
}

}  // namespace

PatternSamples finder_samples(Point centre, double blur) { return nested(centre, blur, 4.0, {3.5, 2.5, 1.5}); }

PatternSamples alignment_samples(Point centre, double blur) { return nested(centre, blur, 2.5, {2.5, 1.5, 0.5}); }

PatternSamples timing_samples(int size, bool in_row, double blur) {
    PatternSamples samples;
    // A square wave of period 2 after a Gaussian is, but for its third harmonic, a cosine of this amplitude.
    const double amplitude = 4 / std::numbers::pi * std::exp(-0.5 * std::pow(std::numbers::pi * blur, 2));
    for (double along = 8.0 + kStep / 2; along < size - 8; along += kStep)
        for (double across : {6.3, 6.5, 6.7}) {
            samples.places.push_back(in_row ? Point{along, across} : Point{across, along});
            samples.expected.push_back(static_cast<float>(-amplitude * std::cos(std::numbers::pi * (along - 0.5))));
        }
    return samples;
}

}  // namespace fastqr
