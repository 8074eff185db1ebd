#pragma once

#include <optional>
#include <vector>

#include "fastqr/standard/model.hpp"

namespace fastqr {

/// Log-odds of dark of each module of a straightened symbol from its grey level alone: the levels of dark and of light
/// are planes through the function patterns' modules, whose colour is known. What a clean picture needs no network for,
/// and what a network takes for a covered part. Nothing where the patterns show no contrast.
/// `levels`: size², row-major, dark on light.
[[nodiscard]] std::optional<std::vector<float>> log_odds_from_levels(std::vector<float> levels, int size,
                                                                     Model model = Model::two);

/// The same as probabilities.
[[nodiscard]] std::optional<std::vector<float>> probabilities_from_levels(std::vector<float> levels, int size,
                                                                          Model model = Model::two);

}  // namespace fastqr
