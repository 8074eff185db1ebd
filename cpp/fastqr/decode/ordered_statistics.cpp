#include "fastqr/decode/ordered_statistics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>

#include "fastqr/decode/galois_field.hpp"
#include "fastqr/decode/reed_solomon.hpp"

namespace fastqr {
namespace {

constexpr std::size_t kCheckWords = 4;
constexpr std::size_t kMostChecks = 64 * kCheckWords;  // bits of error correction of a block; 30 codewords at most
constexpr std::size_t kWords = 1U << 12U;              // that are compared with two believed bits turned, or with three

using Checks = std::array<std::uint64_t, kCheckWords>;

Checks operator^(const Checks& a, const Checks& b) {
    Checks result;
    for (std::size_t i = 0; i < kCheckWords; ++i) result[i] = a[i] ^ b[i];
    return result;
}

bool bit_of(const Checks& checks, std::size_t at) { return (checks[at / 64] >> at % 64 & 1U) != 0; }

/// The parity checks of the code of bits: for each bit, in the order that is given, the checks that it takes part in.
class ParityChecks {
  public:
    ParityChecks(std::size_t codewords, std::size_t data_codewords, std::span<const std::size_t> order)
        : columns_(8 * codewords), rest_(8 * (codewords - data_codewords)) {
        std::vector<std::size_t> column_of(columns_.size());
        for (std::size_t i = 0; i < columns_.size(); ++i) column_of[order[i]] = i;
        const auto checks_of = [&](std::size_t codeword, std::size_t bit) -> Checks& {
            return columns_[column_of[8 * codeword + bit]];
        };
        const auto set_codeword = [](Checks& checks, std::size_t at, unsigned value) {
            checks[at / 8] |= std::uint64_t{value} << 8 * (at % 8);
        };
        for (std::size_t c = 0; 8 * c < rest_.size(); ++c)
            for (std::size_t bit = 0; bit < 8; ++bit)
                set_codeword(checks_of(data_codewords + c, bit), c, 1U << (7 - bit));
        // Checks of a 1 in the last data codeword; in the one before it, x times that, modulo the generator.
        const auto generator = ec_codewords_of(std::array{std::uint8_t{1}}, static_cast<int>(rest_.size() / 8));
        std::vector<std::uint8_t> unit = generator;
        for (std::size_t p = data_codewords; p-- > 0;) {
            for (std::size_t bit = 0; bit < 8; ++bit)
                for (std::size_t c = 0; c < unit.size(); ++c)
                    set_codeword(checks_of(p, bit), c,
                                 gf256::multiply(unit[c], static_cast<std::uint8_t>(1U << (7 - bit))));
            const std::uint8_t factor = unit.front();
            for (std::size_t c = 0; c < unit.size(); ++c)
                unit[c] = static_cast<std::uint8_t>((c + 1 < unit.size() ? unit[c + 1] : 0) ^
                                                    gf256::multiply(factor, generator[c]));
        }
    }

    /// Makes the last columns that follow from all others those of a unit matrix (Gauss and Jordan): what is left are
    /// the first columns that determine a word. Four words a column and check, but for checks whose bit of error
    /// correction is among the last as it is.
    void believe_the_first() {
        Checks left{};
        for (std::size_t check = 0; check < rest_.size(); ++check) left = left ^ only(check);
        for (std::size_t column = columns_.size(); column-- > 0;) {
            const std::optional<std::size_t> check = first_of(columns_[column], left);
            if (!check) {
                believed_.push_back(column);
                continue;
            }
            rest_[*check] = column;
            left = left ^ only(*check);
            const Checks others = columns_[column] ^ only(*check);
            if (others == Checks{}) continue;
            for (Checks& each : columns_) {
                const std::uint64_t takes_part = 0 - (each[*check / 64] >> *check % 64 & 1U);  // all bits, or none
                for (std::size_t w = 0; w < kCheckWords; ++w) each[w] ^= others[w] & takes_part;
            }
        }
    }

    [[nodiscard]] const std::vector<std::size_t>& believed() const { return believed_; }  ///< columns, the last first
    [[nodiscard]] const std::vector<std::size_t>& rest() const { return rest_; }          ///< columns, one a check

    /// Checks that a column takes part in: what else turns with it.
    [[nodiscard]] const Checks& of(std::size_t column) const { return columns_[column]; }

  private:
    static Checks only(std::size_t check) {
        Checks result{};
        result[check / 64] = std::uint64_t{1} << check % 64;
        return result;
    }

    /// The first of the checks that are left.
    static std::optional<std::size_t> first_of(const Checks& checks, const Checks& left) {
        for (std::size_t w = 0; w < kCheckWords; ++w)
            if (const std::uint64_t both = checks[w] & left[w]; both != 0)
                return 64 * w + static_cast<std::size_t>(std::countr_zero(both));
        return std::nullopt;
    }

