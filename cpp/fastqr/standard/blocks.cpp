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

int codeword_count(int version, Model model) {
    if (model == Model::one) {
        // Rectangles of eight modules: strips of two columns, four at the left and two at the right edge, and columns
        // of four modules between them; less what finder and extension patterns take (ISO/IEC 18004:2000, M.7).
        const int extensions = version / 2;
        return 4 * version + 2 * (version + 2) + (version + 1) * (2 * version + 8) - 4 - 2 * extensions;
    }
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

struct BlockSizes {
    std::uint8_t count;
    std::uint8_t data;
    std::uint8_t correction;
};

// clang-format off
/// Blocks, and data and error correction codewords in each, levels L M Q H (ISO/IEC 18004:2000, Table M.5).
constexpr std::array<std::array<BlockSizes, 4>, max_version_of_model_1> model_1_blocks{{
    {{{1, 19, 7}, {1, 16, 10}, {1, 13, 13}, {1, 9, 17}}},
    {{{1, 36, 10}, {1, 30, 16}, {1, 24, 22}, {1, 16, 30}}},
    {{{1, 57, 15}, {1, 44, 28}, {1, 36, 36}, {1, 24, 48}}},
    {{{1, 80, 20}, {1, 60, 40}, {1, 50, 50}, {1, 34, 66}}},
    {{{1, 108, 26}, {1, 82, 52}, {1, 68, 66}, {2, 23, 44}}},
    {{{1, 136, 34}, {2, 53, 32}, {2, 43, 42}, {2, 29, 56}}},
    {{{1, 170, 42}, {2, 66, 40}, {2, 54, 52}, {3, 24, 46}}},
    {{{2, 104, 24}, {2, 80, 48}, {2, 64, 64}, {3, 29, 56}}},
    {{{2, 123, 30}, {2, 93, 60}, {3, 52, 50}, {3, 34, 68}}},
    {{{2, 145, 34}, {2, 111, 68}, {3, 61, 58}, {4, 31, 58}}},
    {{{2, 168, 40}, {4, 64, 40}, {4, 52, 52}, {5, 29, 54}}},
    {{{2, 192, 46}, {4, 73, 46}, {4, 61, 58}, {5, 33, 62}}},
    {{{3, 144, 36}, {4, 83, 52}, {4, 69, 66}, {6, 32, 58}}},
    {{{3, 163, 40}, {4, 92, 60}, {5, 62, 60}, {6, 35, 66}}},
}};
// clang-format on

/// Of Model 1: the data of all blocks one after the other, then their error correction (ISO/IEC 18004:2000, M.6).
std::vector<Block> make_blocks_in_a_row(int version, EcLevel level) {
    const BlockSizes& sizes = model_1_blocks[static_cast<std::size_t>(version - 1)][static_cast<std::size_t>(level)];
    std::vector<Block> blocks(sizes.count);
    int position = 0;
    for (Block& block : blocks) {
        block.data_codewords = sizes.data;
        for (int i = 0; i < sizes.data; ++i) block.positions.push_back(position++);
    }
    for (Block& block : blocks)
        for (int i = 0; i < sizes.correction; ++i) block.positions.push_back(position++);
    return blocks;
}

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

const std::vector<Block>& blocks_of(int version, EcLevel level, Model model) {
    static std::array<std::array<MadeOnce<std::vector<Block>>, max_version>, 4> all;  // levels L M Q H
    static std::array<std::array<MadeOnce<std::vector<Block>>, max_version_of_model_1>, 4> all_of_model_1;
    const auto row = static_cast<std::size_t>(level);
    const auto column = static_cast<std::size_t>(version - 1);
    if (model == Model::one)
        return all_of_model_1[row][column].get([&] { return make_blocks_in_a_row(version, level); });
    return all[row][column].get([&] { return make_blocks(version, level); });
}

int misdecode_protection(int version, EcLevel level) {
    if (version == 1) return level == EcLevel::L ? 3 : level == EcLevel::M ? 2 : 1;
    if (version == 2 && level == EcLevel::L) return 2;
    if (version == 3 && level == EcLevel::L) return 1;
    return 0;
}

}  // namespace fastqr
