#include "fastqr/rectify/bend.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/geometry/normal_sums.hpp"
#include "fastqr/rectify/pattern_samples.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/roll.hpp"
#include "fastqr/rectify/sparse_correlation.hpp"
#include "fastqr/rectify/straightened.hpp"

namespace fastqr {
namespace {

constexpr int kDirections = 12;                                   // of the axis that are tried
constexpr std::array<double, 4> kCurvatures{0.3, 0.7, 1.0, 1.3};  // the same
constexpr std::size_t kFits = 16;                                 // that are compared on the timing patterns
constexpr std::size_t kStarts = 3;                                // that are registered
constexpr double kMiss = 0.5;                                     // correlation that a module of the corners is worth
constexpr int kSteps = 8;                                         // of Gauss–Newton on either blur
constexpr double kStill = 0.01;                                   // modules
constexpr double kMostMoved = 1.5;                                // modules, of a step
constexpr double kMostTurned = 0.15;                              // radians, of a step
constexpr double kTimingWeight = 0.7;
constexpr double kStiff = 2e-4;  // against changes that the patterns hardly show, as a share of the mean curvature

/// What is registered at a blur: three finder patterns, then the timing patterns.
struct Patterns {
    double blur;  // modules
    double step;  // modules from one sample of a finder pattern to the next
};
constexpr Patterns kCoarse{0.7, 1.0};
constexpr Patterns kFine{0.35, 0.5};

std::vector<PatternSamples> patterns_of(int size, const Patterns& patterns) {
    const double seen = blur_seen(patterns.blur);
    std::vector<PatternSamples> result;
    for (const Point& c : {Point{3.5, 3.5}, Point{size - 3.5, 3.5}, Point{3.5, size - 3.5}})
        result.push_back(finder_samples(c, seen, patterns.step));
    for (bool in_row : {true, false}) {
        result.push_back(timing_samples(size, in_row, seen));
        result.back().weight = kTimingWeight;
    }
    return result;
}

/// One Gauss–Newton step; returns the largest change of a parameter in modules, negative when stuck.
double step(const Straightened& picture, const std::vector<PatternSamples>& patterns, double sign, Roll& roll) {
    constexpr std::size_t n = Roll::kParameters;
    std::array<std::array<double, n>, n> a{};
    std::array<double, n> b{};
    for (const PatternSamples& pattern : patterns) {
        NormalSums<n> sums(pattern.places.size());
        for (std::size_t i = 0; i < pattern.places.size(); ++i) {
            const Roll::Moving moving = roll.moving(pattern.places[i]);
            const auto look = picture.look(static_cast<float>(moving.at.x), static_cast<float>(moving.at.y));
            std::array<float, n> slopes{};
            for (std::size_t j = 0; j < n; ++j)
                slopes[j] =
                    static_cast<float>(roll.half() * (look.slope_x * moving.by[j].x + look.slope_y * moving.by[j].y));
            sums.add(slopes, look.value, pattern.expected[i]);
        }
        sums.add_to(a, b, pattern.weight, sign);
    }
    double trace = 0;
    for (std::size_t j = 0; j < n; ++j) trace += a[j][j];
    for (std::size_t j = 0; j < n; ++j) a[j][j] += kStiff * trace / n + 1e-12;
    const auto change = solve_symmetric<n>(a, b);
    if (!change) return -1;
    double largest = 0;
    for (double v : *change) largest = std::max(largest, std::abs(v) * roll.half());
    const double turned = std::max(std::abs((*change)[n - 2]), std::abs((*change)[n - 1]));
    roll.change(*change, std::min({1.0, kMostMoved / std::max(largest, 1e-9), kMostTurned / std::max(turned, 1e-9)}));
    return largest;
}

/// Mean correlation of the patterns.
double agreement_of(const Straightened& picture, const std::vector<PatternSamples>& patterns, const Roll& roll) {
    double sum = 0;
    for (const PatternSamples& pattern : patterns) {
        PatternSamples rolled = pattern;
        for (Point& place : rolled.places) place = roll(place);
        sum += correlation(picture, rolled);
    }
    return sum / static_cast<double>(patterns.size());
}

/// What an affine map has at the corners.
std::array<Point, 12> undone(const Homography& affine, const FinderCorners& corners) {
    const auto& h = affine.h;
    const double area = h[0] * h[4] - h[1] * h[3];
    std::array<Point, 12> from{};
    for (std::size_t i = 0; i < from.size(); ++i) {
        const double x = corners[i / 4][i % 4].x - h[2];
        const double y = corners[i / 4][i % 4].y - h[5];
        from[i] = {(h[4] * x - h[1] * y) / area, (h[0] * y - h[3] * x) / area};
    }
    return from;
}

/// The rolls of a symbol of a size that may lie about its finder patterns: chosen by the patterns' corners, then by the
/// timing patterns between them, then registered on all that is seen of both.
class Roller {
  public:
    /// `sheet`: the affine map by the patterns' centres.
    Roller(const MipMap& image, const Homography& sheet, const RegisteredCorners& finders, int size)
        : image_(image), sheet_(sheet), size_(size), sign_(finders.agreement < 0 ? -1 : 1) {
        const auto places = finder_corner_places(size);
        const auto seen = undone(sheet, finders.corners);
        for (double curvature : kCurvatures)
            for (int d = 0; d < kDirections; ++d) {
                Roll roll(size, d * std::numbers::pi / kDirections, curvature);
                const double miss = roll.fit(places, seen);
                starts_.push_back({kMiss * miss, roll});
            }
        keep(kFits);
        for (bool in_row : {true, false}) {
            const PatternSamples timing = timing_samples(size, in_row, blur_seen(kFine.blur));
            for (Start& start : starts_) {
                const auto map = [&](Point place) { return sheet(start.roll(place)); };
                start.rank -= sign_ * sparse_correlation(image, map, timing) / 2;
            }
        }
        keep(kStarts);
    }

