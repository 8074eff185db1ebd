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

/// Reads a lattice by its grey levels alone, without a network: what most pictures need.
[[nodiscard]] std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size,
                                                       bool inverted, const StageSettings& settings = {});

}  // namespace fastqr
