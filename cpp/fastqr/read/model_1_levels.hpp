#pragma once

#include <optional>
#include <vector>

#include "fastqr/decode/decoder.hpp"

namespace fastqr {

/// What the grey levels of modules say by Model 1's patterns: some of what Model 2 has for alignment patterns is data
/// there, and gives wrong levels of dark and light.
struct Model1Levels {
    bool shown = false;  ///< format information and extension patterns speak for Model 1; otherwise nothing is decoded
    std::optional<DecodedSymbol> symbol;
};

/// `levels` as `log_odds_from_levels` takes them.
[[nodiscard]] Model1Levels decode_as_model_1(std::vector<float> levels, int size, const DecoderSettings& settings);

}  // namespace fastqr
