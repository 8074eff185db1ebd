#include "fastqr/standard/version_information.hpp"

#include <algorithm>
#include <limits>

#include "fastqr/standard/bch_code.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {

std::uint32_t version_word(int version) {
    constexpr std::uint32_t generator = 0x1F25;  // Annex D
    return bch_word(static_cast<std::uint32_t>(version), generator);
}

std::array<std::array<ModulePosition, 18>, 2> version_positions(int size) {
    std::array<std::array<ModulePosition, 18>, 2> positions{};
    for (int bit = 0; bit < 18; ++bit) {
        const int along = bit / 3;
        const int across = size - 11 + bit % 3;
        positions[0][static_cast<std::size_t>(bit)] = {along, across};
        positions[1][static_cast<std::size_t>(bit)] = {across, along};
    }
    return positions;
}

namespace {

/// Natural logarithm of the likelihood of the modules under a version's word, up to a constant that all words share.
double log_likelihood(const LogOddsGrid& grid, int version) {
    const auto positions = version_positions(grid.size);
    const std::uint32_t word = version_word(version);
    double sum = 0;
    for (const auto& copy : positions)
        for (std::size_t i = 0; i < 18; ++i)
            if (word >> i & 1U) sum += grid.at(copy[i]);
    return sum;
}

constexpr double beyond_doubt = 8;  // natural logarithm of the ratio to the next likely version

}  // namespace

double log_odds_against_version(const LogOddsGrid& grid, int version) {
    if (version < first_version_with_information) return 0;
    double other = -std::numeric_limits<double>::infinity();
    for (int v = first_version_with_information; v <= max_version; ++v)
        if (v != version) other = std::max(other, log_likelihood(grid, v));
    return other - log_likelihood(grid, version);
}

std::optional<int> version_named(const LogOddsGrid& grid) {
    if (grid.size < size_of_version(first_version_with_information)) return std::nullopt;
    int best = first_version_with_information;
    for (int v = best; v <= max_version; ++v)
        if (log_likelihood(grid, v) > log_likelihood(grid, best)) best = v;
    if (log_odds_against_version(grid, best) > -beyond_doubt) return std::nullopt;
    return best;
}

}  // namespace fastqr
