#include "fastqr/image/mip_map.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "fastqr/image/local_levels.hpp"

namespace fastqr {
namespace {

constexpr int kSmallestSide = 4;  // pixels; a coarser level shows nothing
constexpr int kMostLevels = 12;
constexpr int kLevelledSide = 900;  // pixels

/// Half of a picture, each pixel the mean of four; odd sides repeat their last row or column.
GreyImage halved(const GreyImage& image) {
    GreyImage half{(image.height + 1) / 2, (image.width + 1) / 2, {}};
    half.pixels.resize(static_cast<std::size_t>(half.height) * static_cast<std::size_t>(half.width));
    const auto width = static_cast<std::size_t>(image.width);
    const std::size_t pairs = width / 2;
    for (int y = 0; y < half.height; ++y) {
        const std::uint8_t* a = image.pixels.data() + static_cast<std::size_t>(2 * y) * width;
        const std::uint8_t* b = 2 * y + 1 < image.height ? a + width : a;
        std::uint8_t* out = half.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(half.width);
        for (std::size_t x = 0; x < pairs; ++x)
            out[x] = static_cast<std::uint8_t>((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2);
        if (width % 2) out[pairs] = static_cast<std::uint8_t>((a[width - 1] + b[width - 1] + 1) >> 1);
    }
    return half;
}

}  // namespace

MipMap::MipMap(const ImageView& image, const Region& region) {
    const int x1 = std::clamp(region.x1, 0, image.width);
    const int y1 = std::clamp(region.y1, 0, image.height);
    const int width = std::clamp(region.x2, 0, image.width) - x1;
    const int height = std::clamp(region.y2, 0, image.height) - y1;
    if (width < 1 || height < 1) return;
    left_ = static_cast<float>(x1);
    top_ = static_cast<float>(y1);
    GreyImage level{height, width, {}};
    level.pixels.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    for (int y = 0; y < height; ++y) {
        std::uint8_t* out = level.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
        if (image.channels == 1 && image.column_stride == 1) {
            std::copy_n(image.pixel(y1 + y, x1), width, out);
        } else {
            for (int x = 0; x < width; ++x) out[x] = image.grey(y1 + y, x1 + x);
        }
    }
    const double sum = std::accumulate(level.pixels.begin(), level.pixels.end(), 0.0);
    outside_ = static_cast<float>(sum / static_cast<double>(level.pixels.size()));
    levels_.push_back(std::move(level));
    add_halves();
}

void MipMap::add_halves() {
    while (static_cast<int>(levels_.size()) < kMostLevels &&
           std::min(levels_.back().height, levels_.back().width) >= 2 * kSmallestSide)
        levels_.push_back(halved(levels_.back()));
}

MipMap MipMap::with_light_levelled(double share) const {
    MipMap result;
    result.left_ = left_;
    result.top_ = top_;
    result.outside_ = 128;
    std::size_t first = 0;
    while (first + 1 < levels_.size() && std::max(levels_[first].height, levels_[first].width) > kLevelledSide) ++first;
    result.finest_ = finest_ + static_cast<int>(first);
    const GreyImage& finest = levels_[first];
    result.levels_.push_back(
        levelled(finest, std::max(2, static_cast<int>(share * std::max(finest.height, finest.width) / 2))));
    result.add_halves();
    return result;
}

int MipMap::level_for(float step) const {
    int level = 0;
    const int last = static_cast<int>(levels_.size()) - 1;
    for (float size = static_cast<float>(2 << finest_); level < last && step >= size; size *= 2) ++level;
    return level;
}

float MipMap::sample(int level, float x, float y) const {
    const GreyImage& image = levels_[static_cast<std::size_t>(level)];
    const float scale = 1.0F / pixel_size(level);
    const float px = (x - left_) * scale - 0.5F;
    const float py = (y - top_) * scale - 0.5F;
    const auto last_column = static_cast<float>(image.width - 1);
    const auto last_row = static_cast<float>(image.height - 1);
    // Written so that NaN is outside: a homography may send a point to infinity.
    if (!(px > -1 && py > -1 && px < last_column + 1 && py < last_row + 1)) return outside_;
    const float u = std::clamp(px, 0.0F, last_column);
    const float v = std::clamp(py, 0.0F, last_row);
    const int column = static_cast<int>(u);
    const int row = static_cast<int>(v);
    const float fx = u - static_cast<float>(column);
    const float fy = v - static_cast<float>(row);
    const int right = column + 1 < image.width ? 1 : 0;
    const std::uint8_t* a = image.pixels.data() + static_cast<std::ptrdiff_t>(row) * image.width + column;
    const std::uint8_t* b = row + 1 < image.height ? a + image.width : a;
    const float top = static_cast<float>(a[0]) + static_cast<float>(a[right] - a[0]) * fx;
    const float bottom = static_cast<float>(b[0]) + static_cast<float>(b[right] - b[0]) * fx;
    return top + (bottom - top) * fy;
}

}  // namespace fastqr
