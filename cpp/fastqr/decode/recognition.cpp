#include "fastqr/decode/recognition.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "fastqr/standard/blocks.hpp"
#include "fastqr/standard/codeword_placement.hpp"
#include "fastqr/standard/version.hpp"

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

}  // namespace

double recognition_evidence(const DecodedSymbol& known, std::span<const float> probabilities) {
    const auto size = static_cast<std::size_t>(size_of_version(known.version));
    const auto placement = codeword_placement(static_cast<int>(size));
    std::vector<double> codewords(placement.size() / 8);
    for (std::size_t i = 0; i < 8 * codewords.size(); ++i) {
        const auto row = static_cast<std::size_t>(placement[i].row);
        const auto column = static_cast<std::size_t>(placement[i].column);
        const std::size_t seen = known.mirrored ? column * size + row : row * size + column;
        codewords[i / 8] += bits_for(known.modules[row * size + column] != 0, probabilities[seen]);
    }
    double least = std::numeric_limits<double>::infinity();
    for (const Block& block : blocks_of(known.version, known.format.level)) {
        std::vector<double> bits;
        for (const int position : block.positions) bits.push_back(codewords[static_cast<std::size_t>(position)]);
        const auto differing = bits.begin() + block.ec_codewords() + 1;
        std::partial_sort(bits.begin(), differing, bits.end());
        least = std::min(least, std::accumulate(bits.begin(), differing, 0.0));
    }
    return least;
}

}  // namespace fastqr
