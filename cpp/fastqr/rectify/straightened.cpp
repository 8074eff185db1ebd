#include "fastqr/rectify/straightened.hpp"

#include <algorithm>
#include <cmath>

#include "fastqr/rectify/lattice.hpp"
#include "fastqr/rectify/resample.hpp"

namespace fastqr {

Straightened::Straightened(const ImageView& image, const Homography& symbol_to_image, int size)
    : size_(size), side_((size + 2 * kMargin) * kPixels) {
    samples_ = resample_lattice(image, homography_lattice(symbol_to_image, size, kMargin), kPixels);
}

void Straightened::blur(double sigma) {
    const double pixels = sigma * kPixels;
    const int reach = std::max(1, static_cast<int>(std::ceil(2.5 * pixels)));
    std::vector<float> kernel(static_cast<std::size_t>(2 * reach + 1));
    float sum = 0;
    for (int i = -reach; i <= reach; ++i) {
        kernel[static_cast<std::size_t>(i + reach)] = static_cast<float>(std::exp(-i * i / (2 * pixels * pixels)));
        sum += kernel[static_cast<std::size_t>(i + reach)];
    }
    for (float& v : kernel) v /= sum;
    // Two passes of 2·reach + 1 multiply-adds a sample.
    const auto at = [this](int r, int c) {
        return static_cast<std::size_t>(std::clamp(r, 0, side_ - 1)) * static_cast<std::size_t>(side_) +
               static_cast<std::size_t>(std::clamp(c, 0, side_ - 1));
    };
    std::vector<float> across(samples_.size());
    for (int r = 0; r < side_; ++r)
        for (int c = 0; c < side_; ++c) {
            float value = 0;
            for (int i = -reach; i <= reach; ++i)
                value += kernel[static_cast<std::size_t>(i + reach)] * samples_[at(r, c + i)];
            across[at(r, c)] = value;
        }
    for (int r = 0; r < side_; ++r)
        for (int c = 0; c < side_; ++c) {
            float value = 0;
            for (int i = -reach; i <= reach; ++i)
                value += kernel[static_cast<std::size_t>(i + reach)] * across[at(r + i, c)];
            samples_[at(r, c)] = value;
        }
}

Straightened::Look Straightened::look(double x, double y) const {
    const double limit = side_ - 1.001;
    double u = (x + kMargin) * kPixels - 0.5;
    double v = (y + kMargin) * kPixels - 0.5;
    u = std::min(u > 0 ? u : 0, limit);  // NaN becomes 0
    v = std::min(v > 0 ? v : 0, limit);
    const int column = static_cast<int>(u);
    const int row = static_cast<int>(v);
    const auto fx = static_cast<float>(u - column);
    const auto fy = static_cast<float>(v - row);
    const float* p = samples_.data() + static_cast<std::ptrdiff_t>(row) * side_ + column;
    const float a = p[0];
    const float b = p[1];
    const float c = p[side_];
    const float d = p[side_ + 1];
    const float top = a + (b - a) * fx;
    const float bottom = c + (d - c) * fx;
    return {top + (bottom - top) * fy, ((b - a) * (1 - fy) + (d - c) * fy) * kPixels, (bottom - top) * kPixels};
}

}  // namespace fastqr
