#include "fastqr/decode/decoder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "fastqr/decode/mixture.hpp"
#include "fastqr/decode/ordered_statistics.hpp"
#include "fastqr/decode/reed_solomon.hpp"
#include "fastqr/standard/blocks.hpp"
#include "fastqr/standard/extension_patterns.hpp"
#include "fastqr/standard/symbol_layout.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {
namespace {

/// No module is believed beyond this: one confidently wrong module must not outweigh all the others.
constexpr double probability_floor = 1e-3;

/// Log-odds of that, natural logarithm.
constexpr float known_bit = 6.9F;

/// A format this many bits behind the likeliest of its orientation is not read: the format modules name another one.
/// What the standard corrects, three errors in each copy, leaves 8.2 bits to the next format (docs/false-accept.md).
/// One that is so far ahead of another, and has as much evidence (one clean copy has 8.4 bits where the other one is
/// coin tosses; coin tosses in both copies give a certain format as much once in 2^13), wins if the blocks speak for it
/// too.
constexpr double format_named = 8;

/// A format this many bits behind another one is no rival to it. Two copies without an error are 40 bits ahead of every
/// other format, two errors leave 31; coin tosses in both copies put a given format so far ahead less than once in
/// 2^21.
constexpr double format_beyond_doubt = 30;

/// Formats of an orientation that are left to choose from, past which the code is not stretched.
constexpr int formats_tried_softly = 4;

/// Natural logarithm of the odds for another size's version information from which the code is not stretched.
constexpr double version_contradicted = 12;

/// With more bits than this for a format, no format of the other model is less than `format_named` behind: its word
/// differs in ten of the modules at least, and these have not 5.1 bits less than they might have
/// (docs/false-accept.md).
constexpr double format_unrivalled = 24;

/// Bits that format information and extension patterns together must have to say for Model 1 where nothing was found
/// before: of coin tosses one in 37 has as much in version 1, one in some thousands from version 4 on
/// (docs/false-accept.md).
constexpr double model_1_possible = 0;

/// Candidates with less are dropped before the message is parsed: no padding could save them.
constexpr double evidence_worth_parsing = 4;

/// What one format makes of the modules: the codewords before interleaving is undone.
struct Codewords {
    std::vector<std::uint8_t> values;
    std::vector<bool> unknown;  ///< whether nothing is known of at least one of its modules; empty where all are known
    const LogOddsGrid* grid = nullptr;
    const SymbolLayout* layout = nullptr;
    std::size_t mask = 0;

    [[nodiscard]] bool is_unknown(int position) const {
        return !unknown.empty() && unknown[static_cast<std::size_t>(position)];
    }

    /// Log-odds of a bit of being 1, data mask removed. What is known to be 0 is so whatever its module shows.
    [[nodiscard]] float bit(int position, std::size_t bit) const {
        if (position == 0 && bit < static_cast<std::size_t>(leading_zeros(layout->model))) return -known_bit;
        const float dark = grid->values[layout->bits[8 * static_cast<std::size_t>(position) + bit]];
        return layout->mask_bits[mask][static_cast<std::size_t>(position)] >> (7 - bit) & 1 ? -dark : dark;
    }
};

struct DecodedBlock {
    std::vector<std::uint8_t> codewords;
    std::vector<bool> filled;  ///< whether the decoder made the codeword up: erased, or changed; empty where none is
    int corrected = 0;
    int erased = 0;
    double evidence = 0;      ///< bits; a wrong block reaches x bits with a chance of 2^-x
    bool guaranteed = false;  ///< within the capacity that the standard states
};

LogOddsGrid log_odds_of(std::span<const float> probabilities, int size) {
    LogOddsGrid grid{size, std::vector<float>(probabilities.size())};
    std::transform(probabilities.begin(), probabilities.end(), grid.values.begin(), [](float p) {
        if (std::isnan(p) || p == 0.5F) return 0.0F;
        const double clipped = std::clamp(static_cast<double>(p), probability_floor, 1 - probability_floor);
        return static_cast<float>(std::log(clipped / (1 - clipped)));
    });
    return grid;
}

LogOddsGrid transposed(const LogOddsGrid& grid) {
    LogOddsGrid result{grid.size, std::vector<float>(grid.values.size())};
    const auto n = static_cast<std::size_t>(grid.size);
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c < n; ++c) result.values[c * n + r] = grid.values[r * n + c];
    return result;
}

