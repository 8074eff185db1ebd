#include "fastqr/read/finder_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "fastqr/detect/finder_patterns.hpp"
#include "fastqr/detect/finder_triples.hpp"
#include "fastqr/image/work.hpp"
#include "fastqr/read/named_place.hpp"
#include "fastqr/read/named_size.hpp"
#include "fastqr/read/paired_places.hpp"
#include "fastqr/read/read_straight.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/registered_corners.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/timing_check.hpp"
#include "fastqr/standard/blocks.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {
namespace {

constexpr double kPlainResidual = 0.3;  // modules root mean square of corners as exact as those of a clean symbol
constexpr double kLeastScore = 0.5;     // mean correlation of the patterns; 0.53 was the least that was read

/// One codeword in so many that is wrong leaves the grid beyond doubt: half a module at one corner spoils more.
constexpr int kGridErrors = 20;

constexpr double kCoreError = 0.35;  // of the modules along a symbol's side, by cores alone, to either side

/// Diagonals of a symbol between its first corner and any corner of another sighting of it, at most.
constexpr double kSameReach = 3;

/// Grey values that a step visits, about: of a symbol's modules those of one reading, and of a registration.
constexpr std::int64_t kFitWork = 100;
constexpr std::int64_t kTimingWork = 200;
constexpr std::int64_t kModuleWork = 4;
constexpr std::int64_t kRegistrationWork = 40;
constexpr std::int64_t kGrowthWork = 8;
constexpr std::int64_t kRegisteredFinderWork = 3000;

/// Large symbols are read on a lattice that is grown along their alignment patterns: a homography seldom reaches so
/// far. Those of Model 1 have none.
std::optional<SymbolReading> read_place(const MipMap& image, const SymbolPlace& place, const StageSettings& settings) {
    if (names_its_version(place.size)) {
        const GrownLattice grown = grow_anchors(image, place.homography, place.size, kReadMargin);
        if (grown.found > 0) {
            LevelsReading read = read_by_levels(image, grown.lattice, place.size, place.inverted, settings);
            if (read.reading || !read.is_of_model_1) return std::move(read.reading);
        }
    }
    return read_levels(image, homography_lattice(place.homography, place.size, kReadMargin), place.size, place.inverted,
                       settings);
}

constexpr std::int64_t kOneReading = 100'000;  // grey values visited to read a symbol that is hard to read, at most

/// One search: the finder patterns, and what has become of them.
class Search {
  public:
    Search(const MipMap& image, const FinderSearchLimits& limits, const StageSettings& settings)
        : image_(image),
          settings_(settings),
          limits_(limits),
          work_{limits.work, 0, limits.until},
          finders_(image, settings.finders) {}

    FinderSearch run() && {
        finders_.search_levels(work_);
        read_triples();
        read_pairs();
        if (limits_.again) search_again();
        return result();
    }

  private:
    [[nodiscard]] std::int64_t pixels() const {
        return static_cast<std::int64_t>(image_.level(0).height) * image_.level(0).width;
    }

    void search_again() {
        if (misses_something() && pixels() < work_.allowance - work_.spent) {
            work_.spend(pixels());
            finders_.search_levels_closely(work_);
            read_again();
        }
        found_.blank = !limits_.blank_too && found_.readings.empty() && !shows_something();
        if (found_.blank) return;
        if (found_.readings.empty() && pixels() < work_.allowance - work_.spent) search_without_margin();
        if (misses_something() && 4 * pixels() < work_.allowance - work_.spent) {
            work_.spend(4 * pixels());
            finders_.search_enlarged(work_);
            read_again();
        }
    }

    [[nodiscard]] bool complete() const {
        return static_cast<int>(found_.readings.size()) >= limits_.most || work_.exhausted();
    }

    [[nodiscard]] bool misses_something() const {
        return !complete() && (found_.readings.empty() || shows_something());
    }

