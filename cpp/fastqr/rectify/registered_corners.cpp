#include "fastqr/rectify/registered_corners.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/geometry/normal_sums.hpp"
#include "fastqr/rectify/local_field.hpp"

namespace fastqr {
namespace {

constexpr double kBlur = 0.3;         // modules
constexpr double kReach = 6;          // modules about a pattern's centre
constexpr double kHopeless = 0.3;     // mean correlation where the patterns are said to be, from which none recovered
constexpr int kSteps = 8;             // of Gauss–Newton
constexpr double kStill = 0.003;      // modules, and modules a module
constexpr double kMostMoved = 1.5;    // modules
constexpr double kMostChanged = 0.4;  // modules a module
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

}  // namespace

RegisteredCorners registered_corners(const MipMap& image, const FinderCorners& corners) {
    static const FieldPattern finder(finder_samples({0, 0}, blur_seen(kBlur), 1.0 / LocalField::kPixels));
    RegisteredCorners result;
    std::array<LocalFrame, 3> frames{};
    std::array<double, 3> agreements{};
    for (std::size_t f = 0; f < 3; ++f) {
        frames[f] = LocalFrame::of_finder(corners[f]);
        agreements[f] = finder.correlation(LocalField(image, frames[f], finder.reach()));
        result.agreement += agreements[f] / 3;
        result.corners[f] = frames[f].finder_corners();
    }
    if (std::abs(result.agreement) < kHopeless) return result;
    const double sign = result.agreement < 0 ? -1 : 1;
    for (std::size_t f = 0; f < 3; ++f) {
        const LocalFrame frame = registered(LocalField(image, frames[f], kReach), frames[f], sign);
        const double agreement = finder.correlation(LocalField(image, frame, finder.reach()));
        if (!(sign * agreement > sign * agreements[f])) continue;
        result.agreement += (agreement - agreements[f]) / 3;
        result.corners[f] = frame.finder_corners();
    }
    return result;
}

}  // namespace fastqr
