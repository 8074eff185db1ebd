#pragma once

#include <tuple>

#include "fastqr/setting.hpp"

namespace fastqr {

/// What a place must show while it is registered, and how far its lattice may be bent and moved.
struct RectifySettings {
    double near = 0.75;
    double lost = 0.45;
    double alignment_found = 0.5;
    double bend_stiffness = 2e-4;
    double huber = 0.15;
    double local_sigma = 2;
    double local_doubt = 40;

    static constexpr auto described() {
        using S = RectifySettings;
        return std::tuple{
            Setting{"near", &S::near, 0, 1, "correlation",
                    "Of finder patterns that lie within a third of a module of their places, where the coarse steps of "
                    "a registration are left out."},
            Setting{"lost", &S::lost, 0, 1, "correlation",
                    "Of the finder patterns after the coarse steps, below which none recovered."},
            Setting{"alignment_found", &S::alignment_found, 0, 1, "correlation",
                    "From which an alignment pattern is taken for one, and holds the corner that has no finder "
                    "pattern."},
            Setting{"bend_stiffness", &S::bend_stiffness, 0, 1, "share of the mean curvature",
                    "Against bends of the paper that the patterns hardly show."},
            Setting{"huber", &S::huber, 0, 10, "modules",
                    "Misses of the network's displacements beyond it count linearly, not squared."},
            Setting{"local_sigma", &S::local_sigma, 0.1, 20, "modules",
                    "Over which what the polynomial leaves of the displacements is smoothed."},
            Setting{"local_doubt", &S::local_doubt, 0, 1e6, "sum of weights",
                    "The weight of no local move: that of about ten good estimates."},
        };
    }
    friend bool operator==(const RectifySettings&, const RectifySettings&) = default;
};

}  // namespace fastqr
