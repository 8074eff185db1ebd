#include "fastqr/symbol/decoder.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "fastqr/memory/sort_by.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/symbol/blocks.hpp"
#include "fastqr/symbol/codeword_placement.hpp"
#include "fastqr/symbol/data_mask.hpp"
#include "fastqr/symbol/function_patterns.hpp"
#include "fastqr/symbol/reed_solomon.hpp"
#include "fastqr/symbol/version.hpp"
#include "fastqr/symbol/version_information.hpp"

namespace fastqr {
namespace {

/// No module is believed beyond this: one confidently wrong module must not outweigh all the others.
constexpr double probability_floor = 1e-3;

/// Formats this much less likely than the best (natural logarithm: 6e-6) are not tried, past the first three.
constexpr double format_log_likelihood_limit = -12;
constexpr std::size_t formats_always_tried = 3;
constexpr std::size_t formats_tried_softly = 4;

/// Beyond the standard's capacity, and with known erasures, a block needs this much evidence, in bits: with at most
/// 2 x 4 hypotheses tried, a wrong block is accepted less than once in 2^33 blocks (docs/false-accept.md).
constexpr double evidence_needed = 36;

/// Candidates with less are dropped before the message is parsed: no padding could save them.
constexpr double evidence_worth_parsing = 4;

struct Codeword {
    std::uint8_t value = 0;
    bool unknown = false;  ///< nothing is known of at least one of its modules
};

/// What one format makes of the modules: the bits before interleaving is undone.
struct Codewords {
    Vector<float> bit_log_odds;  ///< of being 1, data mask removed
    Vector<Codeword> codewords;
};

struct DecodedBlock {
    Vector<std::uint8_t> codewords;
    Vector<bool> filled;  ///< whether the decoder made the codeword up: erased, or changed
    int corrected = 0;
    int erased = 0;
    double evidence = 0;      ///< bits; a wrong block reaches x bits with a chance of 2^-x
    bool guaranteed = false;  ///< within the capacity that the standard states
};

/// Geometry that depends on the size alone.
struct Layout {
    int version = 0;
    int size = 0;
    Vector<ModulePosition> placement;
};

LogOddsGrid log_odds_of(std::span<const float> probabilities, int size) {
    LogOddsGrid grid{size, Vector<float>(probabilities.size())};
    std::transform(probabilities.begin(), probabilities.end(), grid.values.begin(), [](float p) {
        if (std::isnan(p) || p == 0.5F) return 0.0F;
        const double clipped = std::clamp(static_cast<double>(p), probability_floor, 1 - probability_floor);
        return static_cast<float>(std::log(clipped / (1 - clipped)));
    });
    return grid;
}

LogOddsGrid transposed(const LogOddsGrid& grid) {
    LogOddsGrid result{grid.size, Vector<float>(grid.values.size())};
    const auto n = static_cast<std::size_t>(grid.size);
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c < n; ++c) result.values[c * n + r] = grid.values[r * n + c];
    return result;
}

Codewords read_codewords(const LogOddsGrid& grid, const Layout& layout, int mask) {
    const std::size_t count = layout.placement.size() / 8;
    Codewords result{Vector<float>(count * 8), Vector<Codeword>(count)};
    for (std::size_t i = 0; i < count * 8; ++i) {
        const ModulePosition m = layout.placement[i];
        const float dark = grid.at(m);
        const float one = mask_inverts(mask, m.row, m.column) ? -dark : dark;
        result.bit_log_odds[i] = one;
        Codeword& codeword = result.codewords[i / 8];
        codeword.value = static_cast<std::uint8_t>(codeword.value << 1 | (one > 0 ? 1 : 0));
        codeword.unknown = codeword.unknown || one == 0;
    }
    return result;
}

/// Natural logarithm of the probability that all eight modules of a codeword are read right.
double log_reliability(const Codewords& symbol, int position) {
    double sum = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) {
        const double one = symbol.bit_log_odds[8 * static_cast<std::size_t>(position) + bit];
        sum -= std::log1p(std::exp(-std::abs(one)));
    }
    return sum;
}

