#pragma once

#include <array>
#include <optional>
#include <variant>

#include "fastqr/decode/decoder.hpp"
#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"

namespace fastqr {

/// Margin in modules of the lattices that are read.
inline constexpr int kReadMargin = 2;

/// What a symbol says and where it stands: all that is kept of a reading once its lattice is done with.
struct SymbolRecord {
    DecodedSymbol symbol;
    std::optional<std::array<Point, 4>> quad;       ///< of a symbol in a picture, as `SymbolReading` gives it
    std::optional<std::array<Point, 5>> landmarks;  ///< likewise
    bool inverted = false;
};

/// A decoded symbol and the grid that it was read on.
struct SymbolReading {
    DecodedSymbol symbol;
    std::variant<Homography, Lattice> grid;  ///< from the symbol to the picture
    int size = 0;                            ///< modules
    bool inverted = false;
    bool recognised = false;  ///< not decoded: what was seen speaks for a symbol that was known already

    /// The grid as a lattice of the symbol's modules and a margin on every side.
    [[nodiscard]] Lattice lattice() const;

    /// Where the first corner of a module lies in the picture.
    [[nodiscard]] Point corner(int row, int column) const;

    /// Outer corners in the picture: top left, top right, bottom right, bottom left of the symbol as it is read.
    [[nodiscard]] std::array<Point, 4> quad() const;

    /// Centres of the finder patterns top left, top right, bottom left, the point that completes their square, and the
    /// symbol's centre.
    [[nodiscard]] std::array<Point, 5> landmarks() const;

    [[nodiscard]] SymbolRecord record() const { return {symbol, quad(), landmarks(), inverted}; }
};

/// Whether a point lies in a convex quad; its edge counts as in.
[[nodiscard]] bool lies_in(Point p, const std::array<Point, 4>& quad);

/// Whether two readings are of one symbol: they lie in the same place, and not one within the other.
[[nodiscard]] bool is_same_symbol(const std::array<Point, 4>& a, const std::array<Point, 4>& b);

}  // namespace fastqr
