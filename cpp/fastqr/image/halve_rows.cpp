#include "fastqr/image/halve_rows.hpp"

#include "fastqr/image/luma.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>

#include <algorithm>
#include <cstddef>

#define FASTQR_AVX2 __attribute__((target("avx2")))

namespace fastqr {
namespace {

constexpr int kAtOnce = 32;  // blocks

FASTQR_AVX2 __m256i load(const std::uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

/// Two runs of 16 bytes, one a lane.
FASTQR_AVX2 __m256i load_lanes(const std::uint8_t* low, const std::uint8_t* high) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
}

/// Rounded quarters of the sums of 16 blocks of grey.
FASTQR_AVX2 __m256i means_of_grey(const std::uint8_t* upper, const std::uint8_t* lower) {
    const __m256i ones = _mm256_set1_epi8(1);
    const __m256i sums =
        _mm256_add_epi16(_mm256_maddubs_epi16(load(upper), ones), _mm256_maddubs_epi16(load(lower), ones));
    return _mm256_srli_epi16(_mm256_add_epi16(sums, _mm256_set1_epi16(2)), 2);
}

FASTQR_AVX2 int halve_grey(const std::uint8_t* upper, const std::uint8_t* lower, int width, std::uint8_t* out) {
    const int blocks = width / 2;
    if (blocks < kAtOnce) return 0;
    for (int done = 0; done < blocks; done += kAtOnce) {
        const std::ptrdiff_t first = std::min(done, blocks - kAtOnce);  // the last ones lie over those before
        const std::ptrdiff_t at = 2 * first;
        const __m256i means = _mm256_packus_epi16(means_of_grey(upper + at, lower + at),
                                                  means_of_grey(upper + at + kAtOnce, lower + at + kAtOnce));
        // Packing works lane by lane: the quarters come out as 0, 2, 1, 3.
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + first), _mm256_permute4x64_epi64(means, 0xD8));
    }
    return blocks;
}

/// Weighted sums of four pixels of BGR a lane, two blocks of two rows: blue with green, red alone, of each.
FASTQR_AVX2 __m256i weighted(const std::uint8_t* upper, const std::uint8_t* lower) {
    constexpr int kNextLane = 8 * 3;  // bytes: the other lane's pixels are the eighth and those after it
    // Bytes of the same colour side by side, for the products with one to add them.
    const __m256i pairs =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 6, 9, 7, 10, 8, 11, -1, -1));
    const __m256i ones = _mm256_set1_epi8(1);
    const __m256i weights = _mm256_broadcastsi128_si256(
        _mm_setr_epi16(kBlueWeight, kGreenWeight, kRedWeight, 0, kBlueWeight, kGreenWeight, kRedWeight, 0));
    const __m256i a = _mm256_shuffle_epi8(load_lanes(upper, upper + kNextLane), pairs);
    const __m256i b = _mm256_shuffle_epi8(load_lanes(lower, lower + kNextLane), pairs);
    return _mm256_madd_epi16(_mm256_add_epi16(_mm256_maddubs_epi16(a, ones), _mm256_maddubs_epi16(b, ones)), weights);
}

/// Lumas of the means of eight blocks of BGR, 32 bits each.
FASTQR_AVX2 __m256i means_of_bgr(const std::uint8_t* upper, const std::uint8_t* lower) {
    constexpr int kNextFour = 4 * 3;  // bytes
    const __m256i sums = _mm256_hadd_epi32(weighted(upper, lower), weighted(upper + kNextFour, lower + kNextFour));
    const int bits = kWeightBits + 2;
    return _mm256_srli_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32(1 << (bits - 1))), bits);
}

FASTQR_AVX2 int halve_bgr(const std::uint8_t* upper, const std::uint8_t* lower, int width, std::uint8_t* out) {
    constexpr int kEight = 16 * 3;  // bytes of eight blocks
    constexpr int kSpare = 2;       // pixels beyond those of a step that its last load touches
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const int blocks = (width - kSpare) / 2;
    if (blocks < kAtOnce) return 0;
    for (int done = 0; done < blocks; done += kAtOnce) {
        const std::ptrdiff_t first = std::min(done, blocks - kAtOnce);
        const std::uint8_t* a = upper + 6 * first;
        const std::uint8_t* b = lower + 6 * first;
        const __m256i low = _mm256_packus_epi32(means_of_bgr(a, b), means_of_bgr(a + kEight, b + kEight));
        const __m256i high = _mm256_packus_epi32(means_of_bgr(a + 2 * kEight, b + 2 * kEight),
                                                 means_of_bgr(a + 3 * kEight, b + 3 * kEight));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + first),
                            _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order));
    }
    return blocks;
}

}  // namespace

int halve_rows(const std::uint8_t* upper, const std::uint8_t* lower, int width, int channels, std::uint8_t* out) {
    static const bool wide = (__builtin_cpu_init(), __builtin_cpu_supports("avx2"));
    if (!wide) return 0;
    return channels == 3 ? halve_bgr(upper, lower, width, out) : halve_grey(upper, lower, width, out);
}

}  // namespace fastqr
#else
namespace fastqr {

int halve_rows(const std::uint8_t*, const std::uint8_t*, int, int, std::uint8_t*) { return 0; }

}  // namespace fastqr
#endif
