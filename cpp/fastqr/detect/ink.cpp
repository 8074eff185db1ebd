#include "fastqr/detect/ink.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>
#define FASTQR_INK_AVX2 __attribute__((target("avx2,bmi,popcnt")))
#define FASTQR_INK_AVX512 __attribute__((target("avx512bw,avx512vbmi2,popcnt")))
#endif

#if defined(_MSC_VER)
#define FASTQR_INLINE __forceinline
#else
#define FASTQR_INLINE inline __attribute__((always_inline))
#endif

namespace fastqr {
namespace {

constexpr int kWord = 64;                     // pixels that are judged together
constexpr int kBlocks = kWord / Ink::kBlock;  // of a word
constexpr int kSpare = 16;                    // changes of a row that are written beyond its last, at most

/// Grey values by which means of means that are rounded up lie above those that are rounded down, on which the contrast
/// was chosen. A little less than seven eighths, which no mean of few blocks falls on.
constexpr float kRoundedUp = 0.87F;

/// Limits of ink: the mean of the blocks within reach, from running sums of columns and rows, less the contrast.
FASTQR_INLINE void write_limits(const GreyView& blocks, int reach, int contrast, std::uint8_t* limits) {
    const auto columns = static_cast<std::size_t>(blocks.width);
    const auto across = static_cast<std::size_t>(reach);
    std::vector<int> sums(columns, 0);                     // of the blocks within reach above and below
    std::vector<int> before(columns + 2 * across + 1, 0);  // sums of the columns before each, repeated at both ends
    std::vector<float> shares(columns);                    // of one column of a window
    for (int c = 0; c < blocks.width; ++c)
        shares[static_cast<std::size_t>(c)] =
            1.0F / static_cast<float>(std::min(c + reach, blocks.width - 1) - std::max(c - reach, 0) + 1);
    const auto add = [&](int row, int sign) {
        if (row < 0 || row >= blocks.height) return;
        const std::uint8_t* values = blocks.pixels.data() + static_cast<std::size_t>(row) * columns;
        for (std::size_t c = 0; c < columns; ++c) sums[c] += sign * values[c];
    };
    for (int row = 0; row < reach; ++row) add(row, 1);
    for (int row = 0; row < blocks.height; ++row) {
        add(row + reach, 1);
        add(row - reach - 1, -1);
        int sum = 0;
        for (std::size_t c = 0; c < columns; ++c) before[across + 1 + c] = sum += sums[c];
        std::fill_n(before.begin() + static_cast<std::ptrdiff_t>(across + 1 + columns), across, sum);
        const int* left = before.data();
        const int* right = left + 2 * across + 1;
        const float share =
            1.0F / static_cast<float>(std::min(row + reach, blocks.height - 1) - std::max(row - reach, 0) + 1);
        std::uint8_t* out = limits + static_cast<std::size_t>(row) * columns;
        for (std::size_t c = 0; c < columns; ++c) {
            const float mean = static_cast<float>(right[c] - left[c]) * (share * shares[c]) - kRoundedUp;
            out[c] = static_cast<std::uint8_t>(std::max(0, static_cast<int>(mean) - contrast));
        }
    }
}

using WriteLimits = void (*)(const GreyView&, int, int, std::uint8_t*);

void limits_apart(const GreyView& blocks, int reach, int contrast, std::uint8_t* limits) {
    write_limits(blocks, reach, contrast, limits);
}

/// One bit a pixel of sixty-four: whether it is below the limit of its block of eight, the first pixel the lowest bit.
std::uint64_t ink_of(const std::uint8_t* pixels, const std::uint8_t* limits) {
    std::uint64_t word = 0;
    for (int byte = 0; byte < kBlocks; ++byte) {
        std::uint8_t flags[8];
        for (int i = 0; i < 8; ++i) flags[i] = pixels[8 * byte + i] < limits[byte] ? 1 : 0;
        std::uint64_t eight = 0;
        if constexpr (std::endian::native == std::endian::little) {
            std::memcpy(&eight, flags, 8);
            eight = eight * 0x0102040810204080ULL >> 56;
        } else {
            for (int i = 0; i < 8; ++i) eight |= static_cast<std::uint64_t>(flags[i]) << i;
        }
        word |= eight << (8 * byte);
    }
    return word;
}

/// Writes the columns of the bits of a word, whose first is column `x`. Returns where the next one goes.
int* columns_of(std::uint64_t bits, int x, int* next) {
    for (; bits != 0; bits &= bits - 1) *next++ = x + std::countr_zero(bits);
    return next;
}

/// Writes the columns of a row at which ink begins or ends. Returns where the next one goes.
template <auto kInkOf, auto kColumnsOf>
FASTQR_INLINE int* changes_of(const std::uint8_t* pixels, int width, const std::uint8_t* limits, int* next) {
    std::array<std::uint8_t, kWord> last{};  // a row's last pixels, padded
    std::uint64_t carry = pixels[0] < limits[0] ? 1 : 0;
    for (int x = 0; x < width; x += kWord, limits += kBlocks) {
        const int left = width - x;
        if (left < kWord) std::memcpy(last.data(), pixels + x, static_cast<std::size_t>(left));
        const std::uint64_t ink = kInkOf(left < kWord ? last.data() : pixels + x, limits);
        std::uint64_t edges = ink ^ (ink << 1 | carry);
        if (left < kWord) edges &= (std::uint64_t{1} << left) - 1;
        carry = ink >> 63;
        next = kColumnsOf(edges, x, next);
    }
    return next;
}

#if defined(FASTQR_INK_AVX2)

FASTQR_INK_AVX2 void limits_together(const GreyView& blocks, int reach, int contrast, std::uint8_t* limits) {
    write_limits(blocks, reach, contrast, limits);
}

FASTQR_INK_AVX2 std::uint64_t ink_of_word(const std::uint8_t* pixels, const std::uint8_t* limits) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, limits, sizeof eight);
    const __m256i blocks = _mm256_set1_epi64x(static_cast<std::int64_t>(eight));
    const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const auto paper = [&](int block) FASTQR_INK_AVX2 {
        const __m256i p = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pixels + 8 * block));
        const __m256i limit =
            _mm256_shuffle_epi8(blocks, _mm256_add_epi8(spread, _mm256_set1_epi8(static_cast<char>(block))));
        return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(p, limit), p)));
    };
    return ~(std::uint64_t{paper(4)} << 32 | paper(0));
}

