#include "fastqr/cascade/proposals.hpp"

#include <algorithm>
#include <cstddef>

#include "fastqr/memory/vector.hpp"

namespace fastqr {

Proposals proposals(const float* probability, const float* offsets, int rows, int columns, double scale,
                    float threshold, int top, const ProposalGeometry& geometry) {
    const int cells = rows * columns;
    Vector<int> likely;
    for (int i = 0; i < cells; ++i)
        if (probability[i] > threshold) likely.push_back(i);
    const auto better = [&](int a, int b) {
        return probability[a] != probability[b] ? probability[a] > probability[b] : a < b;
    };
    const auto count = std::min(likely.size(), static_cast<std::size_t>(std::max(top, 0)));
    std::partial_sort(likely.begin(), likely.begin() + static_cast<std::ptrdiff_t>(count), likely.end(), better);
    likely.resize(count);
    Proposals result;
    for (int i : likely) {
        const int row = i / columns;
        const int column = i % columns;
        const double x = geometry.stride * column - geometry.padding;
        const double y = geometry.stride * row - geometry.padding;
        const auto at = [&](double v) { return static_cast<float>(v / scale); };
        result.boxes.push_back({at(x), at(y), at(x + geometry.window), at(y + geometry.window)});
        result.scores.push_back(probability[i]);
        result.offsets.push_back({offsets[i], offsets[cells + i], offsets[2 * cells + i], offsets[3 * cells + i]});
    }
    return result;
}

}  // namespace fastqr
