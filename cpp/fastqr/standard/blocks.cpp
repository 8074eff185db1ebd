#include "fastqr/standard/blocks.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/standard/made_once.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

using PerVersion = std::array<std::uint8_t, 40>;

// clang-format off
/// Error correction codewords in a block, levels L M Q H (Table 9).
constexpr std::array<PerVersion, 4> ec_codewords_per_block{{
    {7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
    {10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28},
    {13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
    {17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
}};

/// Blocks in a symbol, levels L M Q H (Table 9).
constexpr std::array<PerVersion, 4> block_counts{{
    {1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25},
    {1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49},
    {1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68},
    {1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81},
}};
// clang-format on

}  // namespace

int codeword_count(int version) {
    const int alignment_side = version == 1 ? 0 : version / 7 + 2;
    const int alignment_patterns = version == 1 ? 0 : alignment_side * alignment_side - 3;
    const int on_timing =
        version == 1 ? 0 : 2 * (alignment_side - 2);  // these share five modules with a timing pattern
    const int size = size_of_version(version);
    const int finders_and_format = 3 * 64 + 31;
    const int timing = 2 * (size - 16);
    const int version_modules = version < 7 ? 0 : 36;
    return (size * size - finders_and_format - timing - version_modules - 25 * alignment_patterns + 5 * on_timing) / 8;
}

namespace {

std::vector<Block> make_blocks(int version, EcLevel level) {
    const auto row = static_cast<std::size_t>(level);
    const auto column = static_cast<std::size_t>(version - 1);
    const int count = block_counts[row][column];
    const int ec = ec_codewords_per_block[row][column];
    const int total = codeword_count(version);
    const int short_length = total / count;
    const int long_blocks = total % count;  // the last ones hold one data codeword more

    std::vector<Block> blocks(static_cast<std::size_t>(count));
    for (int b = 0; b < count; ++b)
        blocks[static_cast<std::size_t>(b)].data_codewords = short_length - ec + (b >= count - long_blocks ? 1 : 0);
    int position = 0;
    for (int i = 0; i <= short_length - ec; ++i)
        for (auto& block : blocks)
            if (i < block.data_codewords) block.positions.push_back(position++);
    for (int i = 0; i < ec; ++i)
        for (auto& block : blocks) block.positions.push_back(position++);
    return blocks;
}

}  // namespace

const std::vector<Block>& blocks_of(int version, EcLevel level) {
    static std::array<std::array<MadeOnce<std::vector<Block>>, max_version>, 4> all;  // levels L M Q H
    return all[static_cast<std::size_t>(level)][static_cast<std::size_t>(version - 1)].get(
        [&] { return make_blocks(version, level); });
}

int misdecode_protection(int version, EcLevel level) {
    if (version == 1) return level == EcLevel::L ? 3 : level == EcLevel::M ? 2 : 1;
    if (version == 2 && level == EcLevel::L) return 2;
    if (version == 3 && level == EcLevel::L) return 1;
    return 0;
}

}  // namespace fastqr