/// The same in steps of eight, whether there are as many or not: where a loop ends is hard to foresee.
FASTQR_INK_AVX2 int* columns_of_word(std::uint64_t bits, int x, int* next) {
    constexpr int kTogether = 8;
    static_assert(kTogether <= kSpare);
    for (; bits != 0; next += kTogether) {
        const int count = std::popcount(bits);
        for (int k = 0; k < kTogether; ++k, bits = _blsr_u64(bits)) next[k] = x + static_cast<int>(_tzcnt_u64(bits));
        if (count <= kTogether) return next + count;
    }
    return next;
}

FASTQR_INK_AVX2 int* changes_together(const std::uint8_t* pixels, int width, const std::uint8_t* limits, int* next) {
    return changes_of<ink_of_word, columns_of_word>(pixels, width, limits, next);
}

FASTQR_INK_AVX512 std::uint64_t ink_of_vector(const std::uint8_t* pixels, const std::uint8_t* limits) {
    std::int64_t eight = 0;
    std::memcpy(&eight, limits, sizeof eight);
    const __m512i spread =
        _mm512_setr_epi64(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303, 0x0404040404040404,
                          0x0505050505050505, 0x0606060606060606, 0x0707070707070707);
    const __m512i limit = _mm512_shuffle_epi8(_mm512_set1_epi64(eight), spread);
    return _mm512_cmplt_epu8_mask(_mm512_loadu_si512(pixels), limit);
}

constexpr int kSixteen = 16;  // columns of one vector
static_assert(kSixteen <= kSpare);

