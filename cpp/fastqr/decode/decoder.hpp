#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fastqr/decode/bit_stream.hpp"
#include "fastqr/decode/settings.hpp"
#include "fastqr/standard/format_information.hpp"

namespace fastqr {

struct DecodedSymbol {
    int version = 0;
    FormatInformation format;
    Message message;
    int corrected_codewords = 0;        ///< received wrong and put right without having been erased
    int erased_codewords = 0;           ///< recovered without looking at what was received
    std::vector<int> mended_codewords;  ///< both, by their places in the symbol's interleaved sequence, ascending
    bool mirrored = false;
    std::vector<std::uint8_t> modules;  ///< the symbol as its encoder drew it, row by row, 1 dark, never mirrored
    double confidence = 0;              ///< 0..1, see confidence_of in decoder.cpp
};

struct DecodeOptions {
    bool try_mirrored = true;
    bool soft = true;  ///< go past what the standard guarantees where the probabilities vouch for it
};

/// Reads a symbol of `size` = 17 + 4v modules from probabilities that each module is dark, row by row. A value that is
/// not a number, or exactly 0.5, says that nothing is known of the module; others are clipped to 0..1. Nothing unless
/// every block is vouched for, the message holds at least one byte, and no other hypothesis of level, mask and
/// orientation that the format information leaves open says anything else (docs/false-accept.md).
std::optional<DecodedSymbol> decode_symbol(std::span<const float> probabilities, int size, DecodeOptions options = {},
                                           const DecoderSettings& settings = {});

/// The same from log-odds (natural logarithm) of dark, which are clipped likewise; 0 and what is not a number say that
/// nothing is known.
std::optional<DecodedSymbol> decode_log_odds(std::vector<float> log_odds, int size, DecodeOptions options = {},
                                             const DecoderSettings& settings = {});

/// How far format information and extension patterns together speak for Model 1, in bits: of its likeliest format,
/// straight or mirrored. Less than nothing where no Model 1 symbol has this size.
double model_1_evidence(const LogOddsGrid& grid);

/// The same from probabilities.
double model_1_evidence(std::span<const float> probabilities, int size);

/// Evidence for Model 1 by which it is worth taking its patterns for those that are seen.
inline constexpr double model_1_shown = 8;

/// The version that the version information among the probabilities names beyond doubt, which need not be the one of
/// `size`: a way to find the size of a large symbol.
std::optional<int> version_named(std::span<const float> probabilities, int size);

}  // namespace fastqr
