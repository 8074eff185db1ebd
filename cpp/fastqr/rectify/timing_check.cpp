#include "fastqr/rectify/timing_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fastqr {
namespace {

constexpr int kStretch = 8;                             // modules
constexpr int kSamples = 2;                             // a module
constexpr std::array<double, 3> kLines{6.5, 6.0, 7.0};  // places across the pattern, of which the best counts

/// One stretch of a line: |Σ v e^{iπx}|² over what a wave of that period and this energy would give.
double coherence(const std::array<float, kStretch * kSamples>& values) {
    double mean = 0;
    for (float v : values) mean += static_cast<double>(v) / values.size();
    // Two samples a module, a quarter and three quarters into it: e^{iπx} runs through (1 ± i) / √2 and their
    // negatives.
    double re = 0;
    double im = 0;
    double energy = 1e-6;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double v = static_cast<double>(values[i]) - mean;
        energy += v * v;
        const bool second = i % 4 >= 2;
        re += i % 4 == 0 || i % 4 == 3 ? v : -v;
        im += second ? -v : v;
    }
    return std::min(1.0, (re * re + im * im) / (values.size() * energy));
}

double along(const MipMap& image, const Homography& map, int size, double across, bool in_row) {
    const double first = 8;
    const double length = size - 16;
    const int stretches = std::max(1, static_cast<int>(length) / kStretch);
    double sum = 0;
    for (int s = 0; s < stretches; ++s) {
        // Stretches may overlap where they do not fit whole: version 1 has five modules between its finders.
        const double begin =
            stretches == 1 ? first + (length - kStretch) / 2 : first + s * (length - kStretch) / (stretches - 1);
        std::array<float, kStretch * kSamples> values{};
        const Point here = in_row ? map(begin, across) : map(across, begin);
        const Point next = in_row ? map(begin + 0.5, across) : map(across, begin + 0.5);
        const int level = image.level_for(static_cast<float>(std::hypot(next.x - here.x, next.y - here.y)));
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double at = begin + (static_cast<double>(i) + 0.5) / kSamples;
            const Point p = in_row ? map(at, across) : map(across, at);
            values[i] = image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y));
        }
        sum += coherence(values);
    }
    return sum / stretches;
}

}  // namespace

double timing_coherence(const MipMap& image, const Homography& symbol_to_image, int size, double enough) {
    std::array<double, 2> best{};  // of the row and of the column
    for (const double line : kLines) {
        for (const bool in_row : {true, false})
            best[in_row ? 0 : 1] = std::max(best[in_row ? 0 : 1], along(image, symbol_to_image, size, line, in_row));
        if (best[0] + best[1] >= 2 * enough) break;
    }
    return (best[0] + best[1]) / 2;
}

double timing_coherence_along(const MipMap& image, const Homography& symbol_to_image, int size, bool in_row) {
    double best = 0;
    for (const double line : kLines) best = std::max(best, along(image, symbol_to_image, size, line, in_row));
    return best;
}

}  // namespace fastqr
