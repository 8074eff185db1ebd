#include "fastqr/cascade/pyramid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "fastqr/cascade/patches.hpp"

namespace fastqr {
namespace {

constexpr int kWindow = 12;                 // P-Net's receptive field
constexpr double kLargestSymbol = 1.05;     // of the picture's short side: a code that fills the picture and its margin
constexpr double kNarrowest = 2 * kWindow;  // short side of the finest level, where the picture has as much
constexpr double kDark = 70;                // mean grey below which one global gamma lifts the picture: recall on the
constexpr double kLifted = 110;             // "bright_spots" photographs rose from 0.93 to 1.00 with it

/// One gamma curve over the whole picture that brings its mean from the dark to a middle grey.
void lift_if_dark(GreyImage& image) {
    const double mean =
        std::accumulate(image.pixels.begin(), image.pixels.end(), 0.0) / static_cast<double>(image.pixels.size());
    if (!(mean < kDark)) return;
    const double gamma = std::max(0.3, std::log(kLifted / 255) / std::log(std::max(mean, 1.0) / 255));
    std::array<std::uint8_t, 256> curve{};
    for (std::size_t v = 0; v < curve.size(); ++v)
        curve[v] = static_cast<std::uint8_t>(std::lround(255 * std::pow(static_cast<double>(v) / 255, gamma)));
    for (std::uint8_t& v : image.pixels) v = curve[v];
}

}  // namespace

Pyramid::Pyramid(const ImageView& image, int limit, double factor) {
    if (image.height < 1 || image.width < 1) return;
    // A strip far longer than wide would shrink to less than a window's height.
    const double base = std::min(1.0, std::max(static_cast<double>(limit) / std::max(image.height, image.width),
                                               kNarrowest / std::min(image.height, image.width)));
    const double coarsest = kWindow / (kLargestSymbol * std::min(image.height, image.width));
    for (double scale = base; scale >= std::min(coarsest * factor, base) * 0.999; scale *= factor) {
        scales_.push_back(scale);
        if (scale <= coarsest) break;
    }
    const auto side = [](int length, double scale) {
        return std::max(1, static_cast<int>(std::lround(length * scale)));
    };
    GreyImage finest = area_resize(image, side(image.height, base), side(image.width, base));
    lift_if_dark(finest);
    for (std::size_t i = 1; i < scales_.size(); ++i) {
        // From two levels before, twice as fine: reads little, and an area average over two pixels is all but exact.
        const GreyImage& from = i < 3 ? finest : levels_[i - 3];
        GreyImage level = area_resize(from.view(), side(image.height, scales_[i]), side(image.width, scales_[i]));
        levels_.push_back(std::move(level));
    }
    levels_.insert(levels_.begin(), std::move(finest));
    std::reverse(levels_.begin(), levels_.end());
    std::reverse(scales_.begin(), scales_.end());
}

std::vector<float> Pyramid::tensor(int level, int padding) const {
    const GreyImage& image = levels_[static_cast<std::size_t>(level)];
    const int width = image.width + 2 * padding;
    std::vector<float> result(static_cast<std::size_t>(image.height + 2 * padding) * static_cast<std::size_t>(width));
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
