#include "fastqr/standard/format_information.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fastqr/standard/bch_code.hpp"

namespace fastqr {
namespace {

/// Chance that a copy of the format information is covered, or another symbol's: then its modules are as good as
/// random.
constexpr double copy_lost = 0.02;

/// No module of a copy is believed further than this. The standard corrects three errors in a copy; with this chance of
/// an error, such a copy still speaks for its format and not for having been lost (docs/false-accept.md).
constexpr double module_misread = 0.04;

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

FormatEvidence format_evidence(const LogOddsGrid& grid, bool mirrored) {
    constexpr std::uint32_t dark_module = 1U << 15;  // beside the second copy; the standard has it dark (7.9.1)
    const auto positions = format_positions(grid.size);
    struct Copy {
        double all_light = 0;              // log2 of the likelihood that every module is light
        std::array<double, 16> if_dark{};  // what a dark module adds to it
        double lost = 0;                   // log2 of the likelihood of random modules
        std::uint32_t always_dark = 0;
    };
    std::array<Copy, 2> copies{};
    const double limit = std::log((1 - module_misread) / module_misread);
    const auto add = [&](Copy& copy, std::size_t bit, ModulePosition m) {
        const double dark = grid.at(mirrored ? ModulePosition{m.column, m.row} : m);
        const double believed = std::clamp(dark, -limit, limit);
        copy.all_light -= std::log1p(std::exp(believed)) * std::numbers::log2e;
        copy.if_dark[bit] = believed * std::numbers::log2e;
        copy.lost -= 1;
    };
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t bit = 0; bit < 15; ++bit) add(copies[c], bit, positions[c][bit]);
    add(copies[1], 15, {grid.size - 8, 8});
    copies[1].always_dark = dark_module;

    FormatEvidence evidence{};
    for (int level = 0; level < 4; ++level)
        for (int mask = 0; mask < 8; ++mask) {
            const std::uint32_t word = format_word({static_cast<EcLevel>(level), mask});
            double sum = 0;
            for (const Copy& copy : copies) {
                const std::uint32_t dark = word | copy.always_dark;
                double likelihood = copy.all_light;
                for (std::size_t bit = 0; bit < 16; ++bit)
                    if (dark >> bit & 1U) likelihood += copy.if_dark[bit];
                sum += std::log2((1 - copy_lost) * std::exp2(likelihood - copy.lost) + copy_lost);
            }
            evidence[static_cast<std::size_t>(level)][static_cast<std::size_t>(mask)] = sum;
        }
    return evidence;
}

}  // namespace fastqr