    /// Whether anything might be a symbol or a part of one, and is not read.
    [[nodiscard]] bool shows_something() const {
        if (!unread_.empty()) return true;
        for (std::size_t f = 0; f < settled_.size(); ++f)
            if (is_ungrouped(f)) return true;
        return false;
    }

    /// Whether a finder pattern is one whatever lies about it. Cores with dots beside them are in any texture.
    [[nodiscard]] static bool stands_alone(const FinderPattern& finder) {
        return finder.credible && finder.ring != Ring::kDotted;
    }

    /// Whether a finder pattern is one, and no symbol that was seen or read has it.
    [[nodiscard]] bool is_ungrouped(std::size_t f) const {
        const FinderPattern& finder = finders_.all()[f];
        return stands_alone(finder) && !settled_[f] && !unread_finder_[f] &&
               std::none_of(quads_.begin(), quads_.end(),
                            [&](const auto& quad) { return lies_in(finder.centre, quad); });
    }

    /// Noise is full of rings without an end, so what they show is followed up for as much as the pixels cost; what
    /// shows without them was.
    void search_without_margin() {
        const std::int64_t allowance = work_.allowance;
        work_.allowance = std::min(allowance, work_.spent + 2 * pixels() + kOneReading);
        work_.spend(pixels());
        finders_.search_levels_without_margin(work_);
        work_.allowance = std::min(allowance, work_.spent + pixels() + kOneReading);
        without_margin_ = true;
        std::fill(unread_finder_.begin(), unread_finder_.end(), false);
        read_triples();
        without_margin_ = false;
        found_.exhausted = work_.exhausted();
        work_.allowance = allowance;
    }

    /// Takes up anew what was seen and not read, with the patterns that are known now.
    void read_again() {
        unread_.clear();
        std::fill(unread_finder_.begin(), unread_finder_.end(), false);
        read_triples();
    }

    void read_triples() {
        settled_.resize(finders_.all().size(), false);
        unread_finder_.resize(finders_.all().size(), false);
        FinderTriples triples(finders_, settings_.finders);
        std::vector<bool> open(settled_.size());
        while (!triples.finished() && !complete()) {
            for (std::size_t f = 0; f < open.size(); ++f) open[f] = !settled_[f] && !unread_finder_[f];
            for (const FinderTriple& triple : triples.next_round(open, work_)) {
                if (complete()) break;
                if (!is_open(triple)) continue;
                if (has_dotted(triple))
                    read_on_centres(triple);
                else
                    read_triple(triple);
            }
        }
        read_without_timing();
    }

    /// Whether no symbol that was seen or read has one of its patterns.
    [[nodiscard]] bool is_open(const FinderTriple& triple) const {
        return std::none_of(triple.finders.begin(), triple.finders.end(),
                            [&](std::size_t f) { return settled_[f] || unread_finder_[f]; }) &&
               (!without_margin_ || std::any_of(triple.finders.begin(), triple.finders.end(), [&](std::size_t f) {
                   return finders_.all()[f].ring != Ring::kClosed;
               }));
    }

    [[nodiscard]] bool has_dotted(const FinderTriple& triple) const {
        return std::any_of(triple.finders.begin(), triple.finders.end(),
                           [&](std::size_t f) { return finders_.all()[f].ring == Ring::kDotted; });
    }

    /// Reads a triple whose patterns do not tell how large a module is, for designers draw cores of any size: the
    /// patterns' centres and the period of the timing patterns between them tell it.
    void read_on_centres(const FinderTriple& triple) {
        const int nearest = nearest_size(triple.corners);
        std::vector<std::pair<double, SizeFit>> fits;
        for (int version = min_version; version <= max_version; ++version) {
            const int size = size_of_version(version);
            if (std::abs(size - nearest) > kCoreError * nearest) continue;
            work_.spend(kTimingWork);
            if (const auto fit = fit_flat(triple.corners, size))
                fits.emplace_back(timing_coherence(image_, fit->homography, size), *fit);
        }
        std::ranges::stable_sort(fits, std::ranges::greater{}, [](const auto& fit) { return fit.first; });
        if (fits.size() > static_cast<std::size_t>(settings_.read.sizes))
            fits.resize(static_cast<std::size_t>(settings_.read.sizes));
        for (const auto& [coherence, fit] : fits) {
            FinderTriple as_large = triple;
            const auto places = finder_corner_places(fit.size);
            for (std::size_t i = 0; i < places.size(); ++i) as_large.corners[i / 4][i % 4] = fit.homography(places[i]);
            if (read_straight_only(fit, as_large)) return;
        }
    }

