#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <span>

namespace fastqr {

/// Networks take windows in light of their own: grey values less the window's mean, so many of its deviations being 1.
/// Exposure, shadow and gamma are gone then, but for what they do within a window.
inline constexpr float kDeviations = 2.5F;      // what lies farther from the mean is cut
inline constexpr float kLeastDeviation = 1.5F;  // grey values; less is noise and must not be blown up

/// What a grey value's distance from the mean is multiplied by; a `least` deviation is noise.
[[nodiscard]] inline float light_gain(float variance, float least = kLeastDeviation) {
    return 1 / (kDeviations * std::sqrt(std::max(variance, least * least)));
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

/// Brings a window's values into its own light, where they lie; `least` tells the deviation about a mean that is noise.
template <typename Least>
void normalise(std::span<float> window, const Least& least) {
    if (window.empty()) return;
    const float mean = mean_of(window, [](float value) { return value; });
    const float variance = mean_of(window, [mean](float value) { return (value - mean) * (value - mean); });
    const float gain = light_gain(variance, least(mean));
    for (float& value : window) value = in_light(value, mean, gain);
}

/// The same of grey values.
inline void normalise_light(std::span<float> window) {
    normalise(window, [](float) { return kLeastDeviation; });
}

// P-Net and R-Net, whose windows hold much besides a code, take logarithms of grey values: a lamp leaves what is dark
// beside it its contrast.

inline constexpr float kDark = 8;         // grey values; what is below is all but equally dark
inline constexpr float kOctave = 50.64F;  // 255 / log2(1 + 255 / kDark): tones are 0..255 as grey values are

/// The logarithm of a grey value, to a quarter of a tone and without a table or a branch, so that rows are one loop.
[[nodiscard]] inline float tone(float grey) {
    const auto bits = std::bit_cast<std::uint32_t>(1 + std::max(grey, 0.0F) / kDark);
    const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23U) - 127);
    const auto mantissa = std::bit_cast<float>((bits & 0x7fffffU) | 0x3f800000U);  // 1..2
    return kOctave * (exponent + (2.02466578F - 0.34484843F * mantissa) * mantissa - 1.67981735F);
}

/// What the least deviation of grey values is in tones about a mean of theirs.
[[nodiscard]] inline float least_of_tones(float mean) {
    const float slope = kOctave * std::numbers::log2e_v<float> / kDark;  // tones a grey value, in the dark
    return kLeastDeviation * slope * std::exp2(-mean / kOctave);
}

/// The same of the tones of grey values.
inline void normalise_tones(std::span<float> window) {
    for (float& value : window) value = tone(value);
    normalise(window, least_of_tones);
}

}  // namespace fastqr
