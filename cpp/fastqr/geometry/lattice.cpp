#include "fastqr/geometry/lattice.hpp"

namespace fastqr {

Lattice homography_lattice(const Homography& symbol_to_image, int size, int margin) {
    Lattice lattice;
    lattice.cells = size + 2 * margin;
    lattice.nodes.reserve(2 * static_cast<std::size_t>(lattice.cells + 1) *
                          static_cast<std::size_t>(lattice.cells + 1));
    for (int i = 0; i <= lattice.cells; ++i)
        for (int j = 0; j <= lattice.cells; ++j) {
            const Point p = symbol_to_image(j - margin, i - margin);
            lattice.nodes.push_back(static_cast<float>(p.x));
            lattice.nodes.push_back(static_cast<float>(p.y));
        }
    return lattice;
}

}  // namespace fastqr
