#include "fastqr/rectify/straightened.hpp"

#include <algorithm>
#include <cmath>

#include "fastqr/rectify/lattice.hpp"
#include "fastqr/rectify/resample.hpp"

namespace fastqr {

Straightened::Straightened(const MipMap& image, const Homography& symbol_to_image, int size)
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
    // Two passes of 2·reach + 1 multiply-adds a sample, whole rows at a time so that the compiler vectorises them.
    const auto side = static_cast<std::size_t>(side_);
    const auto clamped = [this](int i) { return static_cast<std::size_t>(std::clamp(i, 0, side_ - 1)); };
    std::vector<float> padded(side + 2 * static_cast<std::size_t>(reach));
    std::vector<float> across(samples_.size(), 0.0F);
    for (std::size_t r = 0; r < side; ++r) {
        const float* source = samples_.data() + r * side;
        for (int c = -reach; c < side_ + reach; ++c) padded[static_cast<std::size_t>(c + reach)] = source[clamped(c)];
        float* target = across.data() + r * side;
        for (std::size_t k = 0; k < kernel.size(); ++k) {
            const float weight = kernel[k];
            const float* shifted = padded.data() + k;
            for (std::size_t c = 0; c < side; ++c) target[c] += weight * shifted[c];
        }
    }
    std::fill(samples_.begin(), samples_.end(), 0.0F);
    for (int r = 0; r < side_; ++r) {
        float* target = samples_.data() + static_cast<std::size_t>(r) * side;
        for (std::size_t k = 0; k < kernel.size(); ++k) {
            const float weight = kernel[k];
            const float* source = across.data() + clamped(r + static_cast<int>(k) - reach) * side;
            for (std::size_t c = 0; c < side; ++c) target[c] += weight * source[c];
        }
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
