#include "fastqr/symbol/version_information.hpp"

#include <algorithm>
#include <limits>

#include "fastqr/symbol/bch_code.hpp"
#include "fastqr/symbol/version.hpp"

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

double log_odds_against_version(const LogOddsGrid& grid, int version) {
    if (version < first_version_with_information) return 0;
    const auto positions = version_positions(grid.size);
    const auto log_likelihood = [&](int candidate) {
        const std::uint32_t word = version_word(candidate);
        double sum = 0;
        for (const auto& copy : positions)
            for (std::size_t i = 0; i < 18; ++i)
                if (word >> i & 1U) sum += grid.at(copy[i]);
        return sum;
    };
    double other = -std::numeric_limits<double>::infinity();
    for (int v = first_version_with_information; v <= max_version; ++v)
        if (v != version) other = std::max(other, log_likelihood(v));
    return other - log_likelihood(version);
}

}  // namespace fastqr
