#include "fastqr/read/read_levels.hpp"

#include <utility>
#include <vector>

#include "fastqr/read/model_1_levels.hpp"
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
    const std::vector<float> levels = module_levels(image, lattice, size, inverted);
    return probabilities_from_levels(levels, size, decode_as_model_1(levels, size, {}).shown ? Model::one : Model::two);
}

LevelsReading read_by_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted,
                             const StageSettings& settings) {
    std::vector<float> levels = module_levels(image, lattice, size, inverted);
    std::optional<DecodedSymbol> symbol;
    if (auto log_odds = log_odds_from_levels(levels, size))
        symbol = decode_log_odds(std::move(*log_odds), size, {true, false}, settings.decode);
    if (!symbol)
        if (auto log_odds = log_odds_in_local_light(levels, size))
            symbol = decode_log_odds(std::move(*log_odds), size, {true, false}, settings.decode);
    bool is_of_model_1 = symbol && symbol->format.model == Model::one;
    if (!symbol) {
        Model1Levels seen = decode_as_model_1(levels, size, settings.decode);
        is_of_model_1 = seen.shown;
        symbol = std::move(seen.symbol);
    }
    if (!symbol) return {std::nullopt, is_of_model_1, std::move(levels)};
    return {SymbolReading{std::move(*symbol), lattice, size, inverted}, is_of_model_1, {}};
}

std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted,
                                         const StageSettings& settings) {
    return read_by_levels(image, lattice, size, inverted, settings).reading;
}

}  // namespace fastqr
