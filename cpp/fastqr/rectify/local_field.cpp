#include "fastqr/rectify/local_field.hpp"

#include <algorithm>
#include <cmath>

namespace fastqr {
namespace {

constexpr float kLevelStep = 0.75F;  // a level's pixel may be larger than a sample by as much: looks as sharp
constexpr double kHalfFinder = 3.5;  // modules

}  // namespace

LocalFrame LocalFrame::of_finder(const std::array<Point, 4>& corners) {
    constexpr double kModules = 4 * kHalfFinder;  // of two opposite edges
    const auto& [a, b, c, d] = corners;
    return {{(a.x + b.x + c.x + d.x) / 4, (a.y + b.y + c.y + d.y) / 4},
            {(b.x - a.x + c.x - d.x) / kModules, (b.y - a.y + c.y - d.y) / kModules},
            {(d.x - a.x + c.x - b.x) / kModules, (d.y - a.y + c.y - b.y) / kModules}};
}

LocalFrame LocalFrame::squared() const {
    const Point mean{across.x + down.y, across.y - down.x};
    const double scale = std::sqrt(std::abs(across.x * down.y - across.y * down.x)) / std::hypot(mean.x, mean.y);
    const Point side{scale * mean.x, scale * mean.y};
    return {origin, side, {-side.y, side.x}};
}

std::array<Point, 4> LocalFrame::finder_corners() const {
    const LocalFrame& frame = *this;
    return {frame(-kHalfFinder, -kHalfFinder), frame(kHalfFinder, -kHalfFinder), frame(kHalfFinder, kHalfFinder),
            frame(-kHalfFinder, kHalfFinder)};
}

LocalField::LocalField(const MipMap& image, const LocalFrame& frame, double reach)
    : half_(static_cast<int>(std::ceil(reach * kPixels))), side_(2 * half_ + 1) {
    const double pitch = std::min(std::hypot(frame.across.x, frame.across.y), std::hypot(frame.down.x, frame.down.y));
    const int level = image.level_for(static_cast<float>(pitch / kPixels) / kLevelStep);
    values_.reserve(static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_));
    for (int i = -half_; i <= half_; ++i)
        for (int j = -half_; j <= half_; ++j) {
            const Point p = frame(static_cast<double>(j) / kPixels, static_cast<double>(i) / kPixels);
            values_.push_back(image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y)));
        }
}

FieldPattern::FieldPattern(const PatternSamples& samples)
    : half_(static_cast<int>(std::sqrt(static_cast<double>(samples.expected.size()))) / 2), values_(samples.expected) {
    float mean = 0;
    for (const float v : values_) mean += v / static_cast<float>(values_.size());
    float squares = 0;
    for (float& v : values_) {
        v -= mean;
        squares += v * v;
    }
    for (float& v : values_) v /= std::sqrt(squares);
}

double FieldPattern::correlation(const LocalField& field, int down, int right) const {
    float sum = 0;
    float squares = 0;
    float product = 0;
    const float* expected = values_.data();
    const int side = 2 * half_ + 1;
    for (int i = -half_; i <= half_; ++i, expected += side) {
        const float* seen = field.at(down + i, right - half_);
        for (int j = 0; j < side; ++j) {
            sum += seen[j];
            squares += seen[j] * seen[j];
            product += seen[j] * expected[j];
        }
    }
    const auto n = static_cast<float>(values_.size());
    const float energy = squares - sum * sum / n;
    // A flat patch (less than one grey level of deviation) shows no pattern.
    return energy < n ? 0 : static_cast<double>(product / std::sqrt(energy));
}

}  // namespace fastqr