Vector<bool> filled_by(const Correction& correction, std::span<const int> erasures) {
    Vector<bool> filled(correction.codewords.size(), false);
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
        const auto first = static_cast<std::size_t>(block.positions[i]) * 8;
        for (std::size_t bit = 0; bit < 8; ++bit) {
            const double one = symbol.bit_log_odds[first + bit];
            const double agreement = codewords[i] >> (7 - bit) & 1 ? one : -one;
            sum += 1 - std::log1p(std::exp(-agreement)) * 1.4426950408889634;
        }
    }
    return sum - 8.0 * block.data_codewords;
}

/// One block by the standard's rule alone: 2 * errors + erasures <= ec - p, the erasures being what is known to be
/// unknown.
std::optional<DecodedBlock> decode_guaranteed(const Codewords& symbol, const Block& block, int protection) {
    Vector<std::uint8_t> received;
    Vector<int> unknown;
    for (const int position : block.positions) {
        const Codeword& codeword = symbol.codewords[static_cast<std::size_t>(position)];
        if (codeword.unknown) unknown.push_back(static_cast<int>(received.size()));
        received.push_back(codeword.value);
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

/// Generalised minimum distance decoding (Forney 1966): erases ever more of the least reliable codewords and keeps the
/// codeword with the most evidence.
std::optional<DecodedBlock> decode_softly(const Codewords& symbol, const Block& block) {
    Vector<std::uint8_t> received;
    Vector<double> reliability;
    for (const int position : block.positions) {
        const Codeword& codeword = symbol.codewords[static_cast<std::size_t>(position)];
        received.push_back(codeword.value);
        reliability.push_back(log_reliability(symbol, position));
    }
    Vector<int> by_reliability(received.size());
    std::iota(by_reliability.begin(), by_reliability.end(), 0);
    sort_by(by_reliability, [&](int at) { return reliability[static_cast<std::size_t>(at)]; });
    const int ec = block.ec_codewords();
    const int length = static_cast<int>(received.size());
    const auto syndromes = syndromes_of(received, ec);
    const double trials = std::log2(ec + 1.0);
    std::optional<DecodedBlock> best;
    for (int erased = 0; erased <= ec; ++erased) {
        const std::span<const int> erasures(by_reliability.data(), static_cast<std::size_t>(erased));
        auto correction = correct_block(received, syndromes, erasures);
        if (!correction) continue;
        if (best && correction->codewords == best->codewords) continue;
        const int errors = static_cast<int>(correction->errors.size());
        const double likelihood = likelihood_evidence(symbol, block, correction->codewords);
        // Modules of which nothing is known agree with any codeword: only the likelihood counts them for what they are.
        const bool any_unknown = std::any_of(by_reliability.begin() + erased, by_reliability.end(), [&](int i) {
            return symbol.codewords[static_cast<std::size_t>(block.positions[static_cast<std::size_t>(i)])].unknown;
        });
        const double sphere = any_unknown ? 0 : sphere_evidence(length, ec, erased, errors) - trials;
        const double evidence = std::max(likelihood, sphere) - 1;  // two bounds to choose from: one bit
        if (best && evidence <= best->evidence) continue;
        auto filled = filled_by(*correction, erasures);
        best = DecodedBlock{std::move(correction->codewords), std::move(filled), errors, erased, evidence, false};
    }
    if (best && best->evidence < evidence_worth_parsing) best.reset();
    return best;
}

/// Whether luck is ruled out: per block, since one wrong block among right ones is a wrong payload too.
bool vouched_for(const Vector<Block>& blocks, const Vector<DecodedBlock>& decoded, const Message& message) {
    int codeword = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        // Padding vouches for a block only where the decoder had to fill it in: padding that was received right would
        // be right in a wrong codeword too.
        int padding_codewords = 0;
        for (int i = 0; i < blocks[b].data_codewords; ++i, ++codeword)
            if (message.padding_conforms && codeword >= message.first_padding_codeword &&
                decoded[b].filled[static_cast<std::size_t>(i)])
                ++padding_codewords;
        const double evidence = decoded[b].evidence + 8.0 * padding_codewords;
        if (evidence >= evidence_needed) continue;
        // Known erasures spend the redundancy that would vouch: with as many as the standard allows, one wrong codeword
        // beside them makes another message of the block, and nothing in it tells.
        if (!decoded[b].guaranteed || decoded[b].erased > 0) return false;
    }
    return true;
}

/// Share of the error correction left unused by the worst block, times the mean probability that the network gave to
/// what turned out to be the modules' true colours.
double confidence_of(const Vector<Block>& blocks, const Vector<DecodedBlock>& decoded, const LogOddsGrid& grid,
                     std::span<const std::uint8_t> modules) {
    double unused = 1;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const double used = 2.0 * decoded[b].corrected + decoded[b].erased;
        unused = std::min(unused, 1 - used / blocks[b].ec_codewords());
    }
    double sum = 0;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const double dark = grid.values[i];
        sum += 1 / (1 + std::exp(modules[i] ? -dark : dark));
    }
    const double agreement = sum / static_cast<double>(modules.size());
    return std::clamp((0.5 + 0.5 * unused) * agreement, 0.0, 1.0);
}

