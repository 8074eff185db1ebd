#include "fastqr/read/paired_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/timing_check.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr int kFinder = 7;  // modules
constexpr int kStep = size_of_version(2) - size_of_version(1);
constexpr double kAgreeing = 0.5;  // correlation of either finder pattern
constexpr double kAslant = 0.3;    // of the longer way from one to the other along the symbol's sides, the shorter one
constexpr double kAlike = 2;       // times as long as one another, at most: sides of the two
constexpr std::size_t kMost = 3;   // maps of a pair, and of a box, that are worth a registration
constexpr std::size_t kTopLeft = 0;
constexpr std::size_t kTopRight = 1;
constexpr std::size_t kBottomLeft = 2;

double area_of(const LocalFrame& frame) { return frame.across.x * frame.down.y - frame.across.y * frame.down.x; }

/// The frame after so many quarter turns.
LocalFrame turned(LocalFrame frame, int quarters) {
    for (int k = 0; k < quarters; ++k) frame = {frame.origin, frame.down, {-frame.across.x, -frame.across.y}};
    return frame;
}

/// The frame turned so that its rows run most along a direction.
LocalFrame aligned(const LocalFrame& frame, const Point& along) {
    const auto share = [&](int quarters) {
        const Point across = turned(frame, quarters).across;
        return (across.x * along.x + across.y * along.y) / std::hypot(across.x, across.y);
    };
    int best = 0;
    for (int quarters = 1; quarters < 4; ++quarters)
        if (share(quarters) > share(best)) best = quarters;
    return turned(frame, best);
}

/// Which finder patterns of a symbol two are whose frames have its axes, and the modules between them along a side.
struct Roles {
    std::array<std::size_t, 2> finders{};
    double modules = 0;
};

std::optional<Roles> roles_of(const LocalFrame& first, const LocalFrame& second) {
    const Point across{(first.across.x + second.across.x) / 2, (first.across.y + second.across.y) / 2};
    const Point down{(first.down.x + second.down.x) / 2, (first.down.y + second.down.y) / 2};
    const Point step{second.origin.x - first.origin.x, second.origin.y - first.origin.y};
    const double area = across.x * down.y - across.y * down.x;
    const double x = (step.x * down.y - step.y * down.x) / area;
    const double y = (across.x * step.y - across.y * step.x) / area;
    const double longer = std::max(std::abs(x), std::abs(y));
    const double shorter = std::min(std::abs(x), std::abs(y));
    if (shorter <= kAslant * longer) {
        if (longer == x) return Roles{{kTopLeft, kTopRight}, longer};
        if (longer == -x) return Roles{{kTopRight, kTopLeft}, longer};
        if (longer == y) return Roles{{kTopLeft, kBottomLeft}, longer};
        return Roles{{kBottomLeft, kTopLeft}, longer};
    }
    if (shorter < (1 - kAslant) * longer || x * y > 0) return std::nullopt;
    if (x < 0) return Roles{{kTopRight, kBottomLeft}, (longer + shorter) / 2};
    return Roles{{kBottomLeft, kTopRight}, (longer + shorter) / 2};
}

/// How well the timing pattern shows that begins at a finder pattern, which lies in a frame of the symbol's axes, on
/// the way to another one.
double facing_coherence(const MipMap& image, const LocalFrame& frame, std::size_t finder, std::size_t other) {
    constexpr int kFirstStretch = 24;  // modules of a symbol that has no more between two finder patterns
    const Point back{-frame.across.x, -frame.across.y};
    const Point up{-frame.down.x, -frame.down.y};
    LocalFrame facing = frame;  // its rows run along the timing pattern, its columns into the symbol
    if (finder == kTopRight)
        facing = {frame.origin, back, frame.down};
    else if (finder == kBottomLeft)
        facing = {frame.origin, up, frame.across};
    else if (other == kBottomLeft)
        facing = {frame.origin, frame.down, frame.across};
    const Point corner = facing(-kFinder / 2.0, -kFinder / 2.0);
    const Homography map{{facing.across.x, facing.down.x, corner.x, facing.across.y, facing.down.y, corner.y, 0, 0, 1}};
    return timing_coherence_along(image, map, kFirstStretch, true);
}

/// How well the timing patterns show of a symbol that has two finder patterns in frames of its axes: the worse one of
/// both, of that between the top left one and the hidden one what is next to the first.
double coherence_of(const MipMap& image, const std::array<LocalFrame, 2>& frames, const Roles& roles,
                    const Homography& map, int size) {
    const auto& [first, second] = roles.finders;
    if (first != kTopLeft && second != kTopLeft)
        return std::min(timing_coherence_along(image, map, size, true),
                        timing_coherence_along(image, map, size, false));
    const std::size_t seen = first == kTopLeft ? second : first;
    const std::size_t hidden = kTopRight + kBottomLeft - seen;
    return std::min(timing_coherence_along(image, map, size, seen == kTopRight),
                    facing_coherence(image, frames[first == kTopLeft ? 0 : 1], kTopLeft, hidden));
}

