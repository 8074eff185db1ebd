#include "fastqr/rectify/pattern_samples.hpp"

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <numbers>
#include <vector>

namespace fastqr {
namespace {

constexpr double kStep = 1.0 / 3;  // modules between samples
constexpr double kOwnBlur = 0.3;   // modules, of lens and print

/// Share of a blurred bar of half width r at a distance from its middle.
double bar(double distance, double r, double blur) {
    const double s = blur * std::numbers::sqrt2;
    return 0.5 * (std::erf((distance + r) / s) - std::erf((distance - r) / s));
}

/// Nested squares about a centre: light with alternating dark and light squares of the given half sides inside.
PatternSamples nested(Point centre, double blur, double reach, double step, std::initializer_list<double> half_sides) {
    PatternSamples samples;
    const int count = static_cast<int>(reach / step + 1e-6);  // no sample is beyond the reach
    const auto side = static_cast<std::size_t>(2 * count + 1);
    // A blurred square is the product of two blurred bars.
    std::vector<std::vector<double>> bars;
    for (double r : half_sides) {
        std::vector<double>& profile = bars.emplace_back();
        for (int i = -count; i <= count; ++i) profile.push_back(bar(i * step, r, blur));
    }
    samples.places.reserve(side * side);
    samples.expected.reserve(side * side);
    for (std::size_t i = 0; i < side; ++i)
        for (std::size_t j = 0; j < side; ++j) {
            double value = 1;
            double change = -2;
            for (const auto& profile : bars) {
                value += change * profile[i] * profile[j];
                change = -change;
            }
            samples.places.push_back({centre.x + (static_cast<double>(j) - count) * step,
                                      centre.y + (static_cast<double>(i) - count) * step});
            samples.expected.push_back(static_cast<float>(value));
        }
    return samples;
}

}  // namespace

double blur_seen(double blur) { return std::hypot(blur, kOwnBlur); }

PatternSamples finder_samples(Point centre, double blur, double step) {
    return nested(centre, blur, 4.0, step, {3.5, 2.5, 1.5});
}

PatternSamples alignment_samples(Point centre, double blur, double step) {
    return nested(centre, blur, 2.5, step, {2.5, 1.5, 0.5});
}

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
