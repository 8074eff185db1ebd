#include "fastqr/detect/mtcnn/levels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fastqr/detect/mtcnn/patches.hpp"
#include "fastqr/image/area_resize.hpp"

namespace fastqr {
namespace {

// Mean grey below which one global gamma lifts the picture, and the mean that it brings about: recall on photographs
// of bright spots in the dark rose from 0.93 to 1.00 with it.
constexpr double kDark = 70;
constexpr double kLifted = 110;
constexpr std::size_t kEnough = 1U << 16U;  // pixels that a mean is taken of

}  // namespace

NetworkGreys::NetworkGreys(const MipMap& view) {
    int level = 0;
    while (level + 1 < view.levels() && view.level(level).pixels.size() > kEnough) ++level;
    const double mean = view.empty() ? 255 : view.level(level).mean();
    lifts_ = mean < kDark;
    const double gamma = lifts_ ? std::max(0.3, std::log(kLifted / 255) / std::log(std::max(mean, 1.0) / 255)) : 1.0;
    for (std::size_t v = 0; v < values_.size(); ++v)
        values_[v] = normalised(static_cast<float>(255 * std::pow(static_cast<double>(v) / 255, gamma)));
}

void NetworkGreys::write(const GreyImage& level, const Region& region, std::ptrdiff_t stride, float* out) const {
    const Region inside = level.view().clipped(region);
    for (int y = inside.y1; y < inside.y2; ++y) {
        const std::uint8_t* source = level.pixels.data() + static_cast<std::ptrdiff_t>(y) * level.width;
        float* target = out + (y - region.y1) * stride - region.x1;
        if (lifts_)
            for (int x = inside.x1; x < inside.x2; ++x) target[x] = values_[source[x]];
        else
            for (int x = inside.x1; x < inside.x2; ++x) target[x] = normalised(source[x]);
    }
}

void NetworkGreys::write_patch(const MipMap& view, const Box& box, int size, float* out) const {
    const int level = view.level_for(std::max(box.width(), box.height()) / static_cast<float>(size));
    const float scale = 1 / view.pixel_size(level);
    const auto left = static_cast<float>(view.region().x1);
    const auto top = static_cast<float>(view.region().y1);
    const Box placed{(box.x1 - left) * scale, (box.y1 - top) * scale, (box.x2 - left) * scale, (box.y2 - top) * scale};
    extract_patch(view.level(level).view(), placed, size, true, out);
    if (!lifts_) return;
    for (float* value = out; value < out + static_cast<std::ptrdiff_t>(size) * size; ++value) {
        const float grey = std::clamp(*value * 128 + 127.5F, 0.0F, 255.0F);
        const auto below = std::min(static_cast<std::size_t>(grey), values_.size() - 2);
        const float share = grey - static_cast<float>(below);
        *value = values_[below] * (1 - share) + values_[below + 1] * share;
    }
}

CascadeLevel::CascadeLevel(const MipMap& view, double pixel)
    : pixel_(pixel), level_(view.level_for(static_cast<float>(pixel))) {
    const double step = pixel / static_cast<double>(view.pixel_size(level_));
    if (!(step > 1)) return;
    const auto side = [&](int first, int last) {
        return std::max(1, static_cast<int>(std::ceil((last - first) / pixel)));
    };
    const int height = side(view.region().y1, view.region().y2);
    const int width = side(view.region().x1, view.region().x2);
    own_ = area_resize(view.level(level_).view(), height * step, width * step, height, width);
}

}  // namespace fastqr
