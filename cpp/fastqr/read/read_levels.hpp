#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/lattice.hpp"
#include "fastqr/symbol/decoder.hpp"

namespace fastqr {

/// A decoded symbol and the lattice that it was read on.
struct SymbolReading {
    DecodedSymbol symbol;
    Lattice lattice;
    int size = 0;
    bool inverted = false;
};

/// Margin in modules of the lattices that are read.
inline constexpr int kReadMargin = 2;

/// Reads a lattice by its grey levels alone, without a network: what most pictures need.
[[nodiscard]] std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size,
                                                       bool inverted);

}  // namespace fastqr
