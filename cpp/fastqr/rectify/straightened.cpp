#include "fastqr/rectify/straightened.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
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

/// A row of weighted sums: of what the middle source has and, with the kernel's next weights, of both at its sides.
/// kernel.size() multiply-adds a value, in lanes that the compiler keeps in registers.
void weigh(const std::vector<const float*>& sources, std::span<const float> kernel, std::size_t count, float* out) {
    constexpr std::size_t lanes = 8;
    const std::size_t middle = kernel.size() - 1;
    for (std::size_t first = 0; first < count; first += lanes) {
        const std::size_t at = std::min(first, count - lanes);  // the last ones again
        std::array<float, lanes> sums{};
        for (std::size_t l = 0; l < lanes; ++l) sums[l] = kernel[0] * sources[middle][at + l];
        for (std::size_t k = 1; k < kernel.size(); ++k) {
            const float* before = sources[middle - k] + at;
            const float* after = sources[middle + k] + at;
            for (std::size_t l = 0; l < lanes; ++l) sums[l] += kernel[k] * (before[l] + after[l]);
        }
        std::copy(sums.begin(), sums.end(), out + at);
    }
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
    const auto reach = static_cast<std::size_t>(std::max(1.0, std::ceil(2.5 * pixels)));
    std::vector<float> kernel(reach + 1);  // one half, from the middle
    float sum = 0;
    for (std::size_t k = 0; k <= reach; ++k) {
        const auto distance = static_cast<double>(k);
        kernel[k] = static_cast<float>(std::exp(-distance * distance / (2 * pixels * pixels)));
        sum += (k == 0 ? 1.0F : 2.0F) * kernel[k];
    }
    for (float& v : kernel) v /= sum;
    const auto side = static_cast<std::size_t>(side_);
    std::vector<const float*> sources(2 * reach + 1);
    std::vector<float> padded(side + 2 * reach);
    std::vector<float> across(samples_.size());
    for (std::size_t k = 0; k < sources.size(); ++k) sources[k] = padded.data() + k;
    for (std::size_t r = 0; r < side; ++r) {
        const float* row = samples_.data() + r * side;
        std::fill_n(padded.data(), reach, row[0]);
        std::copy_n(row, side, padded.data() + reach);
        std::fill_n(padded.data() + reach + side, reach, row[side - 1]);
        weigh(sources, kernel, side, across.data() + r * side);
    }
    for (std::size_t r = 0; r < side; ++r) {
        for (std::size_t k = 0; k < sources.size(); ++k)
            sources[k] = across.data() + std::min(std::max(r + k, reach) - reach, side - 1) * side;
        weigh(sources, kernel, side, samples_.data() + r * side);
    }
}

}  // namespace fastqr