Codewords read_codewords(const LogOddsGrid& grid, const SymbolLayout& layout, int mask) {
    Codewords result{std::vector<std::uint8_t>(layout.codewords()), {}, &grid, &layout, static_cast<std::size_t>(mask)};
    const std::vector<std::uint8_t>& inverting = layout.mask_bits[result.mask];
    const std::uint16_t* module = layout.bits.data();
    for (std::size_t i = 0; i < result.values.size(); ++i, module += 8) {
        unsigned dark = 0;
        for (std::size_t bit = 0; bit < 8; ++bit) dark = dark << 1 | (grid.values[module[bit]] > 0 ? 1U : 0U);
        result.values[i] = static_cast<std::uint8_t>(dark ^ inverting[i]);
    }
    const auto zeros = static_cast<std::size_t>(leading_zeros(layout.model));
    result.values[0] = static_cast<std::uint8_t>(result.values[0] & 0xFFU >> zeros);
    if (std::find(grid.values.begin(), grid.values.end(), 0.0F) == grid.values.end()) return result;
    result.unknown.resize(result.values.size());
    for (std::size_t i = zeros; i < 8 * result.values.size(); ++i) {
        if (grid.values[layout.bits[i]] != 0) continue;
        result.unknown[i / 8] = true;
        std::uint8_t& value = result.values[i / 8];
        value = static_cast<std::uint8_t>(value & ~(1U << (7 - i % 8)));
    }
    return result;
}

/// Natural logarithm of the probability that all eight modules of a codeword are read right.
double log_reliability(const Codewords& symbol, int position) {
    double sum = 0;
    for (std::size_t bit = 0; bit < 8; ++bit)
        sum -= std::log1p(std::exp(-std::abs(static_cast<double>(symbol.bit(position, bit)))));
    return sum;
}

std::vector<bool> filled_by(const Correction& correction, std::span<const int> erasures) {
    if (correction.errors.empty() && erasures.empty()) return {};
    std::vector<bool> filled(correction.codewords.size(), false);
    for (const int i : correction.errors) filled[static_cast<std::size_t>(i)] = true;
    for (const int i : erasures) filled[static_cast<std::size_t>(i)] = true;
    return filled;
}

/// Of 0 <= k <= n codewords of a block. A sum of logarithms: std::lgamma writes to a global, which threads must not.
double log2_binomial(int n, int k) {
    double sum = 0;
    for (int i = 1; i <= std::min(k, n - k); ++i) sum += std::log2(static_cast<double>(n - i + 1) / i);
    return sum;
}

/// -log2 of the chance that a random word, `erased` of its codewords blanked, lies within `errors` of a codeword: the
/// share of all words that the decoding spheres cover.
double sphere_evidence(int length, int ec, int erased, int errors) {
    const double sphere = log2_binomial(length - erased, errors) + errors * std::log2(255.0);
    return 8.0 * (ec - erased) - sphere;
}

/// log2 of (likelihood of the codeword / likelihood of random bits), less the 8k bits by which the best of 2^8k
/// codewords may win by luck: by Markov's inequality a wrong codeword reaches x with a chance of at most 2^-x.
double likelihood_evidence(const Codewords& symbol, const Block& block, std::span<const std::uint8_t> codewords) {
    double sum = 0;
    for (std::size_t i = 0; i < codewords.size(); ++i) {
        for (std::size_t bit = 0; bit < 8; ++bit) {
            const double one = symbol.bit(block.positions[i], bit);
            const double agreement = codewords[i] >> (7 - bit) & 1 ? one : -one;
            sum += 1 - std::log1p(std::exp(-agreement)) * 1.4426950408889634;
        }
    }
    return sum - 8.0 * block.data_codewords;
}

