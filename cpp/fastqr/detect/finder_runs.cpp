#include "fastqr/detect/finder_runs.hpp"

#include <bit>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>
#define FASTQR_RUNS_AVX2 __attribute__((target("avx2")))
#endif

namespace fastqr {
namespace {

constexpr std::size_t kRuns = 5;  // of a finder pattern

bool is_like_a_finder(const int* at, Ring ring) {
    const int core = at[3] - at[2];
    return like_a_finder(ring_of(at[1] - at[0], core, ring), at[2] - at[1], core, at[4] - at[3],
                         ring_of(at[5] - at[4], core, ring));
}

#if defined(FASTQR_RUNS_AVX2)

constexpr std::size_t kTogether = 8;

FASTQR_RUNS_AVX2 __m256i times(int factor, __m256i runs) { return _mm256_mullo_epi32(_mm256_set1_epi32(factor), runs); }

/// Which first runs of eight in a row begin five that are like a finder's, the first of them the lowest bit.
FASTQR_RUNS_AVX2 unsigned like_finders(const int* changes) {
    const auto run = [changes](std::size_t k) FASTQR_RUNS_AVX2 {
        return _mm256_sub_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(changes + k + 1)),
                                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(changes + k)));
    };
    const __m256i a = run(0);
    const __m256i b = run(1);
    const __m256i c = run(2);
    const __m256i d = run(3);
    const __m256i e = run(4);
    const __m256i before = _mm256_add_epi32(a, b);
    const __m256i after = _mm256_add_epi32(d, e);
    const __m256i total = _mm256_add_epi32(_mm256_add_epi32(before, after), c);
    const __m256i ten = times(10, total);
    const __m256i twenty = _mm256_add_epi32(ten, ten);
    const __m256i slack = _mm256_max_epi32(times(7, total), _mm256_set1_epi32(70));
    const __m256i of_pairs = _mm256_add_epi32(slack, _mm256_set1_epi32(35));
    const __m256i of_core = _mm256_max_epi32(times(12, total), _mm256_set1_epi32(105));
    const auto outside = [&](__m256i least, __m256i most, __m256i expected, __m256i off) FASTQR_RUNS_AVX2 {
        return _mm256_or_si256(_mm256_cmpgt_epi32(times(70, most), _mm256_add_epi32(expected, off)),
                               _mm256_cmpgt_epi32(_mm256_sub_epi32(expected, off), times(70, least)));
    };
    const __m256i longest = _mm256_max_epi32(_mm256_max_epi32(a, b), _mm256_max_epi32(d, e));
    const __m256i shortest = _mm256_min_epi32(_mm256_min_epi32(a, b), _mm256_min_epi32(d, e));
    const __m256i ring_beyond = _mm256_cmpgt_epi32(_mm256_sub_epi32(_mm256_max_epi32(a, e), c), _mm256_set1_epi32(1));
    const __m256i is_core = _mm256_and_si256(_mm256_cmpgt_epi32(c, _mm256_max_epi32(b, d)),
                                             _mm256_cmpgt_epi32(total, _mm256_set1_epi32(kLeastRuns - 1)));
    const __m256i is_none = _mm256_or_si256(
        _mm256_or_si256(ring_beyond, outside(c, c, _mm256_add_epi32(twenty, ten), of_core)),
        _mm256_or_si256(outside(shortest, longest, ten, slack),
                        outside(_mm256_min_epi32(before, after), _mm256_max_epi32(before, after), twenty, of_pairs)));
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_andnot_si256(is_none, is_core))));
}

/// Adds the first runs of all five that are like a finder's. Returns how many runs it looked at: all, or nothing where
/// there are fewer than fill a vector.
std::size_t find_together(std::span<const int> changes, std::vector<std::size_t>& found) {
    if (changes.size() < kRuns + kTogether) return 0;
    const std::size_t count = changes.size() - kRuns;
    for (std::size_t i = 0; i < count; i += kTogether) {
        const std::size_t first = std::min(i, count - kTogether);  // the last ones lie over those before
        unsigned finders = like_finders(changes.data() + first) >> (i - first);
        for (; finders != 0; finders &= finders - 1)
            found.push_back(i + static_cast<std::size_t>(std::countr_zero(finders)));
    }
    return count;
}

bool together() {
    static const bool wide = (__builtin_cpu_init(), __builtin_cpu_supports("avx2"));
    return wide;
}

#else

std::size_t find_together(std::span<const int>, std::vector<std::size_t>&) { return 0; }

constexpr bool together() { return false; }

#endif

}  // namespace

void find_runs(std::span<const int> changes, Ring ring, std::vector<std::size_t>& found, bool eight_at_a_time) {
    found.clear();
    const bool wide = ring == Ring::kClosed && eight_at_a_time && together();
    std::size_t i = wide ? find_together(changes, found) : 0;
    for (; i + kRuns < changes.size(); ++i)
        if (is_like_a_finder(changes.data() + i, ring)) found.push_back(i);
}

}  // namespace fastqr
