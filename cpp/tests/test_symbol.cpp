#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "drawing.hpp"
#include "fastqr/decode/bit_stream.hpp"
#include "fastqr/decode/decoder.hpp"
#include "fastqr/decode/galois_field.hpp"
#include "fastqr/decode/mixture.hpp"
#include "fastqr/decode/ordered_statistics.hpp"
#include "fastqr/decode/recognition.hpp"
#include "fastqr/decode/reed_solomon.hpp"
#include "fastqr/standard/bch_code.hpp"
#include "fastqr/standard/blocks.hpp"
#include "fastqr/standard/codeword_placement.hpp"
#include "fastqr/standard/data_mask.hpp"
#include "fastqr/standard/extension_patterns.hpp"
#include "fastqr/standard/format_information.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/symbol_layout.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

using namespace fastqr;

namespace {

using Codewords = std::vector<std::uint8_t>;

Codewords random_bytes(std::size_t count, std::mt19937& random) {
    Codewords bytes(count);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random() & 255U);
    return bytes;
}

}  // namespace

TEST_CASE("the field is a field") {
    for (int a = 1; a < 256; ++a) {
        const auto x = static_cast<std::uint8_t>(a);
        CHECK(gf256::power(gf256::logarithm(x)) == x);
        CHECK(gf256::multiply(x, gf256::divide(1, x)) == 1);
        CHECK(gf256::multiply(x, 0) == 0);
        CHECK(gf256::multiply(x, 2) == static_cast<std::uint8_t>(a < 128 ? a << 1 : (a << 1) ^ 0x11D));
    }
}

TEST_CASE("syndromes are a word's values at the generator's roots") {
    std::mt19937 random(4);
    for (const auto& [length, ec] : {std::pair{26, 7}, {44, 8}, {100, 16}, {70, 17}, {150, 30}, {200, 40}, {9, 12}}) {
        const Codewords word = random_bytes(static_cast<std::size_t>(length), random);
        const std::vector<std::uint8_t> syndromes = syndromes_of(word, ec);
        REQUIRE(static_cast<int>(syndromes.size()) == ec);
        for (int i = 0; i < ec; ++i) {
            std::uint8_t sum = 0;
            for (const std::uint8_t codeword : word)
                sum = static_cast<std::uint8_t>(gf256::multiply(sum, gf256::power(i)) ^ codeword);
            CHECK(syndromes[static_cast<std::size_t>(i)] == sum);
        }
        if (length <= ec) continue;
        const auto data = std::span(word).first(static_cast<std::size_t>(length - ec));
        Codewords whole(data.begin(), data.end());
        for (const std::uint8_t check : ec_codewords_of(data, ec)) whole.push_back(check);
        for (const std::uint8_t syndrome : syndromes_of(whole, ec)) CHECK(syndrome == 0);
    }
}

TEST_CASE("Reed-Solomon repairs errors and erasures up to its capacity") {
    std::mt19937 random(1);
    for (const auto& [data_count, ec_count] : {std::pair{19, 7}, {16, 10}, {9, 17}, {108, 26}, {15, 30}}) {
        for (int trial = 0; trial < 50; ++trial) {
            const Codewords data = random_bytes(static_cast<std::size_t>(data_count), random);
            Codewords block = data;
            for (std::uint8_t c : ec_codewords_of(data, ec_count)) block.push_back(c);
            const Codewords clean = syndromes_of(block, ec_count);
            CHECK(std::all_of(clean.begin(), clean.end(), [](std::uint8_t s) { return s == 0; }));

            const int errors = static_cast<int>(random() % static_cast<unsigned>(ec_count / 2 + 1));
            const int erasures = ec_count - 2 * errors;
            std::vector<int> order(block.size());
            std::iota(order.begin(), order.end(), 0);
            std::shuffle(order.begin(), order.end(), random);
            Codewords received = block;
            for (int i = 0; i < errors + erasures; ++i)
                received[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] ^=
                    static_cast<std::uint8_t>(1 + random() % 255);
            const std::span<const int> erased(order.data() + errors, static_cast<std::size_t>(erasures));
            const auto corrected = correct_block(received, syndromes_of(received, ec_count), erased);
            REQUIRE(corrected);
            CHECK(corrected->codewords == block);
            CHECK(static_cast<int>(corrected->errors.size()) == errors);
        }
    }
}

