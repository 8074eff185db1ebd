#include "fastqr/detect/ink.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace fastqr {
namespace {

constexpr int kBlock = 8;     // pixels a side, of which the means are taken
constexpr int kContrast = 3;  // grey levels below the mean from which a pixel is ink
constexpr int kWord = 64;     // pixels that are judged together

/// Means of blocks, row by row; those at the right and at the bottom may be smaller.
struct BlockMeans {
    int rows = 0;
    int columns = 0;
    std::vector<std::uint8_t> values;
};

/// Adds up a row's blocks of eight pixels. Returns how many it did, from the left.
int add_blocks(const std::uint8_t* row, int width, std::uint16_t* sums) {
    int done = 0;
#if defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128();
    for (; kBlock * (done + 2) <= width; done += 2) {
        const __m128i two = _mm_sad_epu8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row + kBlock * done)), zero);
        sums[done] = static_cast<std::uint16_t>(sums[done] + _mm_extract_epi16(two, 0));
        sums[done + 1] = static_cast<std::uint16_t>(sums[done + 1] + _mm_extract_epi16(two, 4));
    }
#endif
    for (; kBlock * (done + 1) <= width; ++done) {
        unsigned sum = 0;
        for (int x = kBlock * done; x < kBlock * (done + 1); ++x) sum += row[x];
        sums[done] = static_cast<std::uint16_t>(sums[done] + sum);
    }
    return done;
}

BlockMeans block_means_of(const GreyImage& image) {
    BlockMeans means{(image.height + kBlock - 1) / kBlock, (image.width + kBlock - 1) / kBlock, {}};
    means.values.resize(static_cast<std::size_t>(means.rows) * static_cast<std::size_t>(means.columns));
    std::vector<std::uint16_t> sums(static_cast<std::size_t>(means.columns));
    for (int r = 0; r < means.rows; ++r) {
        std::fill(sums.begin(), sums.end(), std::uint16_t{0});
        const int last = std::min(image.height, (r + 1) * kBlock);
        for (int y = r * kBlock; y < last; ++y) {
            const std::uint8_t* row = image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width;
            const int whole = add_blocks(row, image.width, sums.data());
            for (int x = whole * kBlock; x < image.width; ++x)
                sums.back() = static_cast<std::uint16_t>(sums.back() + row[x]);
        }
        const int rows = last - r * kBlock;
        std::uint8_t* out = means.values.data() + static_cast<std::ptrdiff_t>(r) * means.columns;
        for (int c = 0; c < means.columns; ++c) {
            const int columns = std::min(kBlock, image.width - c * kBlock);
            out[c] = static_cast<std::uint8_t>(sums[static_cast<std::size_t>(c)] / (rows * columns));
        }
    }
    return means;
}

/// Limits of ink: the mean of the blocks within reach, from running sums of columns and rows, less the contrast.
std::vector<std::uint8_t> limits_of(const BlockMeans& blocks, int reach) {
    std::vector<std::uint8_t> limits(blocks.values.size());
    const auto columns = static_cast<std::size_t>(blocks.columns);
    std::vector<int> sums(columns, 0);  // of the blocks within reach above and below
    const auto add = [&](int row, int sign) {
        if (row < 0 || row >= blocks.rows) return;
        const std::uint8_t* values = blocks.values.data() + static_cast<std::size_t>(row) * columns;
        for (std::size_t c = 0; c < columns; ++c) sums[c] += sign * values[c];
    };
    for (int row = 0; row < reach; ++row) add(row, 1);
    for (int row = 0; row < blocks.rows; ++row) {
        add(row + reach, 1);
        add(row - reach - 1, -1);
        const int rows = std::min(row + reach, blocks.rows - 1) - std::max(row - reach, 0) + 1;
        int sum = 0;
        for (int c = 0; c < std::min(reach, blocks.columns); ++c) sum += sums[static_cast<std::size_t>(c)];
        for (int c = 0; c < blocks.columns; ++c) {
            if (c + reach < blocks.columns) sum += sums[static_cast<std::size_t>(c + reach)];
            if (c - reach - 1 >= 0) sum -= sums[static_cast<std::size_t>(c - reach - 1)];
            const int across = std::min(c + reach, blocks.columns - 1) - std::max(c - reach, 0) + 1;
            limits[static_cast<std::size_t>(row) * columns + static_cast<std::size_t>(c)] =
                static_cast<std::uint8_t>(std::max(0, sum / (rows * across) - kContrast));
        }
    }
    return limits;
}

/// One bit a pixel of sixty-four: whether it is below its limit, the first pixel the lowest bit.
std::uint64_t ink_of(const std::uint8_t* pixels, const std::uint8_t* limits) {
    std::uint64_t word = 0;
#if defined(__SSE2__)
    for (int part = 0; part < 4; ++part) {
        const __m128i p = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + 16 * part));
        const __m128i limit = _mm_loadu_si128(reinterpret_cast<const __m128i*>(limits + 16 * part));
        const auto paper = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(p, limit), p)));
        word |= static_cast<std::uint64_t>(~paper & 0xFFFFU) << (16 * part);
    }
#else
    for (int byte = 0; byte < 8; ++byte) {
        std::uint8_t flags[8];
        for (int i = 0; i < 8; ++i) flags[i] = pixels[8 * byte + i] < limits[8 * byte + i] ? 1 : 0;
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

Ink::Ink(const GreyImage& image, int reach)
    : image_(image),
      columns_((image.width + kBlock - 1) / kBlock),
      limits_(limits_of(block_means_of(image), reach)),
      spread_(static_cast<std::size_t>((image.width + kWord - 1) / kWord * kWord), 0),
      flags_(kWord, 0) {}

bool Ink::changes_of(int row, std::vector<int>& changes) {
    if (const int blocks = row >> kBlockBits; blocks != spread_row_) {
        const std::uint8_t* limits = limits_.data() + static_cast<std::ptrdiff_t>(blocks) * columns_;
        for (int c = 0; c < columns_; ++c)
            std::memset(spread_.data() + static_cast<std::ptrdiff_t>(c) * kBlock, limits[c],
                        static_cast<std::size_t>(std::min(kBlock, image_.width - c * kBlock)));
        spread_row_ = blocks;
    }
    changes.clear();
    changes.push_back(0);
    const std::uint8_t* pixels = image_.pixels.data() + static_cast<std::ptrdiff_t>(row) * image_.width;
    bool first = false;
    std::uint64_t carry = 0;
    for (int x = 0; x < image_.width; x += kWord) {
        const int left = image_.width - x;
        if (left < kWord) std::memcpy(flags_.data(), pixels + x, static_cast<std::size_t>(left));
        // Beyond the row the limits are 0, and nothing is below them.
        const std::uint64_t ink = ink_of(left < kWord ? flags_.data() : pixels + x, spread_.data() + x);
        if (x == 0) {
            first = ink & 1;
            carry = ink & 1;
        }
        std::uint64_t edges = ink ^ (ink << 1 | carry);
        carry = ink >> 63;
        for (; edges != 0; edges &= edges - 1)
            if (const int at = x + std::countr_zero(edges); at < image_.width) changes.push_back(at);
    }
    changes.push_back(image_.width);
    return first;
}

}  // namespace fastqr
