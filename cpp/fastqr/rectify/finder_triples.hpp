#pragma once

#include <array>
#include <cstddef>

#include "fastqr/memory/vector.hpp"
#include "fastqr/rectify/finder_patterns.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

/// Three finder patterns that may be a symbol's: top left, top right, bottom left.
struct FinderTriple {
    std::array<std::size_t, 3> finders{};
    FinderCorners corners{};
    double misfit = 0;  ///< of lengths, angles and sizes from those of a symbol seen without perspective
};

constexpr std::size_t kMostTriples = 400;

/// The best triples of those that one symbol's geometry may explain, best first, at most kMostTriples.
[[nodiscard]] Vector<FinderTriple> rank_triples(const Vector<FinderPattern>& finders);

}  // namespace fastqr
