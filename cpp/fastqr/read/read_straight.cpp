#include "fastqr/read/read_straight.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "fastqr/image/sample_line.hpp"
#include "fastqr/read/model_1_levels.hpp"
#include "fastqr/rectify/module_levels.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr double kMiddle =
    1.0 / 3;  // of a module, which a sample may cover: more than that is not its own in halftones

constexpr int kStepsAModule = 4;                         // of the search for an alignment pattern
constexpr double kFieldStep = 1.0 / kStepsAModule;       // modules
constexpr int kPlaces = 4 * kStepsAModule + 1;           // two modules to either side
constexpr int kFieldSide = kPlaces + 4 * kStepsAModule;  // five modules about each place

constexpr int kDamaged = 2;  // modules of an alignment pattern that may be wrong where it is held to be seen

/// Grey at the modules' centres.
std::vector<float> centres_of_modules(const MipMap& image, const Homography& map, int size, Sample sample) {
    const Point middle = map(size / 2.0, size / 2.0);
    const Point right = map(size / 2.0 + 1, size / 2.0);
    const Point below = map(size / 2.0, size / 2.0 + 1);
    const double pitch = std::min(std::hypot(right.x - middle.x, right.y - middle.y),
                                  std::hypot(below.x - middle.x, below.y - middle.y));
    const int level = sample == Sample::kPoint ? 0 : image.level_for(static_cast<float>(pitch * kMiddle));
    std::vector<float> levels(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    float* out = levels.data();
    const GreyView& plane = image.level(level);
    const auto scale = 1.0 / static_cast<double>(image.pixel_size(level));
    const Homography onto{
        {scale, 0, -image.region().x1 * scale - 0.5, 0, scale, -image.region().y1 * scale - 0.5, 0, 0, 1}};
    const Homography place = compose(onto, map);
    // A convex quad within the pixels holds all of the centres, unless the map sends the horizon through it.
    bool within = true;
    double least = 1e300;
    double most = -1e300;
    for (const auto& [x, y] : {std::pair{0, 0}, {1, 0}, {1, 1}, {0, 1}}) {
        const Point p = place(x * size, y * size);
        const double w = place.h[6] * x * size + place.h[7] * y * size + place.h[8];
        least = std::min(least, w);
        most = std::max(most, w);
        within = within && p.x > 0 && p.y > 0 && p.x < plane.width - 2 && p.y < plane.height - 2;
    }
    if (!within || !(least > 0 || most < 0)) {
        for (int row = 0; row < size; ++row)
            for (int column = 0; column < size; ++column) {
                const Point p = map(column + 0.5, row + 0.5);
                *out++ = image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y));
            }
        return levels;
    }
    const auto& h = place.h;
    for (int row = 0; row < size; ++row, out += size) {
        const double y = row + 0.5;
        const auto first = [&](std::size_t i) { return static_cast<float>(0.5 * h[i] + y * h[i + 1] + h[i + 2]); };
        sample_line(plane,
                    {first(0), first(3), first(6), static_cast<float>(h[0]), static_cast<float>(h[3]),
                     static_cast<float>(h[6])},
                    size, out);
    }
    return levels;
}

/// Whether the modules of the alignment pattern nearest to the fourth corner are dark and light as they should be.
bool shows_alignment(const std::vector<float>& log_odds, int size) {
    if (size < size_of_version(2)) return false;
    int wrong = 0;
    for (int r = -2; r <= 2; ++r)
        for (int c = -2; c <= 2; ++c) {
            const bool is_dark = std::max(std::abs(r), std::abs(c)) != 1;
            const float seen = log_odds[static_cast<std::size_t>((size - 7 + r) * size + size - 7 + c)];
            if ((seen > 0) != is_dark) ++wrong;
        }
    return wrong <= kDamaged;
}