    std::vector<Checks> columns_;
    std::vector<std::size_t> rest_;
    std::vector<std::size_t> believed_;
};

/// Sums of the weights of the bits that are set, a byte at a time.
class Weights {
  public:
    explicit Weights(std::span<const double> weights) : bytes_((weights.size() + 7) / 8) {
        for (std::size_t i = 0; i < bytes_.size(); ++i)
            for (unsigned value = 1; value < 256; ++value) {
                const std::size_t first = 8 * i + static_cast<std::size_t>(std::countr_zero(value));
                const double weight = first < weights.size() ? weights[first] : 0;
                bytes_[i][value] = bytes_[i][value & (value - 1)] + static_cast<float>(weight);
            }
    }

    /// A sum of more than `most` may be given as less than it is.
    [[nodiscard]] double of(const Checks& bits, double most) const {
        double sum = 0;
        for (std::size_t i = bytes_.size(); i-- > 0 && sum <= most;)  // the heaviest first, about
            sum += static_cast<double>(bytes_[i][bits[i / 8] >> 8 * (i % 8) & 0xFFU]);
        return sum;
    }

  private:
    std::vector<std::array<float, 256>> bytes_ = {};
};

/// The two best words so far, each by the believed bits that it turns.
struct Best {
    double most;
    double first = 0;
    std::vector<std::size_t> turned;
    std::size_t met = 0;

    void take(double disagreement, std::initializer_list<std::size_t> bits) {
        if (disagreement > most) return;
        if (met++ == 0 || disagreement < first) {
            first = disagreement;
            turned = bits;
        }
    }
};

}  // namespace

std::optional<LikeliestWord> likeliest_word(std::span<const float> log_odds, int data_codewords, double most) {
    const std::size_t columns = log_odds.size();
    const auto data = static_cast<std::size_t>(std::max(data_codewords, 0));
    if (columns % 8 != 0 || data == 0 || 8 * data >= columns || columns / 8 > gf256::order ||
        columns - 8 * data > kMostChecks || !(most >= 0))
        return std::nullopt;
    std::vector<std::size_t> order(columns);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return std::abs(log_odds[i]); });
    const auto weight = [&](std::size_t column) { return std::abs(static_cast<double>(log_odds[order[column]])); };
    const auto is_one = [&](std::size_t column) { return log_odds[order[column]] > 0; };

    ParityChecks code(columns / 8, data, order);
    code.believe_the_first();
    const std::size_t k = code.believed().size();
    std::vector<double> cost;   // of turning each believed bit, from the least reliable one on
    std::vector<Checks> turns;  // what it turns of the rest
    Checks wrong{};             // bits of the rest that are otherwise than they look
    for (const std::size_t column : code.believed()) {
        cost.push_back(weight(column));
        turns.push_back(code.of(column));
        if (is_one(column)) wrong = wrong ^ turns.back();
    }
    std::vector<double> weights;
    for (std::size_t i = 0; i < code.rest().size(); ++i) {
        weights.push_back(weight(code.rest()[i]));
        if (is_one(code.rest()[i])) wrong[i / 64] ^= std::uint64_t{1} << i % 64;
    }
    const Weights rest(weights);

    Best best{most, 0, {}, 0};
    best.take(rest.of(wrong, most), {});
    for (std::size_t i = 0; i < k && cost[i] <= most; ++i)
        best.take(cost[i] + rest.of(wrong ^ turns[i], most - cost[i]), {i});
    const auto window = [&](double words) { return std::min(k, static_cast<std::size_t>(words)); };
    const std::size_t pairs = window(std::sqrt(2.0 * kWords));
    for (std::size_t i = 1; i < pairs; ++i)
        for (std::size_t j = 0; j < i && cost[i] + cost[j] <= most; ++j) {
            const double turned = cost[i] + cost[j];
            best.take(turned + rest.of(wrong ^ turns[i] ^ turns[j], most - turned), {i, j});
        }
    const std::size_t triples = window(std::cbrt(6.0 * kWords));
    for (std::size_t i = 2; i < triples; ++i)
        for (std::size_t j = 1; j < i && cost[i] + cost[j] <= most; ++j) {
            const Checks both = wrong ^ turns[i] ^ turns[j];
            for (std::size_t l = 0; l < j && cost[i] + cost[j] + cost[l] <= most; ++l) {
                const double turned = cost[i] + cost[j] + cost[l];
                best.take(turned + rest.of(both ^ turns[l], most - turned), {i, j, l});
            }
        }
    if (best.met == 0) return std::nullopt;

    for (std::size_t i : best.turned) wrong = wrong ^ turns[i];
    std::vector<bool> ones(columns);
    for (std::size_t i = 0; i < columns; ++i) ones[order[i]] = is_one(i);
    const auto turn = [&](std::size_t column) { ones[order[column]] = !ones[order[column]]; };
    for (std::size_t i : best.turned) turn(code.believed()[i]);
    for (std::size_t i = 0; i < code.rest().size(); ++i)
        if (bit_of(wrong, i)) turn(code.rest()[i]);
    LikeliestWord result{std::vector<std::uint8_t>(columns / 8), best.first, best.met == 1};
    for (std::size_t i = 0; i < columns; ++i)
        if (ones[i]) result.codewords[i / 8] = static_cast<std::uint8_t>(result.codewords[i / 8] | 1U << (7 - i % 8));
    return result;
}

}  // namespace fastqr