namespace {

/// Log-odds of the bits of a word that are all believed, and as if seen.
std::vector<float> believed(const Codewords& word, float log_odds) {
    std::vector<float> result;
    for (const std::uint8_t codeword : word)
        for (int bit = 7; bit >= 0; --bit) result.push_back(codeword >> bit & 1 ? log_odds : -log_odds);
    return result;
}

}  // namespace

TEST_CASE("the likeliest word is found where most codewords hold a doubtful bit that is wrong") {
    std::mt19937 random(5);
    for (const auto& [data_count, ec_count] : {std::pair{16, 10}, {32, 18}, {11, 24}, {80, 20}, {118, 30}}) {
        for (int i = 0; i < 3; ++i) {
            Codewords word = random_bytes(static_cast<std::size_t>(data_count), random);
            for (const std::uint8_t check : ec_codewords_of(word, ec_count)) word.push_back(check);
            std::vector<float> seen = believed(word, 4);
            std::vector<std::size_t> places(word.size());
            std::iota(places.begin(), places.end(), std::size_t{0});
            std::shuffle(places.begin(), places.end(), random);
            places.resize(static_cast<std::size_t>(ec_count) + 2);  // more than any erasures could fill in
            double wrong = 0;
            for (const std::size_t at : places) {
                float& bit = seen[8 * at + random() % 8];
                bit *= -0.05F;
                wrong += std::abs(static_cast<double>(bit));
            }
            seen.back() = word.back() & 1 ? -4.0F : 4.0F;  // one that is believed is wrong as well
            wrong += 4;
            const auto found = likeliest_word(seen, data_count, 50);
            REQUIRE(found);
            CHECK(found->codewords == word);
            CHECK(found->alone);
            CHECK(found->disagreement < wrong + 1e-3);
        }
    }
}

TEST_CASE("of bits that tell nothing there is no one word, and none within a limit that nothing keeps") {
    CHECK_FALSE(likeliest_word(std::vector<float>(8 * 26, 0.0F), 16, 1)->alone);
    std::mt19937 random(6);
    const auto noise = believed(random_bytes(50, random), 3);
    CHECK_FALSE(likeliest_word(noise, 32, 20));
    for (const int data : {0, 50, 60, -1}) CHECK_FALSE(likeliest_word(noise, data, 20));
    CHECK_FALSE(likeliest_word(noise, 32, -1));
    CHECK_FALSE(likeliest_word(noise, 32, NAN));
    CHECK_FALSE(likeliest_word(std::span(noise).first(399), 32, 20));
}

TEST_CASE("format and version words are those of the standard's annexes") {
    CHECK(format_word({EcLevel::M, 5}) == 0b100000011001110U);  // ISO/IEC 18004:2015, Annex C
    CHECK(version_word(7) == 0b000111110010010100U);            // Annex D
    CHECK(bch_word(0b00101, 0b10100110111) == 0b001010011011100U);
}

TEST_CASE(
    "words of formats differ in seven bits at least, in five from those of the other model, of versions in eight") {
    std::vector<std::uint32_t> formats;
    for (Model model : {Model::one, Model::two})
        for (EcLevel level : {EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H})
            for (int mask = 0; mask < 8; ++mask) formats.push_back(format_word({level, mask, model}));
    for (std::size_t i = 0; i < formats.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) CHECK(std::popcount(formats[i] ^ formats[j]) >= (i / 32 == j / 32 ? 7 : 5));
    for (int a = 7; a <= 40; ++a)
        for (int b = 7; b < a; ++b) CHECK(std::popcount(version_word(a) ^ version_word(b)) >= 8);
}

