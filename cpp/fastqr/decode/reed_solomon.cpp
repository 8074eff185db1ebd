#include "fastqr/decode/reed_solomon.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "fastqr/decode/galois_field.hpp"
#include "fastqr/standard/made_once.hpp"

namespace fastqr {
namespace {

using Polynomial = std::vector<std::uint8_t>;  // coefficient of x^i at index i

std::uint8_t evaluate(const Polynomial& polynomial, std::uint8_t x) {
    std::uint8_t sum = 0;
    for (auto coefficient = polynomial.rbegin(); coefficient != polynomial.rend(); ++coefficient)
        sum = static_cast<std::uint8_t>(gf256::multiply(sum, x) ^ *coefficient);
    return sum;
}

int degree(const Polynomial& polynomial) {
    int d = static_cast<int>(polynomial.size()) - 1;
    while (d > 0 && polynomial[static_cast<std::size_t>(d)] == 0) --d;
    return d;
}

/// Locator of errors and erasures together: Berlekamp-Massey started from the erasure locator
/// (Blahut, Algebraic Codes for Data Transmission, 2003, 7.5).
Polynomial locator_of(std::span<const std::uint8_t> syndromes, std::span<const int> erased_powers) {
    const std::size_t count = syndromes.size();
    Polynomial locator(count + 1, 0);
    locator[0] = 1;
    for (const int p : erased_powers)  // times (1 - 2^p x)
        for (std::size_t i = count; i > 0; --i)
            locator[i] = static_cast<std::uint8_t>(locator[i] ^ gf256::multiply(locator[i - 1], gf256::power(p)));
    Polynomial previous = locator;
    const int erased = static_cast<int>(erased_powers.size());
    int length = erased;
    for (int r = erased + 1; r <= static_cast<int>(count); ++r) {
        std::uint8_t discrepancy = 0;
        for (int i = 0; i <= std::min(length, r - 1); ++i)
            discrepancy = static_cast<std::uint8_t>(
                discrepancy ^
                gf256::multiply(locator[static_cast<std::size_t>(i)], syndromes[static_cast<std::size_t>(r - 1 - i)]));
        previous.insert(previous.begin(), 0);  // times x
        previous.pop_back();
        if (discrepancy == 0) continue;
        const bool grows = 2 * length <= r + erased - 1;
        if (grows) length = r + erased - length;
        for (std::size_t i = 0; i <= static_cast<std::size_t>(r); ++i) {  // higher coefficients are 0
            const std::uint8_t before = locator[i];
            locator[i] = static_cast<std::uint8_t>(before ^ gf256::multiply(discrepancy, previous[i]));
            if (grows) previous[i] = gf256::divide(before, discrepancy);
        }
    }
    return locator;
}

/// Powers p of the length's positions with polynomial(2^-p) = 0, highest first (Chien search): going one position on
/// multiplies term i by 2^i, an addition to its logarithm.
std::vector<int> roots_of(const Polynomial& polynomial, int length) {
    struct Term {
        int logarithm;
        int step;
    };
    std::vector<Term> terms;
    for (int i = 1; i < static_cast<int>(polynomial.size()); ++i) {
        const std::uint8_t coefficient = polynomial[static_cast<std::size_t>(i)];
        if (coefficient == 0) continue;
        const int shift = i * (gf256::order - (length - 1)) % gf256::order;
        terms.push_back({(gf256::logarithm(coefficient) + shift) % gf256::order, i % gf256::order});
    }
    std::vector<int> powers;
    for (int power = length - 1; power >= 0; --power) {
        unsigned sum = polynomial.front();
        for (Term& term : terms) {
            sum ^= gf256::power(term.logarithm);
            term.logarithm += term.step;
            if (term.logarithm >= gf256::order) term.logarithm -= gf256::order;
        }
        if (sum == 0) powers.push_back(power);
    }
    return powers;
}

bool all_zero(std::span<const std::uint8_t> values) {
    return std::all_of(values.begin(), values.end(), [](std::uint8_t v) { return v == 0; });
}

/// The product of (x - 2^i) for the first so many i, highest power first.
std::vector<std::uint8_t> generator_of(int ec_codewords) {
    std::vector<std::uint8_t> generator{1};
    for (int i = 0; i < ec_codewords; ++i) {
        generator.push_back(0);
        for (std::size_t j = generator.size() - 1; j > 0; --j)
            generator[j] = static_cast<std::uint8_t>(generator[j] ^ gf256::multiply(generator[j - 1], gf256::power(i)));
    }
    return generator;
}

/// Values of a polynomial, highest power first, at the generator's roots 2^0, 2^1, ...
void evaluate_at_roots(std::span<const std::uint8_t> polynomial, std::span<std::uint8_t> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint8_t sum = 0;
        for (const std::uint8_t coefficient : polynomial)
            sum = static_cast<std::uint8_t>(
                (sum == 0 ? 0 : gf256::power(gf256::logarithm(sum) + static_cast<int>(i % gf256::order))) ^
                coefficient);
        values[i] = sum;
    }
}

/// So many bytes, shifted by one at a time: eight a word, the first the lowest.
constexpr std::size_t kWords = 4;
constexpr int kMostBytes = 8 * kWords;
using Register = std::array<std::uint64_t, kWords>;

void set_byte(Register& bytes, std::size_t index, std::uint8_t value) {
    bytes[index / 8] |= std::uint64_t{value} << (8 * (index % 8));
}

/// What dividing by a generator subtracts from the bytes that follow, for every value of the first one.
using Multiples = std::array<Register, 256>;

Multiples make_multiples(int ec_codewords) {
    const std::vector<std::uint8_t> generator = generator_of(ec_codewords);
    Multiples multiples{};
    for (std::size_t value = 1; value < multiples.size(); ++value)
        for (std::size_t j = 1; j < generator.size(); ++j)
            set_byte(multiples[value], j - 1, gf256::multiply(static_cast<std::uint8_t>(value), generator[j]));
    return multiples;
}

/// Multiples of the generator of so many error correction codewords, made once each.
const Multiples& multiples_of(int ec_codewords) {
    static std::array<MadeOnce<Multiples>, kMostBytes + 1> all;
    return all[static_cast<std::size_t>(ec_codewords)].get([&] { return make_multiples(ec_codewords); });
}

template <std::size_t kUsed>
Register divided(std::span<const std::uint8_t> received, int ec_codewords, const Multiples& multiples) {
    const std::size_t data = received.size() - static_cast<std::size_t>(ec_codewords);
    Register remainder{};
    for (std::size_t i = 0; i < data; ++i) {
        const Register& multiple = multiples[(remainder[0] & 0xFFU) ^ received[i]];
        for (std::size_t w = 0; w + 1 < kUsed; ++w)
            remainder[w] = (remainder[w] >> 8 | remainder[w + 1] << 56) ^ multiple[w];
        remainder[kUsed - 1] = remainder[kUsed - 1] >> 8 ^ multiple[kUsed - 1];
    }
    return remainder;
}

/// The remainder of a word, highest power first, by the generator, which divides all codewords: some ten operations a
/// byte. It has the word's values at the generator's roots.
std::vector<std::uint8_t> remainder_of(std::span<const std::uint8_t> received, int ec_codewords) {
    if (ec_codewords < 1 || ec_codewords > kMostBytes) return {received.begin(), received.end()};
    const Multiples& multiples = multiples_of(ec_codewords);
    const Register bytes = ec_codewords <= 8    ? divided<1>(received, ec_codewords, multiples)
                           : ec_codewords <= 16 ? divided<2>(received, ec_codewords, multiples)
                           : ec_codewords <= 24 ? divided<3>(received, ec_codewords, multiples)
                                                : divided<4>(received, ec_codewords, multiples);
    const auto checks = received.last(static_cast<std::size_t>(ec_codewords));
    std::vector<std::uint8_t> remainder(checks.begin(), checks.end());
    for (std::size_t i = 0; i < remainder.size(); ++i)
        remainder[i] = static_cast<std::uint8_t>(remainder[i] ^ (bytes[i / 8] >> (8 * (i % 8)) & 0xFFU));
    return remainder;
}

}  // namespace