/// Where the alignment pattern lies that is expected at a place of the symbol, by the contrast of its rings in whole
/// modules; in symbol coordinates. Nothing where no place within reach shows it.
std::optional<Point> alignment_near(const MipMap& image, const Homography& map, Point expected, bool inverted) {
    const Point here = map(expected);
    const Point right = map(expected.x + 1, expected.y);
    const Point below = map(expected.x, expected.y + 1);
    const double pitch =
        std::min(std::hypot(right.x - here.x, right.y - here.y), std::hypot(below.x - here.x, below.y - here.y));
    const int level = image.level_for(static_cast<float>(pitch * kMiddle));
    // Grey values on a grid fine enough for every place that is tried.
    std::array<float, kFieldSide * kFieldSide> field{};
    for (int i = 0; i < kFieldSide; ++i)
        for (int j = 0; j < kFieldSide; ++j) {
            const Point p =
                map(expected.x + (j - kFieldSide / 2) * kFieldStep, expected.y + (i - kFieldSide / 2) * kFieldStep);
            field[static_cast<std::size_t>(i * kFieldSide + j)] =
                image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y)) * (inverted ? -1 : 1);
        }
    float best = 0;
    Point found;
    for (int i = 0; i < kPlaces; ++i)
        for (int j = 0; j < kPlaces; ++j) {
            float light = 0;  // of the ring between, eight modules
            float dark = 0;   // of the core and the outer ring, seventeen
            float darkest_light = 1e9F;
            float lightest_dark = -1e9F;
            for (int r = 0; r < 5; ++r)
                for (int c = 0; c < 5; ++c) {
                    const float v =
                        field[static_cast<std::size_t>((i + r * kStepsAModule) * kFieldSide + j + c * kStepsAModule)];
                    const bool is_light = std::max(std::abs(r - 2), std::abs(c - 2)) == 1;
                    (is_light ? light : dark) += v;
                    if (is_light)
                        darkest_light = std::min(darkest_light, v);
                    else
                        lightest_dark = std::max(lightest_dark, v);
                }
            const float contrast = light / 8 - dark / 17 + (darkest_light - lightest_dark);
            if (contrast <= best) continue;
            best = contrast;
            found = {expected.x + (j - kPlaces / 2) * kFieldStep, expected.y + (i - kPlaces / 2) * kFieldStep};
        }
    if (best <= 0) return std::nullopt;
    return found;
}

}  // namespace

std::optional<Homography> held_by_alignment_pattern(const MipMap& image, const FinderCorners& corners,
                                                    const SizeFit& fit, bool inverted) {
    if (fit.size < size_of_version(2)) return std::nullopt;
    const Point place{fit.size - 6.5, fit.size - 6.5};
    const auto found = alignment_near(image, fit.homography, place, inverted);
    if (!found) return std::nullopt;
    std::array<Point, 16> places{};
    std::array<Point, 16> targets{};
    const auto known = finder_corner_places(fit.size);
    for (std::size_t i = 0; i < known.size(); ++i) {
        places[i] = known[i];
        targets[i] = corners[i / 4][i % 4];
    }
    for (std::size_t i = known.size(); i < places.size(); ++i) {  // one pattern against three of four corners each
        places[i] = place;
        targets[i] = fit.homography(*found);
    }
    return fit_homography(places, targets);
}

std::optional<StraightReading> read_straight(const MipMap& image, const Homography& map, int size, bool inverted,
                                             const StageSettings& settings, Sample sample) {
    const auto sampled = [&] {
        std::vector<float> levels = centres_of_modules(image, map, size, sample);
        if (inverted)
            for (float& v : levels) v = -v;
        return levels;
    };
    std::optional<DecodedSymbol> symbol;
    bool aligned = false;
    if (auto log_odds = log_odds_from_levels(sampled(), size)) {
        aligned = shows_alignment(*log_odds, size);
        symbol = decode_log_odds(std::move(*log_odds), size, {true, false}, settings.decode);
    }
    if (!symbol && size <= max_size_of_model_1) symbol = decode_as_model_1(sampled(), size, settings.decode).symbol;
    if (!symbol) return std::nullopt;
    return StraightReading{{std::move(*symbol), map, size, inverted}, aligned};
}

}  // namespace fastqr
