#include "fastqr/read/read_straight.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "fastqr/memory/vector.hpp"
#include "fastqr/rectify/lattice.hpp"
#include "fastqr/rectify/module_levels.hpp"

namespace fastqr {
namespace {

constexpr double kMiddle =
    1.0 / 3;  // of a module, which a sample may cover: more than that is not its own in halftones

/// Grey at the modules' centres, each as wide as the middle third of a module.
Vector<float> centres_of_modules(const MipMap& image, const Homography& map, int size) {
    const Point middle = map(size / 2.0, size / 2.0);
    const Point right = map(size / 2.0 + 1, size / 2.0);
    const Point below = map(size / 2.0, size / 2.0 + 1);
    const double pitch = std::min(std::hypot(right.x - middle.x, right.y - middle.y),
                                  std::hypot(below.x - middle.x, below.y - middle.y));
    const int level = image.level_for(static_cast<float>(pitch * kMiddle));
    Vector<float> levels;
    levels.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    for (int row = 0; row < size; ++row)
        for (int column = 0; column < size; ++column) {
            const Point p = map(column + 0.5, row + 0.5);
            levels.push_back(image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y)));
        }
    return levels;
}

}  // namespace

std::optional<SymbolReading> read_straight(const MipMap& image, const Homography& symbol_to_image, int size,
                                           bool inverted) {
    Vector<float> levels = centres_of_modules(image, symbol_to_image, size);
    if (inverted)
        for (float& v : levels) v = -v;
    const auto probabilities = probabilities_from_levels(std::move(levels), size);
    if (!probabilities) return std::nullopt;
    auto symbol = decode_symbol(*probabilities, size, {true, false});
    if (!symbol) return std::nullopt;
    return SymbolReading{std::move(*symbol), homography_lattice(symbol_to_image, size, kReadMargin), size, inverted};
}

}  // namespace fastqr
