#include "fastqr/symbol/format_information.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fastqr/memory/sort_by.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/symbol/bch_code.hpp"

namespace fastqr {
namespace {

/// Chance that one copy of the format information says nothing.
constexpr double copy_lost = 0.02;

constexpr std::uint32_t generator = 0x537;     // x^10 + x^8 + x^5 + x^4 + x^2 + x + 1 (Annex C)
constexpr std::uint32_t format_mask = 0x5412;  // 101010000010010 (7.9.1)

/// The level's two bits (Table 12): L 01, M 00, Q 11, H 10.
constexpr std::uint32_t level_bits(EcLevel level) { return static_cast<std::uint32_t>(level) ^ 1U; }

}  // namespace

std::uint32_t format_word(FormatInformation format) {
    return bch_word(level_bits(format.level) << 3 | static_cast<std::uint32_t>(format.mask), generator) ^ format_mask;
}

std::array<std::array<ModulePosition, 15>, 2> format_positions(int size) {
    std::array<std::array<ModulePosition, 15>, 2> positions{};
    for (int bit = 0; bit < 15; ++bit) {
        const auto i = static_cast<std::size_t>(bit);
        // Round the top-left finder pattern, leaving out the timing patterns' row and column.
        if (bit < 8)
            positions[0][i] = {bit < 6 ? bit : bit + 1, 8};
        else
            positions[0][i] = {8, bit == 8 ? 7 : 14 - bit};
        positions[1][i] = bit < 8 ? ModulePosition{8, size - 1 - bit} : ModulePosition{size - 15 + bit, 8};
    }
    return positions;
}

Vector<RankedFormat> rank_formats(const LogOddsGrid& grid) {
    const auto positions = format_positions(grid.size);
    Vector<RankedFormat> ranked;
    for (int level = 0; level < 4; ++level)
        for (int mask = 0; mask < 8; ++mask) {
            const FormatInformation format{static_cast<EcLevel>(level), mask};
            const std::uint32_t word = format_word(format);
            double sum = 0;
            for (const auto& copy : positions) {
                double log_likelihood = 0;
                for (std::size_t i = 0; i < copy.size(); ++i) {
                    const double dark = grid.at(copy[i]);
                    log_likelihood -= std::log1p(std::exp(word >> i & 1U ? -dark : dark));
                }
                // A copy may be covered, or written for another word: then its bits are as good as random.
                const double random = -static_cast<double>(copy.size()) * std::numbers::ln2;
                sum += std::log((1 - copy_lost) * std::exp(log_likelihood) + copy_lost * std::exp(random));
            }
            ranked.push_back({format, sum});
        }
    sort_by(ranked, [](const auto& candidate) { return -candidate.log_likelihood; });
    const double best = ranked.front().log_likelihood;
    for (auto& r : ranked) r.log_likelihood -= best;
    return ranked;
}

}  // namespace fastqr
