#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace fastqr {

/// The samples of one pattern for a Gauss–Newton step of N parameters, in lanes that the compiler vectorises.
template <std::size_t N>
class NormalSums {
  public:
    static constexpr std::size_t kLanes = 8;

    explicit NormalSums(std::size_t samples) { blocks_.reserve((samples + kLanes - 1) / kLanes); }

    void add(const std::array<float, N>& slope, float value, float expected) {
        const std::size_t lane = count_++ % kLanes;
        if (lane == 0) blocks_.emplace_back();
        Block& block = blocks_.back();
        for (std::size_t j = 0; j < N; ++j) block.slope[j][lane] = slope[j];
        block.value[lane] = value;
        block.expected[lane] = expected;
        block.one[lane] = 1;
        sum_ += value;
        square_ += static_cast<double>(value) * value;
        expected_sum_ += expected;
        expected_square_ += static_cast<double>(expected) * expected;
    }

    /// Adds weight · Σ JᵀJ and weight · Σ Jᵀe, both sides of e = expected − value brought to mean 0 and deviation 1: a
    /// gain and an offset a pattern.
    void add_to(std::array<std::array<double, N>, N>& a, std::array<double, N>& b, double weight, double sign) const {
        if (count_ < 4) return;
        const auto n = static_cast<double>(count_);
        const double mean = sum_ / n;
        const double spread = std::sqrt(std::max(square_ / n - mean * mean, 1.0));
        const double expected_mean = expected_sum_ / n;
        const double expected_spread = std::sqrt(std::max(expected_square_ / n - expected_mean * expected_mean, 1e-6));
        const auto gain = static_cast<float>(sign / expected_spread);
        const auto value_gain = static_cast<float>(1 / spread);
        std::array<std::array<float, kLanes>, N*(N + 1) / 2> products{};
        std::array<std::array<float, kLanes>, N> misses{};
        for (const Block& block : blocks_) {
            std::array<float, kLanes> error{};
            for (std::size_t l = 0; l < kLanes; ++l)
                error[l] = block.one[l] * (gain * (block.expected[l] - static_cast<float>(expected_mean)) -
                                           value_gain * (block.value[l] - static_cast<float>(mean)));
            std::size_t index = 0;
            for (std::size_t j = 0; j < N; ++j) {
                for (std::size_t k = 0; k <= j; ++k, ++index)
                    for (std::size_t l = 0; l < kLanes; ++l)
                        products[index][l] += block.slope[j][l] * block.slope[k][l];
                for (std::size_t l = 0; l < kLanes; ++l) misses[j][l] += block.slope[j][l] * error[l];
            }
        }
        std::size_t index = 0;
        for (std::size_t j = 0; j < N; ++j) {
            for (std::size_t k = 0; k <= j; ++k, ++index)
                for (float part : products[index]) a[j][k] += weight / (n * spread * spread) * part;
            for (float part : misses[j]) b[j] += weight / (n * spread) * part;
        }
    }

  private:
    struct Block {
        std::array<std::array<float, kLanes>, N> slope{};
        std::array<float, kLanes> value{};
        std::array<float, kLanes> expected{};
        std::array<float, kLanes> one{};  // 0 in lanes that hold no sample
    };
    std::vector<Block> blocks_;
    std::size_t count_ = 0;
    double sum_ = 0;
    double square_ = 0;
    double expected_sum_ = 0;
    double expected_square_ = 0;
};

}  // namespace fastqr