/// One block by the standard's rule alone: 2 * errors + erasures <= ec - p, the erasures being what is known to be
/// unknown.
std::optional<DecodedBlock> decode_guaranteed(const Codewords& symbol, const Block& block, int protection) {
    std::vector<std::uint8_t> received(block.positions.size());
    std::vector<int> unknown;
    for (std::size_t i = 0; i < received.size(); ++i) {
        const int position = block.positions[i];
        received[i] = symbol.values[static_cast<std::size_t>(position)];
        if (symbol.is_unknown(position)) unknown.push_back(static_cast<int>(i));
    }
    const int ec = block.ec_codewords();
    const int budget = ec - protection;
    if (static_cast<int>(unknown.size()) > budget) return std::nullopt;
    auto correction = correct_block(received, syndromes_of(received, ec), unknown);
    if (!correction) return std::nullopt;
    const int errors = static_cast<int>(correction->errors.size());
    const int erased = static_cast<int>(unknown.size());
    if (2 * errors + erased > budget) return std::nullopt;
    const double evidence = sphere_evidence(static_cast<int>(received.size()), ec, erased, errors);
    auto filled = filled_by(*correction, unknown);
    return DecodedBlock{std::move(correction->codewords), std::move(filled), errors, erased, evidence, true};
}

constexpr double nats_a_bit = 0.6931471805599453;

/// Log-odds of a block's bits of being 1, eight a codeword.
std::vector<float> log_odds_of(const Codewords& symbol, const Block& block) {
    std::vector<float> result;
    for (const int position : block.positions)
        for (std::size_t bit = 0; bit < 8; ++bit) result.push_back(symbol.bit(position, bit));
    return result;
}

/// `likelihood_evidence` of a word with which all bits agree: no word has more.
double most_evidence(std::span<const float> log_odds, const Block& block) {
    double sum = 0;
    for (const float odds : log_odds)
        sum += 1 - std::log1p(std::exp(-std::abs(static_cast<double>(odds)))) / nats_a_bit;
    return sum - 8.0 * block.data_codewords;
}

/// The same, on the average, of the word that was written, where the network is as sure as it is right.
double expected_evidence(std::span<const float> log_odds, const Block& block) {
    double sum = 0;
    for (const float odds : log_odds) {
        const double certainty = std::abs(static_cast<double>(odds));
        const double wrong = 1 / (1 + std::exp(certainty));
        sum += 1 - std::log1p(std::exp(-certainty)) / nats_a_bit - wrong * certainty / nats_a_bit;
    }
    return sum - 8.0 * block.data_codewords;
}

/// Ordered statistics decoding: the word of the code that agrees best with all bits, if it alone has enough evidence. A
/// bit that is otherwise than it looks costs its log-odds of the `most` that a word could have.
std::optional<DecodedBlock> decode_by_bits(const Codewords& symbol, const Block& block, std::span<const float> log_odds,
                                           double most, const DecoderSettings& settings) {
    if (expected_evidence(log_odds, block) < 0) return std::nullopt;  // the modules tell less than the message says
    auto word = likeliest_word(log_odds, block.data_codewords, (most - settings.evidence_needed) * nats_a_bit);
    if (!word || !word->alone) return std::nullopt;
    const double evidence = likelihood_evidence(symbol, block, word->codewords);
    std::vector<bool> filled;
    for (std::size_t i = 0; i < block.positions.size(); ++i)
        filled.push_back(word->codewords[i] != symbol.values[static_cast<std::size_t>(block.positions[i])]);
    const auto corrected = static_cast<int>(std::count(filled.begin(), filled.end(), true));
    return DecodedBlock{std::move(word->codewords), std::move(filled), corrected, 0, evidence, false};
}

