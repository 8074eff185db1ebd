#include "fastqr/decode/recognition.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "fastqr/standard/blocks.hpp"
#include "fastqr/standard/symbol_layout.hpp"

namespace fastqr {
namespace {

/// No module is believed beyond this: one confidently wrong module must not outweigh all the others.
constexpr double probability_floor = 1e-3;

/// log2 of twice the probability that a module is as the symbol has it: 1 for one that is surely so, 0 for none known.
double bits_for(bool dark, float probability) {
    if (std::isnan(probability)) return 0;
    const double right = dark ? static_cast<double>(probability) : 1 - static_cast<double>(probability);
    return 1 + std::log2(std::clamp(right, probability_floor, 1.0));
}

/// Sums of the 0, 1, 2, ... smallest of the bits of codewords.
std::vector<double> least_sums(std::vector<double> bits) {
    std::sort(bits.begin(), bits.end());
    std::vector<double> sums{0};
    for (const double each : bits) sums.push_back(sums.back() + each);
    return sums;
}

/// Bits of a block against the likeliest other message: `data` and `correction` are those of its codewords.
double block_evidence(const std::vector<double>& data, const std::vector<double>& correction) {
    std::vector<double> of_data = least_sums(data);
    for (std::size_t k = of_data.size() - 1; k > 0; --k) of_data[k - 1] = std::min(of_data[k - 1], of_data[k]);
    const std::vector<double> of_correction = least_sums(correction);
    const std::size_t count = correction.size();
    double least = std::numeric_limits<double>::infinity();
    double ways = 0;  // log2 of the ways in which so many codewords may be the same
    // Where `same` of the error correction is the same, more codewords of the data than that differ.
    for (std::size_t same = 0; same <= count && same < data.size(); ++same) {
        if (same > 0) ways += std::log2(static_cast<double>(count - same + 1) / static_cast<double>(same));
        const double chance = 8 * static_cast<double>(same) - ways;
        least = std::min(least, of_correction[count - same] + chance + of_data[same + 1]);
    }
    return least;
}

}  // namespace

double recognition_evidence(const DecodedSymbol& known, std::span<const float> probabilities) {
    const SymbolLayout& layout = symbol_layout(known.version, known.format.model);
    const auto size = static_cast<std::size_t>(layout.size);
    std::vector<double> codewords(layout.codewords());
    // Bits that are the same in every message say nothing.
    for (auto i = static_cast<std::size_t>(leading_zeros(layout.model)); i < 8 * codewords.size(); ++i) {
        const std::size_t module = layout.bits[i];
        const std::size_t seen = known.mirrored ? module % size * size + module / size : module;
        codewords[i / 8] += bits_for(known.modules[module] != 0, probabilities[seen]);
    }
    double least = std::numeric_limits<double>::infinity();
    for (const Block& block : blocks_of(known.version, known.format.level, known.format.model)) {
        std::vector<double> data;
        std::vector<double> correction;
        for (std::size_t i = 0; i < block.positions.size(); ++i)
            (static_cast<int>(i) < block.data_codewords ? data : correction)
                .push_back(codewords[static_cast<std::size_t>(block.positions[i])]);
        least = std::min(least, block_evidence(data, correction));
    }
    return least;
}

}  // namespace fastqr
