#include "fastqr/read/read_levels.hpp"

#include <utility>

#include "fastqr/rectify/module_levels.hpp"
#include "fastqr/rectify/resample.hpp"

namespace fastqr {
namespace {

constexpr int kPixels = 4;  // samples a module, of which the middle half counts

}  // namespace

std::optional<SymbolReading> read_levels(const MipMap& image, const Lattice& lattice, int size, bool inverted) {
    std::vector<float> patch = resample_lattice(image, lattice, kPixels);
    if (inverted)
        for (float& v : patch) v = -v;
    const auto probabilities = probabilities_from_levels(patch, lattice.cells, kReadMargin, kPixels);
    if (!probabilities) return std::nullopt;
    auto symbol = decode_symbol(*probabilities, size, {true, false});
    if (!symbol) return std::nullopt;
    return SymbolReading{std::move(*symbol), lattice, size, inverted};
}

}  // namespace fastqr
