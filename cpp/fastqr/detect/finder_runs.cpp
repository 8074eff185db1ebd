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

/// Adds the first runs of five that have a core. Returns how many runs it looked at.
FASTQR_RUNS_AVX2 std::size_t find_cores(std::span<const int> changes, std::vector<std::size_t>& found) {
    const __m256i seventy = _mm256_set1_epi32(70);
    const __m256i thirty = _mm256_set1_epi32(30);
    const __m256i twelve = _mm256_set1_epi32(12);
    const __m256i least = _mm256_set1_epi32(105);
    std::size_t i = 0;
    for (; i + kRuns + kTogether <= changes.size(); i += kTogether) {
        const int* at = changes.data() + i;
        const auto run = [at](std::size_t k) FASTQR_RUNS_AVX2 {
            return _mm256_sub_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + k + 1)),
                                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + k)));
        };
        const __m256i a = run(0);
        const __m256i b = run(1);
        const __m256i c = run(2);
        const __m256i d = run(3);
        const __m256i e = run(4);
        const __m256i longer = _mm256_add_epi32(c, _mm256_set1_epi32(1));
        const __m256i total = _mm256_add_epi32(_mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(d, e)), c);
        const __m256i off =
            _mm256_abs_epi32(_mm256_sub_epi32(_mm256_mullo_epi32(c, seventy), _mm256_mullo_epi32(total, thirty)));
        const __m256i is_core = _mm256_and_si256(_mm256_cmpgt_epi32(c, b), _mm256_cmpgt_epi32(c, d));
        const __m256i is_none =
            _mm256_or_si256(_mm256_or_si256(_mm256_cmpgt_epi32(a, longer), _mm256_cmpgt_epi32(e, longer)),
                            _mm256_cmpgt_epi32(off, _mm256_max_epi32(_mm256_mullo_epi32(total, twelve), least)));
        auto cores =
            static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_andnot_si256(is_none, is_core))));
        for (; cores != 0; cores &= cores - 1) found.push_back(i + static_cast<std::size_t>(std::countr_zero(cores)));
    }
    return i;
}

bool together() {
    static const bool wide = (__builtin_cpu_init(), __builtin_cpu_supports("avx2"));
    return wide;
}

#else

std::size_t find_cores(std::span<const int>, std::vector<std::size_t>&) { return 0; }

constexpr bool together() { return false; }

#endif

}  // namespace

void find_runs(std::span<const int> changes, Ring ring, std::vector<std::size_t>& found, bool eight_at_a_time) {
    found.clear();
    const bool wide = ring == Ring::kClosed && eight_at_a_time && together();
    std::size_t i = wide ? find_cores(changes, found) : 0;
    std::erase_if(found, [&](std::size_t first) { return !is_like_a_finder(changes.data() + first, ring); });
    for (; i + kRuns < changes.size(); ++i)
        if (is_like_a_finder(changes.data() + i, ring)) found.push_back(i);
}

}  // namespace fastqr