namespace {

/// A version 1 symbol of which only the format modules are known, `wrong` bits of each copy turned to those of `other`.
LogOddsGrid format_modules(FormatInformation format, FormatInformation other, std::array<int, 2> wrong) {
    const int size = size_of_version(1);
    LogOddsGrid grid{size, std::vector<float>(static_cast<std::size_t>(size * size), 0.0F)};
    const auto positions = format_positions(size);
    for (std::size_t copy = 0; copy < 2; ++copy) {
        std::uint32_t word = format_word(format);
        for (std::uint32_t bit = 1; bit < 1U << 15 && wrong[copy] > 0; bit <<= 1)
            if ((word ^ format_word(other)) & bit) word ^= bit, --wrong[copy];
        for (std::size_t i = 0; i < 15; ++i) {
            const ModulePosition m = positions[copy][i];
            grid.values[static_cast<std::size_t>(m.row * size + m.column)] = word >> i & 1U ? 9.0F : -9.0F;
        }
    }
    return grid;
}

double evidence_of(const LogOddsGrid& grid, FormatInformation format) {
    return format_evidence(grid, false)[static_cast<std::size_t>(format.level)][static_cast<std::size_t>(format.mask)];
}

}  // namespace

TEST_CASE("the format's evidence is as far ahead as the decoder's limits have it") {
    std::vector<FormatInformation> formats;
    for (EcLevel level : {EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H})
        for (int mask = 0; mask < 8; ++mask) formats.push_back({level, mask});
    for (const FormatInformation format : formats)
        for (const FormatInformation other : formats) {
            if (format.level == other.level && format.mask == other.mask) continue;
            const auto ahead = [&](int first, int second) {
                const LogOddsGrid grid = format_modules(format, other, {first, second});
                return evidence_of(grid, format) - evidence_of(grid, other);
            };
            CHECK(ahead(0, 0) > 39);
            CHECK(ahead(1, 1) > 30);
            CHECK(ahead(0, 2) > 30);
            CHECK(ahead(3, 3) >=
                  8);  // as many as the standard corrects in each copy, all of them towards the other word
            // One copy as it should be, the other one the opposite of both words where they agree: as good as lost.
            CHECK(evidence_of(format_modules(format, other, {0, 7}), format) > 8);
        }
    const LogOddsGrid nothing{21, std::vector<float>(21 * 21, 0.0F)};
    for (const FormatInformation format : formats) CHECK(std::abs(evidence_of(nothing, format)) < 1e-9);
}

TEST_CASE("every module of Model 1 has one meaning") {
    for (int version = 1; version <= max_version_of_model_1; ++version) {
        const int size = size_of_version(version);
        const std::vector<std::int8_t> patterns = function_patterns(size, Model::one);
        std::set<std::pair<int, int>> placed;
        for (const ModulePosition& m : codeword_placement(size, Model::one)) {
            CHECK(placed.insert({m.row, m.column}).second);
            // Half of the first codeword lies under the pattern in the corner.
            CHECK((patterns[static_cast<std::size_t>(m.row * size + m.column)] == 0 || placed.size() <= 4));
        }
        CHECK(static_cast<int>(placed.size()) == 8 * codeword_count(version, Model::one));
        for (const auto& copy : format_positions(size))
            for (const ModulePosition& m : copy) CHECK(placed.insert({m.row, m.column}).second);
        const auto fixed = std::count_if(patterns.begin(), patterns.end(), [](std::int8_t m) { return m != 0; });
        CHECK(static_cast<std::size_t>(fixed) + placed.size() - 4 == patterns.size());
    }
    CHECK(function_patterns(size_of_version(15), Model::one).empty());
}

