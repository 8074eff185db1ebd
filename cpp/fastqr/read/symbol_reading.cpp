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

std::array<Point, 4> SymbolReading::quad() const {
    const int first = (lattice.cells - size) / 2;
    const int last = first + size;
    const auto at = [this](int row, int column) {
        const float* node = lattice.node(row, column);
        return Point{static_cast<double>(node[0]), static_cast<double>(node[1])};
    };
    std::array<Point, 4> corners{at(first, first), at(first, last), at(last, last), at(last, first)};
    // A mirrored symbol is read through its transpose: its rows are the lattice's columns.
    if (symbol.mirrored) std::swap(corners[1], corners[3]);
    return corners;
}

std::array<Point, 5> SymbolReading::landmarks() const {
    const int margin = (lattice.cells - size) / 2;
    const auto centre_of = [&](int row, int column) {
        if (symbol.mirrored) std::swap(row, column);
        Point p;
        for (const auto& [down, right] : {std::pair{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
            const float* node = lattice.node(margin + row + down, margin + column + right);
            p.x += static_cast<double>(node[0]) / 4;
            p.y += static_cast<double>(node[1]) / 4;
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
