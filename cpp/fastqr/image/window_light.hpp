#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace fastqr {

/// Networks take windows in light of their own: grey values less the window's mean, so many of its deviations being 1.
/// Exposure, shadow and gamma are gone then, but for what they do within a window.
inline constexpr float kDeviations = 2.5F;      // what lies farther from the mean is cut
inline constexpr float kLeastDeviation = 1.5F;  // grey values; less is noise and must not be blown up

/// What a grey value's distance from the mean is multiplied by.
[[nodiscard]] inline float light_gain(float variance) {
    return 1 / (kDeviations * std::sqrt(std::max(variance, kLeastDeviation * kLeastDeviation)));
}

[[nodiscard]] inline float in_light(float grey, float mean, float gain) {
    return std::clamp((grey - mean) * gain, -1.0F, 1.0F);
}

/// Brings a window's grey values into its own light, where they lie.
inline void normalise_light(std::span<float> window) {
    if (window.empty()) return;
    float sum = 0;
    for (float grey : window) sum += grey;
    const float mean = sum / static_cast<float>(window.size());
    float squares = 0;
    for (float grey : window) squares += (grey - mean) * (grey - mean);
    const float gain = light_gain(squares / static_cast<float>(window.size()));
    for (float& grey : window) grey = in_light(grey, mean, gain);
}

}  // namespace fastqr
