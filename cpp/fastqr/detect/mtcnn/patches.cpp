#include "fastqr/detect/mtcnn/patches.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fastqr/image/window_light.hpp"

namespace fastqr {
namespace {

constexpr float kRounding = 1e-4F;
constexpr float kHalf = 0.5F;  // of a patch pixel inside the picture along an axis: then its centre is

/// Weights of consecutive source pixels for each patch pixel along one axis, those outside the picture left out.
class Taps {
  public:
    Taps(float low, float high, int size, int length) : most_(2), first_(static_cast<std::size_t>(size)) {
        const double step = (static_cast<double>(high) - low) / size;
        // A patch pixel covers its own area when shrinking; when enlarging it looks at one source pixel's width about
        // its centre, which is bilinear interpolation.
        const double reach = std::max(std::abs(step), 1.0) / 2;
        most_ += static_cast<std::size_t>(std::min<double>(length, 2 * reach));
        weights_.resize(most_ * first_.size());
        shares_.resize(first_.size());
        begin_ = length;
        for (std::size_t i = 0; i < first_.size(); ++i) {
            const double centre = low + (static_cast<double>(i) + 0.5) * step;
            const double from = centre - reach;
            const double to = centre + reach;
            if (!(to > 0 && from < length)) continue;
            const int begin = from > 0 ? static_cast<int>(from) : 0;
            float* weights = weights_.data() + most_ * i;
            double inside = 0;
            int p = begin;
            for (; p < length && p < to; ++p) {
                const double covered = std::min(to, p + 1.0) - std::max(from, static_cast<double>(p));
                *weights++ = static_cast<float>(covered / (2 * reach));
                inside += covered;
            }
            first_[i] = begin;
            begin_ = std::min(begin_, begin);
            end_ = std::max(end_, p);
            shares_[i] = static_cast<float>(inside / (2 * reach));
            if (shares_[i] > 1 - kRounding) shares_[i] = 1;
        }
    }

    /// The source pixels of all.
    [[nodiscard]] int begin() const { return begin_; }
    [[nodiscard]] int end() const { return end_; }
    /// Weights of each, from its first source pixel on; 0 past its last.
    [[nodiscard]] std::size_t most() const { return most_; }
    [[nodiscard]] int first(std::size_t i) const { return first_[i]; }
    [[nodiscard]] const float* weights(std::size_t i) const { return weights_.data() + most_ * i; }
    /// How much of each lies inside the picture.
    [[nodiscard]] const std::vector<float>& shares() const { return shares_; }
    [[nodiscard]] bool are_inside() const { return *std::ranges::min_element(shares_) >= 1; }

  private:
    std::size_t most_;
    std::vector<int> first_;
    std::vector<float> weights_;
    std::vector<float> shares_;
    int begin_ = 0;
    int end_ = 0;
};

/// One value a pixel of a row.
template <std::size_t kTaps>
void write_across(const std::vector<float>& row, const Taps& taps, float* out) {
    const std::size_t most = kTaps == 0 ? taps.most() : kTaps;
    for (std::size_t x = 0; x < taps.shares().size(); ++x) {
        const float* w = taps.weights(x);
        const float* p = row.data() + (taps.shares()[x] > 0 ? taps.first(x) - taps.begin() : 0);
        float value = 0;
        for (std::size_t k = 0; k < most; ++k) value += w[k] * p[k];
        out[x] = value;
    }
}

/// Writes one channel of a patch in grey values, 0 outside of the picture; `grey(row, column)` gives what is not one
/// byte after the other. Rows first, which vectorises: reads each byte of the box once, or twice where two patch rows
/// share it.
template <typename Grey>
void write_patch(const ImageView& image, const Taps& across, const Taps& down, Grey grey, float* out) {
    const bool adjacent = image.channels == 1 && image.column_stride == 1;
    const int left = across.begin();
    const int right = across.end();
    const std::size_t size = across.shares().size();
    if (left >= right) {
        std::fill_n(out, size * size, 0.0F);
        return;
    }
    const auto columns = static_cast<std::size_t>(right - left);
    std::vector<float> sum(columns + across.most());  // and what weights of 0 touch
    for (std::size_t y = 0; y < size; ++y, out += size) {
        std::fill_n(sum.begin(), columns, 0.0F);
        const float* weights = down.weights(y);
        for (std::size_t r = 0; r < down.most() && weights[r] != 0; ++r) {
            const int row = down.first(y) + static_cast<int>(r);
            if (adjacent) {
                const std::uint8_t* source = image.pixel(row, left);
                for (std::size_t x = 0; x < columns; ++x) sum[x] += weights[r] * static_cast<float>(source[x]);
            } else {
                for (std::size_t x = 0; x < columns; ++x)
                    sum[x] += weights[r] * static_cast<float>(grey(row, left + static_cast<int>(x)));
            }
        }
        if (across.most() == 3)
            write_across<3>(sum, across, out);
        else
            write_across<0>(sum, across, out);
    }
}

}  // namespace

void extract_patch(const ImageView& image, const Box& box, int size, bool as_grey, float* out) {
    const int channels = as_grey ? 1 : image.channels;
    const Taps across(box.x1, box.x2, size, image.width);
    const Taps down(box.y1, box.y2, size, image.height);
    for (int channel = 0; channel < channels; ++channel, out += static_cast<std::ptrdiff_t>(size) * size) {
        const auto value = [&](int row, int column) {
            return as_grey ? image.grey(row, column) : image.pixel(row, column)[channel * image.channel_stride];
        };
        write_patch(image, across, down, value, out);
        for (float& grey : std::span(out, static_cast<std::size_t>(size) * static_cast<std::size_t>(size)))
            grey = normalised(grey);
    }
}

void write_network_patch(const MipMap& view, const Box& box, int size, bool tones, float* out) {
    const int number = view.level_for(std::max(box.width(), box.height()) / static_cast<float>(size));
    const GreyView& level = view.level(number);
    const float scale = 1 / view.pixel_size(number);
    const auto left = static_cast<float>(view.region().x1);
    const auto top = static_cast<float>(view.region().y1);
    const Taps columns((box.x1 - left) * scale, (box.x2 - left) * scale, size, level.width);
    const Taps rows((box.y1 - top) * scale, (box.y2 - top) * scale, size, level.height);
    const ImageView image = level.view();
    write_patch(image, columns, rows, [&](int row, int column) { return image.grey(row, column); }, out);
    const auto side = static_cast<std::size_t>(size);
    const std::span<float> patch(out, side * side);
    const auto normalise = [tones](std::span<float> values) {
        if (tones)
            normalise_tones(values);
        else
            normalise_light(values);
    };
    if (columns.are_inside() && rows.are_inside()) {
        normalise(patch);
        return;
    }
    const std::vector<float>& across = columns.shares();
    const std::vector<float>& down = rows.shares();
    // What lies outside was black: it is taken out of the means of pixels on the border, and has no light.
    const auto shown = [&](std::size_t x, std::size_t y) { return across[x] >= kHalf && down[y] >= kHalf; };
    std::vector<float> inside;
    for (std::size_t y = 0; y < side; ++y)
        for (std::size_t x = 0; x < side; ++x)
            if (shown(x, y)) inside.push_back(patch[y * side + x] / (across[x] * down[y]));
    normalise(inside);
    std::size_t next = 0;
    for (std::size_t y = 0; y < side; ++y)
        for (std::size_t x = 0; x < side; ++x) patch[y * side + x] = shown(x, y) ? inside[next++] : 0;
}

}  // namespace fastqr
