#include "fastqr/rectify/registered_corners.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/geometry/normal_sums.hpp"
#include "fastqr/rectify/grid_search.hpp"
#include "fastqr/rectify/local_field.hpp"

namespace fastqr {
namespace {

constexpr double kBlur = 0.3;          // modules
constexpr double kReach = 6;           // modules about a pattern's centre
constexpr double kHopeless = 0.3;      // mean correlation where the patterns are said to be, from which none recovered
constexpr int kSteps = 8;              // of Gauss–Newton
constexpr double kStill = 0.003;       // modules, and modules a module
constexpr double kMostMoved = 1.5;     // modules
constexpr double kMostChanged = 0.4;   // modules a module
constexpr double kFinderSearch = 1.5;  // modules about where a pattern by itself is said to be
constexpr double kLeash = 0.03;        // correlation that a module of distance must be worth
constexpr double kFound = 0.6;  // correlation of a pattern by itself, from which it is not sought as a square too
constexpr std::size_t kParameters = 6;

/// The frame that a finder pattern agrees best in.
LocalFrame registered(const LocalField& field, const LocalFrame& start, double sign) {
    static const PatternSamples samples = finder_samples({0, 0}, blur_seen(kBlur), 0.5);
    std::array<double, kParameters> p{};
    for (int step = 0; step < kSteps; ++step) {
        NormalSums<kParameters> sums(samples.places.size());
        for (std::size_t k = 0; k < samples.places.size(); ++k) {
            const auto& [x, y] = samples.places[k];
            const BilinearLook look = field.look((1 + p[0]) * x + p[1] * y + p[2], p[3] * x + (1 + p[4]) * y + p[5]);
            const auto u = static_cast<float>(x);
            const auto v = static_cast<float>(y);
            const float gx = look.slope_x() * LocalField::kPixels;
            const float gy = look.slope_y() * LocalField::kPixels;
            sums.add({gx * u, gx * v, gx, gy * u, gy * v, gy}, look.value(), samples.expected[k]);
        }
        std::array<std::array<double, kParameters>, kParameters> a{};
        std::array<double, kParameters> b{};
        sums.add_to(a, b, 1, sign);
        double trace = 0;
        for (std::size_t j = 0; j < kParameters; ++j) trace += a[j][j];
        for (std::size_t j = 0; j < kParameters; ++j) a[j][j] += 1e-4 * trace / kParameters + 1e-12;
        const auto change = solve_symmetric<kParameters>(a, b);
        if (!change) return start;
        double largest = 0;
        for (std::size_t j = 0; j < kParameters; ++j) {
            p[j] += (*change)[j];
            largest = std::max(largest, std::abs((*change)[j]));
            if (!(std::abs(p[j]) <= (j % 3 == 2 ? kMostMoved : kMostChanged))) return start;
        }
        if (largest < kStill) break;
    }
    const auto turned = [&](double x, double y) {
        return Point{x * start.across.x + y * start.down.x, x * start.across.y + y * start.down.y};
    };
    return {start(p[2], p[5]), turned(1 + p[0], p[3]), turned(p[1], 1 + p[4])};
}

const FieldPattern& finder_pattern() {
    static const FieldPattern finder(finder_samples({0, 0}, blur_seen(kBlur), 1.0 / LocalField::kPixels));
    return finder;
}

/// A finder pattern as it is said to be.
RegisteredFinder as_said(const MipMap& image, const std::array<Point, 4>& corners) {
    const LocalFrame frame = LocalFrame::of_finder(corners);
    return {frame, finder_pattern().correlation(LocalField(image, frame, finder_pattern().reach()))};
}

/// A frame moved to where a finder pattern agrees best, of either polarity.
LocalFrame found_near(const MipMap& image, const LocalFrame& frame) {
    const FieldPattern& pattern = finder_pattern();
    const LocalField field(image, frame, pattern.reach() + kFinderSearch + 2.0 / LocalField::kPixels);
    const auto steps = static_cast<int>(kFinderSearch * LocalField::kPixels);
    const GridMatch match = best_on_grid(steps, kLeash / LocalField::kPixels, [&](int down, int right) {
        return std::abs(pattern.correlation(field, down, right));
    });
    return {frame(match.steps.x / LocalField::kPixels, match.steps.y / LocalField::kPixels), frame.across, frame.down};
}

/// The same where it agrees best, if that is better.
RegisteredFinder moved(const MipMap& image, const RegisteredFinder& said, double sign) {
    const LocalFrame frame = registered(LocalField(image, said.frame, kReach), said.frame, sign);
    const double agreement = finder_pattern().correlation(LocalField(image, frame, finder_pattern().reach()));
    return sign * agreement > sign * said.agreement ? RegisteredFinder{frame, agreement} : said;
}

}  // namespace

RegisteredFinder registered_finder(const MipMap& image, const std::array<Point, 4>& corners) {
    const LocalFrame said = LocalFrame::of_finder(corners);
    RegisteredFinder best;
    for (const LocalFrame& start : {said, said.squared()})
        for (const LocalFrame& near : {start, found_near(image, start)}) {
            const RegisteredFinder finder = as_said(image, near.finder_corners());
            if (std::abs(finder.agreement) < kHopeless) continue;
            const RegisteredFinder found = moved(image, finder, finder.agreement < 0 ? -1 : 1);
            if (std::abs(found.agreement) > std::abs(best.agreement)) best = found;
            if (std::abs(best.agreement) > kFound) return best;
        }
    return best;
}

RegisteredCorners registered_corners(const MipMap& image, const FinderCorners& corners) {
    RegisteredCorners result;
    std::array<RegisteredFinder, 3> finders{};
    for (std::size_t f = 0; f < finders.size(); ++f) {
        finders[f] = as_said(image, corners[f]);
        result.agreement += finders[f].agreement / 3;
    }
    if (std::abs(result.agreement) >= kHopeless) {
        const double sign = result.agreement < 0 ? -1 : 1;
        for (RegisteredFinder& finder : finders) finder = moved(image, finder, sign);
        result.agreement = 0;
        for (const RegisteredFinder& finder : finders) result.agreement += finder.agreement / 3;
    }
    for (std::size_t f = 0; f < finders.size(); ++f) result.corners[f] = finders[f].frame.finder_corners();
    return result;
}

}  // namespace fastqr
