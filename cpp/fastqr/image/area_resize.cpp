#include "fastqr/image/area_resize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/image/block_mean.hpp"

namespace fastqr {
namespace {

/// The source pixels that each destination pixel covers along one axis, and their shares of it.
struct Spans {
    int most = 1;            // pixels that any of them covers
    std::vector<int> first;  // source pixel of each
    std::vector<int> count;  // source pixels of each
    std::vector<float>
        ends;         // shares of the first and of the last pixel of each; the last's is 0 where it is the first
    float share = 1;  // of those between
};

Spans spans(double shown, int source, int target) {
    const auto targets = static_cast<std::size_t>(target);
    Spans result;
    result.first.resize(targets);
    result.count.resize(targets);
    result.ends.resize(2 * targets);
    const double ratio = shown / target;
    const double share = 1 / ratio;
    result.share = static_cast<float>(share);
    for (std::size_t i = 0; i < targets; ++i) {
        const double low = static_cast<double>(i) * ratio;
        const double high = std::min(static_cast<double>(i + 1) * ratio, shown);
        const int first = std::min(static_cast<int>(low), source - 1);
        const int last = std::clamp(static_cast<int>(std::ceil(high)) - 1, first, source - 1);
        result.first[i] = first;
        result.count[i] = last - first + 1;
        result.most = std::max(result.most, result.count[i]);
        result.ends[2 * i] = static_cast<float>((first == last ? high - low : first + 1 - low) * share);
        result.ends[2 * i + 1] = first == last ? 0.0F : static_cast<float>((high - last) * share);
    }
    return result;
}

/// Of a mean: shares sum to 1 but for less than what would carry 255.5 to 256.
std::uint8_t rounded(float v) { return static_cast<std::uint8_t>(static_cast<int>(v + 0.5F)); }

constexpr int kFew = 4;

/// Sets or adds the weighted sums of up to four rows, so that sums are stored a quarter as often.
template <int kRows, bool kSet>
void add_weighted(const std::uint8_t* const* rows, const float* weights, std::size_t columns, float* __restrict sums) {
    const std::uint8_t* p[kRows];
    float w[kRows];
    std::copy_n(rows, kRows, p);
    std::copy_n(weights, kRows, w);
    for (std::size_t x = 0; x < columns; ++x) {
        float sum = w[0] * static_cast<float>(p[0][x]);
        for (int k = 1; k < kRows; ++k) sum += w[k] * static_cast<float>(p[k][x]);
        if constexpr (kSet)
            sums[x] = sum;
        else
            sums[x] += sum;
    }
}

template <bool kSet>
void add_few_rows(int count, const std::uint8_t* const* rows, const float* weights, std::size_t columns, float* sums) {
    switch (count) {
        case 1:
            return add_weighted<1, kSet>(rows, weights, columns, sums);
        case 2:
            return add_weighted<2, kSet>(rows, weights, columns, sums);
        case 3:
            return add_weighted<3, kSet>(rows, weights, columns, sums);
        default:
            return add_weighted<4, kSet>(rows, weights, columns, sums);
    }
}

/// Rows of a picture in grey, in place where they are; the last four that were asked for stay.
class GreyRows {
  public:
    explicit GreyRows(const ImageView& image)
        : image_(image),
          in_place_(image.channels == 1 && image.column_stride == 1),
          pixels_(in_place_ ? 0 : kFew * static_cast<std::size_t>(image.width)) {}

    const std::uint8_t* row(int index) {
        if (in_place_) return image_.pixel(index, 0);
        const auto slot = static_cast<std::size_t>(index % kFew);
        std::uint8_t* out = pixels_.data() + slot * static_cast<std::size_t>(image_.width);
        if (held_[slot] != index) grey_row(image_, index, out);
        held_[slot] = index;
        return out;
    }

