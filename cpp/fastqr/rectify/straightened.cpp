#include "fastqr/rectify/straightened.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "fastqr/geometry/lattice.hpp"
#include "fastqr/rectify/resample.hpp"

namespace fastqr {

namespace {

/// Modules that are looked at: from the corner for a finder pattern and as much as its search may be off, rows and
/// columns about the timing pattern's, and from the last alignment pattern's centre, which is 6.5 from the corner.
struct Reach {
    int finder;
    int timing_first;
    int timing_last;
    int alignment;
};
constexpr Reach kWide{12, 2, 11, 8};
constexpr Reach kNear{9, 4, 9, 6};

/// Flags of the cells of a symbol with its margin that hold patterns to register on.
std::vector<std::uint8_t> pattern_cells(int size, int margin, const Reach& reach) {
    const int cells = size + 2 * margin;
    std::vector<std::uint8_t> wanted(static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells), 0);
    for (int i = 0; i < cells; ++i)
        for (int j = 0; j < cells; ++j) {
            const int r = i - margin;
            const int c = j - margin;
            const bool top = r < reach.finder;
            const bool left = c < reach.finder;
            const bool finder =
                (top && left) || (top && c >= size - reach.finder) || (left && r >= size - reach.finder);
            const bool timing = (r >= reach.timing_first && r < reach.timing_last) ||
                                (c >= reach.timing_first && c < reach.timing_last);
            const bool alignment = std::max(std::abs(r - (size - 7)), std::abs(c - (size - 7))) <= reach.alignment;
            wanted[static_cast<std::size_t>(i * cells + j)] = finder || timing || alignment ? 1 : 0;
        }
    return wanted;
}

}  // namespace

Straightened::Straightened(const MipMap& image, const Homography& symbol_to_image, int size, Part part)
    : size_(size), side_((size + 2 * kMargin) * kPixels) {
    const Lattice lattice = homography_lattice(symbol_to_image, size, kMargin);
    const auto wanted = part == Part::kWhole ? std::vector<std::uint8_t>{}
                                             : pattern_cells(size, kMargin, part == Part::kPatterns ? kWide : kNear);
    samples_ = resample_lattice(image, lattice, kPixels, wanted);
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

}  // namespace fastqr
