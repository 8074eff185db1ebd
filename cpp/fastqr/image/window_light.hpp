#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
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

/// The mean of what a function gives for each value: eight sums, which are added side by side.
template <typename Function>
[[nodiscard]] float mean_of(std::span<const float> values, Function function) {
    constexpr std::size_t kSums = 8;
    std::array<float, kSums> sums{};
    std::size_t i = 0;
    for (; i + kSums <= values.size(); i += kSums)
        for (std::size_t k = 0; k < kSums; ++k) sums[k] += function(values[i + k]);
    for (std::size_t k = 0; i < values.size(); ++i, ++k) sums[k] += function(values[i]);
    return std::accumulate(sums.begin(), sums.end(), 0.0F) / static_cast<float>(values.size());
}

/// Brings a window's grey values into its own light, where they lie.
inline void normalise_light(std::span<float> window) {
    if (window.empty()) return;
    const float mean = mean_of(window, [](float grey) { return grey; });
    const float gain = light_gain(mean_of(window, [mean](float grey) { return (grey - mean) * (grey - mean); }));
    for (float& grey : window) grey = in_light(grey, mean, gain);
}

}  // namespace fastqr
