#include "fastqr/read/read_levels.hpp"

#include <utility>
#include <vector>

#include "fastqr/rectify/module_levels.hpp"
#include "fastqr/rectify/resample.hpp"

namespace fastqr {

std::optional<std::vector<float>> module_probabilities(const MipMap& image, const Lattice& lattice, int size,
                                                       bool inverted) {
    std::vector<float> levels = resample_modules(image, lattice, (lattice.cells - size) / 2);
    if (inverted)
        for (float& v : levels) v = -v;
    return probabilities_from_levels(std::move(levels), size);
}

std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted) {
    const auto probabilities = module_probabilities(image, lattice, size, inverted);
    if (!probabilities) return std::nullopt;
    auto symbol = decode_symbol(*probabilities, size, {true, false});
    if (!symbol) return std::nullopt;
    return SymbolReading{std::move(*symbol), lattice, size, inverted};
}

}  // namespace fastqr