/// Generalised minimum distance decoding (Forney 1966): erases ever more of the least reliable codewords and keeps the
/// codeword with the most evidence, unless another one has enough as well. Two more at a time: with one of them the
/// other is an error that is corrected too.
std::optional<DecodedBlock> decode_by_codewords(const Codewords& symbol, const Block& block,
                                                const DecoderSettings& settings) {
    std::vector<std::uint8_t> received;
    std::vector<double> reliability;
    for (const int position : block.positions) {
        received.push_back(symbol.values[static_cast<std::size_t>(position)]);
        reliability.push_back(log_reliability(symbol, position));
    }
    std::vector<int> by_reliability(received.size());
    std::iota(by_reliability.begin(), by_reliability.end(), 0);
    std::ranges::stable_sort(by_reliability, std::ranges::less{},
                             [&](int at) { return reliability[static_cast<std::size_t>(at)]; });
    const int ec = block.ec_codewords();
    const int length = static_cast<int>(received.size());
    const auto syndromes = syndromes_of(received, ec);
    const double trials = std::log2(ec / 2 + 1.0);
    std::optional<DecodedBlock> best;
    double next = 0;  // evidence of another codeword
    for (int erased = ec % 2; erased <= ec; erased += 2) {
        const std::span<const int> erasures(by_reliability.data(), static_cast<std::size_t>(erased));
        auto correction = correct_block(received, syndromes, erasures);
        if (!correction) continue;
        if (best && correction->codewords == best->codewords) continue;
        const int errors = static_cast<int>(correction->errors.size());
        const double likelihood = likelihood_evidence(symbol, block, correction->codewords);
        // Modules of which nothing is known agree with any codeword: only the likelihood counts them for what they are.
        const bool any_unknown = std::any_of(by_reliability.begin() + erased, by_reliability.end(), [&](int i) {
            return symbol.is_unknown(block.positions[static_cast<std::size_t>(i)]);
        });
        const double sphere = any_unknown ? 0 : sphere_evidence(length, ec, erased, errors) - trials;
        const double evidence = std::max(likelihood, sphere) - 1;  // two bounds to choose from: one bit
        next = std::max(next, best ? std::min(evidence, best->evidence) : 0);
        if (best && evidence <= best->evidence) continue;
        auto filled = filled_by(*correction, erasures);
        best = DecodedBlock{std::move(correction->codewords), std::move(filled), errors, erased, evidence, false};
    }
    if (best && (best->evidence < evidence_worth_parsing || next >= settings.evidence_needed)) best.reset();
    return best;
}

/// One block past what the standard's rule guarantees; by bits, which takes longest, where that is said to be worth it.
std::optional<DecodedBlock> decode_softly(const Codewords& symbol, const Block& block, bool by_bits_too,
                                          const DecoderSettings& settings) {
    const std::vector<float> log_odds = log_odds_of(symbol, block);
    const double most = most_evidence(log_odds, block);
    if (most < evidence_worth_parsing) return std::nullopt;
    auto by_codewords = decode_by_codewords(symbol, block, settings);
    if (!by_bits_too || (by_codewords && by_codewords->evidence >= settings.evidence_needed)) return by_codewords;
    auto by_bits = decode_by_bits(symbol, block, log_odds, most, settings);
    return by_bits ? std::move(by_bits) : std::move(by_codewords);
}

/// Whether luck is ruled out: per block, since one wrong block among right ones is a wrong payload too.
bool vouched_for(const std::vector<Block>& blocks, const std::vector<DecodedBlock>& decoded,
                 const std::optional<Message>& message, const DecoderSettings& settings) {
    int codeword = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        // Padding vouches for a block only where the decoder had to fill it in: padding that was received right would
        // be right in a wrong codeword too.
        int padding_codewords = 0;
        for (int i = 0; i < blocks[b].data_codewords; ++i, ++codeword)
            if (message && message->padding_conforms && codeword >= message->first_padding_codeword &&
                !decoded[b].filled.empty() && decoded[b].filled[static_cast<std::size_t>(i)])
                ++padding_codewords;
        const double evidence = decoded[b].evidence + 8.0 * padding_codewords;
        if (evidence >= settings.evidence_needed) continue;
        // Known erasures spend the redundancy that would vouch: with as many as the standard allows, one wrong codeword
        // beside them makes another message of the block, and nothing in it tells.
        if (!decoded[b].guaranteed || decoded[b].erased > 0) return false;
    }
    return true;
}

/// Probabilities by log-odds within those of the floor, to three digits: a table, for all modules of a symbol are
/// looked up.
class LogisticTable {
  public:
    LogisticTable() {
        for (std::size_t i = 0; i < values_.size(); ++i)
            values_[i] = static_cast<float>(1 / (1 + std::exp(-((static_cast<double>(i) + 0.5) / steps - limit))));
    }
    [[nodiscard]] float of(float log_odds) const {
        return values_[static_cast<std::size_t>((log_odds + limit) * steps)];
    }

  private:
    static constexpr float limit = 7;   // log-odds of the floor are 6.9
    static constexpr float steps = 64;  // a unit of log-odds
    std::array<float, static_cast<std::size_t>(2 * limit * steps)> values_{};
};

const LogisticTable& logistic() {
    static const LogisticTable table;
    return table;
}