std::vector<std::uint8_t> syndromes_of(std::span<const std::uint8_t> received, int ec_codewords) {
    std::vector<std::uint8_t> syndromes(static_cast<std::size_t>(ec_codewords));
    if (received.size() <= syndromes.size()) {
        evaluate_at_roots(received, syndromes);
    } else if (const auto remainder = remainder_of(received, ec_codewords); !all_zero(remainder)) {
        evaluate_at_roots(remainder, syndromes);
    }
    return syndromes;
}

std::optional<Correction> correct_block(std::span<const std::uint8_t> received, std::span<const std::uint8_t> syndromes,
                                        std::span<const int> erasures) {
    const int length = static_cast<int>(received.size());
    const int ec_codewords = static_cast<int>(syndromes.size());
    if (length > gf256::order || ec_codewords <= 0 || ec_codewords >= length ||
        static_cast<int>(erasures.size()) > ec_codewords)
        return std::nullopt;
    Correction result{{received.begin(), received.end()}, {}};
    if (all_zero(syndromes)) return result;

    std::vector<int> erased_powers;
    std::vector<bool> erased(received.size(), false);
    for (const int position : erasures) {
        if (position < 0 || position >= length || erased[static_cast<std::size_t>(position)]) return std::nullopt;
        erased[static_cast<std::size_t>(position)] = true;
        erased_powers.push_back(length - 1 - position);
    }
    Polynomial locator = locator_of(syndromes, erased_powers);
    const int located = degree(locator);
    const int error_count = located - static_cast<int>(erasures.size());
    if (error_count < 0 || 2 * error_count + static_cast<int>(erasures.size()) > ec_codewords) return std::nullopt;
    locator.resize(static_cast<std::size_t>(located) + 1);

    const auto roots = roots_of(locator, length);
    if (static_cast<int>(roots.size()) != located) return std::nullopt;

    // Forney: with the first root 2^0 the value at X is X * evaluator(1/X) / locator'(1/X).
    Polynomial evaluator(static_cast<std::size_t>(ec_codewords), 0);
    for (std::size_t i = 0; i < evaluator.size(); ++i)
        for (std::size_t j = 0; j < locator.size() && j <= i; ++j)
            evaluator[i] = static_cast<std::uint8_t>(evaluator[i] ^ gf256::multiply(locator[j], syndromes[i - j]));
    Polynomial derivative(locator.size() - 1, 0);
    for (std::size_t i = 1; i < locator.size(); i += 2) derivative[i - 1] = locator[i];

    for (const int power : roots) {
        const std::uint8_t inverse = gf256::power((gf256::order - power) % gf256::order);
        const std::uint8_t slope = evaluate(derivative, inverse);
        if (slope == 0) return std::nullopt;
        const std::uint8_t value =
            gf256::multiply(gf256::power(power), gf256::divide(evaluate(evaluator, inverse), slope));
        const int position = length - 1 - power;
        const auto index = static_cast<std::size_t>(position);
        result.codewords[index] = static_cast<std::uint8_t>(result.codewords[index] ^ value);
        if (value != 0 && !erased[index]) result.errors.push_back(position);
    }
    if (!all_zero(syndromes_of(result.codewords, ec_codewords))) return std::nullopt;
    return result;
}

std::vector<std::uint8_t> ec_codewords_of(std::span<const std::uint8_t> data, int ec_codewords) {
    const auto count = static_cast<std::size_t>(ec_codewords);
    const std::vector<std::uint8_t> generator = generator_of(ec_codewords);
    std::vector<std::uint8_t> remainder(count, 0);
    for (const std::uint8_t codeword : data) {
        const auto factor = static_cast<std::uint8_t>(codeword ^ remainder.front());
        remainder.erase(remainder.begin());
        remainder.push_back(0);
        for (std::size_t j = 0; j < count; ++j)
            remainder[j] = static_cast<std::uint8_t>(remainder[j] ^ gf256::multiply(factor, generator[j + 1]));
    }
    return remainder;
}

}  // namespace fastqr
