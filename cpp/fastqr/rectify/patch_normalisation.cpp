#include "fastqr/rectify/patch_normalisation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace fastqr {
namespace {

constexpr float kLeastDeviation = 2;  // grey levels; a flat patch must not be blown up to noise

/// Sums of a patch's columns, of values and of their squares, over as many rows as a window is high.
struct ColumnSums {
    std::vector<double> values;
    std::vector<double> squares;

    explicit ColumnSums(std::size_t width) : values(width, 0.0), squares(width, 0.0) {}

    void add(const float* row, double sign) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] += sign * static_cast<double>(row[i]);
            squares[i] += sign * static_cast<double>(row[i] * row[i]);
        }
    }
};

/// The rows, or columns, that windows about each of so many reach, mirrored at the border: −1 is 0, −2 is 1.
std::vector<std::size_t> mirrored(int count, int before, int after) {
    const int period = 2 * count;
    std::vector<std::size_t> result;
    result.reserve(static_cast<std::size_t>(before + count + after));
    for (int i = -before; i < count + after; ++i) {
        const int within = (i % period + period) % period;
        result.push_back(static_cast<std::size_t>(within < count ? within : period - 1 - within));
    }
    return result;
}

std::vector<float> normalised_by_whole(const std::vector<float>& patch) {
    double sum = 0;
    for (float v : patch) sum += static_cast<double>(v);
    const double mean = sum / static_cast<double>(patch.size());
    double square = 0;
    for (float v : patch) square += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    const auto spread =
        std::max(static_cast<float>(std::sqrt(square / static_cast<double>(patch.size()))), kLeastDeviation);
    std::vector<float> result;
    result.reserve(patch.size());
    for (float v : patch) result.push_back((v - static_cast<float>(mean)) / spread);
    return result;
}

std::vector<float> normalised_by_windows(const std::vector<float>& patch, int side, int window) {
    const int before = window / 2;
    const auto width = static_cast<std::size_t>(side);
    const auto reach = static_cast<std::size_t>(window);
    // The window of row or column i are entries i to i + reach.
    const std::vector<std::size_t> at = mirrored(side, before, window - before);
    const double share = 1.0 / (static_cast<double>(window) * window);
    ColumnSums columns(width);
    for (std::size_t y = 0; y < reach; ++y) columns.add(patch.data() + at[y] * width, 1);
    std::vector<float> result(patch.size());
    for (std::size_t y = 0; y < width; ++y) {
        if (y > 0) {
            columns.add(patch.data() + at[y + reach - 1] * width, 1);
            columns.add(patch.data() + at[y - 1] * width, -1);
        }
        double sum = 0;
        double square = 0;
        for (std::size_t x = 0; x < reach; ++x) {
            sum += columns.values[at[x]];
            square += columns.squares[at[x]];
        }
        const float* in = patch.data() + y * width;
        float* out = result.data() + y * width;
        for (std::size_t x = 0; x < width; ++x) {
            if (x > 0) {
                sum += columns.values[at[x + reach - 1]] - columns.values[at[x - 1]];
                square += columns.squares[at[x + reach - 1]] - columns.squares[at[x - 1]];
            }
            const auto mean = static_cast<float>(sum * share);
            const float variance = static_cast<float>(square * share) - mean * mean;
            out[x] = (in[x] - mean) / std::sqrt(std::max(variance, kLeastDeviation * kLeastDeviation));
        }
    }
    return result;
}

}  // namespace

std::vector<float> normalised_patch(const std::vector<float>& patch, int cells, int pixels) {
    if (cells <= kLocalCells) return normalised_by_whole(patch);
    return normalised_by_windows(patch, cells * pixels, kLocalCells * pixels);
}

}  // namespace fastqr