TEST_CASE("extension patterns speak for Model 1 where they are, and against it elsewhere") {
    for (int version = 1; version <= max_version_of_model_1; ++version) {
        const int size = size_of_version(version);
        for (Model model : {Model::one, Model::two}) {
            LogOddsGrid grid{size, {}};
            for (std::int8_t m : function_patterns(size, model)) grid.values.push_back(6.0F * static_cast<float>(m));
            if (model == Model::one) CHECK(extension_evidence(grid) > 3.6 + 15 * (version / 2));
            for (float& value : grid.values) value = -6;  // all light: half of the edges are as they should be
            CHECK(extension_evidence(grid) < (version == 1 ? 0 : -10));
        }
    }
}

TEST_CASE("every module has one meaning") {
    for (int version = 1; version <= 40; ++version) {
        const int size = size_of_version(version);
        CHECK(version_of_size(size) == version);
        const std::vector<std::int8_t> patterns = function_patterns(size);
        std::set<std::pair<int, int>> placed;
        for (const ModulePosition& m : codeword_placement(size)) {
            CHECK(placed.insert({m.row, m.column}).second);
            CHECK(patterns[static_cast<std::size_t>(m.row * size + m.column)] == 0);
        }
        CHECK(static_cast<int>(placed.size()) / 8 == codeword_count(version));
        std::set<std::pair<int, int>> information;
        for (const auto& copy : format_positions(size))
            for (const ModulePosition& m : copy) CHECK(information.insert({m.row, m.column}).second);
        if (version >= 7)
            for (const auto& copy : version_positions(size))
                for (const ModulePosition& m : copy) CHECK(information.insert({m.row, m.column}).second);
        for (const auto& m : information) CHECK(placed.count(m) == 0);
        const auto fixed = std::count_if(patterns.begin(), patterns.end(), [](std::int8_t m) { return m != 0; });
        CHECK(static_cast<std::size_t>(fixed) + placed.size() + information.size() == patterns.size());
    }
    CHECK_FALSE(version_of_size(20));
    CHECK_FALSE(version_of_size(181));
    CHECK(function_patterns(22).empty());
}

