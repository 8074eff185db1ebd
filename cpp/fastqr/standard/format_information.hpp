#pragma once

#include <array>
#include <cstdint>

#include "fastqr/standard/model.hpp"
#include "fastqr/standard/module_grid.hpp"

namespace fastqr {

/// Error correction levels, in order of strength.
enum class EcLevel : std::uint8_t { L, M, Q, H };

struct FormatInformation {
    EcLevel level = EcLevel::L;
    int mask = 0;
    Model model = Model::two;
};

/// The 15 bits of 7.9.1 with their mask applied, which is what tells the models apart; bit 14 the most significant.
std::uint32_t format_word(FormatInformation format);

/// Where bit i (0 least significant) stands in both copies (ISO/IEC 18004:2015, Figure 25).
std::array<std::array<ModulePosition, 15>, 2> format_positions(int size);

/// Evidence for each format, in bits: log2 of the likelihood of the format modules against that of coin tosses, 0 where
/// nothing is known of them. By error correction level, then by data mask.
using FormatEvidence = std::array<std::array<double, 8>, 4>;

/// Of a model's formats, by both copies together and the dark module beside them: the same 31 modules whether the
/// symbol is mirrored or not, and in both models.
FormatEvidence format_evidence(const LogOddsGrid& grid, bool mirrored, Model model = Model::two);

}  // namespace fastqr