Vector<std::uint8_t> draw(const Layout& layout, FormatInformation format, const Vector<Block>& blocks,
                          const Vector<DecodedBlock>& decoded) {
    const auto patterns = function_patterns(layout.size);
    Vector<std::uint8_t> modules(patterns.size());
    std::transform(patterns.begin(), patterns.end(), modules.begin(), [](std::int8_t p) { return p > 0 ? 1 : 0; });
    const auto set = [&](ModulePosition m, bool dark) {
        modules[static_cast<std::size_t>(m.row) * static_cast<std::size_t>(layout.size) +
                static_cast<std::size_t>(m.column)] = dark ? 1 : 0;
    };
    Vector<std::uint8_t> codewords(layout.placement.size() / 8);
    for (std::size_t b = 0; b < blocks.size(); ++b)
        for (std::size_t i = 0; i < blocks[b].positions.size(); ++i)
            codewords[static_cast<std::size_t>(blocks[b].positions[i])] = decoded[b].codewords[i];
    for (std::size_t i = 0; i < layout.placement.size(); ++i) {
        const ModulePosition m = layout.placement[i];
        const bool bit = i / 8 < codewords.size() && (codewords[i / 8] >> (7 - i % 8) & 1);  // remainder bits are 0
        set(m, bit != mask_inverts(format.mask, m.row, m.column));
    }
    const std::uint32_t word = format_word(format);
    for (const auto& copy : format_positions(layout.size))
        for (std::size_t i = 0; i < copy.size(); ++i) set(copy[i], word >> i & 1U);
    if (layout.version >= first_version_with_information) {
        const std::uint32_t version_bits = version_word(layout.version);
        for (const auto& copy : version_positions(layout.size))
            for (std::size_t i = 0; i < copy.size(); ++i) set(copy[i], version_bits >> i & 1U);
    }
    return modules;
}

/// The level that corrected codewords are of. Where levels divide a symbol into the same blocks, each word of a
/// stronger one is one of the weaker ones too, for the generators share their roots: nothing in the blocks tells that a
/// format of another symbol, or one that was misread, is wrong, but the message comes out in another order. Checks that
/// hold and need not are no chance: there are eight codewords of them at least in every block of several.
EcLevel level_of(const Vector<Block>& blocks, const Vector<DecodedBlock>& decoded, int version, EcLevel named) {
    EcLevel strongest = named;
    int most = blocks.front().ec_codewords();
    for (const EcLevel level : {EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H}) {
        const Vector<Block> others = blocks_of(version, level);
        const int ec = others.front().ec_codewords();
        const bool same = std::equal(blocks.begin(), blocks.end(), others.begin(), others.end(),
                                     [](const Block& a, const Block& b) { return a.positions == b.positions; });
        if (!same || ec <= most) continue;
        if (std::all_of(decoded.begin(), decoded.end(), [&](const DecodedBlock& block) {
                const auto syndromes = syndromes_of(block.codewords, ec);
                return std::all_of(syndromes.begin(), syndromes.end(), [](std::uint8_t s) { return s == 0; });
            })) {
            strongest = level;
            most = ec;
        }
    }
    return strongest;
}

