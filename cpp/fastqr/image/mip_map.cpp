#include "fastqr/image/mip_map.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "fastqr/image/block_mean.hpp"
#include "fastqr/image/local_levels.hpp"

namespace fastqr {
namespace {

constexpr int kSmallestSide = 4;  // pixels; a coarser level shows nothing
constexpr int kMostLevels = 12;
constexpr int kLevelledSide = 900;          // pixels
constexpr std::size_t kEnough = 1U << 12U;  // pixels that a mean is taken of

}  // namespace

MipMap::MipMap(const ImageView& image, const Region& region, int factor)
    : region_(image.clipped(region)), finest_(static_cast<float>(factor)) {
    if (region_.x1 == region_.x2 || region_.y1 == region_.y2) return;
    const ImageView seen = image.part(region_);
    const auto size = static_cast<std::size_t>(seen.height) * static_cast<std::size_t>(seen.width);
    if (factor == 1 && seen.channels == 1 && seen.column_stride == 1 && seen.row_stride == seen.width)
        levels_.push_back({seen.height, seen.width, {seen.data, size}});
    else
        add(block_mean(seen, factor));
    add_halves();
    std::size_t level = 0;
    while (level + 1 < levels_.size() && levels_[level].pixels.size() > kEnough) ++level;
    outside_ = static_cast<float>(levels_[level].mean());
}

void MipMap::add(GreyImage&& level) {
    own_.push_back(std::move(level));
    levels_.push_back(own_.back());
}

void MipMap::add_halves() {
    while (static_cast<int>(levels_.size()) < kMostLevels &&
           std::min(levels_.back().height, levels_.back().width) >= 2 * kSmallestSide)
        add(block_mean(levels_.back().view(), 2));
}

MipMap MipMap::with_light_levelled(double share) const { return with_light_levelled(share, region_); }

MipMap MipMap::with_light_levelled(double share, const Region& part) const {
    MipMap result;
    result.outside_ = 128;
    const int left = std::clamp(part.x1, region_.x1, region_.x2) - region_.x1;
    const int top = std::clamp(part.y1, region_.y1, region_.y2) - region_.y1;
    const int right = std::clamp(part.x2 - region_.x1, left, region_.x2 - region_.x1);
    const int bottom = std::clamp(part.y2 - region_.y1, top, region_.y2 - region_.y1);
    if (right == left || bottom == top) return result;
    int level = 0;
    while (level + 1 < levels() &&
           static_cast<float>(std::max(right - left, bottom - top)) > kLevelledSide * pixel_size(level))
        ++level;
    const GreyView& whole = levels_[static_cast<std::size_t>(level)];
    const int pixel = static_cast<int>(pixel_size(level));
    // Whole pixels of the level, so that the part lies where it is in the picture.
    const int first_column = std::min(left / pixel, whole.width - 1);
    const int first_row = std::min(top / pixel, whole.height - 1);
    const int last_column = std::min((right - 1) / pixel + 1, whole.width);
    const int last_row = std::min((bottom - 1) / pixel + 1, whole.height);
    const Region inside{first_column, first_row, std::max(last_column, first_column + 1),
                        std::max(last_row, first_row + 1)};
    result.finest_ = pixel_size(level);
    result.region_ = {region_.x1 + inside.x1 * pixel, region_.y1 + inside.y1 * pixel,
                      std::min(region_.x1 + inside.x2 * pixel, region_.x2),
                      std::min(region_.y1 + inside.y2 * pixel, region_.y2)};
    const GreyImage cropped = block_mean(whole.view().part(inside), 1);
    result.add(levelled(cropped, std::max(2, static_cast<int>(share * std::max(cropped.height, cropped.width) / 2))));
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
    const GreyView& image = levels_[static_cast<std::size_t>(level)];
    const float scale = 1.0F / pixel_size(level);
    const float px = (x - static_cast<float>(region_.x1)) * scale - 0.5F;
    const float py = (y - static_cast<float>(region_.y1)) * scale - 0.5F;
    // Written so that NaN is outside: a homography may send a point to infinity.
    if (!(px > -1 && py > -1 && px < static_cast<float>(image.width) && py < static_cast<float>(image.height)))
        return outside_;
    return image.plane().clamped(px, py).value();
}

}  // namespace fastqr