    /// How well the timing patterns agree with the likeliest roll, less what the corners miss it by.
    [[nodiscard]] double agreement() const { return -starts_.front().rank; }

    /// The roll that agrees best once it is registered, and how well.
    [[nodiscard]] std::pair<Roll, double> registered() {
        Straightened fine(image_, sheet_, size_, Straightened::Part::kPatterns);
        Straightened coarse = fine;
        coarse.blur(kCoarse.blur);
        const std::vector<PatternSamples> blurred = patterns_of(size_, kCoarse);
        for (Start& start : starts_) {
            settle(coarse, blurred, start.roll);
            start.rank = -sign_ * agreement_of(coarse, blurred, start.roll);
        }
        keep(1);
        Roll& roll = starts_.front().roll;
        fine.blur(kFine.blur);
        const std::vector<PatternSamples> sharp = patterns_of(size_, kFine);
        settle(fine, sharp, roll);
        return {roll, agreement_of(fine, sharp, roll)};
    }

  private:
    struct Start {
        double rank;  // the less the better
        Roll roll;
    };

    void keep(std::size_t count) {
        std::ranges::sort(starts_, std::ranges::less{}, [](const Start& start) { return start.rank; });
        starts_.erase(starts_.begin() + static_cast<std::ptrdiff_t>(std::min(count, starts_.size())), starts_.end());
    }
    void settle(const Straightened& picture, const std::vector<PatternSamples>& patterns, Roll& roll) const {
        for (int i = 0; i < kSteps; ++i)
            if (step(picture, patterns, sign_, roll) < kStill) break;
    }

    const MipMap& image_;
    Homography sheet_;
    int size_;
    double sign_;
    std::vector<Start> starts_;
};

}  // namespace

double rolled_agreement(const MipMap& image, const RegisteredCorners& finders, int size) {
    const auto flat = fit_flat(finders.corners, size);
    return flat ? Roller(image, flat->homography, finders, size).agreement() : -1;
}

BentLattice bend_lattice(const MipMap& image, const Homography& start, const RegisteredCorners& finders, int size,
                         int margin) {
    BentLattice result{homography_lattice(start, size, margin), 0, 0};
    const auto flat = fit_flat(finders.corners, size);
    if (!flat) return result;
    const Homography& sheet = flat->homography;
    const auto [roll, agreement] = Roller(image, sheet, finders, size).registered();
    result.agreement = agreement;
    const double pitch = std::sqrt(std::abs(sheet.h[0] * sheet.h[4] - sheet.h[1] * sheet.h[3]));
    auto node = result.lattice.nodes.begin();
    for (int i = 0; i <= result.lattice.cells; ++i)
        for (int j = 0; j <= result.lattice.cells; ++j) {
            const Point place{static_cast<double>(j - margin), static_cast<double>(i - margin)};
            const Point at = sheet(roll(place));
            if (place.x >= 0 && place.y >= 0 && place.x <= size && place.y <= size)
                result.largest = std::max(result.largest, std::hypot(at.x - *node, at.y - *(node + 1)) / pitch);
            *node++ = static_cast<float>(at.x);
            *node++ = static_cast<float>(at.y);
        }
    return result;
}

BentLattice bend_lattice(const MipMap& image, const Homography& start, int size, int margin) {
    FinderCorners corners{};
    const auto places = finder_corner_places(size);
    for (std::size_t i = 0; i < places.size(); ++i) corners[i / 4][i % 4] = start(places[i]);
    return bend_lattice(image, start, registered_corners(image, corners), size, margin);
}

}  // namespace fastqr