/// Share of the error correction left unused by the worst block, times the mean probability that the network gave to
/// what turned out to be the modules' true colours.
double confidence_of(const std::vector<Block>& blocks, const std::vector<DecodedBlock>& decoded,
                     const LogOddsGrid& grid, std::span<const std::uint8_t> modules) {
    double unused = 1;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const double used = 2.0 * decoded[b].corrected + decoded[b].erased;
        unused = std::min(unused, 1 - used / blocks[b].ec_codewords());
    }
    const LogisticTable& probability = logistic();
    double sum = 0;
    for (std::size_t i = 0; i < modules.size(); ++i)
        sum += static_cast<double>(probability.of(modules[i] ? grid.values[i] : -grid.values[i]));
    const double agreement = sum / static_cast<double>(modules.size());
    return std::clamp((0.5 + 0.5 * unused) * agreement, 0.0, 1.0);
}

std::vector<std::uint8_t> draw(const SymbolLayout& layout, FormatInformation format, const std::vector<Block>& blocks,
                               const std::vector<DecodedBlock>& decoded) {
    std::vector<std::uint8_t> modules(layout.function_patterns.size());
    std::transform(layout.function_patterns.begin(), layout.function_patterns.end(), modules.begin(),
                   [](std::int8_t p) { return p > 0 ? 1 : 0; });
    // The data mask's bits, and of the codewords those that are 1 turned; remainder bits are 0.
    std::vector<std::uint8_t> bytes = layout.mask_bits[static_cast<std::size_t>(format.mask)];
    std::size_t next = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        for (std::size_t i = 0; i < blocks[b].positions.size(); ++i)
            bytes[static_cast<std::size_t>(blocks[b].positions[i])] ^= decoded[b].codewords[i];
        next += blocks[b].positions.size();
    }
    // Codewords that belong to no block are padding.
    for (std::size_t i = next; i < layout.codewords(); ++i) bytes[i] ^= padding[(i - next) % 2];
    for (std::size_t i = 0; i < layout.bits.size(); ++i)
        modules[layout.bits[i]] = static_cast<std::uint8_t>(bytes[i / 8] >> (7 - i % 8) & 1);
    const auto set = [&](ModulePosition m, bool dark) {
        modules[static_cast<std::size_t>(m.row) * static_cast<std::size_t>(layout.size) +
                static_cast<std::size_t>(m.column)] = dark ? 1 : 0;
    };
    const std::uint32_t word = format_word(format);
    for (const auto& copy : format_positions(layout.size))
        for (std::size_t i = 0; i < copy.size(); ++i) set(copy[i], word >> i & 1U);
    if (layout.model == Model::two && layout.version >= first_version_with_information) {
        const std::uint32_t version_bits = version_word(layout.version);
        for (const auto& copy : version_positions(layout.size))
            for (std::size_t i = 0; i < copy.size(); ++i) set(copy[i], version_bits >> i & 1U);
    }
    return modules;
}

/// One format of one orientation.
struct Hypothesis {
    FormatInformation format;
    bool mirrored = false;
    double evidence = 0;     ///< bits, of the format modules
    bool named = false;      ///< the format modules do not name another format of this orientation
    bool likeliest = false;  ///< so far, of all poses
};

/// What a hypothesis makes of the modules, every block vouched for.
struct Explanation {
    Hypothesis hypothesis;
    const std::vector<Block>& blocks() const {
        return blocks_of(version, hypothesis.format.level, hypothesis.format.model);
    }

    int version = 0;
    std::vector<DecodedBlock> decoded;
    std::optional<Message> message;  ///< nothing where no encoder writes such data, or none at all
    double evidence = 0;             ///< bits, of all blocks and of the format modules
};

/// Whether some blocks are one symbol's and the others another's, which is shown beside it.
bool is_of_two_symbols(const Codewords& symbol, const Explanation& explanation) {
    const auto mended = [](const DecodedBlock& block) { return !block.filled.empty(); };
    if (symbol.grid == nullptr || std::ranges::count_if(explanation.decoded, mended) < 2) return false;
    std::vector<SeenCodeword> seen;
    const int size = symbol.grid->size;
    for (std::size_t b = 0; b < explanation.decoded.size(); ++b) {
        const std::vector<std::uint8_t>& codewords = explanation.decoded[b].codewords;
        for (std::size_t i = 0; i < codewords.size(); ++i) {
            const int position = explanation.blocks()[b].positions[i];
            if (symbol.is_unknown(position)) continue;
            const auto at = static_cast<std::size_t>(position);
            const int module = symbol.layout->bits[8 * at + 4];
            const int row = module / size;
            const int column = module % size;
            seen.push_back({static_cast<float>(column), static_cast<float>(row), static_cast<int>(b),
                            symbol.values[at] != codewords[i]});
        }
    }
    return shows_two_symbols(seen, static_cast<int>(explanation.decoded.size()));
}

