#pragma once

#include <optional>
#include <span>
#include <vector>

namespace fastqr {

/// Probability of dark of each module of a straightened symbol from its grey level alone: the levels of dark and of
/// light are planes through the function patterns' modules, whose colour is known. What a clean picture needs no
/// network for, and what a network takes for a covered part. Nothing where the patterns show no contrast.
/// `patch` holds (cells · pixels)² grey values, `margin` cells of it around the symbol. Reads each pixel once.
[[nodiscard]] std::optional<std::vector<float>> probabilities_from_levels(std::span<const float> patch, int cells,
                                                                          int margin, int pixels);

}  // namespace fastqr
