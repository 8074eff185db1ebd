#include "fastqr/image/luma_row.hpp"

#include <algorithm>
#include <cstddef>

#include "fastqr/image/luma.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>

#define FASTQR_AVX2 __attribute__((target("avx2")))

namespace fastqr {
namespace {

constexpr int kAtOnce = 32;  // pixels

/// Lumas of eight pixels, 32 bits each: two products of 16 bits, blue with green and red with what rounds.
FASTQR_AVX2 __m256i lumas(const std::uint8_t* pixels) {
    constexpr int kNextLane = 4 * 3;  // bytes
    const __m256i blue_green =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
    const __m256i red =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
    const __m256i ones = _mm256_set1_epi32(1 << 16);
    const __m256i of_blue_green = _mm256_set1_epi32(kGreenWeight << 16 | kBlueWeight);
    const __m256i of_red = _mm256_set1_epi32(1 << (kWeightBits - 1 + 16) | kRedWeight);
    const __m256i bytes =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels))),
                                _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + kNextLane)), 1);
    const __m256i a = _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, blue_green), of_blue_green);
    const __m256i b = _mm256_madd_epi16(_mm256_or_si256(_mm256_shuffle_epi8(bytes, red), ones), of_red);
    return _mm256_srli_epi32(_mm256_add_epi32(a, b), kWeightBits);
}

/// Returns how many pixels it did: all but two, or none of a narrow picture.
FASTQR_AVX2 int luma_together(const std::uint8_t* row, int width, std::uint8_t* out) {
    constexpr int kEight = 8 * 3;  // bytes of eight pixels
    constexpr int kSpare = 2;      // pixels beyond those of a step that its last load touches
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const int pixels = width - kSpare;
    if (pixels < kAtOnce) return 0;
    for (int done = 0; done < pixels; done += kAtOnce) {
        const std::ptrdiff_t first = std::min(done, pixels - kAtOnce);  // the last ones lie over those before
        const std::uint8_t* p = row + 3 * first;
        const __m256i low = _mm256_packus_epi32(lumas(p), lumas(p + kEight));
        const __m256i high = _mm256_packus_epi32(lumas(p + 2 * kEight), lumas(p + 3 * kEight));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + first),
                            _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order));
    }
    return pixels;
}

int done_together(const std::uint8_t* row, int width, std::uint8_t* out) {
    static const bool wide = (__builtin_cpu_init(), __builtin_cpu_supports("avx2"));
    return wide ? luma_together(row, width, out) : 0;
}

}  // namespace
}  // namespace fastqr
#else
namespace fastqr {
namespace {

int done_together(const std::uint8_t*, int, std::uint8_t*) { return 0; }

}  // namespace
}  // namespace fastqr
#endif

namespace fastqr {

void luma_row(const std::uint8_t* row, int width, std::uint8_t* out) {
    for (std::ptrdiff_t x = done_together(row, width, out); x < width; ++x) {
        const int sum = kBlueWeight * row[3 * x] + kGreenWeight * row[3 * x + 1] + kRedWeight * row[3 * x + 2];
        out[x] = static_cast<std::uint8_t>((sum + (1 << (kWeightBits - 1))) >> kWeightBits);
    }
}

}  // namespace fastqr
