#include "fastqr/decode/reed_solomon.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "fastqr/decode/galois_field.hpp"

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
        for (int i = 0; i < r; ++i)
            discrepancy = static_cast<std::uint8_t>(
                discrepancy ^
                gf256::multiply(locator[static_cast<std::size_t>(i)], syndromes[static_cast<std::size_t>(r - 1 - i)]));
        previous.insert(previous.begin(), 0);  // times x
        previous.pop_back();
        if (discrepancy == 0) continue;
        Polynomial next = locator;
        for (std::size_t i = 0; i <= count; ++i)
            next[i] = static_cast<std::uint8_t>(next[i] ^ gf256::multiply(discrepancy, previous[i]));
        if (2 * length <= r + erased - 1) {
            length = r + erased - length;
            for (std::size_t i = 0; i <= count; ++i) previous[i] = gf256::divide(locator[i], discrepancy);
        }
        locator = std::move(next);
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

}  // namespace

std::vector<std::uint8_t> syndromes_of(std::span<const std::uint8_t> received, int ec_codewords) {
    std::vector<std::uint8_t> syndromes(static_cast<std::size_t>(ec_codewords));
    for (int i = 0; i < ec_codewords; ++i) {
        std::uint8_t sum = 0;
        for (const std::uint8_t codeword : received)
            sum = static_cast<std::uint8_t>((sum == 0 ? 0 : gf256::power(gf256::logarithm(sum) + i)) ^ codeword);
        syndromes[static_cast<std::size_t>(i)] = sum;
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

    // Forney: with the first root 2^0 the value at X is X * evaluator(1/X) / locator'(1/X).
    Polynomial evaluator(static_cast<std::size_t>(ec_codewords), 0);
    for (std::size_t i = 0; i < evaluator.size(); ++i)
        for (std::size_t j = 0; j < locator.size() && j <= i; ++j)
            evaluator[i] = static_cast<std::uint8_t>(evaluator[i] ^ gf256::multiply(locator[j], syndromes[i - j]));
    Polynomial derivative(locator.size() - 1, 0);
    for (std::size_t i = 1; i < locator.size(); i += 2) derivative[i - 1] = locator[i];

    const auto roots = roots_of(locator, length);
    if (static_cast<int>(roots.size()) != located) return std::nullopt;
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
    std::vector<std::uint8_t> generator{1};  // highest power first
    for (int i = 0; i < ec_codewords; ++i) {
        generator.push_back(0);
        for (std::size_t j = generator.size() - 1; j > 0; --j)
            generator[j] = static_cast<std::uint8_t>(generator[j] ^ gf256::multiply(generator[j - 1], gf256::power(i)));
    }
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