TEST_CASE("a layout has the codewords' modules in their order and what each data mask does to them") {
    for (const auto& [version, model] : {std::pair{1, Model::two},
                                         {2, Model::two},
                                         {7, Model::two},
                                         {14, Model::two},
                                         {32, Model::two},
                                         {40, Model::two},
                                         {1, Model::one},
                                         {2, Model::one},
                                         {14, Model::one}}) {
        const SymbolLayout& layout = symbol_layout(version, model);
        const std::vector<ModulePosition> placement = codeword_placement(layout.size, model);
        CHECK(&layout == &symbol_layout(version, model));
        CHECK(layout.function_patterns == function_patterns(layout.size, model));
        CHECK(static_cast<int>(layout.codewords()) == codeword_count(version, model));
        REQUIRE(layout.bits.size() == placement.size());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < placement.size(); ++i) {
            const auto [row, column] = placement[i];
            wrong += layout.bits[i] == row * layout.size + column ? 0U : 1U;
            for (int mask = 0; mask < 8; ++mask) {
                const bool inverts = layout.mask_bits[static_cast<std::size_t>(mask)][i / 8] >> (7 - i % 8) & 1;
                const bool known_zero = static_cast<int>(i) < leading_zeros(model);
                wrong += inverts == (known_zero ? layout.function_patterns[layout.bits[i]] > 0
                                                : mask_inverts(mask, row, column))
                             ? 0U
                             : 1U;
            }
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("what the format modules say does not hang on how far they are believed") {
    // Modules that are believed as far as any is are counted, others weighed: the evidence is the same at the limit.
    std::mt19937 random(8);
    for (int trial = 0; trial < 40; ++trial) {
        LogOddsGrid certain{25, std::vector<float>(25 * 25)};
        LogOddsGrid weighed = certain;
        for (std::size_t i = 0; i < certain.values.size(); ++i) {
            const float sign = random() % 2 ? 1.0F : -1.0F;
            certain.values[i] = 5 * sign;
            weighed.values[i] = 3.17805F * sign;  // log(0.96 / 0.04) is 3.178053...
        }
        for (const bool mirrored : {false, true}) {
            const FormatEvidence a = format_evidence(certain, mirrored);
            const FormatEvidence b = format_evidence(weighed, mirrored);
            for (std::size_t level = 0; level < 4; ++level)
                for (std::size_t mask = 0; mask < 8; ++mask) CHECK(std::abs(a[level][mask] - b[level][mask]) < 1e-3);
        }
    }
}

TEST_CASE("blocks share out every codeword once") {
    for (int version = 1; version <= 40; ++version)
        for (EcLevel level : {EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H}) {
            std::vector<int> positions;
            for (const Block& block : blocks_of(version, level)) {
                CHECK(block.data_codewords > 0);
                CHECK(block.ec_codewords() > misdecode_protection(version, level));
                positions.insert(positions.end(), block.positions.begin(), block.positions.end());
            }
            std::sort(positions.begin(), positions.end());
            REQUIRE(static_cast<int>(positions.size()) == codeword_count(version));
            for (std::size_t i = 0; i < positions.size(); ++i) CHECK(positions[i] == static_cast<int>(i));
        }
}

TEST_CASE("blocks of Model 1 share out the codewords but four at the end") {
    for (int version = 1; version <= max_version_of_model_1; ++version)
        for (EcLevel level : {EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H}) {
            std::vector<int> positions;
            for (const Block& block : blocks_of(version, level, Model::one)) {
                CHECK(block.positions.size() < 256);
                CHECK(block.ec_codewords() > misdecode_protection(version, level));
                positions.insert(positions.end(), block.positions.begin(), block.positions.end());
            }
            std::sort(positions.begin(), positions.end());
            for (std::size_t i = 0; i < positions.size(); ++i) CHECK(positions[i] == static_cast<int>(i));
            const int rest = codeword_count(version, Model::one) - static_cast<int>(positions.size());
            CHECK(rest >= 0);
            CHECK(rest <= 4);
        }
}

TEST_CASE("bit streams are parsed") {
    std::string bits = "0001";  // 01234567, the example of ISO/IEC 18004:2015, 7.4.3
    append(bits, 8, 10);
    append(bits, 12, 10);
    append(bits, 345, 10);
    append(bits, 67, 7);
    const auto message = parse_bit_stream(packed(bits + "0000"), 1);
    REQUIRE(message);
    REQUIRE(message->segments.size() == 1);
    CHECK(message->segments[0].mode == Mode::numeric);
    CHECK(std::string(message->segments[0].bytes.begin(), message->segments[0].bytes.end()) == "01234567");
}

TEST_CASE("random bit streams are parsed or refused, within their memory") {
    std::mt19937 random(6);
    int parsed = 0;
    for (int i = 0; i < 20000; ++i) {
        const Codewords codewords = random_bytes(random() % 40, random);
        parsed += parse_bit_stream(codewords, 1 + static_cast<int>(random() % 40)).has_value();
    }
    CHECK(parsed < 20000);
    const auto nothing = parse_bit_stream({}, 1);
    REQUIRE(nothing);
    CHECK(nothing->segments.empty());
}

TEST_CASE("drawn symbols are read, and mirrored ones too") {
    for (int version : {1, 2, 6, 7, 10, 27, 40})
        for (int mask = 0; mask < 8; ++mask) {
            const FormatInformation format{static_cast<EcLevel>(mask % 4), mask};
            std::vector<float> modules = drawn_symbol("C++", version, format);
            const int size = size_of_version(version);
            std::vector<float> transposed(modules.size());
            for (int r = 0; r < size; ++r)
                for (int c = 0; c < size; ++c)
                    transposed[static_cast<std::size_t>(c * size + r)] =
                        modules[static_cast<std::size_t>(r * size + c)];
            for (const auto* seen : {&modules, &transposed}) {
                const auto symbol = decode_symbol(*seen, size);
                REQUIRE(symbol);
                CHECK(symbol->version == version);
                CHECK(symbol->format.level == format.level);
                CHECK(symbol->format.mask == mask);
                CHECK(symbol->mirrored == (seen == &transposed));
                REQUIRE(symbol->message.segments.size() == 1);
                CHECK(symbol->message.segments[0].bytes == Codewords{'C', '+', '+'});
                CHECK(symbol->corrected_codewords == 0);
            }
        }
}

TEST_CASE("noise is no symbol") {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> value(0, 1);
    for (int i = 0; i < 300; ++i) {
        const int size = size_of_version(1 + i % 10);
        std::vector<float> modules(static_cast<std::size_t>(size * size));
        for (float& v : modules) v = i % 3 == 0 ? std::round(value(random)) : value(random);
        if (i % 7 == 0) modules[0] = NAN;
        CHECK_FALSE(decode_symbol(modules, size));
    }
}

TEST_CASE("a symbol is recognised among doubtful modules, and its likest sibling is not") {
    std::mt19937 random(8);
    for (const int version : {1, 3, 7, 14})
        for (const EcLevel level : {EcLevel::L, EcLevel::H}) {
            const int size = size_of_version(version);
            const FormatInformation format{level, 3};
            const auto one = decode_symbol(drawn_symbol("no. 1", version, format), size);
            std::vector<float> seen = drawn_symbol("no. 2", version, format);
            const auto two = decode_symbol(seen, size);
            REQUIRE(one);
            REQUIRE(two);
            CHECK(recognition_evidence(*two, seen) > 8 * 7);  // each of at least eight codewords, without a doubt
            CHECK(recognition_evidence(*one, seen) < -36);
            std::uniform_real_distribution<float> doubt(0.05F, 0.4F);
            for (float& value : seen) value = std::abs(value - doubt(random));
            CHECK(recognition_evidence(*two, seen) > 0);
            CHECK(recognition_evidence(*one, seen) < 0);
            for (float& value : seen) value = NAN;
            CHECK(std::abs(recognition_evidence(*two, seen)) < 1e-9);
        }
}

namespace {

/// Codewords of two blocks by turns on a square field, as they lie about the corner that is given.
std::vector<SeenCodeword> two_blocks() {
    std::vector<SeenCodeword> codewords;
    codewords.reserve(70);
    for (int row = 0; row < 7; ++row)
        for (int column = 0; column < 10; ++column)
            codewords.push_back({static_cast<float>(row), static_cast<float>(column), column % 2, false});
    return codewords;
}

}  // namespace

TEST_CASE("two symbols on both sides of a line are told from damage that blocks share") {
    CHECK_FALSE(shows_two_symbols({}, 2));
    for (int degrees = 0; degrees < 360; degrees += 25) {
        const auto angle = static_cast<float>(degrees * 3.14159265 / 180);
        auto mixture = two_blocks();
        auto shared = two_blocks();
        auto one = two_blocks();
        for (std::size_t i = 0; i < mixture.size(); ++i) {
            const float x = mixture[i].x - 3;
            const float y = mixture[i].y - 4.5F;
            const bool side = x * std::cos(angle) + y * std::sin(angle) > 0.7F;
            mixture[i].wrong = side == (mixture[i].block == 0);
            shared[i].wrong = side;
            one[i].wrong = side && one[i].block == 0;
        }
        CHECK(shows_two_symbols(mixture, 2));
        CHECK_FALSE(shows_two_symbols(shared, 2));
        CHECK_FALSE(shows_two_symbols(one, 2));
    }
}

TEST_CASE("codewords that are wrong here and there are not taken for two symbols") {
    std::mt19937 random(3);
    int told = 0;
    for (int trial = 0; trial < 2000; ++trial) {
        auto codewords = two_blocks();
        const unsigned share = 1 + trial % 9;
        for (SeenCodeword& codeword : codewords) codeword.wrong = random() % 20 < share;
        told += shows_two_symbols(codewords, 2) ? 1 : 0;
    }
    CHECK(told == 0);
}
