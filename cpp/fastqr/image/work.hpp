#pragma once

#include <chrono>
#include <cstdint>

namespace fastqr {

/// Work of a search in grey values visited, so that a picture gives the same result on any machine under any load.
/// What led to a symbol is not counted against the allowance: where much is found, much may be looked at.
struct Work {
    std::int64_t allowance = 0;
    std::int64_t spent = 0;
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();  ///< wall time on top

    void spend(std::int64_t samples) { spent += samples; }
    [[nodiscard]] bool exhausted() const { return spent >= allowance || late(); }
    [[nodiscard]] bool late() const {
        return until != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() >= until;
    }
};

}  // namespace fastqr
