#include "fastqr/detect/ink.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace fastqr {
namespace {

constexpr int kWord = 64;                     // pixels that are judged together
constexpr int kBlocks = kWord / Ink::kBlock;  // of a word

/// Grey values by which means of means that are rounded up lie above those that are rounded down, on which the contrast
/// was chosen. A little less than seven eighths, which no mean of few blocks falls on.
constexpr float kRoundedUp = 0.87F;

/// Limits of ink: the mean of the blocks within reach, from running sums of columns and rows, less the contrast. A
/// word's blocks can be read from each of them.
std::vector<std::uint8_t> limits_of(const GreyView& blocks, int reach, int contrast) {
    std::vector<std::uint8_t> limits(blocks.pixels.size() + kBlocks);
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
        std::uint8_t* out = limits.data() + static_cast<std::size_t>(row) * columns;
        for (std::size_t c = 0; c < columns; ++c) {
            const float mean = static_cast<float>(right[c] - left[c]) * (share * shares[c]) - kRoundedUp;
            out[c] = static_cast<std::uint8_t>(std::max(0, static_cast<int>(mean) - contrast));
        }
    }
    return limits;
}

/// One bit a pixel of sixty-four: whether it is below the limit of its block of eight, the first pixel the lowest bit.
std::uint64_t ink_of(const std::uint8_t* pixels, const std::uint8_t* limits) {
    std::uint64_t word = 0;
#if defined(__SSE2__)
    const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(limits));
    const __m128i twice = _mm_unpacklo_epi8(eight, eight);
    const __m128i low = _mm_unpacklo_epi16(twice, twice);
    const __m128i high = _mm_unpackhi_epi16(twice, twice);
    const __m128i spread[]{_mm_unpacklo_epi32(low, low), _mm_unpackhi_epi32(low, low), _mm_unpacklo_epi32(high, high),
                           _mm_unpackhi_epi32(high, high)};
    for (std::size_t part = 0; part < 4; ++part) {
        const __m128i p = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + 16 * part));
        const auto paper = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(p, spread[part]), p)));
        word |= static_cast<std::uint64_t>(~paper & 0xFFFFU) << (16 * part);
    }
#else
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
#endif
    return word;
}

}  // namespace

Ink::Ink(const GreyView& image, const GreyView& means, int reach, int contrast)
    : image_(image),
      columns_(means.width),
      limits_(limits_of(means, reach, contrast)),
      changes_(static_cast<std::size_t>(image.width) + 2) {}

Ink::Row Ink::row(int row) {
    const std::uint8_t* pixels = image_.pixels.data() + static_cast<std::ptrdiff_t>(row) * image_.width;
    const std::uint8_t* limits = limits_.data() + static_cast<std::ptrdiff_t>(row >> kBlockBits) * columns_;
    std::array<std::uint8_t, kWord> last{};  // a row's last pixels, padded
    int* next = changes_.data();
    *next++ = 0;
    std::uint64_t carry = pixels[0] < limits[0] ? 1 : 0;
    const bool begins_with_ink = carry != 0;
    for (int x = 0; x < image_.width; x += kWord, limits += kBlocks) {
        const int left = image_.width - x;
        if (left < kWord) std::memcpy(last.data(), pixels + x, static_cast<std::size_t>(left));
        const std::uint64_t ink = ink_of(left < kWord ? last.data() : pixels + x, limits);
        std::uint64_t edges = ink ^ (ink << 1 | carry);
        if (left < kWord) edges &= (std::uint64_t{1} << left) - 1;
        carry = ink >> 63;
        for (; edges != 0; edges &= edges - 1) *next++ = x + std::countr_zero(edges);
    }
    *next++ = image_.width;
    return {begins_with_ink, {changes_.data(), next}};
}

}  // namespace fastqr
