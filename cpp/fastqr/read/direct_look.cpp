#include "fastqr/read/direct_look.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/finder_triples.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {
namespace {

constexpr int kSizes = 2;               // sizes tried of one triple
constexpr double kMostResidual = 0.9;   // modules root mean square over twelve corners; 0.7 was the most read
constexpr double kLeastScore = 0.5;     // mean correlation of the patterns; 0.53 was the least that was read
constexpr double kConvincing = 0.7;     // from which a place is a symbol, and worth a bent and a grown lattice
constexpr int kVersioned = 45;          // modules from which there are many alignment patterns to grow along
constexpr int kMostFailures = 24;       // triples that were no symbol, beyond which there is no end of them
constexpr std::size_t kMostUnread = 8;

std::optional<SymbolReading> read_place(const MipMap& image, const Registration& place) {
    const auto read = [&](const Lattice& lattice) { return read_levels(image, lattice, place.size, place.inverted); };
    const auto grown = [&]() -> std::optional<SymbolReading> {
        const GrownLattice lattice = grow_anchors(image, place.homography, place.size, kReadMargin);
        if (lattice.found == 0) return std::nullopt;
        return read(lattice.lattice);
    };
    const bool large = place.size >= kVersioned;
    if (large)
        if (auto reading = grown()) return reading;
    if (auto reading = read(homography_lattice(place.homography, place.size, kReadMargin))) return reading;
    if (place.score() < kConvincing) return std::nullopt;
    if (!large)
        if (auto reading = grown()) return reading;
    return read(bend_lattice(image, place.homography, place.size, kReadMargin).lattice);
}

/// Finer levels first: their corners are nearer to the truth.
std::vector<FinderPattern> finders_of(const MipMap& image, int longest, int shortest) {
    std::vector<FinderPattern> finders;
    for (int i = 0; i < image.levels(); ++i) {
        const GreyImage& level = image.level(i);
        const int side = std::max(level.height, level.width);
        if (side > longest && i + 1 < image.levels()) continue;
        if (side <= shortest && i > 0) break;
        add_finder_patterns(level, image.region().x1, image.region().y1,
                            static_cast<double>(image.pixel_size(i)), finders);
    }
    return finders;
}

}  // namespace

DirectLook look_directly(const MipMap& image, int longest, int shortest, int most) {
    DirectLook look;
    const std::vector<FinderPattern> finders = finders_of(image, longest, shortest);
    std::vector<bool> used(finders.size(), false);
    int failures = 0;
    for (const FinderTriple& triple : rank_triples(finders)) {
        if (static_cast<int>(look.readings.size()) >= most || failures >= kMostFailures) break;
        if (std::any_of(triple.finders.begin(), triple.finders.end(), [&](std::size_t f) { return used[f]; })) continue;
        std::optional<Registration> best;
        bool read = false;
        for (const SizeFit& fit : fit_sizes(triple.corners, kSizes)) {
            if (fit.residual > kMostResidual) break;
            const Registration place = register_patterns(image, fit.homography, fit.size);
            if (place.score() < kLeastScore) continue;
            if (auto reading = read_place(image, place)) {
                look.readings.push_back(std::move(*reading));
                read = true;
                break;
            }
            if (!best || place.score() > best->score()) best = place;
        }
        if (!read) ++failures;
        if (read || (best && best->score() > kConvincing))
            for (std::size_t f : triple.finders) used[f] = true;
        if (!read && best) look.unread.push_back(*best);
    }
    std::stable_sort(look.unread.begin(), look.unread.end(),
                     [](const Registration& a, const Registration& b) { return a.score() > b.score(); });
    if (look.unread.size() > kMostUnread) look.unread.resize(kMostUnread);
    for (std::size_t f = 0; f < finders.size(); ++f)
        if (!used[f]) look.loose.push_back(finders[f]);
    return look;
}

}  // namespace fastqr
