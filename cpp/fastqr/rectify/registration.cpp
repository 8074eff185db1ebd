#include "fastqr/rectify/registration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/geometry/normal_sums.hpp"
#include "fastqr/rectify/grid_search.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/sparse_correlation.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr double kCoarse = 0.7;  // blur in modules at which a start error of a module still converges
constexpr double kFine = 0.3;    // blur in modules of the last steps
constexpr int kCoarseSteps = 6;
constexpr int kFineSteps = 6;
constexpr double kLost = 0.12;      // mean correlation of the finders at a start from which one in 160 recovered
constexpr double kFar = 0.5;        // the same of one that is not near, in all likelihood
constexpr double kHopeless = 0.45;  // the same after the coarse steps from which none did
constexpr double kSearchStep = 1.0 / 3;
constexpr double kSearch = 2.0;       // modules around its expected place
constexpr double kLeastPixels = 0.9;  // of the finest level a module along a square's longest side
constexpr double kStill = 0.02;       // modules; smaller steps change nothing that is read

std::array<Point, 3> finder_centres(int size) {
    return {Point{3.5, 3.5}, Point{size - 3.5, 3.5}, Point{3.5, size - 3.5}};
}

/// The same samples about another place.
PatternSamples at(PatternSamples samples, const Point& centre) {
    for (Point& place : samples.places) place = {place.x + centre.x, place.y + centre.y};
    return samples;
}

std::vector<PatternSamples> at_finders(const PatternSamples& samples, int size, const SeenFinders& seen) {
    const std::array<Point, 3> centres = finder_centres(size);
    std::vector<PatternSamples> result;
    result.reserve(6);
    for (std::size_t f = 0; f < centres.size(); ++f)
        if (seen[f]) result.push_back(at(samples, centres[f]));
    return result;
}

std::vector<PatternSamples> finders(int size, double blur, const SeenFinders& seen = kAllFinders) {
    constexpr double step = 0.5;
    static const PatternSamples coarse = finder_samples({0, 0}, blur_seen(kCoarse), step);
    static const PatternSamples fine = finder_samples({0, 0}, blur_seen(kFine), step);
    return at_finders(blur == kCoarse ? coarse : fine, size, seen);
}

/// A quarter of these samples, for steps that others follow.
std::vector<PatternSamples> sparse_finders(int size, const SeenFinders& seen) {
    static const PatternSamples fine = finder_samples({0, 0}, blur_seen(kFine), 1);
    return at_finders(fine, size, seen);
}

PatternSamples alignment(const Point& centre) {
    static const PatternSamples fine = alignment_samples({0, 0}, blur_seen(kFine), 0.5);
    return at(fine, centre);
}

/// A change of the map in symbol coordinates about the symbol's centre, scaled so that all eight numbers are alike.
struct Warp {
    double centre;
    double scale;
    std::array<double, 8> p{};  // of [[1 + p0, p1, p2], [p3, 1 + p4, p5], [p6, p7, 1]]

    [[nodiscard]] Homography homography() const {
        const Homography to{{1 / scale, 0, -centre / scale, 0, 1 / scale, -centre / scale, 0, 0, 1}};
        const Homography change{{1 + p[0], p[1], p[2], p[3], 1 + p[4], p[5], p[6], p[7], 1}};
        const Homography back{{scale, 0, centre, 0, scale, centre, 0, 0, 1}};
        return compose(back, compose(change, to));
    }

    /// The change that is a homography of a symbol of a size onto about itself.
    static Warp of(const Homography& map, int size);
};

