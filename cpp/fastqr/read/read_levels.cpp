#include "fastqr/read/read_levels.hpp"

#include <utility>
#include <vector>

#include "fastqr/rectify/module_levels.hpp"
#include "fastqr/rectify/resample.hpp"

namespace fastqr {
namespace {

/// Grey values of a lattice's modules, dark on light.
std::vector<float> module_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted) {
    std::vector<float> levels = resample_modules(image, lattice, (lattice.cells - size) / 2);
    if (inverted)
        for (float& v : levels) v = -v;
    return levels;
}

}  // namespace

std::optional<std::vector<float>> module_probabilities(const MipMap& image, const Lattice& lattice, int size,
                                                       bool inverted) {
    return probabilities_from_levels(module_levels(image, lattice, size, inverted), size);
}

std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted,
                                         const StageSettings& settings) {
    auto log_odds = log_odds_from_levels(module_levels(image, lattice, size, inverted), size);
    if (!log_odds) return std::nullopt;
    auto symbol = decode_log_odds(std::move(*log_odds), size, {true, false}, settings.decode);
    if (!symbol) return std::nullopt;
    return SymbolReading{std::move(*symbol), lattice, size, inverted};
}

}  // namespace fastqr
