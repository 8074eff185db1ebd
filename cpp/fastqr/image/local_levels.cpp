#include "fastqr/image/local_levels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace fastqr {
namespace {

constexpr float kMiddle = 128;
constexpr float kDeviation = 50;        // grey levels that one deviation becomes: what lies within 2.5 is kept
constexpr float kLeastDeviation = 1.5;  // grey levels; less is noise and must not be blown up

/// Sum of f(pixel) over the window about each pixel divided by its pixels, from running column sums.
template <typename Value>
std::vector<float> window_means(const GreyImage& image, int reach, Value value) {
    const auto width = static_cast<std::size_t>(image.width);
    std::vector<std::int64_t> column(width, 0);
    std::vector<float> mean(image.pixels.size());
    int rows = 0;
    const auto add = [&](int row, int sign) {
        if (row < 0 || row >= image.height) return;
        const std::uint8_t* p = image.pixels.data() + static_cast<std::size_t>(row) * width;
        for (std::size_t x = 0; x < width; ++x) column[x] += sign * value(static_cast<int>(p[x]));
        rows += sign;
    };
    for (int row = 0; row < reach; ++row) add(row, 1);
    for (int row = 0; row < image.height; ++row) {
        add(row + reach, 1);
        add(row - reach - 1, -1);
        float* out = mean.data() + static_cast<std::size_t>(row) * width;
        std::int64_t sum = 0;
        int columns = 0;
        for (int x = 0; x < std::min(reach, image.width); ++x, ++columns) sum += column[static_cast<std::size_t>(x)];
        for (int x = 0; x < image.width; ++x) {
            if (x + reach < image.width) {
                sum += column[static_cast<std::size_t>(x + reach)];
                ++columns;
            }
            if (x - reach - 1 >= 0) {
                sum -= column[static_cast<std::size_t>(x - reach - 1)];
                --columns;
            }
            out[x] = static_cast<float>(static_cast<double>(sum) / (static_cast<double>(rows) * columns));
        }
    }
    return mean;
}

}  // namespace

std::vector<float> local_mean(const GreyImage& image, int reach) {
    return window_means(image, reach, [](int v) { return v; });
}

GreyImage levelled(const GreyImage& image, int reach) {
    const std::vector<float> mean = local_mean(image, reach);
    const std::vector<float> square = window_means(image, reach, [](int v) { return v * v; });
    GreyImage result{image.height, image.width, std::vector<std::uint8_t>(image.pixels.size())};
    for (std::size_t i = 0; i < mean.size(); ++i) {
        const float deviation = std::sqrt(std::max(square[i] - mean[i] * mean[i], kLeastDeviation * kLeastDeviation));
        const float level = kMiddle + kDeviation * (static_cast<float>(image.pixels[i]) - mean[i]) / deviation;
        result.pixels[i] = static_cast<std::uint8_t>(std::clamp(level + 0.5F, 0.0F, 255.0F));
    }
    return result;
}

}  // namespace fastqr
