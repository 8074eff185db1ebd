#include "drawing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <random>
#include <vector>

#include "fastqr/decode/reed_solomon.hpp"
#include "fastqr/standard/blocks.hpp"
#include "fastqr/standard/codeword_placement.hpp"
#include "fastqr/standard/data_mask.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {

using Codewords = std::vector<std::uint8_t>;

void append(std::string& bits, unsigned value, int length) {
    for (int i = length; i-- > 0;) bits += (value >> i & 1U) ? '1' : '0';
}

Codewords packed(std::string bits) {
    while (bits.size() % 8) bits += '0';
    Codewords codewords;
    for (std::size_t i = 0; i < bits.size(); i += 8)
        codewords.push_back(static_cast<std::uint8_t>(std::stoi(bits.substr(i, 8), nullptr, 2)));
    return codewords;
}

std::vector<float> drawn_symbol(const std::string& text, int version, FormatInformation format) {
    const int size = size_of_version(version);
    const std::vector<Block> blocks = blocks_of(version, format.level);
    const int capacity = std::accumulate(blocks.begin(), blocks.end(), 0,
                                         [](int sum, const Block& b) { return sum + b.data_codewords; });
    std::string bits = "0100";
    append(bits, static_cast<unsigned>(text.size()), version < 10 ? 8 : 16);
    for (char c : text) append(bits, static_cast<unsigned char>(c), 8);
    Codewords data = packed(bits + "0000");
    REQUIRE(static_cast<int>(data.size()) <= capacity);
    for (int i = 0; static_cast<int>(data.size()) < capacity; ++i) data.push_back(i % 2 ? 17 : 236);

    Codewords sequence(static_cast<std::size_t>(codeword_count(version)));
    auto next = data.begin();
    for (const Block& block : blocks) {
        Codewords codewords(next, next + block.data_codewords);
        next += block.data_codewords;
        for (std::uint8_t c : ec_codewords_of(codewords, block.ec_codewords())) codewords.push_back(c);
        for (std::size_t i = 0; i < codewords.size(); ++i)
            sequence[static_cast<std::size_t>(block.positions[i])] = codewords[i];
    }
    std::vector<float> modules;
    for (std::int8_t m : function_patterns(size)) modules.push_back(m > 0 ? 1.0F : 0.0F);
    const auto at = [size](ModulePosition m) { return static_cast<std::size_t>(m.row * size + m.column); };
    const std::vector<ModulePosition> placement = codeword_placement(size);
    for (std::size_t i = 0; i < placement.size(); ++i) {
        const bool bit = i / 8 < sequence.size() && (sequence[i / 8] >> (7 - i % 8) & 1);
        modules[at(placement[i])] =
            bit != mask_inverts(format.mask, placement[i].row, placement[i].column) ? 1.0F : 0.0F;
    }
    for (const auto& copy : format_positions(size))
        for (std::size_t i = 0; i < 15; ++i) modules[at(copy[i])] = (format_word(format) >> i & 1U) ? 1.0F : 0.0F;
    if (version >= first_version_with_information)
        for (const auto& copy : version_positions(size))
            for (std::size_t i = 0; i < 18; ++i) modules[at(copy[i])] = (version_word(version) >> i & 1U) ? 1.0F : 0.0F;
    return modules;
}

GreyImage pictured(const std::vector<float>& modules, int size, const Homography& symbol_to_image, int height,
                   int width, double arch) {
    std::vector<Point> corners;
    for (const Point& p : {Point{0, 0}, Point{1, 0}, Point{1, 1}, Point{0, 1}})
        corners.push_back(symbol_to_image(p.x * size, p.y * size));
    const std::vector<Point> square{{0, 0}, {double(size), 0}, {double(size), double(size)}, {0, double(size)}};
    const auto image_to_symbol = fit_homography(corners, square);
    REQUIRE(image_to_symbol);
    GreyImage image{height, width, Pixels(static_cast<std::size_t>(height * width))};
    constexpr int looks = 4;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            int sum = 0;
            for (int i = 0; i < looks * looks; ++i) {
                Point p = (*image_to_symbol)(x + (i % looks + 0.5) / looks, y + (i / looks + 0.5) / looks);
                p.y -= arch * std::pow(2 * p.x / size - 1, 2);
                const bool inside = p.x >= 0 && p.y >= 0 && p.x < size && p.y < size;
                const auto at = static_cast<std::size_t>(inside ? int(p.y) * size + int(p.x) : 0);
                sum += inside && modules[at] > 0.5F ? 30 : 220;
            }
            image.pixels[static_cast<std::size_t>(y * width + x)] = static_cast<std::uint8_t>(sum / (looks * looks));
        }
    return image;
}

GreyImage negative(GreyImage image) {
    for (std::uint8_t& v : image.pixels) v = static_cast<std::uint8_t>(255 - v);
    return image;
}

GreyImage noise(int height, int width, unsigned seed) {
    std::mt19937 random(seed);
    GreyImage image{height, width, Pixels(static_cast<std::size_t>(height * width))};
    for (std::uint8_t& v : image.pixels) v = random() % 2 ? 255 : 0;
    return image;
}

}  // namespace fastqr
