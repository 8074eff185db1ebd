#include "fastqr/read/paired_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "fastqr/rectify/registered_corners.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr int kFinder = 7;  // modules
constexpr int kStep = size_of_version(2) - size_of_version(1);
constexpr double kAgreeing = 0.5;                              // correlation of either finder pattern
constexpr std::array<std::size_t, 3> kFinderCorners{0, 1, 3};  // of a symbol's, that have a finder pattern

struct Pair {
    std::size_t first;
    std::size_t second;
};

struct RankedStart {
    double residual;
    PlaceStart start;
};

/// Modules from one finder pattern's centre to the other's along the symbol's sides, as their own frames tell; nothing
/// that a symbol has where they do not lie to each other as the corners of a square do.
double modules_between(const LocalFrame& first, const LocalFrame& second, const Pair& pair) {
    const Point across{(first.across.x + second.across.x) / 2, (first.across.y + second.across.y) / 2};
    const Point down{(first.down.x + second.down.x) / 2, (first.down.y + second.down.y) / 2};
    const Point step{second.origin.x - first.origin.x, second.origin.y - first.origin.y};
    const double area = across.x * down.y - across.y * down.x;
    const double x = (step.x * down.y - step.y * down.x) / area;
    const double y = (across.x * step.y - across.y * step.x) / area;
    constexpr std::array<Point, 4> corners{Point{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    const Point side{corners[pair.second].x - corners[pair.first].x, corners[pair.second].y - corners[pair.first].y};
    return (x * side.x + y * side.y) / (side.x * side.x + side.y * side.y);
}

/// The map of a symbol of a size whose corner `turn` of the square is its first, by the finder patterns of a pair.
std::optional<RankedStart> start_of(const std::array<RegisteredFinder, 2>& finders, const Pair& pair, std::size_t turn,
                                    int size) {
    const std::array<Point, 12> corner_places = finder_corner_places(size);
    std::array<Point, 8> places{};
    std::array<Point, 8> seen{};
    PlaceStart start{{}, size, {}, {false, false, false}};
    double module = 0;
    for (std::size_t i = 0; i < finders.size(); ++i) {
        const std::size_t corner = ((i == 0 ? pair.first : pair.second) + 4 - turn) % 4;
        const auto f = static_cast<std::size_t>(std::ranges::find(kFinderCorners, corner) - kFinderCorners.begin());
        start.seen[f] = true;
        const std::array<Point, 4> corners = finders[i].frame.finder_corners();
        for (std::size_t k = 0; k < 4; ++k) {
            places[4 * i + k] = corner_places[4 * f + k];
            seen[4 * i + k] = corners[(k + turn) % 4];
        }
        const LocalFrame& frame = finders[i].frame;
        module += std::sqrt(std::abs(frame.across.x * frame.down.y - frame.across.y * frame.down.x)) / 2;
    }
    const auto homography = fit_homography(places, seen);
    if (!homography) return std::nullopt;
    start.homography = *homography;
    double sum = 0;
    for (std::size_t k = 0; k < places.size(); ++k) {
        const Point p = (*homography)(places[k]);
        sum += (p.x - seen[k].x) * (p.x - seen[k].x) + (p.y - seen[k].y) * (p.y - seen[k].y);
    }
    return RankedStart{std::sqrt(sum / places.size()) / module, start};
}

}  // namespace

RankedPlaces places_by_pairs(const MipMap& image, const SeenCorners& seen, double least,
                             const StageSettings& settings) {
    std::array<RegisteredFinder, 4> finders{};
    std::array<bool, 4> agrees{};
    for (std::size_t k = 0; k < finders.size(); ++k) {
        if (!(static_cast<double>(seen.finder[k]) >= least)) continue;
        finders[k] = registered_finder(image, seen.corners[k]);
        agrees[k] = std::abs(finders[k].agreement) >= kAgreeing;
    }
    std::vector<RankedStart> ranked;
    for (const Pair& pair : {Pair{0, 1}, {1, 2}, {2, 3}, {0, 3}, {0, 2}, {1, 3}}) {
        const std::array<RegisteredFinder, 2> both{finders[pair.first], finders[pair.second]};
        if (!agrees[pair.first] || !agrees[pair.second] || both[0].agreement * both[1].agreement < 0) continue;
        const double side = kFinder + modules_between(both[0].frame, both[1].frame, pair);
        for (std::size_t fourth = 0; fourth < 4; ++fourth) {
            if (fourth == pair.first || fourth == pair.second) continue;
            for (int size = size_of_version(min_version); size <= size_of_version(max_version); size += kStep) {
                if (!(std::abs(size - side) < kStep)) continue;
                if (auto start = start_of(both, pair, (fourth + 2) % 4, size))
                    if (start->residual <= settings.read.most_residual) ranked.push_back(*std::move(start));
            }
        }
    }
    std::ranges::stable_sort(ranked, std::ranges::less{}, &RankedStart::residual);
    std::vector<PlaceStart> starts;
    for (RankedStart& each : ranked) starts.push_back(std::move(each.start));
    return {image, std::move(starts), settings};
}

}  // namespace fastqr