    /// Timing patterns may be painted over. Where the corners of three finder patterns fit a size as those of a clean
    /// symbol do and no other symbol has them, it is read as if it were one, but for no more than that costs.
    void read_without_timing() {
        for (const auto& [triple, fit] : std::exchange(without_timing_, {})) {
            if (complete()) return;
            if (is_open(triple)) read_straight_only(fit, triple);
        }
    }

    /// Reads symbols of which two finder patterns show and the third one is covered, torn off or beyond the edge: pairs
    /// of those that belong to no symbol, for as much as the pixels cost.
    void read_pairs() {
        std::vector<std::size_t> alone;
        for (std::size_t f = 0; f < settled_.size(); ++f)
            if (is_ungrouped(f) && !finders_.all()[f].round) alone.push_back(f);
        std::vector<std::optional<RegisteredFinder>> registered(settled_.size());
        const auto registered_at = [&](std::size_t f) {
            if (!registered[f]) {
                work_.spend(kRegisteredFinderWork);
                registered[f] = registered_finder(image_, finders_.all()[f].quad);
            }
            return *registered[f];
        };
        const std::int64_t last = std::min(work_.allowance, work_.spent + pixels());
        for (std::size_t i = 0; i < alone.size(); ++i)
            for (std::size_t j = i + 1; j < alone.size(); ++j) {
                if (complete() || work_.spent >= last) return;
                if (!is_ungrouped(alone[i]) || !is_ungrouped(alone[j])) continue;
                const FinderPattern& first = finders_.all()[alone[i]];
                const FinderPattern& second = finders_.all()[alone[j]];
                work_.spend(kTimingWork);
                if (first.inverted != second.inverted ||
                    !may_be_paired(image_, LocalFrame::of_finder(first.quad), LocalFrame::of_finder(second.quad),
                                   settings_.read))
                    continue;
                read_pair(alone[i], alone[j], registered_at(alone[i]), registered_at(alone[j]));
            }
    }

    /// Reads the symbol of two finder patterns on the map whose patterns agree best.
    void read_pair(std::size_t i, std::size_t j, const RegisteredFinder& first, const RegisteredFinder& second) {
        const std::int64_t before = work_.spent;
        std::optional<SymbolPlace> best;
        for (const PairedStart& start : paired_starts(image_, first, second, settings_.read)) {
            work_.spend(kTimingWork);
            if (start.coherence < settings_.read.coherent) break;
            work_.spend(kRegistrationWork * start.size * start.size);
            const SymbolPlace place =
                registered_place(image_, start.homography, start.size, settings_.rectify, start.seen);
            if (place.score > (best ? best->score : kLeastScore)) best = place;
        }
        if (!best) return;
        work_.spend(kModuleWork * best->size * best->size);
        if (auto reading = read_place(image_, *best, settings_)) {
            keep(std::move(*reading));
            settled_[i] = settled_[j] = true;
            work_.spent = before;
            return;
        }
        unread_.push_back(*best);
        if (best->score <= settings_.read.convincing) return;
        unread_finder_[i] = unread_finder_[j] = true;
        work_.spent = before;
    }

    bool read_straight_only(const SizeFit& fit, const FinderTriple& triple) {
        Straight straight;
        read_fit(fit, triple, straight);
        if (!straight.reading) return false;
        settle(triple, std::move(*straight.reading));
        return true;
    }

