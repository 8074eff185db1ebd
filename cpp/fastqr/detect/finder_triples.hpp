#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/detect/finder_patterns.hpp"
#include "fastqr/image/work.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

/// Three finder patterns that may be a symbol's: top left, top right, bottom left.
struct FinderTriple {
    std::array<std::size_t, 3> finders{};
    FinderCorners corners{};
    double misfit = 0;  ///< of lengths, angles and sizes from those of a symbol seen without perspective
};

/// The triples of finder patterns that one symbol's geometry may explain, in rounds: of each pattern first those with
/// the nearest others along its own axes, then with ever more of them, for a symbol may enclose others. What was
/// offered once is not offered again.
class FinderTriples {
  public:
    explicit FinderTriples(const FinderPatterns& finders, const FinderSettings& settings = {})
        : finders_(finders), settings_(settings) {}

    /// The next round's triples of patterns that are still `open`, best first. Costs by the patterns that lie about
    /// each.
    [[nodiscard]] std::vector<FinderTriple> next_round(const std::vector<bool>& open, Work& work);

    /// Whether every triple has been offered.
    [[nodiscard]] bool finished() const { return finished_; }

  private:
    const FinderPatterns& finders_;
    FinderSettings settings_;
    int round_ = 0;
    bool finished_ = false;
};

}  // namespace fastqr