constexpr __mmask16 kAll = 0xFFFF;  // said, since GCC 12 warns of the unmasked intrinsics' own variables

template <int kPart>
FASTQR_INK_AVX512 void write_columns(__m512i numbers, __m512i first, int* next) {
    const __m512i part = _mm512_maskz_cvtepu8_epi32(kAll, _mm512_maskz_extracti32x4_epi32(kAll & 0xF, numbers, kPart));
    _mm512_storeu_si512(next + kPart * kSixteen, _mm512_add_epi32(part, first));
}

/// The columns of a word's bits sixteen at a time: the numbers from 0 to 63 that have a bit, moved together.
FASTQR_INK_AVX512 int* columns_of_vector(std::uint64_t bits, int x, int* next) {
    const __m512i numbers =
        _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
                        39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                        15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i columns = _mm512_maskz_compress_epi8(bits, numbers);
    const __m512i first = _mm512_set1_epi32(x);
    const int count = std::popcount(bits);
    write_columns<0>(columns, first, next);
    if (count > kSixteen) write_columns<1>(columns, first, next);
    if (count > 2 * kSixteen) write_columns<2>(columns, first, next);
    if (count > 3 * kSixteen) write_columns<3>(columns, first, next);
    return next + count;
}

FASTQR_INK_AVX512 int* changes_in_vectors(const std::uint8_t* pixels, int width, const std::uint8_t* limits,
                                          int* next) {
    return changes_of<ink_of_vector, columns_of_vector>(pixels, width, limits, next);
}

Vectors supported() {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("popcnt"))
        return Vectors::kAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt"))
        return Vectors::kAvx2;
    return Vectors::kNone;
}

Vectors here() {
    static const Vectors widest = supported();
    return widest;
}

WriteLimits limits_by(Vectors widest) {
    return std::min(widest, here()) == Vectors::kNone ? limits_apart : limits_together;
}

/// The way to find a row's changes with no wider vectors than some.
auto changes_by(Vectors widest) {
    switch (std::min(widest, here())) {
        case Vectors::kAvx512:
            return changes_in_vectors;
        case Vectors::kAvx2:
            return changes_together;
        default:
            return changes_of<ink_of, columns_of>;
    }
}

#else

WriteLimits limits_by(Vectors) { return limits_apart; }

auto changes_by(Vectors) { return changes_of<ink_of, columns_of>; }

#endif

}  // namespace

Ink::Ink(const GreyView& image, const GreyView& means, int reach, int contrast, Vectors widest)
    : image_(image),
      columns_(means.width),
      limits_(means.pixels.size() + kBlocks),
      changes_(static_cast<std::size_t>(image.width) + 2 + kSpare) {
    limits_by(widest)(means, reach, contrast, limits_.data());
}

unsigned Ink::block(int number, int column) const {
    const int first = number << kBlockBits;
    const std::ptrdiff_t stride = image_.width;
    const std::uint8_t limit = this->limit(first, column);
    const std::uint8_t* pixel = image_.pixels.data() + first * stride + column;
    unsigned ink = 0;
    if (first + kBlock <= image_.height)
        for (int k = 0; k < kBlock; ++k, pixel += stride) ink |= (*pixel < limit ? 1U : 0U) << k;
    else
        for (int k = 0; k < image_.height - first; ++k, pixel += stride) ink |= (*pixel < limit ? 1U : 0U) << k;
    return ink;
}

Ink::Row Ink::row(int row, Vectors widest) {
    const std::uint8_t* pixels = image_.pixels.data() + static_cast<std::ptrdiff_t>(row) * image_.width;
    const std::uint8_t* limits = limits_.data() + static_cast<std::ptrdiff_t>(row >> kBlockBits) * columns_;
    int* end = changes_by(widest)(pixels, image_.width, limits, changes_.data() + 1);
    *end++ = image_.width;
    return {pixels[0] < limits[0], {changes_.data(), end}};
}

}  // namespace fastqr
