#include "fastqr/read/symbol_reading.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace fastqr {
namespace {

/// A symbol within another one leaves it a quiet zone and finder patterns: it has less than half of its area.
constexpr double kNested = 0.5;

Point middle_of(const std::array<Point, 4>& quad) {
    return {(quad[0].x + quad[1].x + quad[2].x + quad[3].x) / 4, (quad[0].y + quad[1].y + quad[2].y + quad[3].y) / 4};
}

double area_of(const std::array<Point, 4>& quad) {
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += quad[k].x * quad[(k + 1) % 4].y - quad[(k + 1) % 4].x * quad[k].y;
    return std::abs(sum) / 2;
}

}  // namespace

Lattice SymbolReading::lattice() const {
    if (const auto* straight = std::get_if<Homography>(&grid)) return homography_lattice(*straight, size, kReadMargin);
    return std::get<Lattice>(grid);
}

Point SymbolReading::corner(int row, int column) const {
    if (const auto* straight = std::get_if<Homography>(&grid)) return (*straight)(column, row);
    const Lattice& lattice = std::get<Lattice>(grid);
    const int margin = (lattice.cells - size) / 2;
    const float* node = lattice.node(margin + row, margin + column);
    return {static_cast<double>(node[0]), static_cast<double>(node[1])};
}

std::array<Point, 4> SymbolReading::quad() const {
    std::array<Point, 4> corners{corner(0, 0), corner(0, size), corner(size, size), corner(size, 0)};
    // A mirrored symbol is read through its transpose: its rows are the lattice's columns.
    if (symbol.mirrored) std::swap(corners[1], corners[3]);
    return corners;
}

std::array<Point, 5> SymbolReading::landmarks() const {
    const auto centre_of = [&](int row, int column) {
        if (symbol.mirrored) std::swap(row, column);
        Point p;
        for (const auto& [down, right] : {std::pair{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
            const Point node = corner(row + down, column + right);
            p.x += node.x / 4;
            p.y += node.y / 4;
        }
        return p;
    };
    const int near = 3;
    const int far = size - 4;
    return {centre_of(near, near), centre_of(near, far), centre_of(far, near), centre_of(far, far),
            centre_of(size / 2, size / 2)};
}

bool lies_in(Point p, const std::array<Point, 4>& quad) {
    bool left = true;
    bool right = true;
    for (std::size_t k = 0; k < 4; ++k) {
        const Point& from = quad[k];
        const Point& to = quad[(k + 1) % 4];
        const double side = (to.x - from.x) * (p.y - from.y) - (to.y - from.y) * (p.x - from.x);
        left = left && side >= 0;
        right = right && side <= 0;
    }
    return left || right;
}

bool is_same_symbol(const std::array<Point, 4>& a, const std::array<Point, 4>& b) {
    if (!lies_in(middle_of(a), b) && !lies_in(middle_of(b), a)) return false;
    const double areas[2] = {area_of(a), area_of(b)};
    return std::min(areas[0], areas[1]) > kNested * std::max(areas[0], areas[1]);
}

}  // namespace fastqr
