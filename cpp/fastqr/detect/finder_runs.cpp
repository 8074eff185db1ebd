#include "fastqr/detect/finder_runs.hpp"

#include <bit>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>
#define FASTQR_RUNS_AVX2 __attribute__((target("avx2")))
#define FASTQR_RUNS_AVX512 __attribute__((target("avx512f")))
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

FASTQR_RUNS_AVX2 __m256i times(int factor, __m256i runs) { return _mm256_mullo_epi32(_mm256_set1_epi32(factor), runs); }

/// Which first runs of eight in a row begin five that are like a finder's, the first of them the lowest bit.
FASTQR_RUNS_AVX2 unsigned among_eight(const int* changes) {
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

constexpr __mmask16 kAll = 0xFFFF;  // said, since GCC 12 warns of the unmasked intrinsics' own variables

FASTQR_RUNS_AVX512 __m512i times(int factor, __m512i runs) {
    return _mm512_mullo_epi32(_mm512_set1_epi32(factor), runs);
}

FASTQR_RUNS_AVX512 __m512i larger(__m512i a, __m512i b) { return _mm512_maskz_max_epi32(kAll, a, b); }

FASTQR_RUNS_AVX512 __m512i smaller(__m512i a, __m512i b) { return _mm512_maskz_min_epi32(kAll, a, b); }

/// The same of sixteen.
FASTQR_RUNS_AVX512 unsigned among_sixteen(const int* changes) {
    const auto run = [changes](std::size_t k) FASTQR_RUNS_AVX512 {
        return _mm512_sub_epi32(_mm512_loadu_si512(changes + k + 1), _mm512_loadu_si512(changes + k));
    };
    const __m512i a = run(0);
    const __m512i b = run(1);
    const __m512i c = run(2);
    const __m512i d = run(3);
    const __m512i e = run(4);
    const __m512i before = _mm512_add_epi32(a, b);
    const __m512i after = _mm512_add_epi32(d, e);
    const __m512i total = _mm512_add_epi32(_mm512_add_epi32(before, after), c);
    const __m512i ten = times(10, total);
    const __m512i twenty = _mm512_add_epi32(ten, ten);
    const __m512i slack = larger(times(7, total), _mm512_set1_epi32(70));
    const __m512i of_pairs = _mm512_add_epi32(slack, _mm512_set1_epi32(35));
    const __m512i of_core = larger(times(12, total), _mm512_set1_epi32(105));
    const auto within = [&](__m512i least, __m512i most, __m512i expected, __m512i off) FASTQR_RUNS_AVX512 {
        return static_cast<__mmask16>(_mm512_cmple_epi32_mask(times(70, most), _mm512_add_epi32(expected, off)) &
                                      _mm512_cmple_epi32_mask(_mm512_sub_epi32(expected, off), times(70, least)));
    };
    const auto is_core = static_cast<__mmask16>(_mm512_cmpgt_epi32_mask(c, larger(b, d)) &
                                                _mm512_cmpge_epi32_mask(total, _mm512_set1_epi32(kLeastRuns)));
    const __mmask16 ring_ends = _mm512_cmple_epi32_mask(_mm512_sub_epi32(larger(a, e), c), _mm512_set1_epi32(1));
    return static_cast<unsigned>(
        is_core & ring_ends & within(c, c, _mm512_add_epi32(twenty, ten), of_core) &
        within(smaller(smaller(a, b), smaller(d, e)), larger(larger(a, b), larger(d, e)), ten, slack) &
        within(smaller(before, after), larger(before, after), twenty, of_pairs));
}

/// Adds the first runs of all five that are like a finder's. Returns how many runs it looked at: all, or nothing where
/// there are fewer than fill a vector.
template <std::size_t kTogether, unsigned (*kLikeFinders)(const int*)>
std::size_t find_together(std::span<const int> changes, std::vector<std::size_t>& found) {
    if (changes.size() < kRuns + kTogether) return 0;
    const std::size_t count = changes.size() - kRuns;
    for (std::size_t i = 0; i < count; i += kTogether) {
        const std::size_t first = std::min(i, count - kTogether);  // the last ones lie over those before
        unsigned finders = kLikeFinders(changes.data() + first) >> (i - first);
        for (; finders != 0; finders &= finders - 1)
            found.push_back(i + static_cast<std::size_t>(std::countr_zero(finders)));
    }
    return count;
}

std::size_t find_by(Vectors widest, std::span<const int> changes, std::vector<std::size_t>& found) {
    static const Vectors here = (__builtin_cpu_init(), __builtin_cpu_supports("avx512f")) ? Vectors::kAvx512
                                : __builtin_cpu_supports("avx2")                          ? Vectors::kAvx2
                                                                                          : Vectors::kNone;
    const Vectors by = std::min(widest, here);
    if (by == Vectors::kAvx512 && changes.size() >= kRuns + 16) return find_together<16, among_sixteen>(changes, found);
    return by == Vectors::kNone ? 0 : find_together<8, among_eight>(changes, found);
}

#else

std::size_t find_by(Vectors, std::span<const int>, std::vector<std::size_t>&) { return 0; }

#endif

}  // namespace

void find_runs(std::span<const int> changes, Ring ring, std::vector<std::size_t>& found, Vectors widest) {
    found.clear();
    std::size_t i = ring == Ring::kClosed ? find_by(widest, changes, found) : 0;
    for (; i + kRuns < changes.size(); ++i)
        if (is_like_a_finder(changes.data() + i, ring)) found.push_back(i);
}

}  // namespace fastqr
