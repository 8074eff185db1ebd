#pragma once

#include <cmath>

namespace fastqr {

/// What modules whose colour is known beforehand say of a hypothesis: log2 of their likelihood under it against that of
/// coin tosses, in bits. Some of the modules may be covered, or another symbol's.
namespace evidence {

/// Chance that modules that stand together are so, and as good as random.
inline constexpr double lost = 0.02;

/// No module is believed further than this. The standard corrects three errors in a copy of the format information;
/// with this chance of an error, such a copy still speaks for its format and not for having been lost
/// (docs/false-accept.md).
inline constexpr double misread = 0.04;

/// The evidence of modules that stand together, lost or not, from what it is where they are not.
inline double with_loss(double bits) { return std::log2((1 - lost) * std::exp2(bits) + lost); }

}  // namespace evidence

}  // namespace fastqr