    [[nodiscard]] std::vector<SizeFit> likely_sizes(const FinderCorners& corners) const {
        std::vector<SizeFit> fits = fit_sizes(corners, settings_.read.sizes);
        if (std::none_of(fits.begin(), fits.end(), [](const SizeFit& fit) { return names_its_version(fit.size); }))
            return fits;
        // One symbol in a thousand that has no version information seems to name a version, so the fits stay.
        if (const auto size = named_size(image_, corners))
            if (const auto fit = fit_size(corners, *size)) {
                std::erase_if(fits, [&](const SizeFit& other) { return other.size == *size; });
                fits.insert(fits.begin(), *fit);
            }
        return fits;
    }

    void read_triple(const FinderTriple& triple) {
        const std::int64_t before = work_.spent;
        std::optional<SymbolPlace> best;
        Straight straight;
        std::optional<SymbolReading> reading;
        if (read_plainly(triple, straight)) {
            reading = std::move(straight.reading);
        } else {
            reading = read_grown(triple, best);
            if (!reading) reading = read_fits(triple, straight, best);
        }
        if (reading) {
            settle(triple, std::move(*reading));
            work_.spent = before;
            return;
        }
        if (!best) return;
        unread_.push_back(*best);
        if (best->score <= settings_.read.convincing) return;
        for (std::size_t f : triple.finders) unread_finder_[f] = true;
        work_.spent = before;
    }

    void settle(const FinderTriple& triple, SymbolReading&& reading) {
        keep(std::move(reading));
        for (std::size_t f : triple.finders) settled_[f] = true;
    }

    /// Takes a reading, unless another sighting of the same finder patterns has given its symbol already.
    void keep(SymbolReading&& reading) {
        const auto quad = reading.quad();
        const Point diagonal{quad[2].x - quad[0].x, quad[2].y - quad[0].y};
        const double reach = std::abs(diagonal.x) + std::abs(diagonal.y);
        const auto is_same = [&](const auto& other) {
            // Most are far away, which one corner tells: symbols of alike size whose centres lie in each other.
            return std::abs(other[0].x - quad[0].x) + std::abs(other[0].y - quad[0].y) < kSameReach * reach &&
                   is_same_symbol(quad, other);
        };
        if (std::any_of(quads_.begin(), quads_.end(), is_same)) return;
        quads_.push_back(quad);
        found_.readings.push_back(std::move(reading));
    }

    /// One triple's straight readings: the best, and of which size the cheapest maps were tried.
    struct Straight {
        std::optional<SymbolReading> reading;
        int flat_size = 0;
        int tilted_size = 0;
        int held_size = 0;
    };

    /// Reads straight on one map. Tells whether the grid is right: all but few codewords are, or the map is held by the
    /// alignment pattern near the fourth corner, which reads as it should, and the symbol is damaged. Otherwise the
    /// reading waits for a better grid, which may be none.
    bool read_on(const Homography& map, int size, bool inverted, Straight& straight, bool is_held = false) {
        work_.spend(kModuleWork * size * size);
        auto read = read_straight(image_, map, size, inverted, settings_);
        if (!read) return false;
        const DecodedSymbol& symbol = read->reading.symbol;
        const int corrected = symbol.corrected_codewords;
        const bool is_right = (is_held && read->shows_alignment) ||
                              kGridErrors * corrected <= codeword_count(symbol.version, symbol.format.model);
        const int least = straight.reading ? straight.reading->symbol.corrected_codewords : corrected + 1;
        if (corrected < least || (is_held && corrected == least)) straight.reading = std::move(read->reading);
        return is_right;
    }

    /// The same on the map of a fit that the alignment pattern nearest to the fourth corner holds.
    bool read_held(const SizeFit& fit, const FinderTriple& triple, bool inverted, Straight& straight) {
        straight.held_size = fit.size;
        const auto held = held_by_alignment_pattern(image_, triple.corners, fit, inverted);
        return held && read_on(*held, fit.size, inverted, straight, true);
    }

