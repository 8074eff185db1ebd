#include "fastqr/image/sample_line.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>
#define FASTQR_LINE_AVX2 __attribute__((target("avx2")))
#endif

namespace fastqr {
namespace {

void sample_one_by_one(const GreyView& image, const ProjectedLine& line, int from, int count, float* out) {
    const Plane<std::uint8_t> plane = image.plane();
    for (int k = from; k < count; ++k) {
        const auto at = static_cast<float>(k);
        const float w = line.w + at * line.dw;
        out[k] = plane.inside((line.x + at * line.dx) / w, (line.y + at * line.dy) / w).value();
    }
}

#if defined(FASTQR_LINE_AVX2)

constexpr int kTogether = 8;

/// Returns how many places it did.
FASTQR_LINE_AVX2 int sample_together(const GreyView& image, const ProjectedLine& line, int count, float* out) {
    const __m256i byte = _mm256_set1_epi32(0xFF);
    const __m256i width = _mm256_set1_epi32(image.width);
    // Four bytes are gathered where two count: the border is two pixels away.
    const int* upper = reinterpret_cast<const int*>(image.pixels.data());
    const int* lower = reinterpret_cast<const int*>(image.pixels.data() + image.width);
    const __m256 ahead = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
    int done = 0;
    for (; done + kTogether <= count; done += kTogether) {
        const __m256 at = _mm256_add_ps(_mm256_set1_ps(static_cast<float>(done)), ahead);
        const __m256 w = _mm256_add_ps(_mm256_set1_ps(line.w), _mm256_mul_ps(at, _mm256_set1_ps(line.dw)));
        const __m256 x =
            _mm256_div_ps(_mm256_add_ps(_mm256_set1_ps(line.x), _mm256_mul_ps(at, _mm256_set1_ps(line.dx))), w);
        const __m256 y =
            _mm256_div_ps(_mm256_add_ps(_mm256_set1_ps(line.y), _mm256_mul_ps(at, _mm256_set1_ps(line.dy))), w);
        const __m256i column = _mm256_cvttps_epi32(x);
        const __m256i row = _mm256_cvttps_epi32(y);
        const __m256i place = _mm256_add_epi32(_mm256_mullo_epi32(row, width), column);
        const __m256i a = _mm256_i32gather_epi32(upper, place, 1);
        const __m256i b = _mm256_i32gather_epi32(lower, place, 1);
        const __m256 across = _mm256_sub_ps(x, _mm256_cvtepi32_ps(column));
        const __m256 down = _mm256_sub_ps(y, _mm256_cvtepi32_ps(row));
        const __m256 top_left = _mm256_cvtepi32_ps(_mm256_and_si256(a, byte));
        const __m256 top_right = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(a, 8), byte));
        const __m256 bottom_left = _mm256_cvtepi32_ps(_mm256_and_si256(b, byte));
        const __m256 bottom_right = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(b, 8), byte));
        const __m256 top = _mm256_add_ps(top_left, _mm256_mul_ps(_mm256_sub_ps(top_right, top_left), across));
        const __m256 bottom =
            _mm256_add_ps(bottom_left, _mm256_mul_ps(_mm256_sub_ps(bottom_right, bottom_left), across));
        _mm256_storeu_ps(out + done, _mm256_add_ps(top, _mm256_mul_ps(_mm256_sub_ps(bottom, top), down)));
    }
    return done;
}

bool together() {
    static const bool wide = (__builtin_cpu_init(), __builtin_cpu_supports("avx2"));
    return wide;
}

#else

int sample_together(const GreyView&, const ProjectedLine&, int, float*) { return 0; }

constexpr bool together() { return false; }

#endif

}  // namespace

void sample_line(const GreyView& image, const ProjectedLine& line, int count, float* out, bool eight_at_a_time) {
    const int done = eight_at_a_time && together() ? sample_together(image, line, count, out) : 0;
    sample_one_by_one(image, line, done, count, out);
}

}  // namespace fastqr