/// One Gauss–Newton step of all patterns; returns the largest move in modules, or a negative number when stuck. Costs
/// some 30 operations a sample for the look and 45 multiply-adds, vectorised, for the normal equations.
double step(const Straightened& picture, const std::vector<PatternSamples>& patterns, double sign, bool perspective,
            Warp& warp) {
    std::array<std::array<double, 8>, 8> a{};
    std::array<double, 8> b{};
    const auto scale = static_cast<float>(warp.scale);
    std::array<float, 8> p{};
    for (std::size_t j = 0; j < 8; ++j) p[j] = static_cast<float>(warp.p[j]);
    for (const PatternSamples& pattern : patterns) {
        NormalSums<8> sums(pattern.places.size());
        for (std::size_t i = 0; i < pattern.places.size(); ++i) {
            const auto x = static_cast<float>((pattern.places[i].x - warp.centre) / warp.scale);
            const auto y = static_cast<float>((pattern.places[i].y - warp.centre) / warp.scale);
            const float w = 1 / (1 + p[6] * x + p[7] * y);
            const float ax = ((1 + p[0]) * x + p[1] * y + p[2]) * w;
            const float ay = (p[3] * x + (1 + p[4]) * y + p[5]) * w;
            const auto look = picture.look(ax * scale + static_cast<float>(warp.centre),
                                           ay * scale + static_cast<float>(warp.centre));
            const float gx = look.slope_x * scale * w;
            const float gy = look.slope_y * scale * w;
            const float g = gx * ax + gy * ay;
            sums.add({gx * x, gx * y, gx, gy * x, gy * y, gy, -g * x, -g * y}, look.value, pattern.expected[i]);
        }
        sums.add_to(a, b, pattern.weight, sign);
    }
    double trace = 0;
    for (std::size_t j = 0; j < 8; ++j) trace += a[j][j];
    for (std::size_t j = 0; j < 8; ++j) {
        a[j][j] += 1e-5 * trace / 8 + 1e-12;
        if (!perspective && j >= 6) {
            for (std::size_t k = 0; k < j; ++k) a[j][k] = 0;
            a[j][j] = 1;
            b[j] = 0;
        }
    }
    const auto change = solve_symmetric<8>(a, b);
    if (!change) return -1;
    // Steps of more than a module at the corners are taken in part: the picture is linear over no more than that.
    double largest = 0;
    for (std::size_t j = 0; j < 8; ++j) largest = std::max(largest, std::abs((*change)[j]) * warp.scale);
    const double share = std::min(1.0, 1.0 / std::max(largest, 1e-9));
    for (std::size_t j = 0; j < 8; ++j) warp.p[j] += share * (*change)[j];
    return largest;
}

void iterate(const Straightened& picture, const std::vector<PatternSamples>& patterns, double sign, bool perspective,
             int steps, Warp& warp) {
    for (int i = 0; i < steps; ++i) {
        const double moved = step(picture, patterns, sign, perspective, warp);
        if (moved < kStill) return;
    }
}

Warp identity(int size) { return {size / 2.0, size / 2.0, {}}; }

Warp Warp::of(const Homography& map, int size) {
    Warp warp = identity(size);
    const Homography to{
        {1 / warp.scale, 0, -warp.centre / warp.scale, 0, 1 / warp.scale, -warp.centre / warp.scale, 0, 0, 1}};
    const Homography back{{warp.scale, 0, warp.centre, 0, warp.scale, warp.centre, 0, 0, 1}};
    const Homography change = compose(to, compose(map, back));
    for (std::size_t i = 0; i < 8; ++i) warp.p[i] = change.h[i] / change.h[8] - (i == 0 || i == 4 ? 1 : 0);
    return warp;
}

PatternSamples moved(PatternSamples samples, const Warp& warp) {
    const Homography map = warp.homography();
    for (Point& place : samples.places) place = map(place);
    return samples;
}

/// The alignment pattern nearest bottom right; none in version 1.
bool last_alignment(int size, Point& centre) {
    const std::vector<int> centres = alignment_centres(size);
    if (centres.size() < 2) return false;
    centre = {centres.back() + 0.5, centres.back() + 0.5};
    return true;
}

/// Mean correlation of patterns after a change of the map.
double mean_correlation(const Straightened& picture, const std::vector<PatternSamples>& patterns, const Warp& warp) {
    double sum = 0;
    for (const PatternSamples& pattern : patterns) sum += correlation(picture, moved(pattern, warp));
    return sum / static_cast<double>(patterns.size());
}

/// Mean correlations of the patterns after a change of the map that a picture was straightened by.
Registration measured(const Straightened& picture, const Homography& homography, const Warp& warp, int size,
                      double blur, const SeenFinders& seen = kAllFinders) {
    Registration result;
    result.homography = compose(homography, warp.homography());
    result.size = size;
    result.finder = mean_correlation(picture, finders(size, blur, seen), warp);
    result.inverted = result.finder < 0;
    const double sign = result.inverted ? -1 : 1;
    for (bool in_row : {true, false})
        result.timing += sign * correlation(picture, moved(timing_samples(size, in_row, blur_seen(blur)), warp)) / 2;
    Point centre;
    if (last_alignment(size, centre)) result.alignment = sign * correlation(picture, moved(alignment(centre), warp));
    return result;
}

