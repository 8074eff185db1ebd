// Lattices from any finite homography or of any finite nodes: grown, bent, displaced, resampled.

#include "fastqr/geometry/lattice.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/displacement.hpp"
#include "fastqr/rectify/resample.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

void check_greys(const std::vector<float>& values, std::size_t count) {
    require(values.size() == count, "as many samples as were asked for");
    for (float v : values) require(v > -0.1F && v < 255.1F, "samples are grey levels");
}

void check_nodes(const Lattice& lattice, int cells) {
    require(lattice.cells == cells, "a lattice has the symbol's modules and the margin");
    require(lattice.nodes.size() == 2 * static_cast<std::size_t>(cells + 1) * static_cast<std::size_t>(cells + 1),
            "a lattice has two numbers a node");
}

/// What the bindings take: finite nodes; a homography's where those are, else a square grid about where it was.
Lattice finite_lattice(const Homography& map, int size, int margin) {
    Lattice lattice = homography_lattice(map, size, margin);
    check_nodes(lattice, size + 2 * margin);
    for (float& v : lattice.nodes)
        if (!std::isfinite(v)) v = -1;
    return lattice;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const auto what = input.byte() % 6;
    const bool whole = input.toss();
    const int symbol = symbol_size_of(input);
    const int size = 1 + input.byte() % 177;
    const int margin = input.byte() % 65;
    const Homography map = homography_of(input);
    const int pixels = 1 + input.byte() % 8;
    const int degree = input.toss() ? input.byte() % 8 : input.raw<int>();
    const bool odd = input.toss();
    const Place place = place_in(input, whole);
    if (what == 0) {
        const int cells = std::min(size, 60);
        const Lattice lattice = finite_lattice(map, cells, 0);
        std::vector<float> moves(static_cast<std::size_t>(3 * cells * cells));
        for (float& v : moves) v = odd ? input.raw<float>() : static_cast<float>(input.byte()) / 64 - 2;
        check_nodes(displaced(lattice, moves.data(), moves.data() + 2 * cells * cells, degree), cells);
        return 0;
    }
    Picture picture(input, 1);
    if (!taken(place, picture.view())) return 0;
    const MipMap mip_map(picture.view(), place.region, place.factor);
    if (what == 1) {
        const Lattice lattice = finite_lattice(map, std::min(size, 60), margin % 4);
        const auto side = static_cast<std::size_t>(lattice.cells * pixels);
        check_greys(resample_lattice(mip_map, lattice, pixels), side * side);
        const auto inner = static_cast<std::size_t>(lattice.cells - 2 * (margin % 4));
        check_greys(resample_modules(mip_map, lattice, margin % 4), inner * inner);
    } else if (what == 2) {
        check_greys(warp(mip_map, map, size, 4 * pixels), static_cast<std::size_t>(size * 4 * pixels));
    } else if (what == 3) {
        const GrownLattice grown = grow_anchors(mip_map, map, symbol, margin);
        check_nodes(grown.lattice, symbol + 2 * margin);
        require(grown.found >= 0 && grown.agreement >= 0 && grown.agreement <= 1.0001, "agreement is a correlation");
    } else if (what == 4) {
        const BentLattice bent = bend_lattice(mip_map, map, symbol, margin);
        check_nodes(bent.lattice, symbol + 2 * margin);
        require(bent.largest >= 0, "a bend moves by a distance");
    } else {
        check_nodes(homography_lattice(map, size, margin), size + 2 * margin);
    }
    return 0;
}