    [[nodiscard]] bool is_coherent(const SizeFit& fit) {
        work_.spend(kTimingWork);
        const double least = settings_.read.coherent;
        return timing_coherence(image_, fit.homography, fit.size, least) >= least;
    }

    /// What a clean symbol needs: the size that the finder patterns tell at once, and its grid straight, flat first.
    bool read_plainly(const FinderTriple& triple, Straight& straight) {
        const bool inverted = finders_.all()[triple.finders[0]].inverted;
        int size = nearest_size(triple.corners);
        if (names_its_version(size))
            if (const auto named = named_size(image_, triple.corners)) size = *named;
        const auto flat = fit_flat(triple.corners, size);
        if (flat && flat->residual <= kPlainResidual && is_coherent(*flat)) {
            straight.flat_size = size;
            if (read_on(flat->homography, size, inverted, straight)) return true;
        }
        const auto fit = fit_size(triple.corners, size);
        if (!fit || fit->residual > kPlainResidual || !is_coherent(*fit)) return false;
        if (!straight.reading) {
            straight.tilted_size = size;
            if (read_on(fit->homography, size, inverted, straight)) return true;
        }
        return straight.reading && read_held(*fit, triple, inverted, straight);
    }

    /// What a dense symbol on paper that is not flat needs: its finder patterns, each as it is turned, and its
    /// alignment patterns from them outwards. Whether its corners fit a homography does not matter. Keeps the place of
    /// what is not read.
    std::optional<SymbolReading> read_grown(const FinderTriple& triple, std::optional<SymbolPlace>& best) {
        if (nearest_size(triple.corners) < kSmallestNamed) return std::nullopt;
        work_.spend(kNamedPlaceWork);
        auto place = named_place(image_, triple.corners, settings_.read);
        if (!place || place->inverted != finders_.all()[triple.finders[0]].inverted) return std::nullopt;
        work_.spend(kGrowthWork * place->size * place->size);
        const GrownLattice grown = grow_anchors(image_, place->homography, *place->finders, place->size, kReadMargin);
        if (grown.found == 0) return std::nullopt;
        if (auto reading = read_levels(image_, grown.lattice, place->size, place->inverted, settings_)) return reading;
        place->score = (place->score + grown.share * grown.agreement) / 2;
        if (place->score > kLeastScore) best = std::move(place);
        return std::nullopt;
    }

    /// Rays leave a pattern that is slanted to a narrow rhomb through its acute corners, and have them too near. Where
    /// three patterns are ones and their corners fit no size, all that is seen of each tells its corners, and the
    /// timing patterns the size.
    std::vector<SizeFit> sizes_of_registered(const FinderTriple& triple) {
        const auto& all = finders_.all();
        if (!std::all_of(triple.finders.begin(), triple.finders.end(),
                         [&](std::size_t f) { return stands_alone(all[f]); }))
            return {};
        work_.spend(kNamedPlaceWork);
        const RegisteredCorners seen = registered_corners(image_, triple.corners);
        if (std::abs(seen.agreement) < settings_.read.convincing) return {};
        std::vector<SizeFit> fits = fit_sizes(seen.corners, max_version);
        std::erase_if(fits, [&](const SizeFit& fit) { return !is_coherent(fit); });
        return fits;
    }

