#pragma once

#include <optional>
#include <vector>

#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/settings.hpp"
#include "fastqr/read/symbol_reading.hpp"

namespace fastqr {

/// Probability of dark of each module of a lattice by its grey level alone; nothing where there is no contrast.
[[nodiscard]] std::optional<std::vector<float>> module_probabilities(const MipMap& image, const Lattice& lattice,
                                                                     int size, bool inverted);

struct LevelsReading {
    std::optional<SymbolReading> reading;
    bool is_of_model_1 = false;  ///< or, where nothing was read, speaks for it: it has no alignment patterns
    std::vector<float> levels;   ///< grey values of the modules, dark on light, where nothing was read
};

/// Reads a lattice by its grey levels alone, without a network: what most pictures need.
[[nodiscard]] LevelsReading read_by_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted,
                                           const StageSettings& settings = {});

/// The same where nothing but the reading matters.
[[nodiscard]] std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size,
                                                       bool inverted, const StageSettings& settings = {});

}  // namespace fastqr
