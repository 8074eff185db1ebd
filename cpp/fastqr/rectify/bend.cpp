#include "fastqr/rectify/bend.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/geometry/normal_sums.hpp"
#include "fastqr/rectify/pattern_samples.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/straightened.hpp"

namespace fastqr {
namespace {

constexpr std::size_t kParameters = 12;
constexpr int kSteps = 10;
constexpr double kStill = 0.01;     // modules
constexpr double kBlurFirst = 0.7;  // modules, of the first half of the steps
constexpr double kBlurLast = 0.35;  // of the second
constexpr double kTimingWeight = 0.7;
constexpr double kStiff = 2e-4;  // against bends that the patterns hardly show, as a share of the mean curvature

/// A map of the symbol's plane about its centre: affine part, perspective, and x², y² in both directions.
struct Bend {
    double centre;
    double scale;
    std::array<double, kParameters> p{};

    [[nodiscard]] Point operator()(Point place) const {
        const double x = (place.x - centre) / scale;
        const double y = (place.y - centre) / scale;
        const double w = 1 + p[6] * x + p[7] * y;
        return {centre + scale * (((1 + p[0]) * x + p[1] * y + p[2]) / w + p[8] * x * x + p[9] * y * y),
                centre + scale * ((p[3] * x + (1 + p[4]) * y + p[5]) / w + p[10] * x * x + p[11] * y * y)};
    }
};

/// One Gauss–Newton step; returns the largest change of a parameter in modules, negative when stuck.
double step(const Straightened& picture, const std::vector<PatternSamples>& patterns, double sign, Bend& bend) {
    std::array<std::array<double, kParameters>, kParameters> a{};
    std::array<double, kParameters> b{};
    const auto scale = static_cast<float>(bend.scale);
    for (const PatternSamples& pattern : patterns) {
        NormalSums<kParameters> sums(pattern.places.size());
        for (std::size_t i = 0; i < pattern.places.size(); ++i) {
            const auto x = static_cast<float>((pattern.places[i].x - bend.centre) / bend.scale);
            const auto y = static_cast<float>((pattern.places[i].y - bend.centre) / bend.scale);
            const Point at = bend(pattern.places[i]);
            const auto look = picture.look(static_cast<float>(at.x), static_cast<float>(at.y));
            const float gx = look.slope_x * scale;
            const float gy = look.slope_y * scale;
            const float g = gx * x + gy * y;  // perspective changes little here, so it is linearised about the identity
            sums.add({gx * x, gx * y, gx, gy * x, gy * y, gy, -g * x, -g * y, gx * x * x, gx * y * y, gy * x * x,
                      gy * y * y},
                     look.value, pattern.expected[i]);
        }
        sums.add_to(a, b, pattern.weight, sign);
    }
    double trace = 0;
    for (std::size_t j = 0; j < kParameters; ++j) trace += a[j][j];
    for (std::size_t j = 0; j < kParameters; ++j) {
        const double stiff = j < 6 ? 1e-5 : kStiff;
        a[j][j] += stiff * trace / kParameters + 1e-12;
        if (j >= 6) b[j] -= stiff * trace / kParameters * bend.p[j];
    }
    const auto change = solve_symmetric<kParameters>(a, b);
    if (!change) return -1;
    double largest = 0;
    for (double v : *change) largest = std::max(largest, std::abs(v) * bend.scale);
    const double share = std::min(1.0, 1.0 / std::max(largest, 1e-9));
    for (std::size_t j = 0; j < kParameters; ++j) bend.p[j] += share * (*change)[j];
    return largest;
}

}  // namespace

BentLattice bend_lattice(const MipMap& image, const Homography& start, int size, int margin) {
    Bend bend{size / 2.0, size / 2.0, {}};
    for (double blur : {kBlurFirst, kBlurLast}) {
        Straightened picture(image, start, size, Straightened::Part::kPatterns);
        picture.blur(blur);
        std::vector<PatternSamples> patterns;
        const double seen = blur_seen(blur);
        double agreement = 0;
        for (const Point& c : {Point{3.5, 3.5}, Point{size - 3.5, 3.5}, Point{3.5, size - 3.5}}) {
            patterns.push_back(finder_samples(c, seen));
            agreement += correlation(picture, patterns.back());
        }
        for (bool in_row : {true, false}) {
            patterns.push_back(timing_samples(size, in_row, seen));
            patterns.back().weight = kTimingWeight;
        }
        for (int i = 0; i < kSteps / 2; ++i)
            if (step(picture, patterns, agreement < 0 ? -1 : 1, bend) < kStill) break;
    }
    BentLattice result;
    result.lattice.cells = size + 2 * margin;
    for (int i = 0; i <= result.lattice.cells; ++i)
        for (int j = 0; j <= result.lattice.cells; ++j) {
            const Point place{static_cast<double>(j - margin), static_cast<double>(i - margin)};
            const Point bent = bend(place);
            const Point p = start(bent.x, bent.y);
            result.lattice.nodes.push_back(static_cast<float>(p.x));
            result.lattice.nodes.push_back(static_cast<float>(p.y));
            if (place.x >= 0 && place.y >= 0 && place.x <= size && place.y <= size)
                result.largest = std::max(result.largest, std::hypot(bent.x - place.x, bent.y - place.y));
        }
    return result;
}

}  // namespace fastqr