    /// The cheapest way first, of every size that may be meant. Keeps the best registration of what is not read.
    std::optional<SymbolReading> read_fits(const FinderTriple& triple, Straight& straight,
                                           std::optional<SymbolPlace>& best) {
        work_.spend(kFitWork);
        std::vector<SizeFit> fits = likely_sizes(triple.corners);
        std::erase_if(fits, [&](const SizeFit& fit) {
            if (fit.residual > settings_.read.most_residual) return true;
            if (is_coherent(fit)) return false;
            if (fit.residual <= kPlainResidual) without_timing_.push_back({triple, fit});
            return true;
        });
        if (fits.empty()) fits = sizes_of_registered(triple);
        for (const SizeFit& fit : fits)
            if (read_fit(fit, triple, straight)) return std::move(straight.reading);
        for (const SizeFit& fit : fits) {
            work_.spend((kRegistrationWork + kModuleWork) * fit.size * fit.size);
            const SymbolPlace place = registered_place(image_, fit.homography, fit.size, settings_.rectify);
            // At a pixel a module the patterns alias, and the finders' corners are the best that is known.
            if (place.score < kLeastScore) continue;
            if (auto reading = read_place(image_, place, settings_)) return reading;
            if (place.score > settings_.read.convincing)
                if (auto halftone =
                        read_straight(image_, place.homography, fit.size, place.inverted, settings_, Sample::kPoint))
                    return std::move(halftone->reading);
            if (!best || place.score > best->score) best = place;
        }
        return std::move(straight.reading);
    }

    /// Reads one size straight on the maps that were not tried yet, the cheapest first. Tells whether the grid is
    /// right.
    bool read_fit(const SizeFit& fit, const FinderTriple& triple, Straight& straight) {
        const bool inverted = finders_.all()[triple.finders[0]].inverted;
        if (straight.flat_size != fit.size)
            if (const auto flat = fit_flat(triple.corners, fit.size))
                if (read_on(flat->homography, fit.size, inverted, straight)) return true;
        if (straight.tilted_size != fit.size && read_on(fit.homography, fit.size, inverted, straight)) return true;
        return straight.held_size != fit.size && read_held(fit, triple, inverted, straight);
    }

    FinderSearch result() {
        found_.unread = std::move(unread_);
        std::ranges::stable_sort(found_.unread, std::ranges::less{},
                                 [](const SymbolPlace& place) { return -place.score; });
        for (std::size_t f = 0; f < settled_.size(); ++f) {
            const FinderPattern& finder = finders_.all()[f];
            if (stands_alone(finder) || settled_[f]) found_.credible.push_back(finder);
            if (is_ungrouped(f)) found_.ungrouped.push_back(finder);
        }
        found_.work = work_.spent;
        found_.exhausted = found_.exhausted || work_.exhausted();
        return std::move(found_);
    }

    const MipMap& image_;
    const StageSettings& settings_;
    FinderSearchLimits limits_;
    Work work_;
    FinderPatterns finders_;
    bool without_margin_ = false;      // whether triples must have a ring without an end
    std::vector<bool> settled_;        // of the finder patterns: part of a symbol that was read
    std::vector<bool> unread_finder_;  // part of one that was seen and not read
    std::vector<SymbolPlace> unread_;
    std::vector<std::pair<FinderTriple, SizeFit>> without_timing_;  // of which only the timing patterns do not show
    std::vector<std::array<Point, 4>> quads_;                       // of the readings
    FinderSearch found_;
};

/// The middle of a quad in the precision in which Python has it, so that both have one order of symbols.
std::pair<float, float> down_and_across(const std::array<Point, 4>& quad) {
    float down = 0;
    float across = 0;
    for (const Point& p : quad) {
        down += static_cast<float>(p.y);
        across += static_cast<float>(p.x);
    }
    return {down / 4, across / 4};
}

}  // namespace

std::vector<SymbolRecord> FinderSearch::records() const {
    std::vector<SymbolRecord> records;
    records.reserve(readings.size());
    for (const SymbolReading& reading : readings) records.push_back(reading.record());
    std::ranges::stable_sort(records, std::ranges::less{},
                             [](const SymbolRecord& record) { return down_and_across(*record.quad); });
    return records;
}

FinderSearch search_finder_patterns(const MipMap& image, const FinderSearchLimits& limits,
                                    const StageSettings& settings) {
    if (image.empty() || limits.most < 1) return {};
    return Search(image, limits, settings).run();
}

}  // namespace fastqr