/// Everything after the format: blocks, message, acceptance. `soft` goes past the standard's capacity.
std::optional<Explanation> explain(const Codewords& symbol, int version, const Hypothesis& hypothesis, bool soft,
                                   const DecoderSettings& settings) {
    const EcLevel level = hypothesis.format.level;
    Explanation result{hypothesis, version, {}, {}, hypothesis.evidence};
    const int protection = misdecode_protection(version, level);
    std::vector<std::uint8_t> data;
    for (const Block& block : result.blocks()) {
        auto decoded = decode_guaranteed(symbol, block, protection);
        if (!decoded && soft) decoded = decode_softly(symbol, block, hypothesis.likeliest, settings);
        if (!decoded) return std::nullopt;
        data.insert(data.end(), decoded->codewords.begin(), decoded->codewords.begin() + block.data_codewords);
        result.evidence += decoded->evidence;
        result.decoded.push_back(std::move(*decoded));
    }
    result.message = parse_bit_stream(data, version, hypothesis.format.model);
    if (result.message && result.message->segments.empty()) result.message.reset();
    if (!vouched_for(result.blocks(), result.decoded, result.message, settings)) return std::nullopt;
    if (is_of_two_symbols(symbol, result)) return std::nullopt;
    return result;
}

constexpr std::array<EcLevel, 4> levels{EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H};

/// The formats of one orientation and model.
struct Orientation {
    bool mirrored = false;
    Model model = Model::two;
    FormatEvidence evidence{};
    double best = -std::numeric_limits<double>::infinity();

    Orientation(const LogOddsGrid& grid, bool transposed, Model of)
        : mirrored(transposed), model(of), evidence(format_evidence(grid, transposed, of)) {
        for (const auto& level : evidence) best = std::max(best, *std::max_element(level.begin(), level.end()));
    }

    Hypothesis hypothesis(EcLevel level, int mask) const {
        const double bits = evidence[static_cast<std::size_t>(level)][static_cast<std::size_t>(mask)];
        return {{level, mask, model}, mirrored, bits, best - bits < format_named};
    }

    int formats_left() const {
        int count = 0;
        for (const EcLevel level : levels)
            for (int mask = 0; mask < 8; ++mask) count += hypothesis(level, mask).named ? 1 : 0;
        return count;
    }
};

/// The codewords of an explanation as if they had been seen so.
Codewords mended(const Explanation& explanation, std::size_t count) {
    Codewords result;
    result.values.resize(count);
    for (std::size_t b = 0; b < explanation.decoded.size(); ++b)
        for (std::size_t i = 0; i < explanation.decoded[b].codewords.size(); ++i)
            result.values[static_cast<std::size_t>(explanation.blocks()[b].positions[i])] =
                explanation.decoded[b].codewords[i];
    return result;
}

/// What a rival makes of the mended codewords of an explanation, for which the damage that was mended may have been too
/// much. It counts against both alike. Only a contradiction: nothing that is read.
std::optional<Explanation> explain_mended(const Explanation& explanation, int version, Hypothesis rival,
                                          std::size_t count, const DecoderSettings& settings) {
    const Codewords symbol = mended(explanation, count);
    rival.named = false;
    auto result = explain(symbol, version, rival, false, settings);
    if (!result) return std::nullopt;
    if (const auto undamaged = explain(symbol, version, explanation.hypothesis, false, settings))
        result->evidence -= undamaged->evidence - explanation.evidence;
    return result;
}

