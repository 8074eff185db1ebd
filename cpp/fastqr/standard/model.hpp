#pragma once

#include <cstdint>

#include "fastqr/standard/version.hpp"

namespace fastqr {

/// The original QR Code of 1994 (AIM ITS 97-001; ISO/IEC 18004:2000, Annex M), which the present standard only
/// mentions, and the one that it describes. They share finder and timing patterns, where format information stands,
/// data masks and the bit stream.
enum class Model : std::uint8_t { one = 1, two = 2 };

/// Model 1 ends with version 14 (ISO/IEC 18004:2000, M.2).
inline constexpr int max_version_of_model_1 = 14;
inline constexpr int max_size_of_model_1 = size_of_version(max_version_of_model_1);

constexpr bool exists(Model model, int version) { return model == Model::two || version <= max_version_of_model_1; }

/// The first bits of a Model 1 symbol's data lie under the pattern in its lower right corner, and are 0
/// (ISO/IEC 18004:2000, M.4).
constexpr int leading_zeros(Model model) { return model == Model::one ? 4 : 0; }

}  // namespace fastqr
