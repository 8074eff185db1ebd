#include "fastqr/standard/extension_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fastqr/standard/evidence.hpp"

namespace fastqr {
namespace {

/// Evidence of one module for its colour.
double evidence_of(double log_odds_of_dark, bool dark) {
    const double limit = std::log((1 - evidence::misread) / evidence::misread);
    const double right = std::clamp(dark ? log_odds_of_dark : -log_odds_of_dark, -limit, limit);
    return 1 - std::log1p(std::exp(-right)) * std::numbers::log2e;
}

}  // namespace

double extension_evidence(const LogOddsGrid& grid) {
    const int last = grid.size - 1;
    double right = 0;
    double below = 0;
    for (int begin = last_extension(grid.size); begin > before_extensions; begin -= extension_period)
        for (int along = begin; along < begin + extension_length; ++along)
            for (const int inwards : {0, 1}) {
                right += evidence_of(static_cast<double>(grid.at({along, last - inwards})), inwards == 0);
                below += evidence_of(static_cast<double>(grid.at({last - inwards, along})), inwards == 0);
            }
    double corner = 0;
    for (const int up : {0, 1})
        for (const int left : {0, 1})
            corner += evidence_of(static_cast<double>(grid.at({last - up, last - left})), up + left == 0);
    return evidence::with_loss(right) + evidence::with_loss(below) + evidence::with_loss(corner);
}

}  // namespace fastqr
