#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

namespace fastqr::fuzz {

/// Ends the run with what does not hold: libFuzzer keeps the input.
inline void require(bool holds, const char* statement) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", statement);
    std::abort();
}

/// The fuzzer's bytes, taken from the front; past their end come zeros, so that every input is a complete one.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

    /// Any value of a type, non-finite numbers among them.
    template <typename T>
    T raw() {
        T value{};
        const std::size_t count = std::min(sizeof(T), bytes_.size());
        if (count > 0) std::memcpy(&value, bytes_.data(), count);
        bytes_ = bytes_.subspan(count);
        return value;
    }

    std::uint8_t byte() { return raw<std::uint8_t>(); }
    bool toss() { return byte() & 1U; }

    /// A whole number; two bytes up to a range of 65536, else four.
    int between(int low, int high) {
        const std::uint32_t range = static_cast<std::uint32_t>(high) - static_cast<std::uint32_t>(low) + 1;
        const std::uint32_t value = range - 1 <= 0xFFFF ? raw<std::uint16_t>() : raw<std::uint32_t>();
        return static_cast<int>(static_cast<std::uint32_t>(low) + (range == 0 ? value : value % range));
    }

    /// A float whose magnitude lies below a limit; 0 in place of others.
    float finite_below(float limit) {
        const auto value = raw<float>();
        return std::abs(value) < limit ? value : 0.0F;
    }

    [[nodiscard]] std::span<const std::uint8_t> rest() const { return bytes_; }

  private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace fastqr::fuzz
