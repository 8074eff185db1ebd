#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/pattern_samples.hpp"

namespace fastqr {

/// Correlation of every third sample of a pattern with the picture itself, each look about a third of a module wide.
template <class Map>
[[nodiscard]] double sparse_correlation(const MipMap& image, const Map& map, const PatternSamples& samples) {
    const Point middle = samples.places[samples.places.size() / 2];
    const Point here = map(middle);
    const Point next = map(Point{middle.x + 0.4, middle.y});
    const Point below = map(Point{middle.x, middle.y + 0.4});
    const int level = image.level_for(static_cast<float>(
        std::min(std::hypot(next.x - here.x, next.y - here.y), std::hypot(below.x - here.x, below.y - here.y))));
    double a = 0;
    double aa = 0;
    double b = 0;
    double bb = 0;
    double ab = 0;
    double n = 0;
    for (std::size_t i = 0; i < samples.places.size(); i += 3) {
        const Point p = map(samples.places[i]);
        const double value = image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y));
        const double expected = samples.expected[i];
        a += value;
        aa += value * value;
        b += expected;
        bb += expected * expected;
        ab += value * expected;
        n += 1;
    }
    const double va = aa - a * a / n;
    const double vb = bb - b * b / n;
    return n < 2 || va < n || vb <= 0 ? 0 : (ab - a * b / n) / std::sqrt(va * vb);
}

}  // namespace fastqr
