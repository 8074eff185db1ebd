#include "fastqr/decode/mixture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <vector>

namespace fastqr {
namespace {

constexpr int kDirections = 8;
constexpr int kLines = 31;        // of a direction
constexpr double kEvidence = 16;  // bits that are left when all lines and pairs were tried
constexpr int kFewWrong = 4;      // codewords: a block with fewer has not half of itself from another symbol

struct Count {
    int codewords = 0;
    int wrong = 0;
};

/// Bits of the likelihood of a count with its own share of wrong codewords; of none, none.
double log_likelihood(const Count& count) {
    const auto term = [&](int some) {
        return some == 0 ? 0.0 : some * std::log2(static_cast<double>(some) / count.codewords);
    };
    return term(count.wrong) + term(count.codewords - count.wrong);
}

/// Bits that shares for each of two blocks gain over one share for both.
double gain(const Count& a, const Count& b) {
    return log_likelihood(a) + log_likelihood(b) - log_likelihood({a.codewords + b.codewords, a.wrong + b.wrong});
}

}  // namespace

bool shows_two_symbols(std::span<const SeenCodeword> codewords, int blocks) {
    std::vector<Count> all(static_cast<std::size_t>(blocks));
    for (const SeenCodeword& codeword : codewords) {
        Count& count = all[static_cast<std::size_t>(codeword.block)];
        ++count.codewords;
        count.wrong += codeword.wrong ? 1 : 0;
    }
    std::vector<std::size_t> damaged;
    for (std::size_t b = 0; b < all.size(); ++b)
        if (all[b].wrong >= kFewWrong) damaged.push_back(b);
    if (damaged.size() < 2) return false;
    const auto many = static_cast<double>(damaged.size());
    const double pairs = many * (many - 1) / 2;
    const double least = kEvidence + std::log2(kDirections * kLines * pairs);
    std::vector<std::size_t> order(codewords.size());
    std::vector<float> along(codewords.size());
    for (int direction = 0; direction < kDirections; ++direction) {
        const double angle = std::numbers::pi * direction / kDirections;
        const auto dx = static_cast<float>(std::cos(angle));
        const auto dy = static_cast<float>(std::sin(angle));
        for (std::size_t i = 0; i < codewords.size(); ++i) along[i] = dx * codewords[i].x + dy * codewords[i].y;
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return along[a] < along[b]; });
        std::vector<Count> before(all.size());
        std::size_t next = 0;
        for (std::size_t line = 1; line <= kLines; ++line) {
            for (const std::size_t end = line * order.size() / (kLines + 1); next < end; ++next) {
                const SeenCodeword& codeword = codewords[order[next]];
                Count& count = before[static_cast<std::size_t>(codeword.block)];
                ++count.codewords;
                count.wrong += codeword.wrong ? 1 : 0;
            }
            for (std::size_t i = 0; i < damaged.size(); ++i)
                for (std::size_t j = i + 1; j < damaged.size(); ++j) {
                    const Count& a = before[damaged[i]];
                    const Count& b = before[damaged[j]];
                    const Count& of_a = all[damaged[i]];
                    const Count& of_b = all[damaged[j]];
                    const double bits = gain(a, b) + gain({of_a.codewords - a.codewords, of_a.wrong - a.wrong},
                                                          {of_b.codewords - b.codewords, of_b.wrong - b.wrong});
                    if (bits >= least) return true;
                }
        }
    }
    return false;
}

}  // namespace fastqr
