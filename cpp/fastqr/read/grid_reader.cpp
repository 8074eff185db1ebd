#include "fastqr/read/grid_reader.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "fastqr/decode/decoder.hpp"
#include "fastqr/decode/recognition.hpp"
#include "fastqr/read/read_levels.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/displacement.hpp"
#include "fastqr/rectify/module_levels.hpp"
#include "fastqr/rectify/patch_normalisation.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {
namespace {

constexpr int kQuickPasses = 2;  // where effort is small
constexpr double kFlat = 0.25;   // modules that a bend moves a place by: less changes no reading
constexpr double kTorn = 8;      // the same: more is no registration
constexpr int kFirstDegree = 2;  // of the polynomial that the first displacement is smoothed by

/// Grey values that a step visits, about, a module of the symbol.
constexpr std::int64_t kModuleWork = 4;   // of a look at the grey values alone
constexpr std::int64_t kLatticeWork = 4;  // of the patterns that a lattice is laid on
constexpr std::int64_t kRegistrationWork = 40;
constexpr std::int64_t kDecodingWork = 40;  // past what the standard guarantees, in time as long as to visit so many

bool lies_somewhere(const Lattice& lattice) {
    return std::all_of(lattice.nodes.begin(), lattice.nodes.end(), [](float v) { return std::isfinite(v); });
}

/// How far the least certain module of those that need not be lost is from a toss of a coin, 0 to 1.
double certainty_of(const std::vector<float>& probabilities, double lost_modules) {
    std::vector<float> certainties;
    certainties.reserve(probabilities.size());
    for (float p : probabilities) {
        const float certainty = std::abs(2 * p - 1);
        certainties.push_back(certainty >= 0 ? certainty : 0);  // no number knows nothing
    }
    const auto lost =
        certainties.begin() + static_cast<std::ptrdiff_t>(lost_modules * static_cast<double>(certainties.size()));
    std::nth_element(certainties.begin(), lost, certainties.end());
    return static_cast<double>(*lost);
}

std::int64_t modules_of(const SymbolPlace& place) { return static_cast<std::int64_t>(place.size) * place.size; }

}  // namespace

GridReader::GridReader(const MipMap& image, const SymbolPlace& place, ReadEffort effort, const StageSettings& settings,
                       std::vector<SymbolRecord> known_symbols)
    : image_(image), settings_(settings), effort_(effort), known_symbols_(std::move(known_symbols)) {
    begin(place);
}

void GridReader::begin(const SymbolPlace& place, Model model) {
    place_ = place;
    model_ = model;
    if (place.bent.cells > 0)
        grids_ = {Grid::kBent};
    else if (model == Model::one)  // without alignment patterns nothing grows
        grids_ = {Grid::kStraight, Grid::kBent};
    else if (names_its_version(place.size))
        grids_ = {Grid::kGrown, Grid::kStraight, Grid::kBent};
    else
        grids_ = {Grid::kStraight, Grid::kBent, Grid::kGrown};
    begun_ = 0;
}

std::optional<std::vector<float>> GridReader::next_patch(bool exhausted) {
    if (finished_ || awaits_network_) return std::nullopt;
    if (exhausted && has_asked_) {
        record(PassOutcome::kOutOfAllowance);
        finished_ = true;
        return std::nullopt;
    }
    if (named_size_) resize();
    finished_ = finished_ || (!lattice_is_new_ && !next_grid());
    if (finished_) return std::nullopt;
    lattice_is_new_ = false;
    work_ += kModuleWork * modules_of(place_);
    LevelsReading read = read_by_levels(image_, lattice_, place_.size, place_.inverted, settings_);
    reading_ = std::move(read.reading);  // a clean picture needs no network
    const Model model = read.is_of_model_1 ? Model::one : Model::two;
    if (!reading_ && !known_symbols_.empty())
        if (const auto probabilities = probabilities_from_levels(read.levels, place_.size, model);
            probabilities && recognises(*probabilities)) {
            record(PassOutcome::kRecognised);
            return std::nullopt;
        }
    if (!reading_ && model_ == Model::two && read.is_of_model_1) {
        begin(place_, Model::one);
        return next_patch(exhausted);
    }
    if (!reading_) return patch();
    record(PassOutcome::kReadByGreyValues);
    finished_ = true;
    return std::nullopt;
}

/// Makes the next lattice that there is.
bool GridReader::next_grid() {
    const std::size_t most = effort_ == ReadEffort::kQuick ? 1 : grids_.size();
    while (begun_ < most) {
        pass_ = 0;
        work_ += kLatticeWork * modules_of(place_);
        if (has_made(grids_[begun_++]) && lies_somewhere(lattice_)) return true;
        record(PassOutcome::kNoGrid);
    }
    return false;
}

bool GridReader::has_made(Grid grid) {
    if (grid == Grid::kStraight) {
        lattice_ = homography_lattice(place_.homography, place_.size, kReadMargin);
        return true;
    }
    if (grid == Grid::kBent) {
        if (place_.bent.cells > 0) {
            lattice_ = place_.bent;
            return true;
        }
        BentLattice bent = bend_lattice(image_, place_.homography, place_.size, kReadMargin);
        lattice_ = std::move(bent.lattice);
        return bent.largest > kFlat && bent.largest < kTorn && std::abs(bent.agreement) > place_.score;
    }
    GrownLattice grown = place_.finders
                             ? grow_anchors(image_, place_.homography, *place_.finders, place_.size, kReadMargin)
                             : grow_anchors(image_, place_.homography, place_.size, kReadMargin);
    lattice_ = std::move(grown.lattice);
    return grown.found > 0;
}