/// The finders leave the fourth corner loose; the alignment pattern near it holds it, once it is found.
Warp held_by_alignment(const Straightened& picture, const Warp& warp, const Point& centre, double sign, int size,
                       double least, const SeenFinders& seen) {
    const PatternSamples samples = alignment(centre);
    const Homography map = warp.homography();
    const Point expected = map(centre);
    const auto found =
        find_pattern(picture, samples, sign, {expected.x - centre.x, expected.y - centre.y}, kSearch, 0.03);
    if (found.agreement < least) return warp;
    std::vector<Point> places;
    std::vector<Point> targets;
    const std::array<Point, 12> corners = finder_corner_places(size);
    for (std::size_t i = 0; i < corners.size(); ++i) {
        if (!seen[i / 4]) continue;
        places.push_back(corners[i]);
        targets.push_back(map(corners[i]));
    }
    places.insert(places.end(), 4, centre);  // one pattern against three of four corners each
    targets.insert(targets.end(), 4, Point{centre.x + found.move.x, centre.y + found.move.y});
    const auto held = fit_homography(places, targets);
    return held ? Warp::of(*held, size) : warp;
}

/// Those of the finder patterns whose centres lie in what the map shows; all where fewer than two do.
SeenFinders within(const Region& region, const Homography& homography, int size, SeenFinders seen) {
    const std::array<Point, 3> centres = finder_centres(size);
    SeenFinders inside{};
    for (std::size_t f = 0; f < centres.size(); ++f) {
        const Point at = homography(centres[f]);
        inside[f] = seen[f] && at.x > region.x1 && at.x < region.x2 && at.y > region.y1 && at.y < region.y2;
    }
    return std::ranges::count(inside, true) < 2 ? seen : inside;
}

/// Mean correlation of the finders with the picture itself.
double seen_at(const MipMap& image, const Homography& homography, const std::vector<PatternSamples>& patterns) {
    double sum = 0;
    for (const PatternSamples& pattern : patterns) sum += sparse_correlation(image, homography, pattern);
    return sum / static_cast<double>(patterns.size());
}

/// What brings a start near that is off by up to a module, and how well the finders then agree.
struct CoarseStart {
    Warp warp;
    double agreement = 0;
};

/// On finders blurred until they overlap their places.
CoarseStart registered_coarsely(Straightened picture, const SeenFinders& seen) {
    picture.blur(kCoarse);
    const int size = picture.size();
    const auto patterns = finders(size, kCoarse, seen);
    Warp warp = identity(size);
    const double sign = mean_correlation(picture, patterns, warp) < 0 ? -1 : 1;
    iterate(picture, patterns, sign, false, kCoarseSteps, warp);
    iterate(picture, patterns, sign, true, kCoarseSteps / 2, warp);
    return {warp, mean_correlation(picture, patterns, warp)};
}

}  // namespace

double Registration::score() const {
    const double found = std::abs(finder);
    if (size < 25) return (found + timing) / 2;
    return (found + timing + 0.5 * std::max(alignment, 0.0)) / 2.5;
}

double correlation(const Straightened& picture, const PatternSamples& samples, double dx, double dy) {
    double a = 0;
    double aa = 0;
    double b = 0;
    double bb = 0;
    double ab = 0;
    for (std::size_t i = 0; i < samples.places.size(); ++i) {
        const double value =
            picture.value(static_cast<float>(samples.places[i].x + dx), static_cast<float>(samples.places[i].y + dy));
        const double expected = samples.expected[i];
        a += value;
        aa += value * value;
        b += expected;
        bb += expected * expected;
        ab += value * expected;
    }
    const auto n = static_cast<double>(samples.places.size());
    if (n < 2) return 0;
    const double va = aa - a * a / n;
    const double vb = bb - b * b / n;
    // A flat patch (less than one grey level of deviation) shows no pattern.
    if (va < n || vb <= 0) return 0;
    return (ab - a * b / n) / std::sqrt(va * vb);
}

PatternMatch find_pattern(const Straightened& picture, const PatternSamples& samples, double sign, Point expected,
                          double reach, double leash) {
    // A third of a module is as fine as is needed, two thirds as coarse as does not step over a pattern.
    const auto match =
        best_on_grid(static_cast<int>(std::lround(reach / kSearchStep)), leash * kSearchStep, [&](int i, int j) {
            return sign * correlation(picture, samples, expected.x + j * kSearchStep, expected.y + i * kSearchStep);
        });
    return {{expected.x + match.steps.x * kSearchStep, expected.y + match.steps.y * kSearchStep}, match.agreement};
}

