#include "fastqr/detect/mtcnn/patches.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "fastqr/image/window_light.hpp"

namespace fastqr {
namespace {

/// Weights of consecutive source pixels for each patch pixel along one axis, those outside the picture left out.
class Taps {
  public:
    Taps(float low, float high, int size, int length) : first_(static_cast<std::size_t>(size)), end_(first_.size()) {
        const double step = (static_cast<double>(high) - low) / size;
        // A patch pixel covers its own area when shrinking; when enlarging it looks at one source pixel's width about
        // its centre, which is bilinear interpolation.
        const double reach = std::max(std::abs(step), 1.0) / 2;
        for (std::size_t i = 0; i < first_.size(); ++i) {
            const double centre = low + (static_cast<double>(i) + 0.5) * step;
            const double from = centre - reach;
            const double to = centre + reach;
            if (to > 0 && from < length) {
                const int begin = std::max(0, static_cast<int>(std::floor(from)));
                const int end = std::min(length, static_cast<int>(std::ceil(to)));
                first_[i] = begin;
                for (int p = begin; p < end; ++p)
                    weights_.push_back(static_cast<float>(
                        (std::min(to, p + 1.0) - std::max(from, static_cast<double>(p))) / (2 * reach)));
            }
            end_[i] = weights_.size();
        }
    }

    [[nodiscard]] int first(std::size_t i) const { return first_[i]; }
    [[nodiscard]] std::span<const float> weights(std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : end_[i - 1];
        return std::span(weights_).subspan(begin, end_[i] - begin);
    }

  private:
    std::vector<int> first_;
    std::vector<std::size_t> end_;  // of each pixel's weights
    std::vector<float> weights_;
};

constexpr float kRounding = 1e-4F;
constexpr float kHalf = 0.5F;  // of a patch pixel inside the picture along an axis: then its centre is

/// Of each patch pixel along an axis, how much lies inside the picture.
std::vector<float> shares_inside(float low, float high, int size, int length) {
    const Taps taps(low, high, size, length);
    std::vector<float> shares(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto weights = taps.weights(i);
        shares[i] = std::reduce(weights.begin(), weights.end());
        if (shares[i] > 1 - kRounding) shares[i] = 1;
    }
    return shares;
}

}  // namespace

void extract_patch(const ImageView& image, const Box& box, int size, bool as_grey, float* out) {
    const int channels = as_grey ? 1 : image.channels;
    std::fill(out, out + static_cast<std::ptrdiff_t>(channels) * size * size, normalised(0));
    const Taps across(box.x1, box.x2, size, image.width);
    const Taps down(box.y1, box.y2, size, image.height);
    int left = image.width;
    int right = 0;
    for (std::size_t x = 0; x < static_cast<std::size_t>(size); ++x) {
        const auto count = static_cast<int>(across.weights(x).size());
        if (count == 0) continue;
        left = std::min(left, across.first(x));
        right = std::max(right, across.first(x) + count);
    }
    if (left >= right) return;
    // Rows first, which vectorises: reads each byte of the box once, or twice where two patch rows share it.
    std::vector<float> sum(static_cast<std::size_t>(right - left));
    const bool adjacent = image.channels == 1 && image.column_stride == 1;
    for (int channel = 0; channel < channels; ++channel) {
        for (std::size_t y = 0; y < static_cast<std::size_t>(size); ++y) {
            const auto rows = down.weights(y);
            if (rows.empty()) continue;
            std::fill(sum.begin(), sum.end(), 0.0F);
            for (std::size_t r = 0; r < rows.size(); ++r) {
                const int row = down.first(y) + static_cast<int>(r);
                const float weight = rows[r];
                if (adjacent) {
                    const std::uint8_t* source = image.pixel(row, left);
                    for (std::size_t x = 0; x < sum.size(); ++x) sum[x] += weight * static_cast<float>(source[x]);
                } else {
                    for (int x = left; x < right; ++x) {
                        const auto v =
                            as_grey ? image.grey(row, x) : image.pixel(row, x)[channel * image.channel_stride];
                        sum[static_cast<std::size_t>(x - left)] += weight * static_cast<float>(v);
                    }
                }
            }
            float* target = out + (static_cast<std::ptrdiff_t>(channel) * size + static_cast<std::ptrdiff_t>(y)) * size;
            for (std::size_t x = 0; x < static_cast<std::size_t>(size); ++x) {
                const auto columns = across.weights(x);
                const float* from = sum.data() + (columns.empty() ? 0 : across.first(x) - left);
                float value = 0;
                for (std::size_t c = 0; c < columns.size(); ++c) value += columns[c] * from[c];
                target[x] = normalised(value);
            }
        }
    }
}

void write_network_patch(const MipMap& view, const Box& box, int size, float* out) {
    const int number = view.level_for(std::max(box.width(), box.height()) / static_cast<float>(size));
    const GreyView& level = view.level(number);
    const float scale = 1 / view.pixel_size(number);
    const auto left = static_cast<float>(view.region().x1);
    const auto top = static_cast<float>(view.region().y1);
    const Box placed{(box.x1 - left) * scale, (box.y1 - top) * scale, (box.x2 - left) * scale, (box.y2 - top) * scale};
    extract_patch(level.view(), placed, size, true, out);
    const auto side = static_cast<std::size_t>(size);
    const std::span<float> patch(out, side * side);
    for (float& value : patch) value = value * 128 + 127.5F;
    const std::vector<float> across = shares_inside(placed.x1, placed.x2, size, level.width);
    const std::vector<float> down = shares_inside(placed.y1, placed.y2, size, level.height);
    const bool whole = *std::ranges::min_element(across) >= 1 && *std::ranges::min_element(down) >= 1;
    if (whole) {
        normalise_light(patch);
        return;
    }
    // What lies outside was black: it is taken out of the means of pixels on the border, and has no light.
    const auto shown = [&](std::size_t x, std::size_t y) { return across[x] >= kHalf && down[y] >= kHalf; };
    std::vector<float> inside;
    for (std::size_t y = 0; y < side; ++y)
        for (std::size_t x = 0; x < side; ++x)
            if (shown(x, y)) inside.push_back(patch[y * side + x] / (across[x] * down[y]));
    normalise_light(inside);
    std::size_t next = 0;
    for (std::size_t y = 0; y < side; ++y)
        for (std::size_t x = 0; x < side; ++x) patch[y * side + x] = shown(x, y) ? inside[next++] : 0;
}

}  // namespace fastqr
