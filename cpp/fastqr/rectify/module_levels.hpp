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

/// The same between what is dark and what is light of the modules near to each: half in a shadow no plane tells them
/// apart. Where that shows no contrast nothing is known of a module; nothing at all where it does not show the
/// patterns.
[[nodiscard]] std::optional<std::vector<float>> log_odds_in_local_light(std::vector<float> levels, int size);

}  // namespace fastqr
