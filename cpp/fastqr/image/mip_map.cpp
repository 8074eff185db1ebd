#include "fastqr/image/mip_map.hpp"

#include <algorithm>
#include <cstddef>

#include "fastqr/image/block_mean.hpp"
#include "fastqr/image/local_levels.hpp"

namespace fastqr {
namespace {

constexpr int kSmallestSide = 4;  // pixels; a coarser level shows nothing
constexpr int kMostLevels = 12;
constexpr int kLevelledSide = 900;  // pixels

}  // namespace

MipMap::MipMap(const ImageView& image, const Region& region, int factor)
    : region_(image.clipped(region)), finest_(static_cast<float>(factor)) {
    if (region_.x1 == region_.x2 || region_.y1 == region_.y2) return;
    levels_.push_back(block_mean(image.part(region_), factor));
    outside_ = static_cast<float>(levels_.front().mean());
    add_halves();
}

void MipMap::add_halves() {
    while (static_cast<int>(levels_.size()) < kMostLevels &&
           std::min(levels_.back().height, levels_.back().width) >= 2 * kSmallestSide)
        levels_.push_back(block_mean(levels_.back().view(), 2));
}

MipMap MipMap::with_light_levelled(double share) const {
    MipMap result;
    result.region_ = region_;
    result.outside_ = 128;
    std::size_t first = 0;
    while (first + 1 < levels_.size() && std::max(levels_[first].height, levels_[first].width) > kLevelledSide) ++first;
    result.finest_ = pixel_size(static_cast<int>(first));
    const GreyImage& finest = levels_[first];
    result.levels_.push_back(
        levelled(finest, std::max(2, static_cast<int>(share * std::max(finest.height, finest.width) / 2))));
    result.add_halves();
    return result;
}

int MipMap::level_for(float step) const {
    int level = 0;
    const int last = static_cast<int>(levels_.size()) - 1;
    for (float size = 2 * finest_; level < last && step >= size; size *= 2) ++level;
    return level;
}

float MipMap::sample(int level, float x, float y) const {
    const GreyImage& image = levels_[static_cast<std::size_t>(level)];
    const float scale = 1.0F / pixel_size(level);
    const float px = (x - static_cast<float>(region_.x1)) * scale - 0.5F;
    const float py = (y - static_cast<float>(region_.y1)) * scale - 0.5F;
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