  private:
    ImageView image_;
    bool in_place_;
    std::vector<std::uint8_t> pixels_;
    std::array<int, kFew> held_{-1, -1, -1, -1};
};

/// Weighted sums of neighbours, as many for each destination pixel: no branch depends on the pixel.
template <int kTaps>
void few_across(const std::vector<float>& column, const Spans& across, const std::vector<float>& weights,
                std::uint8_t* out) {
    const float* w = weights.data();
    for (std::size_t x = 0; x < across.first.size(); ++x, w += kTaps) {
        const float* p = column.data() + across.first[x];
        float sum = 0;
        for (int k = 0; k < kTaps; ++k) sum += w[k] * p[k];
        out[x] = rounded(sum);
    }
}

void many_across(const std::vector<float>& column, const Spans& across, std::uint8_t* out) {
    for (std::size_t x = 0; x < across.first.size(); ++x) {
        const float* p = column.data() + across.first[x];
        const int last = across.count[x] - 1;
        float between = 0;
        for (int k = 1; k < last; ++k) between += p[k];
        out[x] = rounded(across.ends[2 * x] * p[0] + across.share * between + across.ends[2 * x + 1] * p[last]);
    }
}

/// `most` weights for each destination pixel, 0 past its last.
std::vector<float> even_weights(const Spans& spans) {
    const auto most = static_cast<std::size_t>(spans.most);
    std::vector<float> weights(most * spans.first.size(), 0.0F);
    for (std::size_t x = 0; x < spans.first.size(); ++x) {
        const auto count = static_cast<std::size_t>(spans.count[x]);
        for (std::size_t k = 1; k + 1 < count; ++k) weights[most * x + k] = spans.share;
        weights[most * x] = spans.ends[2 * x];
        if (count > 1) weights[most * x + count - 1] = spans.ends[2 * x + 1];
    }
    return weights;
}

}  // namespace

GreyImage area_resize(const ImageView& image, int height, int width) {
    return area_resize(image, image.height, image.width, height, width);
}

GreyImage area_resize(const ImageView& image, double shown_height, double shown_width, int height, int width) {
    if (height == shown_height && width == shown_width) return block_mean(image.part({0, 0, width, height}), 1);
    GreyImage result{height, width, Pixels(static_cast<std::size_t>(height) * static_cast<std::size_t>(width))};
    const Spans across = spans(shown_width, image.width, width);
    const Spans down = spans(shown_height, image.height, height);
    const std::vector<float> weights = across.most <= kFew ? even_weights(across) : std::vector<float>();
    const auto columns = static_cast<std::size_t>(image.width);
    std::vector<float> column(columns + kFew, 0.0F);  // and what weights of 0 may touch
    GreyRows grey(image);
    for (std::size_t y = 0; y < down.first.size(); ++y) {
        // Vertical sums first: one multiply-add a source pixel, in row order, so memory is read once and in sequence.
        for (int done = 0; done < down.count[y]; done += kFew) {
            const int count = std::min(kFew, down.count[y] - done);
            std::array<const std::uint8_t*, kFew> rows{};
            std::array<float, kFew> shares{};
            for (int k = 0; k < count; ++k) {
                const int row = done + k;
                rows[static_cast<std::size_t>(k)] = grey.row(down.first[y] + row);
                shares[static_cast<std::size_t>(k)] = row == 0                   ? down.ends[2 * y]
                                                      : row + 1 == down.count[y] ? down.ends[2 * y + 1]
                                                                                 : down.share;
            }
            if (done == 0)
                add_few_rows<true>(count, rows.data(), shares.data(), columns, column.data());
            else
                add_few_rows<false>(count, rows.data(), shares.data(), columns, column.data());
        }
        std::uint8_t* out = result.pixels.data() + y * static_cast<std::size_t>(width);
        switch (across.most) {
            case 1:
                few_across<1>(column, across, weights, out);
                break;
            case 2:
                few_across<2>(column, across, weights, out);
                break;
            case 3:
                few_across<3>(column, across, weights, out);
                break;
            case 4:
                few_across<4>(column, across, weights, out);
                break;
            default:
                many_across(column, across, out);
        }
    }
    return result;
}

}  // namespace fastqr
