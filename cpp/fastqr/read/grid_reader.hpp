#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/settings.hpp"
#include "fastqr/read/symbol_reading.hpp"
#include "fastqr/rectify/symbol_place.hpp"

namespace fastqr {

/// How hard one place is read: quick is the likeliest lattice, moved once; thorough is every lattice, moved until the
/// network's modules are as sure as they get. Either ends where the network is sure of modules that stay where they
/// are.
enum class ReadEffort { kQuick, kThorough };

/// How a lattice came about: by the homography alone, bent as paper is rolled, or grown along the alignment patterns.
enum class Grid { kStraight, kBent, kGrown };

/// What became of one pass over a lattice.
enum class PassOutcome {
    kReadByGreyValues,
    kReadByNetwork,
    kRecognised,     ///< as a symbol that was known already
    kTooUncertain,   ///< so many modules are unsure that nothing was ever read so
    kTooManyErrors,  ///< the network is sure of its modules, and they do not decode
    kNoMessage,      ///< nor does another pass see others: the lattice stays where it is
    kVersionNamed,   ///< the version information names another size
    kNoGrid,         ///< the lattice is no other than the straight one, or lies nowhere
    kOutOfAllowance  ///< the caller ended it
};

/// One pass over a lattice, for whoever wants to know where a symbol was lost.
struct PassEvent {
    Grid grid = Grid::kStraight;
    int size = 0;                     ///< modules
    int pass = 0;                     ///< of this lattice, from 0
    std::optional<double> certainty;  ///< of the modules, 0..1; none where the network was not asked
    PassOutcome outcome = PassOutcome::kNoGrid;
    int version = 0;  ///< that was named
};

/// Reads one place with the DenseNet, which somebody else runs: gives the patch that the network is to see next, takes
/// what it says, and keeps the lattice in between. Lattices come in the order of their likelihood; each is tried by its
/// grey values before the network is asked, decoded from the network's probabilities, and moved by its displacements.
/// Where the modules name another version, that size is read in the place of the first.
///
/// Modules that are too uncertain for the standard's error correction may still speak for a symbol that is known from
/// an earlier picture. This is asked before more is made of them, which takes longer and needs more.
///
///     while (auto patch = reader.next_patch()) reader.take(logits, displacement);  // of the network for this patch
class GridReader {
  public:
    static constexpr int kPixels = 4;  ///< samples a module and axis; 2 measured slightly worse, 8 no better

    /// The map is looked at until the last patch was taken.
    GridReader(const MipMap& image, const SymbolPlace& place, ReadEffort effort, const StageSettings& settings = {},
               std::vector<SymbolRecord> known_symbols = {});

    /// The normalised patch of the next lattice, (cells · kPixels)²; nothing once the symbol is read or nothing is left
    /// to try. Where the allowance is `exhausted` nothing further is begun; the first lattice always is.
    [[nodiscard]] std::optional<std::vector<float>> next_patch(bool exhausted = false);

    /// Takes what the network says of the last patch: cells² log-odds of dark; the displacement of each cell in
    /// modules, x, y and the log of its error, 3 · cells².
    void take(std::span<const float> logits, std::span<const float> displacement);

    /// Whether a place whose function patterns convince has modules of which the network is sure, which stay where they
    /// are, and which do not decode: another look, in another light or on a grid a little aside, sees the same.
    [[nodiscard]] bool has_no_message() const { return has_no_message_; }

    [[nodiscard]] bool awaits_network() const { return awaits_network_; }
    [[nodiscard]] int cells() const { return place_.size + 2 * kReadMargin; }  ///< along a side of the patch

    /// What is known of a symbol of this size before it is read, for the network: two planes of cells², the function
    /// patterns (+1 dark, −1 light) and where the symbol is. Of Model 1 where the modules have spoken for it.
    [[nodiscard]] std::vector<float> known() const;

    [[nodiscard]] const std::optional<SymbolReading>& reading() const { return reading_; }
    [[nodiscard]] const std::vector<PassEvent>& events() const { return events_; }
    [[nodiscard]] const Lattice& lattice() const { return lattice_; }  ///< the last one
    [[nodiscard]] const std::vector<float>& probabilities() const {
        return probabilities_;
    }  ///< of dark, the last ones
    [[nodiscard]] int size() const { return place_.size; }     ///< modules, as read last
    [[nodiscard]] std::int64_t work() const { return work_; }  ///< grey values visited

  private:
    void begin(const SymbolPlace& place, Model model = Model::two);
    bool next_grid();
    [[nodiscard]] bool has_made(Grid grid);
    [[nodiscard]] std::vector<float> patch();
    void resize();
    [[nodiscard]] std::optional<DecodedSymbol> decoded(bool soft) const;
    bool recognises(std::span<const float> probabilities);
    void record(PassOutcome outcome, std::optional<double> certainty = {}, int version = 0);

    const MipMap& image_;
    StageSettings settings_;
    ReadEffort effort_;
    std::vector<SymbolRecord> known_symbols_;
    SymbolPlace place_;
    Model model_ = Model::two;
    std::vector<Grid> grids_;  // likeliest first
    std::size_t begun_ = 0;    // grids
    int pass_ = 0;
    bool lattice_is_new_ = false;
    bool awaits_network_ = false;
    bool has_asked_ = false;         // the network, of this place
    std::optional<int> named_size_;  // that the last version information gave, until the place is of that size
    bool is_resized_ = false;
    bool finished_ = false;
    bool has_no_message_ = false;
    Lattice lattice_;
    std::vector<float> probabilities_;
    std::optional<SymbolReading> reading_;
    std::vector<PassEvent> events_;
    std::int64_t work_ = 0;
};

}  // namespace fastqr
