#include "fastqr/cascade/pyramid.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "fastqr/cascade/patches.hpp"
#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/block_mean.hpp"
#include "fastqr/memory/vector.hpp"

namespace fastqr {
namespace {

constexpr int kWindow = 12;                 // P-Net's receptive field
constexpr double kLargestSymbol = 1.05;     // of the picture's short side: a code that fills the picture and its margin
constexpr double kNarrowest = 2 * kWindow;  // short side of the finest level, where the picture has as much
constexpr double kLongest = 8192;           // long side of the finest level all the same: it bounds time and memory
constexpr double kDark = 70;                // mean grey below which one global gamma lifts the picture: recall on the
constexpr double kLifted = 110;             // "bright_spots" photographs rose from 0.93 to 1.00 with it

/// One gamma curve over the whole picture that brings its mean from the dark to a middle grey.
void lift_if_dark(GreyImage& image) {
    const double mean = image.mean();
    if (!(mean < kDark)) return;
    const double gamma = std::max(0.3, std::log(kLifted / 255) / std::log(std::max(mean, 1.0) / 255));
    std::array<std::uint8_t, 256> curve{};
    for (std::size_t v = 0; v < curve.size(); ++v)
        curve[v] = static_cast<std::uint8_t>(std::lround(255 * std::pow(static_cast<double>(v) / 255, gamma)));
    for (std::uint8_t& v : image.pixels) v = curve[v];
}

/// Pixels of the finest level a picture pixel. A strip far longer than wide would shrink to less than a window's
/// height.
double finest_scale(int height, int width, int limit) {
    const double longer = std::max(height, width);
    return std::min(1.0, std::max(limit / longer, std::min(kNarrowest / std::min(height, width), kLongest / longer)));
}

/// Side in picture pixels of the largest blocks that the finest level's pixels can be made of.
int block_side(int height, int width, int limit) {
    // A hair more, so that the quotient of a side that is a multiple of the limit is not one too small.
    return height < 1 || width < 1 ? 1 : static_cast<int>(1 / finest_scale(height, width, limit) + 1e-9);
}

int level_of(const MipMap& map, int limit) {
    const Region& region = map.region();
    return map.level_for(static_cast<float>(block_side(region.y2 - region.y1, region.x2 - region.x1, limit)));
}

}  // namespace

Pyramid::Pyramid(const ImageView& image, int limit, double factor)
    : Pyramid(block_mean(image, block_side(image.height, image.width, limit)),
              block_side(image.height, image.width, limit), image.height, image.width, limit, factor) {}

Pyramid::Pyramid(const MipMap& map, int limit, double factor)
    : Pyramid(map.level(level_of(map, limit)), map.pixel_size(level_of(map, limit)), map.region().y2 - map.region().y1,
              map.region().x2 - map.region().x1, limit, factor) {}

Pyramid::Pyramid(const GreyImage& shrunk, double pixel, int height, int width, int limit, double factor) {
    if (height < 1 || width < 1) return;
    const double base = std::min(1 / pixel, finest_scale(height, width, limit));
    const double coarsest = kWindow / (kLargestSymbol * std::min(height, width));
    for (double scale = base; scale >= std::min(coarsest * factor, base) * 0.999; scale *= factor) {
        scales_.push_back(scale);
        if (scale <= coarsest) break;
    }
    const auto side = [](int length, double scale) {
        return std::max(1, static_cast<int>(std::lround(length * scale)));
    };
    GreyImage finest = area_resize(shrunk.view(), height / pixel, width / pixel, side(height, base), side(width, base));
    lift_if_dark(finest);
    for (std::size_t i = 1; i < scales_.size(); ++i) {
        // From two levels before, twice as fine: reads little, and an area average over two pixels is all but exact.
        const GreyImage& from = i < 3 ? finest : levels_[i - 3];
        GreyImage level = area_resize(from.view(), side(height, scales_[i]), side(width, scales_[i]));
        levels_.push_back(std::move(level));
    }
    levels_.insert(levels_.begin(), std::move(finest));
    std::reverse(levels_.begin(), levels_.end());
    std::reverse(scales_.begin(), scales_.end());
}

Vector<float> Pyramid::tensor(int level, int padding) const {
    const GreyImage& image = levels_[static_cast<std::size_t>(level)];
    const int width = image.width + 2 * padding;
    Vector<float> result(static_cast<std::size_t>(image.height + 2 * padding) * static_cast<std::size_t>(width));
    for (int y = 0; y < image.height; ++y) {
        const std::uint8_t* source = image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width;
        float* target = result.data() + static_cast<std::ptrdiff_t>(y + padding) * width + padding;
        for (int x = 0; x < image.width; ++x) target[x] = normalised(source[x]);
    }
    return result;
}

void Pyramid::patch(const Box& box, int size, float* out) const {
    const double side = std::max(box.width(), box.height());
    std::size_t level = 0;
    while (level + 1 < levels_.size() && side * scales_[level] < size) ++level;
    const GreyImage& image = levels_[level];
    const ImageView view = image.view();
    const auto sx = static_cast<float>(scales_[level]);
    extract_patch(view, {box.x1 * sx, box.y1 * sx, box.x2 * sx, box.y2 * sx}, size, true, out);
}

}  // namespace fastqr
