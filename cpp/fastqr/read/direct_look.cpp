#include "fastqr/read/direct_look.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <utility>

#include "fastqr/image/sampling.hpp"
#include "fastqr/memory/sort_by.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/read/named_size.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/finder_triples.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/timing_check.hpp"

namespace fastqr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSizes = 2;              // sizes tried of one triple
constexpr double kMostResidual = 0.9;  // modules root mean square over twelve corners; 0.7 was the most read
constexpr double kLeastScore = 0.5;    // mean correlation of the patterns; 0.53 was the least that was read
constexpr double kConvincing = 0.7;    // from which a place is a symbol, whether it is read or not
constexpr int kVersioned = 45;         // modules from which a symbol names its version, and has patterns to grow along
// Of the timing patterns: no symbol that was read had less than 0.56, 19 of 20 places that are none have.
constexpr double kCoherent = 0.45;
constexpr int kMostFailures = 12;  // places like a symbol that are not read, beyond which there is no end of them
constexpr std::size_t kMostUnread = 8;
constexpr int kEnlargedSide = 400;  // pixels of the long side up to which a picture is searched enlarged, if at all
constexpr int kScales = 3;          // levels that are searched at once, each half of the one before

/// Large symbols are read on a lattice that is grown along their alignment patterns: a homography seldom reaches so
/// far.
std::optional<SymbolReading> read_place(const MipMap& image, const Registration& place) {
    if (place.size >= kVersioned) {
        const GrownLattice grown = grow_anchors(image, place.homography, place.size, kReadMargin);
        if (grown.found > 0) return read_levels(image, grown.lattice, place.size, place.inverted);
    }
    return read_levels(image, homography_lattice(place.homography, place.size, kReadMargin), place.size,
                       place.inverted);
}

/// Twice as many pixels a side, bilinear.
GreyImage doubled(const GreyImage& image) {
    GreyImage result{2 * image.height, 2 * image.width, {}};
    result.pixels.reserve(4 * image.pixels.size());
    const ImageView view = image.view();
    for (int y = 0; y < result.height; ++y)
        for (int x = 0; x < result.width; ++x)
            result.pixels.push_back(static_cast<std::uint8_t>(
                sample_bilinear(view, (static_cast<float>(x) + 0.5F) / 2, (static_cast<float>(y) + 0.5F) / 2) + 0.5F));
    return result;
}

bool is_inside(const SymbolReading& reading, Point p) {
    const int last = reading.lattice.cells - kReadMargin;
    const std::array<const float*, 4> corners{reading.lattice.node(kReadMargin, kReadMargin),
                                              reading.lattice.node(kReadMargin, last), reading.lattice.node(last, last),
                                              reading.lattice.node(last, kReadMargin)};
    int turns = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        const float* from = corners[k];
        const float* to = corners[(k + 1) % 4];
        const double side = static_cast<double>(to[0] - from[0]) * (p.y - static_cast<double>(from[1])) -
                            static_cast<double>(to[1] - from[1]) * (p.x - static_cast<double>(from[0]));
        turns += side >= 0 ? 1 : -1;
    }
    return std::abs(turns) == 4;
}

/// One look: what is settled so far, and the finder patterns that are not.
class Look {
  public:
    Look(const MipMap& image, int most, Clock::time_point until) : image_(image), most_(most), until_(until) {}

    /// Searches a level; what was seen in a coarser one and is seen again has better corners now.
    void add_level(int level) { add(image_.level(level), static_cast<double>(image_.pixel_size(level))); }

    /// The finest level enlarged: rings of two pixels must close.
    void add_enlarged() { add(doubled(image_.level(0)), static_cast<double>(image_.pixel_size(0)) / 2); }

    /// Reads what three of the loose finder patterns span; among many symbols, as long as each round reads some.
    void read_triples() {
        while (read_likeliest_triples() && !complete()) {
        }
    }

    [[nodiscard]] bool complete() const {
        return static_cast<int>(result_.readings.size()) >= most_ || Clock::now() >= until_;
    }

    /// Whether a finer level may show what is missing.
    [[nodiscard]] bool misses_something() const {
        return !complete() && (result_.readings.empty() || !result_.unread.empty() ||
                               std::any_of(result_.loose.begin(), result_.loose.end(),
                                           [](const FinderPattern& f) { return f.credible(); }));
    }

    /// Places that did not decode are taken up anew by a finer level.
    void forget_unread() {
        for (const auto& finder : unread_finders_) result_.loose.push_back(finder);
        unread_finders_.clear();
        result_.unread.clear();
    }

    DirectLook result() && {
        sort_by(result_.unread, [](const Registration& place) { return -place.score(); });
        if (result_.unread.size() > kMostUnread) result_.unread.resize(kMostUnread);
        std::erase_if(result_.loose, [](const FinderPattern& finder) { return !finder.credible(); });
        return std::move(result_);
    }

