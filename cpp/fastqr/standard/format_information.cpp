#include "fastqr/standard/format_information.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "fastqr/standard/bch_code.hpp"
#include "fastqr/standard/evidence.hpp"

namespace fastqr {
namespace {

constexpr std::uint32_t generator = 0x537;  // x^10 + x^8 + x^5 + x^4 + x^2 + x + 1 (Annex C)

/// 101010000010010 (7.9.1); in Model 1 010100000100101 (ISO/IEC 18004:2000, M.9).
constexpr std::uint32_t format_mask(Model model) { return model == Model::one ? 0x2825 : 0x5412; }

/// The level's two bits (Table 12): L 01, M 00, Q 11, H 10.
constexpr std::uint32_t level_bits(EcLevel level) { return static_cast<std::uint32_t>(level) ^ 1U; }

constexpr std::uint32_t word_of(EcLevel level, std::uint32_t mask, Model model) {
    return bch_word(level_bits(level) << 3 | mask, generator) ^ format_mask(model);
}

}  // namespace

std::uint32_t format_word(FormatInformation format) {
    return word_of(format.level, static_cast<std::uint32_t>(format.mask), format.model);
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

namespace {

constexpr std::uint32_t dark_module = 1U << 15;  // beside the second copy; the standard has it dark (7.9.1)

/// The evidence of a copy whose modules are all believed as far as any is, by how many of them are not as the format
/// has them; of 15 modules, and of 16.
const std::array<std::array<double, 17>, 2>& evidence_by_errors() {
    static const auto table = [] {
        std::array<std::array<double, 17>, 2> result{};
        for (std::size_t copy = 0; copy < 2; ++copy)
            for (std::size_t errors = 0; errors <= 15 + copy; ++errors)
                result[copy][errors] = evidence::with_loss(
                    static_cast<double>(15 + copy - errors) * std::log2(1 - evidence::misread) +
                    static_cast<double>(errors) * std::log2(evidence::misread) + static_cast<double>(15 + copy));
        return result;
    }();
    return table;
}

using Words = std::array<std::array<std::uint32_t, 8>, 4>;

constexpr Words words_of(Model model) {
    Words words{};
    for (std::uint32_t level = 0; level < 4; ++level)
        for (std::uint32_t mask = 0; mask < 8; ++mask)
            words[level][mask] = word_of(static_cast<EcLevel>(level), mask, model);
    return words;
}

/// All words of a model with the evidence that `of` gives each.
template <typename Of>
FormatEvidence evidence_of_all(Model model, Of of) {
    static constexpr Words words_of_1 = words_of(Model::one);
    static constexpr Words words_of_2 = words_of(Model::two);
    const Words& words = model == Model::one ? words_of_1 : words_of_2;
    FormatEvidence all{};
    for (std::size_t level = 0; level < 4; ++level)
        for (std::size_t mask = 0; mask < 8; ++mask) all[level][mask] = of(words[level][mask]);
    return all;
}

}  // namespace

FormatEvidence format_evidence(const LogOddsGrid& grid, bool mirrored, Model model) {
    const auto positions = format_positions(grid.size);
    const double limit = std::log((1 - evidence::misread) / evidence::misread);
    std::array<std::array<double, 16>, 2> seen{};  // log-odds of dark
    std::array<std::uint32_t, 2> dark{};
    bool certain = true;
    const auto see = [&](std::size_t copy, std::size_t bit, ModulePosition m) {
        const double value = grid.at(mirrored ? ModulePosition{m.column, m.row} : m);
        seen[copy][bit] = std::clamp(value, -limit, limit);
        certain = certain && std::abs(value) >= limit;
        dark[copy] |= value > 0 ? 1U << bit : 0U;
    };
    for (std::size_t copy = 0; copy < 2; ++copy)
        for (std::size_t bit = 0; bit < 15; ++bit) see(copy, bit, positions[copy][bit]);
    see(1, 15, {grid.size - 8, 8});
    if (certain) {
        const auto& by_errors = evidence_by_errors();
        return evidence_of_all(model, [&](std::uint32_t word) {
            return by_errors[0][static_cast<std::size_t>(std::popcount(dark[0] ^ word))] +
                   by_errors[1][static_cast<std::size_t>(std::popcount(dark[1] ^ (word | dark_module)))];
        });
    }
    std::array<double, 2> all_light{};  // log2 of the likelihood that every module is light, against coin tosses
    for (std::size_t copy = 0; copy < 2; ++copy)
        for (std::size_t bit = 0; bit < 15 + copy; ++bit)
            all_light[copy] += 1 - std::log1p(std::exp(seen[copy][bit])) * std::numbers::log2e;
    return evidence_of_all(model, [&](std::uint32_t word) {
        double sum = 0;
        for (std::size_t copy = 0; copy < 2; ++copy) {
            const std::uint32_t expected = copy == 0 ? word : word | dark_module;
            double bits = all_light[copy];
            for (std::size_t bit = 0; bit < 15 + copy; ++bit)
                if (expected >> bit & 1U) bits += seen[copy][bit] * std::numbers::log2e;
            sum += evidence::with_loss(bits);
        }
        return sum;
    });
}

}  // namespace fastqr
