#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <vector>

#include "fastqr/detect/finder_rays.hpp"
#include "fastqr/vectors.hpp"

namespace fastqr {

inline constexpr int kLeastRuns = 7;  // pixels of five runs that are like a finder's

/// Whether five runs have the proportions 1 : 1 : 3 : 1 : 1, give or take blur, tilt and whole pixels: in sevenths of
/// their sum. Blur and exposure widen the dark at the cost of the light, so pairs are held to less than single runs.
[[nodiscard]] inline bool like_a_finder(int a, int b, int c, int d, int e) {
    if (c <= b || c <= d || a > c + 1 || e > c + 1) return false;
    const int total = a + b + c + d + e;
    const auto off = [total](int runs, int sevenths) { return 10 * std::abs(7 * runs - sevenths * total); };
    if (total < kLeastRuns || off(c, 3) > std::max(12 * total, 105)) return false;
    const int slack = std::max(7 * total, 70);
    return std::max({off(a, 1), off(b, 1), off(d, 1), off(e, 1)}) <= slack &&
           std::max(off(a + b, 2), off(d + e, 2)) <= slack + 35;
}

/// Length of a ring's run beside a core: no more than a third of the core where the ring may run on beyond itself.
[[nodiscard]] inline int ring_of(int run, int core, Ring ring) {
    return ring == Ring::kOpen ? std::min(run, (core + 2) / 3) : run;
}

/// The first runs of all five in a row that are like a finder's: `found` becomes their numbers. `changes` are the
/// columns at which runs begin, and where the last one ends. Three operations a run, eight or sixteen at a time where
/// the processor has AVX2 or AVX-512, with the same results as one at a time.
void find_runs(std::span<const int> changes, Ring ring, std::vector<std::size_t>& found,
               Vectors widest = Vectors::kAvx512);

}  // namespace fastqr