/// Every explanation under a format of one orientation and model that is not ruled out; and, beside one that was found,
/// those of the other levels of its data mask, ruled out or not, of what is seen and of what was mended, unless its
/// format is beyond doubt: only words of these can be near by their making (docs/false-accept.md).
std::vector<Explanation> gather(const LogOddsGrid& grid, int version, const Orientation& orientation, double likeliest,
                                bool soft, const DecoderSettings& settings) {
    const SymbolLayout& layout = symbol_layout(version, orientation.model);
    std::vector<Explanation> found;
    std::optional<LogOddsGrid> turned;
    for (int mask = 0; mask < 8; ++mask) {
        std::array<Hypothesis, 4> hypotheses;
        for (std::size_t l = 0; l < 4; ++l) {
            hypotheses[l] = orientation.hypothesis(levels[l], mask);
            hypotheses[l].likeliest = hypotheses[l].evidence >= likeliest;
        }
        if (std::none_of(hypotheses.begin(), hypotheses.end(), [](const Hypothesis& h) { return h.named; })) continue;
        if (orientation.mirrored && !turned) turned = transposed(grid);
        const Codewords symbol = read_codewords(turned ? *turned : grid, layout, mask);

        std::vector<Explanation> named;
        std::vector<Hypothesis> failed;
        for (const Hypothesis& hypothesis : hypotheses) {
            auto explanation = hypothesis.named ? explain(symbol, version, hypothesis, soft, settings) : std::nullopt;
            if (explanation)
                named.push_back(std::move(*explanation));
            else
                failed.push_back(hypothesis);
        }
        for (const Explanation& explanation : named)
            for (const Hypothesis& rival : failed) {
                if (explanation.hypothesis.evidence - rival.evidence >= format_beyond_doubt) continue;
                auto contradiction = rival.named ? std::nullopt : explain(symbol, version, rival, soft, settings);
                if (!contradiction)
                    contradiction = explain_mended(explanation, version, rival, symbol.values.size(), settings);
                if (contradiction) found.push_back(std::move(*contradiction));
            }
        for (Explanation& explanation : named) found.push_back(std::move(explanation));
    }
    return found;
}

/// How a symbol may stand there: as the standard has it, mirrored, and the same of Model 1.
struct Pose {
    Model model = Model::two;
    bool mirrored = false;
};
constexpr std::array<Pose, 4> poses{{{Model::two, false}, {Model::two, true}, {Model::one, false}, {Model::one, true}}};

/// What the format modules say in each of these, once it is asked for.
class Orientations {
  public:
    explicit Orientations(const LogOddsGrid& grid) : grid_(grid) {}

    const Orientation& operator[](std::size_t pose) {
        if (!known_[pose]) known_[pose].emplace(grid_, poses[pose].mirrored, poses[pose].model);
        return *known_[pose];
    }

  private:
    const LogOddsGrid& grid_;
    std::array<std::optional<Orientation>, poses.size()> known_;
};

/// All poses, as far as the format modules leave them open: the first one, and another one where nothing was found
/// before it, or where its format is as good.
std::vector<Explanation> gather(const LogOddsGrid& grid, int version, Orientations& orientations, DecodeOptions options,
                                bool soft, const DecoderSettings& settings) {
    // Version information that says another size is no reason to doubt what the code guarantees, but good reason not to
    // stretch the code.
    const bool contradicted = soft && log_odds_against_version(grid, version) > version_contradicted;
    const auto is_open = [&](std::size_t i) {
        return exists(poses[i].model, version) && (options.try_mirrored || !poses[i].mirrored);
    };
    std::vector<Explanation> found;
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!is_open(i)) continue;
        if (poses[i].model == Model::one && !found.empty() && best > format_unrivalled) break;
        const Orientation& orientation = orientations[i];
        // Format information of the other model may rule this one out; not where it speaks for this one at all, for no
        // format has more than 29.1 bits.
        if (poses[i].model == Model::two && orientation.best < 0)
            for (std::size_t other = i + 1; other < poses.size(); ++other)
                if (poses[other].model == Model::one && is_open(other)) best = std::max(best, orientations[other].best);
        const double ahead = best - orientation.best;
        best = std::max(best, orientation.best);
        if (ahead >= (found.empty() ? format_beyond_doubt : format_named)) continue;
        if (soft && orientation.formats_left() > formats_tried_softly) continue;
        if (contradicted && poses[i].model == Model::two) continue;
        if (poses[i].model == Model::one && found.empty() &&
            orientation.best + extension_evidence(grid) < model_1_possible)
            continue;
        for (Explanation& explanation : gather(grid, version, orientation, best, soft, settings))
            found.push_back(std::move(explanation));
    }
    return found;
}