std::vector<float> GridReader::patch() {
    std::vector<float> values = normalised_patch(resample_lattice(image_, lattice_, kPixels), cells(), kPixels);
    if (place_.inverted)
        for (float& v : values) v = -v;
    work_ += std::int64_t{kPixels} * kPixels * modules_of(place_);
    has_asked_ = awaits_network_ = true;
    return values;
}

void GridReader::take(std::span<const float> logits, std::span<const float> displacement) {
    const int side = cells();
    const auto total = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    if (!awaits_network_ || logits.size() != total || displacement.size() != 3 * total) return;
    awaits_network_ = false;
    probabilities_.clear();
    for (int row = 0; row < place_.size; ++row)
        for (int column = 0; column < place_.size; ++column) {
            const float logit = logits[static_cast<std::size_t>((row + kReadMargin) * side + column + kReadMargin)];
            probabilities_.push_back(0.5F + 0.5F * std::tanh(0.5F * logit));
        }
    const ReadSettings& settings = settings_.read;
    const double certainty = certainty_of(probabilities_, settings.lost_modules);
    auto symbol = known_symbols_.empty() ? std::nullopt : decoded(false);
    if (!symbol && recognises(probabilities_)) {
        record(PassOutcome::kRecognised, certainty);
        return;
    }
    if (!symbol) symbol = decoded(true);
    if (!symbol) work_ += kDecodingWork * modules_of(place_);
    if (symbol) {
        reading_ = SymbolReading{std::move(*symbol), lattice_, place_.size, place_.inverted};
        record(PassOutcome::kReadByNetwork, certainty);
        finished_ = true;
        return;
    }
    if (model_ == Model::two && model_1_evidence(probabilities_, place_.size) >= model_1_shown) {
        record(PassOutcome::kTooManyErrors, certainty);
        begin(place_, Model::one);
        return;
    }
    if (pass_ == 0 && model_ == Model::two) {
        const auto version = version_named(probabilities_, place_.size);
        if (version && size_of_version(*version) != place_.size) {
            record(PassOutcome::kVersionNamed, certainty, *version);
            named_size_ = size_of_version(*version);
            return;
        }
    }
    if (certainty < settings.hopeless) {
        record(PassOutcome::kTooUncertain, certainty);
        finished_ = pass_ == 0 && certainty < settings.noise && place_.score < settings.convincing;
        return;
    }
    const bool is_sure = certainty >= settings.sure;
    const int passes = pass_ + 1;
    const bool quick = effort_ == ReadEffort::kQuick;
    const bool is_last = passes == (quick ? kQuickPasses : settings.passes + settings.extra_passes) ||
                         (passes >= settings.passes && !is_sure);
    Lattice next;
    if (is_sure || !is_last) {
        next = displaced(lattice_, displacement.data(), displacement.data() + 2 * total, kFirstDegree + pass_);
        finished_ = is_sure && largest_move(lattice_, next) < settings.still;
        has_no_message_ = finished_ && place_.score > settings.convincing;
    }
    record(finished_ ? PassOutcome::kNoMessage : PassOutcome::kTooManyErrors, certainty);
    if (is_last || finished_) return;
    lattice_ = std::move(next);
    ++pass_;
    if (lies_somewhere(lattice_))
        lattice_is_new_ = true;
    else
        record(PassOutcome::kNoGrid);
}

/// Goes on with the number of modules that was named, between finder patterns that stay where they are.
void GridReader::resize() {
    const int size = *std::exchange(named_size_, std::nullopt);
    std::array<Point, 12> targets = finder_corner_places(place_.size);
    for (Point& p : targets) p = place_.homography(p);
    const auto start = fit_homography(finder_corner_places(size), targets);
    finished_ = is_resized_ || !start;  // what names two sizes is no symbol
    if (finished_) return;
    is_resized_ = true;
    begin(registered_place(image_, *start, size, settings_.rectify));
    work_ += kRegistrationWork * modules_of(place_);
}

std::optional<DecodedSymbol> GridReader::decoded(bool soft) const {
    return decode_symbol(probabilities_, place_.size, {true, soft}, settings_.decode);
}

/// Takes the known symbol for which the modules speak as much as a decoder asks for, if one has its size.
bool GridReader::recognises(std::span<const float> probabilities) {
    const auto is_seen = [&](const SymbolRecord& known) {
        return size_of_version(known.symbol.version) == place_.size &&
               recognition_evidence(known.symbol, probabilities) > settings_.decode.evidence_needed;
    };
    const auto known = std::ranges::find_if(known_symbols_, is_seen);
    finished_ = known != known_symbols_.end();
    if (finished_) reading_ = SymbolReading{known->symbol, lattice_, place_.size, place_.inverted, true};
    return finished_;
}

void GridReader::record(PassOutcome outcome, std::optional<double> certainty, int version) {
    const Grid grid = grids_[begun_ == 0 ? 0 : begun_ - 1];
    events_.push_back({grid, place_.size, pass_, certainty, outcome, version});
}

std::vector<float> GridReader::known() const {
    const auto side = static_cast<std::size_t>(cells());
    std::vector<float> planes(2 * side * side, 0.0F);
    const std::vector<std::int8_t> patterns = function_patterns(place_.size, model_);
    std::size_t i = 0;
    for (std::size_t row = kReadMargin; row < side - kReadMargin; ++row)
        for (std::size_t column = kReadMargin; column < side - kReadMargin; ++column) {
            planes[row * side + column] = patterns[i++];
            planes[side * side + row * side + column] = 1;
        }
    return planes;
}

}  // namespace fastqr
