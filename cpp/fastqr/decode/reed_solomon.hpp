#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fastqr {

struct Correction {
    std::vector<std::uint8_t> codewords;  ///< the corrected block: data, then error correction
    std::vector<int> errors;              ///< positions, not erased, whose value changed
};

/// The received word at the generator's roots 2^0 .. 2^(ec-1): all 0 exactly when it is a codeword. Its first codeword
/// is the coefficient of the highest power.
std::vector<std::uint8_t> syndromes_of(std::span<const std::uint8_t> received, int ec_codewords);

/// Corrects a block of data and error correction codewords (ISO/IEC 18004:2015, 7.5.2 and Annex B). `syndromes` are
/// those of `received`, one for each error correction codeword; `erasures` are distinct positions whose value is not to
/// be trusted. Succeeds whenever 2 * errors + erasures <= error correction codewords; past that it mostly finds
/// nothing, but may find a wrong codeword.
std::optional<Correction> correct_block(std::span<const std::uint8_t> received, std::span<const std::uint8_t> syndromes,
                                        std::span<const int> erasures = {});

/// The error correction codewords that belong to these data codewords.
std::vector<std::uint8_t> ec_codewords_of(std::span<const std::uint8_t> data, int ec_codewords);

}  // namespace fastqr