/// The one explanation that no other one contradicts. One that says something else contradicts, unless the format
/// modules speak against it and the blocks do not speak for it; so do data that no encoder writes, where the blocks
/// speak for them more than for what can be read.
const Explanation* decide(const std::vector<Explanation>& explanations, const DecoderSettings& settings) {
    const Explanation* best = nullptr;
    for (const Explanation& e : explanations)
        if (e.message && e.hypothesis.named && (!best || e.evidence > best->evidence)) best = &e;
    if (!best) return nullptr;
    for (const Explanation& e : explanations) {
        if (e.message ? e.message->says_the_same_as(*best->message) : e.evidence < best->evidence) continue;
        const double format_ahead = best->hypothesis.evidence - e.hypothesis.evidence;
        const bool format_speaks = best->hypothesis.evidence >= format_named && format_ahead >= format_named;
        if (!format_speaks || best->evidence - e.evidence < settings.evidence_needed) return nullptr;
    }
    return best;
}

DecodedSymbol symbol_of(const Explanation& explanation, const LogOddsGrid& grid) {
    DecodedSymbol result;
    result.version = explanation.version;
    result.format = explanation.hypothesis.format;
    const SymbolLayout& layout = symbol_layout(result.version, result.format.model);
    result.message = *explanation.message;
    result.mirrored = explanation.hypothesis.mirrored;
    for (std::size_t b = 0; b < explanation.decoded.size(); ++b) {
        const DecodedBlock& block = explanation.decoded[b];
        result.corrected_codewords += block.corrected;
        result.erased_codewords += block.erased;
        for (std::size_t i = 0; i < block.filled.size(); ++i)
            if (block.filled[i]) result.mended_codewords.push_back(explanation.blocks()[b].positions[i]);
    }
    std::sort(result.mended_codewords.begin(), result.mended_codewords.end());
    result.modules = draw(layout, result.format, explanation.blocks(), explanation.decoded);
    result.confidence = confidence_of(explanation.blocks(), explanation.decoded,
                                      result.mirrored ? transposed(grid) : grid, result.modules);
    return result;
}

std::optional<DecodedSymbol> decode_grid(const LogOddsGrid& grid, DecodeOptions options,
                                         const DecoderSettings& settings) {
    const auto version = version_of_size(grid.size);
    if (!version || grid.values.size() != static_cast<std::size_t>(grid.size) * static_cast<std::size_t>(grid.size))
        return std::nullopt;
    Orientations orientations(grid);
    auto found = gather(grid, *version, orientations, options, false, settings);
    if (found.empty() && options.soft) found = gather(grid, *version, orientations, options, true, settings);
    const Explanation* one = decide(found, settings);
    return one ? std::optional(symbol_of(*one, grid)) : std::nullopt;
}

}  // namespace

std::optional<DecodedSymbol> decode_symbol(std::span<const float> probabilities, int size, DecodeOptions options,
                                           const DecoderSettings& settings) {
    return decode_grid(log_odds_of(probabilities, size), options, settings);
}

std::optional<DecodedSymbol> decode_log_odds(std::vector<float> log_odds, int size, DecodeOptions options,
                                             const DecoderSettings& settings) {
    const auto limit = static_cast<float>(std::log((1 - probability_floor) / probability_floor));
    for (float& v : log_odds) v = std::isnan(v) ? 0 : std::min(std::max(v, -limit), limit);
    return decode_grid({size, std::move(log_odds)}, options, settings);
}

double model_1_evidence(const LogOddsGrid& grid) {
    const auto version = version_of_size(grid.size);
    if (!version || !exists(Model::one, *version) ||
        grid.values.size() != static_cast<std::size_t>(grid.size) * static_cast<std::size_t>(grid.size))
        return -std::numeric_limits<double>::infinity();
    return std::max(Orientation(grid, false, Model::one).best, Orientation(grid, true, Model::one).best) +
           extension_evidence(grid);
}

double model_1_evidence(std::span<const float> probabilities, int size) {
    return model_1_evidence(log_odds_of(probabilities, size));
}

std::optional<int> version_named(std::span<const float> probabilities, int size) {
    if (!version_of_size(size) ||
        probabilities.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size))
        return std::nullopt;
    return version_named(log_odds_of(probabilities, size));
}

}  // namespace fastqr
