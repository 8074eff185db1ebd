#include "fastqr/rectify/patch_normalisation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace fastqr {
namespace {

constexpr float kLeastDeviation = 2;  // grey levels; a flat patch must not be blown up to noise

/// Sums of a patch's columns, of values and of their squares, over as many rows as a window is high.
struct ColumnSums {
    Vector<double> values;
    Vector<double> squares;

    explicit ColumnSums(std::size_t width) : values(width, 0.0), squares(width, 0.0) {}

    void add(const float* row, double sign) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] += sign * static_cast<double>(row[i]);
            squares[i] += sign * static_cast<double>(row[i] * row[i]);
        }
    }
};

/// Where a row or column beyond the border is mirrored to: −1 to 0, −2 to 1.
std::size_t mirrored(int i, int count) {
    const int period = 2 * count;
    const int within = (i % period + period) % period;
    return static_cast<std::size_t>(within < count ? within : period - 1 - within);
}

Vector<float> normalised_by_whole(const Vector<float>& patch) {
    double sum = 0;
    for (float v : patch) sum += static_cast<double>(v);
    const double mean = sum / static_cast<double>(patch.size());
    double square = 0;
    for (float v : patch) square += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    const auto spread =
        std::max(static_cast<float>(std::sqrt(square / static_cast<double>(patch.size()))), kLeastDeviation);
    Vector<float> result;
    result.reserve(patch.size());
    for (float v : patch) result.push_back((v - static_cast<float>(mean)) / spread);
    return result;
}

Vector<float> normalised_by_windows(const Vector<float>& patch, int side, int window) {
    const auto width = static_cast<std::size_t>(side);
    const auto row = [&](int y) { return patch.data() + mirrored(y, side) * width; };
    const int before = window / 2;
    const int after = window - before;  // one past the last row or column of a window, from its middle
    const double share = 1.0 / (static_cast<double>(window) * window);
    ColumnSums columns(width);
    for (int y = -before; y < after; ++y) columns.add(row(y), 1);
    Vector<float> result(patch.size());
    for (int y = 0; y < side; ++y) {
        if (y > 0) {
            columns.add(row(y + after - 1), 1);
            columns.add(row(y - before - 1), -1);
        }
        double sum = 0;
        double square = 0;
        for (int x = -before; x < after; ++x) {
            sum += columns.values[mirrored(x, side)];
            square += columns.squares[mirrored(x, side)];
        }
        const float* in = row(y);
        float* out = result.data() + static_cast<std::size_t>(y) * width;
        for (int x = 0; x < side; ++x) {
            if (x > 0) {
                const std::size_t enters = mirrored(x + after - 1, side);
                const std::size_t leaves = mirrored(x - before - 1, side);
                sum += columns.values[enters] - columns.values[leaves];
                square += columns.squares[enters] - columns.squares[leaves];
            }
            const auto mean = static_cast<float>(sum * share);
            const float variance = static_cast<float>(square * share) - mean * mean;
            out[x] = (in[x] - mean) / std::sqrt(std::max(variance, kLeastDeviation * kLeastDeviation));
        }
    }
    return result;
}

}  // namespace

Vector<float> normalised_patch(const Vector<float>& patch, int cells, int pixels) {
    if (cells <= kLocalCells) return normalised_by_whole(patch);
    return normalised_by_windows(patch, cells * pixels, kLocalCells * pixels);
}

}  // namespace fastqr