Registration register_patterns(const MipMap& image, const Homography& start, int size, const RectifySettings& settings,
                               const SeenFinders& may_be_seen) {
    const SeenFinders seen = within(image.region(), start, size, may_be_seen);
    const double at_first = seen_at(image, start, finders(size, kCoarse, seen));
    if (std::abs(at_first) < kLost) return {start, at_first, 0, 0, at_first < 0, size};
    const bool may_be_near = std::abs(at_first) > kFar;
    using Part = Straightened::Part;
    auto patterns = finders(size, kFine, seen);
    Straightened picture(image, start, size, may_be_near ? Part::kNearPatterns : Part::kPatterns);
    Warp warp = identity(size);
    double agreement = 0;
    if (may_be_near) {
        picture.blur(kFine);
        agreement = mean_correlation(picture, patterns, warp);
    }
    if (std::abs(agreement) < settings.near) {
        if (may_be_near) picture = Straightened(image, start, size, Part::kPatterns);
        const CoarseStart coarse = registered_coarsely(picture, seen);
        warp = coarse.warp;
        agreement = coarse.agreement;
        if (std::abs(agreement) < kHopeless)
            return {compose(start, warp.homography()), agreement, 0, 0, agreement < 0, size};
        picture.blur(kFine);
    }
    const double sign = agreement < 0 ? -1 : 1;
    iterate(picture, sparse_finders(size, seen), sign, true, kFineSteps, warp);
    Point centre;
    const bool aligned = last_alignment(size, centre);
    if (aligned) warp = held_by_alignment(picture, warp, centre, sign, size, settings.alignment_found, seen);
    const Registration before = measured(picture, start, warp, size, kFine, seen);
    for (bool in_row : {true, false}) {
        patterns.push_back(timing_samples(size, in_row, blur_seen(kFine)));
        patterns.back().weight = 0.5;
    }
    if (aligned && before.alignment > settings.alignment_found) {
        patterns.push_back(alignment(centre));
        patterns.back().weight = before.alignment;
    }
    iterate(picture, patterns, sign, true, kFineSteps, warp);
    const Registration after = measured(picture, start, warp, size, kFine, seen);
    return after.score() >= before.score() ? after : before;
}

Registration pattern_agreement(const MipMap& image, const Homography& at, int size) {
    Straightened picture(image, at, size, Straightened::Part::kPatterns);
    picture.blur(kCoarse);
    return measured(picture, at, identity(size), size, kCoarse);
}

std::vector<RankedFrame> rank_frames(const MipMap& image, const std::array<Point, 4>& square, double inset, int top,
                                     std::optional<double> seems) {
    double side = 0;
    for (std::size_t k = 0; k < 4; ++k)
        side = std::max(side, std::hypot(square[(k + 1) % 4].x - square[k].x, square[(k + 1) % 4].y - square[k].y));
    const double pixels = side / static_cast<double>(image.pixel_size(0));
    std::vector<RankedFrame> frames;
    for (int version = min_version; version <= max_version; ++version) {
        const int size = size_of_version(version);
        if (kLeastPixels * (size - 2 * inset) > pixels) break;
        if (seems && !may_have_size(*seems, size)) continue;
        std::vector<PatternSamples> patterns = finders(size, kCoarse);
        for (bool in_row : {true, false}) patterns.push_back(timing_samples(size, in_row, blur_seen(kFine)));
        const double far = size - inset;
        const std::array<Point, 4> places{Point{inset, inset}, Point{far, inset}, Point{far, far}, Point{inset, far}};
        for (int turn = 0; turn < 4; ++turn) {
            std::array<Point, 4> corners{};
            for (std::size_t k = 0; k < 4; ++k) corners[k] = square[(k + static_cast<std::size_t>(turn)) % 4];
            const auto homography = fit_homography(places, corners);
            if (!homography) continue;
            RankedFrame frame{turn, size, 0, *homography};
            double finder = 0;
            double timing = 0;
            for (std::size_t i = 0; i < patterns.size(); ++i) {
                const double agreement = sparse_correlation(image, *homography, patterns[i]);
                (i < 3 ? finder : timing) += agreement / (i < 3 ? 3 : 2);
            }
            frame.score = (std::abs(finder) + (finder < 0 ? -timing : timing)) / 2;
            frames.push_back(frame);
        }
    }
    std::ranges::stable_sort(frames, std::ranges::less{}, [](const RankedFrame& frame) { return -frame.score; });
    if (static_cast<int>(frames.size()) > top) frames.resize(static_cast<std::size_t>(std::max(top, 0)));
    return frames;
}

}  // namespace fastqr
