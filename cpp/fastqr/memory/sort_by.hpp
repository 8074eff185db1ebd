#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "fastqr/memory/vector.hpp"

namespace fastqr {

/// Sorts by a number that is one, the least first; equals stay as they are. Unlike the standard's stable sort it asks
/// nothing of the heap.
template <typename T, typename Key>
void sort_by(Vector<T>& values, Key key) {
    Vector<std::pair<double, std::size_t>> order;
    order.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) order.emplace_back(static_cast<double>(key(values[i])), i);
    std::sort(order.begin(), order.end());
    Vector<T> sorted;
    sorted.reserve(values.size());
    for (const auto& [number, i] : order) sorted.push_back(std::move(values[i]));
    values = std::move(sorted);
}

}  // namespace fastqr
