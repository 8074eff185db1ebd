#include "fastqr/read/model_1_levels.hpp"

#include <utility>

#include "fastqr/rectify/module_levels.hpp"

namespace fastqr {

Model1Levels decode_as_model_1(std::vector<float> levels, int size, const DecoderSettings& settings) {
    auto log_odds = log_odds_from_levels(std::move(levels), size, Model::one);
    if (!log_odds) return {};
    LogOddsGrid grid{size, std::move(*log_odds)};
    if (model_1_evidence(grid) < model_1_shown) return {};
    return {true, decode_log_odds(std::move(grid.values), size, {true, false}, settings)};
}

}  // namespace fastqr
