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

constexpr int kBlock = 8;                // pixels a side, of which the means are taken
constexpr int kWord = 64;                // pixels that are judged together
constexpr int kBlocks = kWord / kBlock;  // of a word

/// Means of blocks, row by row; those at the right and at the bottom may be smaller.
struct BlockMeans {
    int rows = 0;
    int columns = 0;
    std::vector<std::uint8_t> values;
};

/// Means of the whole blocks of eight rows, from the left. Returns how many it did.
int mean_of_blocks(const std::uint8_t* rows, int width, std::uint8_t* means) {
    int done = 0;
#if defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128();
    for (; kBlock * (done + 2) <= width; done += 2) {
        const std::uint8_t* p = rows + static_cast<std::ptrdiff_t>(kBlock) * done;
        __m128i sums = zero;
        for (int y = 0; y < kBlock; ++y, p += width)
            sums = _mm_add_epi64(sums, _mm_sad_epu8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), zero));
        means[done] = static_cast<std::uint8_t>(_mm_extract_epi16(sums, 0) >> 6);
        means[done + 1] = static_cast<std::uint8_t>(_mm_extract_epi16(sums, 4) >> 6);
    }
#endif
    for (; kBlock * (done + 1) <= width; ++done) {
        unsigned sum = 0;
        for (int y = 0; y < kBlock; ++y)
            for (int x = 0; x < kBlock; ++x)
                sum += rows[static_cast<std::ptrdiff_t>(y) * width + static_cast<std::ptrdiff_t>(kBlock) * done + x];
        means[done] = static_cast<std::uint8_t>(sum / (kBlock * kBlock));
    }
    return done;
}

BlockMeans block_means_of(const GreyImage& image) {
    BlockMeans means{(image.height + kBlock - 1) / kBlock, (image.width + kBlock - 1) / kBlock, {}};
    means.values.resize(static_cast<std::size_t>(means.rows) * static_cast<std::size_t>(means.columns));
    for (int r = 0; r < means.rows; ++r) {
        const std::uint8_t* first = image.pixels.data() + static_cast<std::ptrdiff_t>(r) * kBlock * image.width;
        std::uint8_t* out = means.values.data() + static_cast<std::ptrdiff_t>(r) * means.columns;
        const int rows = std::min(kBlock, image.height - r * kBlock);
        for (int c = rows == kBlock ? mean_of_blocks(first, image.width, out) : 0; c < means.columns; ++c) {
            const int columns = std::min(kBlock, image.width - c * kBlock);
            int sum = 0;
            for (int y = 0; y < rows; ++y)
                for (int x = 0; x < columns; ++x)
                    sum += first[static_cast<std::ptrdiff_t>(y) * image.width + c * kBlock + x];
            out[c] = static_cast<std::uint8_t>(sum / (rows * columns));
        }
    }
    return means;
}

/// Limits of ink: the mean of the blocks within reach, from running sums of columns and rows, less the contrast. A
/// word's blocks can be read from each of them.
std::vector<std::uint8_t> limits_of(const BlockMeans& blocks, int reach, int contrast) {
    std::vector<std::uint8_t> limits(blocks.values.size() + kBlocks);
    const auto columns = static_cast<std::size_t>(blocks.columns);
    const auto across = static_cast<std::size_t>(reach);
    std::vector<int> sums(columns, 0);                     // of the blocks within reach above and below
    std::vector<int> before(columns + 2 * across + 1, 0);  // sums of the columns before each, repeated at both ends
    std::vector<float> shares(columns);                    // of one column of a window
    for (int c = 0; c < blocks.columns; ++c)
        shares[static_cast<std::size_t>(c)] =
            1.0F / static_cast<float>(std::min(c + reach, blocks.columns - 1) - std::max(c - reach, 0) + 1);
    const auto add = [&](int row, int sign) {
        if (row < 0 || row >= blocks.rows) return;
        const std::uint8_t* values = blocks.values.data() + static_cast<std::size_t>(row) * columns;
        for (std::size_t c = 0; c < columns; ++c) sums[c] += sign * values[c];
    };
    for (int row = 0; row < reach; ++row) add(row, 1);
    for (int row = 0; row < blocks.rows; ++row) {
        add(row + reach, 1);
        add(row - reach - 1, -1);
        int sum = 0;
        for (std::size_t c = 0; c < columns; ++c) before[across + 1 + c] = sum += sums[c];
        std::fill_n(before.begin() + static_cast<std::ptrdiff_t>(across + 1 + columns), across, sum);
        const int* left = before.data();
        const int* right = left + 2 * across + 1;
        const float share =
            1.0F / static_cast<float>(std::min(row + reach, blocks.rows - 1) - std::max(row - reach, 0) + 1);
        std::uint8_t* out = limits.data() + static_cast<std::size_t>(row) * columns;
        // Half a grey level in so many blocks keeps whole means from being rounded down twice.
        for (std::size_t c = 0; c < columns; ++c) {
            const float mean = (static_cast<float>(right[c] - left[c]) + 0.5F) * (share * shares[c]);
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

Ink::Ink(const GreyImage& image, int reach, int contrast)
    : image_(image),
      columns_((image.width + kBlock - 1) / kBlock),
      limits_(limits_of(block_means_of(image), reach, contrast)),
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