/// Whether two finder patterns have like sides.
bool are_alike(const LocalFrame& first, const LocalFrame& second) {
    const double larger = std::abs(area_of(first)) / std::abs(area_of(second));
    return larger <= kAlike * kAlike && larger >= 1 / (kAlike * kAlike);
}

/// The map of a symbol of a size that has two finder patterns in frames of its axes.
std::optional<PairedStart> start_of(const MipMap& image, const std::array<LocalFrame, 2>& frames, const Roles& roles,
                                    int size, const ReadSettings& settings) {
    const std::array<Point, 12> corner_places = finder_corner_places(size);
    std::array<Point, 8> places{};
    std::array<Point, 8> corners{};
    PairedStart result{{}, size, {}, 0};
    double module = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const std::array<Point, 4> quad = frames[i].finder_corners();
        for (std::size_t k = 0; k < 4; ++k) {
            places[4 * i + k] = corner_places[4 * roles.finders[i] + k];
            corners[4 * i + k] = quad[k];
        }
        result.seen[roles.finders[i]] = true;
        module += std::sqrt(std::abs(area_of(frames[i]))) / 2;
    }
    const auto homography = fit_homography(places, corners);
    if (!homography) return std::nullopt;
    double sum = 0;
    for (std::size_t k = 0; k < places.size(); ++k) {
        const Point p = (*homography)(places[k]);
        sum += (p.x - corners[k].x) * (p.x - corners[k].x) + (p.y - corners[k].y) * (p.y - corners[k].y);
    }
    if (!(std::sqrt(sum / places.size()) <= settings.most_residual * module)) return std::nullopt;
    result.homography = *homography;
    result.coherence = coherence_of(image, frames, roles, *homography, size);
    return result;
}

std::vector<PairedStart> likeliest(std::vector<PairedStart> starts) {
    std::ranges::stable_sort(starts, std::ranges::greater{}, &PairedStart::coherence);
    if (starts.size() > kMost) starts.resize(kMost);
    return starts;
}

}  // namespace

bool may_be_paired(const MipMap& image, const LocalFrame& first, const LocalFrame& second,
                   const ReadSettings& settings) {
    if (!are_alike(first, second)) return false;
    for (int quarters = 0; quarters < 4; ++quarters) {
        const LocalFrame frame = turned(first, quarters);
        const LocalFrame other = aligned(second, frame.across);
        const auto roles = roles_of(frame, other);
        if (!roles || roles->modules > size_of_version(max_version)) continue;
        const auto& [a, b] = roles->finders;
        if (facing_coherence(image, frame, a, b) >= settings.coherent &&
            facing_coherence(image, other, b, a) >= settings.coherent)
            return true;
    }
    return false;
}

std::vector<PairedStart> paired_starts(const MipMap& image, const RegisteredFinder& first,
                                       const RegisteredFinder& second, const ReadSettings& settings) {
    std::vector<PairedStart> starts;
    const bool agree = std::min(std::abs(first.agreement), std::abs(second.agreement)) >= kAgreeing;
    if (!agree || first.agreement * second.agreement < 0 || !are_alike(first.frame, second.frame)) return starts;
    for (int quarters = 0; quarters < 4; ++quarters) {
        const LocalFrame frame = turned(first.frame, quarters);
        const std::array<LocalFrame, 2> frames{frame, aligned(second.frame, frame.across)};
        const auto roles = roles_of(frames[0], frames[1]);
        if (!roles) continue;
        for (int version = min_version; version <= max_version; ++version) {
            const int size = size_of_version(version);
            if (!(std::abs(size - kFinder - roles->modules) < kStep)) continue;
            if (const auto start = start_of(image, frames, *roles, size, settings)) starts.push_back(*start);
        }
    }
    return likeliest(std::move(starts));
}

RankedPlaces places_by_pairs(const MipMap& image, const SeenCorners& seen, double least,
                             const StageSettings& settings) {
    std::vector<RegisteredFinder> finders;
    for (std::size_t k = 0; k < seen.finder.size(); ++k)
        if (static_cast<double>(seen.finder[k]) >= least) finders.push_back(registered_finder(image, seen.corners[k]));
    std::vector<PairedStart> paired;
    for (std::size_t i = 0; i < finders.size(); ++i)
        for (std::size_t j = i + 1; j < finders.size(); ++j)
            for (const PairedStart& start : paired_starts(image, finders[i], finders[j], settings.read))
                paired.push_back(start);
    std::vector<PlaceStart> starts;
    for (const PairedStart& each : likeliest(std::move(paired)))
        starts.push_back({each.homography, each.size, {}, each.seen});
    return {image, std::move(starts), settings};
}

}  // namespace fastqr
