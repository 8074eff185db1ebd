#pragma once

#include "fastqr/geometry/lattice.hpp"

namespace fastqr {

/// Moves a lattice by what the reader says of it: `displacement` holds x then y for each cell, in modules, `log_error`
/// the log of its expected error. A Chebyshev polynomial of total degree `degree` is fitted robustly (iteratively
/// reweighted least squares with Huber's weights) and the nodes are read off the old lattice at the moved places.
/// Above degree 4 the polynomial stays at 4, and what it leaves is followed too, smoothed over some modules.
[[nodiscard]] Lattice displaced(const Lattice& lattice, const float* displacement, const float* log_error, int degree);

/// The farthest that a node is from another lattice's, in cells of the first.
[[nodiscard]] double largest_move(const Lattice& from, const Lattice& to);

/// Image coordinates of a place in cells of the lattice, bilinear, extrapolated beyond its edge.
[[nodiscard]] Point at_place(const Lattice& lattice, double x, double y);

}  // namespace fastqr