  private:
    /// Likeliest first. Returns whether something was read and there may be more triples than were looked at.
    bool read_likeliest_triples() {
        Vector<bool> used(result_.loose.size(), false);
        const std::size_t before = result_.readings.size();
        int failures = 0;
        const Vector<FinderTriple> triples = rank_triples(result_.loose);
        for (const FinderTriple& triple : triples) {
            if (complete() || failures >= kMostFailures) break;
            if (std::any_of(triple.finders.begin(), triple.finders.end(), [&](std::size_t f) { return used[f]; }))
                continue;
            const std::size_t unread = result_.unread.size();
            const bool read = read_triple(triple);
            if (result_.unread.size() > unread) ++failures;
            if (read || (result_.unread.size() > unread && result_.unread.back().score() > kConvincing))
                for (std::size_t f : triple.finders) used[f] = true;
        }
        drop_settled(used);
        return triples.size() >= kMostTriples && result_.readings.size() > before;
    }

    void add(const GreyImage& grey, double pixel) {
        Vector<FinderPattern> seen = std::move(settled_);
        const std::size_t settled = seen.size();
        const Vector<FinderPattern> before = std::move(result_.loose);
        const auto& region = image_.region();
        add_finder_patterns(grey, region.x1, region.y1, pixel, seen);
        result_.loose.assign(seen.begin() + static_cast<std::ptrdiff_t>(settled), seen.end());
        seen.resize(settled);
        settled_ = std::move(seen);
        for (const FinderPattern& finder : before)
            if (std::none_of(result_.loose.begin(), result_.loose.end(), [&](const FinderPattern& other) {
                    return std::hypot(other.centre.x - finder.centre.x, other.centre.y - finder.centre.y) <
                           0.4 * other.side;
                }))
                result_.loose.push_back(finder);
        drop_settled({});
    }

    [[nodiscard]] Vector<SizeFit> likely_sizes(const FinderCorners& corners) const {
        Vector<SizeFit> fits = fit_sizes(corners, kSizes);
        if (std::none_of(fits.begin(), fits.end(), [](const SizeFit& fit) { return fit.size >= kVersioned; }))
            return fits;
        if (const auto size = named_size(image_, corners))
            if (const auto fit = fit_size(corners, *size)) return {*fit};
        return fits;
    }

    bool read_triple(const FinderTriple& triple) {
        std::optional<Registration> best;
        for (const SizeFit& fit : likely_sizes(triple.corners)) {
            if (fit.residual > kMostResidual) break;
            if (timing_coherence(image_, fit.homography, fit.size) < kCoherent) continue;
            const Registration place = register_patterns(image_, fit.homography, fit.size);
            const bool registered = place.score() >= kLeastScore;
            // At a pixel a module the patterns alias, and the finders' corners are the best that is known.
            if (auto reading = registered ? read_place(image_, place) : read_at(fit, triple)) {
                result_.readings.push_back(std::move(*reading));
                for (std::size_t f : triple.finders) settled_.push_back(result_.loose[f]);
                return true;
            }
            if (registered && (!best || place.score() > best->score())) best = place;
        }
        if (best) {
            result_.unread.push_back(*best);
            for (std::size_t f : triple.finders) unread_finders_.push_back(result_.loose[f]);
        }
        return false;
    }

    std::optional<SymbolReading> read_at(const SizeFit& fit, const FinderTriple& triple) const {
        const bool inverted = result_.loose[triple.finders[0]].inverted;
        return read_levels(image_, homography_lattice(fit.homography, fit.size, kReadMargin), fit.size, inverted);
    }

    /// Leaves as loose what neither spans a place nor lies in a symbol that was read.
    void drop_settled(const Vector<bool>& used) {
        Vector<FinderPattern> loose;
        for (std::size_t f = 0; f < result_.loose.size(); ++f) {
            const FinderPattern& finder = result_.loose[f];
            const auto holds = [&](const SymbolReading& reading) { return is_inside(reading, finder.centre); };
            if (!(f < used.size() && used[f]) && std::none_of(result_.readings.begin(), result_.readings.end(), holds))
                loose.push_back(finder);
        }
        result_.loose = std::move(loose);
    }

    const MipMap& image_;
    int most_;
    Clock::time_point until_;
    DirectLook result_;
    Vector<FinderPattern> settled_;
    Vector<FinderPattern> unread_finders_;
};

}  // namespace

DirectLook look_directly(const MipMap& image, int first, int most, Clock::time_point until) {
    int level = 0;
    while (level + 1 < image.levels() && std::max(image.level(level).height, image.level(level).width) > first) ++level;
    Look look(image, most, until);
    // Coarser ones too: there dots and textures run together into the squares that they stand for.
    for (int coarser = level; coarser < std::min(level + kScales, image.levels()); ++coarser) look.add_level(coarser);
    look.read_triples();
    while (level > 0 && look.misses_something()) {
        look.forget_unread();
        look.add_level(--level);
        look.read_triples();
    }
    if (std::max(image.level(0).height, image.level(0).width) <= kEnlargedSide && look.misses_something()) {
        look.forget_unread();
        look.add_enlarged();
        look.read_triples();
    }
    return std::move(look).result();
}

}  // namespace fastqr
