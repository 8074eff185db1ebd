#pragma once

#include <tuple>

#include "fastqr/setting.hpp"

namespace fastqr {

/// What a place must show while it is registered.
struct RectifySettings {
    double near = 0.75;
    double alignment_found = 0.5;

    static constexpr auto described() {
        using S = RectifySettings;
        return std::tuple{
            Setting{"near", &S::near, 0, 1, "correlation",
                    "Of finder patterns that lie within a third of a module of their places, where the coarse steps of "
                    "a registration are left out."},
            Setting{"alignment_found", &S::alignment_found, 0, 1, "correlation",
                    "From which an alignment pattern is taken for one, and holds the corner that has no finder "
                    "pattern."},
        };
    }
    friend bool operator==(const RectifySettings&, const RectifySettings&) = default;
};

}  // namespace fastqr
