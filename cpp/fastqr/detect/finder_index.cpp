#include "fastqr/detect/finder_index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fastqr {
namespace {

constexpr int kMostOctaves = 24;
constexpr double kCell = 4;  // sides of the largest pattern of an octave

}  // namespace

int FinderIndex::octave_of(double side) {
    return side > 1 ? std::bit_width(static_cast<unsigned>(std::min(side, std::exp2(kMostOctaves) - 1))) - 1 : 0;
}

void FinderIndex::insert(std::size_t id, Point centre, double side) {
    const int number = octave_of(side);
    if (static_cast<int>(octaves_.size()) <= number) octaves_.resize(static_cast<std::size_t>(number) + 1);
    Octave& octave = octaves_[static_cast<std::size_t>(number)];
    if (octave.first.empty()) {
        octave.cell = kCell * std::exp2(number + 1);
        octave.rows = static_cast<int>((region_.y2 - region_.y1) / octave.cell) + 1;
        octave.columns = static_cast<int>((region_.x2 - region_.x1) / octave.cell) + 1;
        octave.first.assign(static_cast<std::size_t>(octave.rows) * static_cast<std::size_t>(octave.columns), kNone);
    }
    if (next_.size() <= id) next_.resize(id + 1, kNone);
    int& first =
        octave.first[octave.cell_of(octave.row_of(centre.y - region_.y1), octave.column_of(centre.x - region_.x1))];
    next_[id] = first;
    first = static_cast<int>(id);
}

}  // namespace fastqr
