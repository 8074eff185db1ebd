#include "fastqr/image/local_levels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace fastqr {
namespace {

constexpr int kMiddle = 128;
constexpr float kDeviation = 50;        // grey levels that one deviation becomes: what lies within 2.5 is kept
constexpr float kLeastDeviation = 1.5;  // grey levels; less is noise and must not be blown up

constexpr int plain(std::uint8_t v) { return v; }
constexpr int about_middle(std::uint8_t v) { return v - kMiddle; }  // squares of which lose little in float
constexpr int squared(std::uint8_t v) {
    const auto level = static_cast<std::int16_t>(about_middle(v));  // 16 bits: any processor multiplies vectors of them
    return level * level;
}

/// Means of a function of the pixels over the window about each pixel, row after row, from running sums of the
/// columns and along the row. Sum is an unsigned type: sums wrap around, their differences are right all the same as
/// long as a window's own sum lies in the signed type's range.
template <typename Sum, auto kValue>
class WindowMeans {
  public:
    WindowMeans(const GreyView& image, int reach)
        : image_(image),
          reach_(reach),
          across_(std::min(reach, image.width)),
          columns_(static_cast<std::size_t>(image.width), 0),
          before_(static_cast<std::size_t>(image.width + 2 * across_ + 1), 0),
          counts_(static_cast<std::size_t>(image.width)) {
        for (int x = 0; x < image.width; ++x)
            counts_[static_cast<std::size_t>(x)] =
                static_cast<float>(std::min(x + reach, image.width - 1) - std::max(x - reach, 0) + 1);
        for (int row = 0; row < std::min(reach, image.height); ++row) add<1>(row);
    }

    /// The next row's means.
    void next(float* out) {
        if (row_ + reach_ < image_.height) add<1>(row_ + reach_);
        if (row_ - reach_ - 1 >= 0) add<-1>(row_ - reach_ - 1);
        const auto width = static_cast<std::size_t>(image_.width);
        const auto across = static_cast<std::size_t>(across_);
        // Sums of the columns before each, repeated beyond the borders, where a window is cut.
        Sum sum = 0;
        for (std::size_t x = 0; x < width; ++x) before_[across + 1 + x] = sum += columns_[x];
        std::fill_n(before_.begin() + image_.width + across_ + 1, across_, sum);
        const Sum* left = before_.data();
        const Sum* right = left + 2 * across + 1;
        const float rows =
            static_cast<float>(std::min(row_ + reach_, image_.height - 1) - std::max(row_ - reach_, 0) + 1);
        for (std::size_t x = 0; x < width; ++x)
            out[x] = static_cast<float>(static_cast<std::make_signed_t<Sum>>(right[x] - left[x])) / (rows * counts_[x]);
        ++row_;
    }

  private:
    template <int kSign>
    void add(int row) {
        const std::uint8_t* p = image_.pixels.data() + static_cast<std::ptrdiff_t>(row) * image_.width;
        for (std::size_t x = 0; x < columns_.size(); ++x) columns_[x] += static_cast<Sum>(kSign * kValue(p[x]));
    }

    GreyView image_;
    int reach_;
    int across_;  // reach along a row, no farther than it is long: a tall strip's row costs no more than its pixels
    int row_ = 0;
    std::vector<Sum> columns_;
    std::vector<Sum> before_;
    std::vector<float> counts_;  // columns in each pixel's window
};

/// Whether a window's sum of values up to the largest lies in 32 bits, which twice as many of fit a vector.
bool narrow(const GreyView& image, int reach, int largest) {
    const auto side = [reach](int length) { return std::min<std::int64_t>(2 * std::int64_t{reach} + 1, length); };
    return side(image.height) * side(image.width) <= std::numeric_limits<std::int32_t>::max() / largest;
}

template <typename Sum>
std::vector<float> means(const GreyView& image, int reach) {
    std::vector<float> result(image.pixels.size());
    WindowMeans<Sum, plain> rows(image, reach);
    for (int row = 0; row < image.height; ++row)
        rows.next(result.data() + static_cast<std::ptrdiff_t>(row) * image.width);
    return result;
}

template <typename Sum>
GreyImage levelled_by(const GreyView& image, int reach) {
    GreyImage result{image.height, image.width, Pixels(image.pixels.size())};
    WindowMeans<Sum, about_middle> means_of_rows(image, reach);
    WindowMeans<Sum, squared> squares_of_rows(image, reach);
    const auto width = static_cast<std::size_t>(image.width);
    std::vector<float> mean(width);
    std::vector<float> square(width);
    for (int row = 0; row < image.height; ++row) {
        means_of_rows.next(mean.data());
        squares_of_rows.next(square.data());
        const std::uint8_t* p = image.pixels.data() + static_cast<std::ptrdiff_t>(row) * image.width;
        std::uint8_t* out = result.pixels.data() + static_cast<std::ptrdiff_t>(row) * image.width;
        for (std::size_t x = 0; x < width; ++x) {
            const float deviation =
                std::sqrt(std::max(square[x] - mean[x] * mean[x], kLeastDeviation * kLeastDeviation));
            const float level = kMiddle + kDeviation * (static_cast<float>(about_middle(p[x])) - mean[x]) / deviation;
            out[x] = static_cast<std::uint8_t>(std::clamp(level + 0.5F, 0.0F, 255.0F));
        }
    }
    return result;
}

}  // namespace

std::vector<float> local_mean(const GreyView& image, int reach) {
    return narrow(image, reach, 255) ? means<std::uint32_t>(image, reach) : means<std::uint64_t>(image, reach);
}

GreyImage levelled(const GreyView& image, int reach) {
    return narrow(image, reach, squared(0)) ? levelled_by<std::uint32_t>(image, reach)
                                            : levelled_by<std::uint64_t>(image, reach);
}

}  // namespace fastqr
