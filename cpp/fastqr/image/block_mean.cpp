#include "fastqr/image/block_mean.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "fastqr/image/halve_rows.hpp"
#include "fastqr/image/luma.hpp"
#include "fastqr/image/luma_row.hpp"

#if defined(_MSC_VER)
#define FASTQR_INLINE __forceinline
#else
#define FASTQR_INLINE inline __attribute__((always_inline))
#endif

namespace fastqr {
namespace {

constexpr std::uint32_t kBlue = kBlueWeight;
constexpr std::uint32_t kGreen = kGreenWeight;
constexpr std::uint32_t kRed = kRedWeight;
constexpr std::uint32_t kHalf = 1U << (kWeightBits - 1);
constexpr int kLargestNarrow = 257;  // rows of 255 that 16 bits hold

/// A row of blocks: the size of the whole ones, and what is there of them.
struct Blocks {
    int factor = 1;
    int rows = 1;
    int width = 0;
    int channels = 1;
};

/// Sets or adds the sums of up to four rows, byte by byte.
template <int kRows, bool kSet, typename Sum>
FASTQR_INLINE void sum_rows(const std::uint8_t* __restrict row, std::ptrdiff_t stride, std::size_t bytes,
                            Sum* __restrict sums) {
    for (std::size_t i = 0; i < bytes; ++i) {
        const std::uint8_t* p = row + i;
        Sum sum = p[0];
        if constexpr (kRows > 1) sum = static_cast<Sum>(sum + p[stride]);
        if constexpr (kRows > 2) sum = static_cast<Sum>(sum + p[2 * stride]);
        if constexpr (kRows > 3) sum = static_cast<Sum>(sum + p[3 * stride]);
        if constexpr (kSet)
            sums[i] = sum;
        else
            sums[i] = static_cast<Sum>(sums[i] + sum);
    }
}

template <bool kSet, typename Sum>
FASTQR_INLINE void sum_up_to_four(const std::uint8_t* row, std::ptrdiff_t stride, int rows, std::size_t bytes,
                                  Sum* sums) {
    switch (rows) {
        case 1:
            return sum_rows<1, kSet>(row, stride, bytes, sums);
        case 2:
            return sum_rows<2, kSet>(row, stride, bytes, sums);
        case 3:
            return sum_rows<3, kSet>(row, stride, bytes, sums);
        default:
            return sum_rows<4, kSet>(row, stride, bytes, sums);
    }
}

template <typename Sum>
FASTQR_INLINE void sum_of_rows(const std::uint8_t* row, std::ptrdiff_t stride, int rows, std::size_t bytes, bool set,
                               Sum* sums) {
    if (set)
        sum_up_to_four<true>(row, stride, rows, bytes, sums);
    else
        sum_up_to_four<false>(row, stride, rows, bytes, sums);
}

/// Means of whole blocks from the sums of their columns; the factor a constant, so that the loops unroll and the
/// division is a multiplication.
template <int kFactor, int kChannels>
FASTQR_INLINE void mean_of_columns(const std::uint16_t* __restrict sums, int blocks, std::uint8_t* __restrict out) {
    constexpr std::uint32_t kPixels = kFactor * kFactor;
    for (std::ptrdiff_t x = 0; x < blocks; ++x) {
        const std::uint16_t* p = sums + x * kFactor * kChannels;
        std::uint16_t blue = 0;  // or grey
        std::uint16_t green = 0;
        std::uint16_t red = 0;
        for (int k = 0; k < kFactor; ++k, p += kChannels) {
            blue = static_cast<std::uint16_t>(blue + p[0]);
            if constexpr (kChannels == 3) {
                green = static_cast<std::uint16_t>(green + p[1]);
                red = static_cast<std::uint16_t>(red + p[2]);
            }
        }
        if constexpr (kChannels == 3)
            out[x] = static_cast<std::uint8_t>((kBlue * blue + kGreen * green + kRed * red + kHalf * kPixels) /
                                               (kPixels << kWeightBits));
        else
            out[x] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(blue + kPixels / 2) / kPixels);
    }
}

/// The same of blocks of any size; the last may be narrower.
template <typename Sum>
void mean_of_any_columns(const Sum* sums, const Blocks& blocks, int from, std::uint8_t* out) {
    using Total = std::conditional_t<std::is_same_v<Sum, std::uint16_t>, std::uint32_t, std::uint64_t>;
    const std::ptrdiff_t channels = blocks.channels;
    for (std::ptrdiff_t x = from; x < blocks.width; x += blocks.factor) {
        const auto columns = std::min<std::ptrdiff_t>(blocks.factor, blocks.width - x);
        const Total pixels = static_cast<Total>(columns) * static_cast<Total>(blocks.rows);
        Total total[3] = {0, 0, 0};
        for (std::ptrdiff_t c = 0; c < channels; ++c) {
            const Sum* p = sums + x * channels + c;
            for (std::ptrdiff_t k = 0; k < columns; ++k) total[c] += p[k * channels];
        }
        Total luma = total[0] + pixels / 2;
        if (channels == 3)  // 64 bits: the weights add 14
            luma = static_cast<Total>((std::uint64_t{kBlue} * total[0] + std::uint64_t{kGreen} * total[1] +
                                       std::uint64_t{kRed} * total[2] + std::uint64_t{kHalf} * pixels) >>
                                      kWeightBits);
        *out++ = static_cast<std::uint8_t>(luma / pixels);
    }
}

template <int kFactor>
FASTQR_INLINE int mean_of_factor(const std::uint16_t* sums, const Blocks& blocks, std::uint8_t* out) {
    const int whole = blocks.width / kFactor;
    if (blocks.channels == 3)
        mean_of_columns<kFactor, 3>(sums, whole, out);
    else
        mean_of_columns<kFactor, 1>(sums, whole, out);
    return whole;
}

/// How many of the blocks, from the left, have a loop of their own and were done by it. The others are the caller's: a
/// call from a loop compiled for AVX2 may leave the processor in the state in which it runs all other code at half
/// speed (GCC 12 leaves out vzeroupper before a tail call).
FASTQR_INLINE int mean_of_whole_blocks(const std::uint16_t* sums, const Blocks& blocks, std::uint8_t* out) {
    switch (blocks.rows == blocks.factor ? blocks.factor : 0) {
        case 2:
            return mean_of_factor<2>(sums, blocks, out);
        case 3:
            return mean_of_factor<3>(sums, blocks, out);
        case 4:
            return mean_of_factor<4>(sums, blocks, out);
        case 5:
            return mean_of_factor<5>(sums, blocks, out);
        case 6:
            return mean_of_factor<6>(sums, blocks, out);
        case 7:
            return mean_of_factor<7>(sums, blocks, out);
        case 8:
            return mean_of_factor<8>(sums, blocks, out);
        default:
            return 0;
    }
}

/// The loops over pixels: compiled for what every processor of the kind has, and once more for AVX2.
struct Loops {
    void (*sum)(const std::uint8_t* row, std::ptrdiff_t stride, int rows, std::size_t bytes, bool set,
                std::uint16_t* sums);
    int (*mean)(const std::uint16_t* sums, const Blocks& blocks, std::uint8_t* out);
};

#define FASTQR_LOOPS(name, attribute)                                                                                \
    attribute void name##_sum(const std::uint8_t* row, std::ptrdiff_t stride, int rows, std::size_t bytes, bool set, \
                              std::uint16_t* sums) {                                                                 \
        sum_of_rows(row, stride, rows, bytes, set, sums);                                                            \
    }                                                                                                                \
    attribute int name##_mean(const std::uint16_t* sums, const Blocks& blocks, std::uint8_t* out) {                  \
        return mean_of_whole_blocks(sums, blocks, out);                                                              \
    }                                                                                                                \
    constexpr Loops name{name##_sum, name##_mean};

FASTQR_LOOPS(kPlain, )
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
FASTQR_LOOPS(kWide, __attribute__((target("avx2"))))

const Loops& loops() {
    static const Loops& chosen = (__builtin_cpu_init(), __builtin_cpu_supports("avx2")) ? kWide : kPlain;
    return chosen;
}
#else
const Loops& loops() { return kPlain; }
#endif

bool adjacent(const ImageView& image) {
    return image.channels == 1 ? image.column_stride == 1 : image.column_stride == 3 && image.channel_stride == 1;
}

/// A row's bytes in the order that the loops take.
void gather(const ImageView& image, int row, std::uint8_t* out) {
    for (int x = 0; x < image.width; ++x) {
        const std::uint8_t* p = image.pixel(row, x);
        *out++ = *p;
        if (image.channels == 1) continue;
        *out++ = p[image.channel_stride];
        *out++ = p[2 * image.channel_stride];
    }
}

constexpr int kGreyFirst = 3;  // side of blocks; smaller ones have vectors of their own

template <typename Sum>
void mean_of_image(const ImageView& image, int factor, GreyImage& result) {
    // Colours of small blocks are turned to grey before they are added: three sums a pixel would cost more.
    const bool grey_first = image.channels == 3 && factor == kGreyFirst;
    const int channels = grey_first ? 1 : image.channels;
    const auto bytes = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(channels);
    constexpr int kTogether = 4;  // rows read side by side, so that sums are stored a quarter as often
    const bool direct = adjacent(image) && !grey_first;
    std::vector<std::uint8_t> gathered(direct ? 0 : kTogether * bytes);
    std::vector<Sum> sums(bytes);
    std::uint8_t* out = result.pixels.data();
    for (int top = 0; top < image.height; top += factor, out += result.width) {
        const int block_rows = std::min(factor, image.height - top);
        // Whole blocks that are done already, and the rest of the row.
        int done = 0;
        if (factor == 2 && block_rows == 2 && direct)
            done = halve_rows(image.pixel(top, 0), image.pixel(top + 1, 0), image.width, channels, out);
        const Blocks rest{factor, block_rows, image.width - done * factor, channels};
        if (rest.width <= 0) continue;
        const std::size_t skipped = bytes - static_cast<std::size_t>(rest.width) * static_cast<std::size_t>(channels);
        for (int row = 0; row < block_rows; row += kTogether) {
            const int rows = std::min(kTogether, block_rows - row);
            const std::uint8_t* first = direct ? image.pixel(top + row, 0) : gathered.data();
            const std::ptrdiff_t stride = direct ? image.row_stride : static_cast<std::ptrdiff_t>(bytes);
            for (int k = 0; k < rows && !direct; ++k) {
                std::uint8_t* to = gathered.data() + static_cast<std::size_t>(k) * bytes;
                grey_first ? grey_row(image, top + row + k, to) : gather(image, top + row + k, to);
            }
            if constexpr (std::is_same_v<Sum, std::uint16_t>)
                loops().sum(first + skipped, stride, rows, bytes - skipped, row == 0, sums.data());
            else
                sum_of_rows(first + skipped, stride, rows, bytes - skipped, row == 0, sums.data());
        }
        int whole = 0;
        if constexpr (std::is_same_v<Sum, std::uint16_t>) whole = loops().mean(sums.data(), rest, out + done);
        mean_of_any_columns(sums.data(), rest, whole * factor, out + done + whole);
    }
}

}  // namespace

void grey_row(const ImageView& image, int row, std::uint8_t* out) {
    if (!adjacent(image))
        for (int x = 0; x < image.width; ++x) out[x] = image.grey(row, x);
    else if (image.channels == 1)
        std::copy_n(image.pixel(row, 0), image.width, out);
    else
        luma_row(image.pixel(row, 0), image.width, out);
}

GreyImage block_mean(const ImageView& image, int factor) {
    if (image.height < 1 || image.width < 1) return {};
    factor = std::min(factor, std::max(image.height, image.width));
    GreyImage result{(image.height - 1) / factor + 1, (image.width - 1) / factor + 1, {}};
    const auto width = static_cast<std::size_t>(result.width);
    result.pixels.resize(static_cast<std::size_t>(result.height) * width);
    if (factor == 1)
        for (int row = 0; row < image.height; ++row)
            grey_row(image, row, result.pixels.data() + static_cast<std::size_t>(row) * width);
    else if (factor <= kLargestNarrow)
        mean_of_image<std::uint16_t>(image, factor, result);
    else
        mean_of_image<std::uint32_t>(image, factor, result);
    return result;
}

}  // namespace fastqr