/// Everything after the format: blocks, message, acceptance. `soft` goes past the standard's capacity.
std::optional<DecodedSymbol> decode_with_format(const LogOddsGrid& grid, const Layout& layout, FormatInformation format,
                                                bool soft) {
    const Codewords symbol = read_codewords(grid, layout, format.mask);
    const auto blocks = blocks_of(layout.version, format.level);
    const int protection = misdecode_protection(layout.version, format.level);
    Vector<DecodedBlock> decoded;
    Vector<std::uint8_t> data;
    for (const Block& block : blocks) {
        auto result = decode_guaranteed(symbol, block, protection);
        if (!result && soft) result = decode_softly(symbol, block);
        if (!result) return std::nullopt;
        data.insert(data.end(), result->codewords.begin(), result->codewords.begin() + block.data_codewords);
        decoded.push_back(std::move(*result));
    }
    const EcLevel level = level_of(blocks, decoded, layout.version, format.level);
    if (level != format.level) return decode_with_format(grid, layout, {level, format.mask}, soft);
    auto message = parse_bit_stream(data, layout.version);
    if (!message || message->segments.empty() || !vouched_for(blocks, decoded, *message)) return std::nullopt;

    DecodedSymbol result;
    result.version = layout.version;
    result.format = format;
    result.message = std::move(*message);
    for (const DecodedBlock& block : decoded) {
        result.corrected_codewords += block.corrected;
        result.erased_codewords += block.erased;
    }
    result.modules = draw(layout, format, blocks, decoded);
    result.confidence = confidence_of(blocks, decoded, grid, result.modules);
    return result;
}

struct Orientation {
    LogOddsGrid grid;
    Vector<RankedFormat> formats;
    bool mirrored = false;
};

std::optional<DecodedSymbol> decode_orientation(const Orientation& orientation, const Layout& layout, bool soft) {
    const std::size_t limit = soft ? formats_tried_softly : orientation.formats.size();
    for (std::size_t i = 0; i < limit; ++i) {
        const RankedFormat& ranked = orientation.formats[i];
        if (i >= formats_always_tried && ranked.log_likelihood < format_log_likelihood_limit) break;
        if (auto result = decode_with_format(orientation.grid, layout, ranked.format, soft)) {
            result->mirrored = orientation.mirrored;
            return result;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<DecodedSymbol> decode_symbol(std::span<const float> probabilities, int size, DecodeOptions options) {
    const auto version = version_of_size(size);
    if (!version || probabilities.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size))
        return std::nullopt;
    const Layout layout{*version, size, codeword_placement(size)};

    Vector<Orientation> orientations;
    LogOddsGrid grid = log_odds_of(probabilities, size);
    if (options.try_mirrored) {
        LogOddsGrid mirrored = transposed(grid);
        auto formats = rank_formats(mirrored);
        orientations.push_back({std::move(mirrored), std::move(formats), true});
    }
    auto formats = rank_formats(grid);
    orientations.insert(orientations.begin(), {std::move(grid), std::move(formats), false});

    for (const auto& orientation : orientations)
        if (auto result = decode_orientation(orientation, layout, false)) return result;
    if (!options.soft) return std::nullopt;
    // Version information that says another size is no reason to doubt what the code guarantees, but good reason not to
    // stretch the code.
    if (log_odds_against_version(orientations.front().grid, *version) > -format_log_likelihood_limit)
        return std::nullopt;
    for (const auto& orientation : orientations)
        if (auto result = decode_orientation(orientation, layout, true)) return result;
    return std::nullopt;
}

std::optional<int> version_named(std::span<const float> probabilities, int size) {
    if (!version_of_size(size) ||
        probabilities.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size))
        return std::nullopt;
    return version_named(log_odds_of(probabilities, size));
}

}  // namespace fastqr
