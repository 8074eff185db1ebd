#pragma once

#include <tuple>

#include "fastqr/decode/settings.hpp"
#include "fastqr/rectify/settings.hpp"
#include "fastqr/setting.hpp"

namespace fastqr {

/// What a place must show to be read, and how long it is tried.
struct ReadSettings {
    double plain_residual = 0.3;
    double most_residual = 0.9;
    double coherent = 0.45;
    double least_score = 0.5;
    double convincing = 0.7;
    int grid_errors = 20;
    int passes = 4;
    int extra_passes = 2;
    double sure = 0.97;
    double hopeless = 0.93;
    double lost_modules = 0.3;
    double flat = 0.25;

    static constexpr auto described() {
        using S = ReadSettings;
        return std::tuple{
            Setting{"plain_residual", &S::plain_residual, 0, 10, "modules",
                    "Root mean square over the twelve corners of three finder patterns, below which they are as exact "
                    "as those of a clean symbol, and one size is enough."},
            Setting{"most_residual", &S::most_residual, 0, 10, "modules",
                    "The same above which a size is not tried; 0.7 was the most that was read."},
            Setting{"coherent", &S::coherent, 0, 1, "share",
                    "Of the variation along the timing patterns that has their period: no symbol that was read had "
                    "less than 0.56, 19 of 20 places that are none have."},
            Setting{"least_score", &S::least_score, 0, 1, "correlation",
                    "Of a place's function patterns, below which it is not tried; 0.53 was the least that was read."},
            Setting{"convincing", &S::convincing, 0, 1, "correlation",
                    "The same from which a place is a symbol, whether it is read or not."},
            Setting{"grid_errors", &S::grid_errors, 1, 1000, "codewords",
                    "One wrong among so many leaves the grid beyond doubt: half a module at one corner spoils more."},
            Setting{"passes", &S::passes, 1, 100, "passes",
                    "Of the network over one lattice that its displacements move; 97 of 100 codes need one."},
            Setting{"extra_passes", &S::extra_passes, 0, 100, "passes",
                    "Where the network is sure of its modules and nothing decodes: the lattice is off."},
            Setting{"sure", &S::sure, 0, 1, "certainty", "Of the modules, from which further passes paid."},
            Setting{"hopeless", &S::hopeless, 0, 1, "certainty",
                    "Of the modules, below which nothing was ever read: 0.94 was the least."},
            Setting{"lost_modules", &S::lost_modules, 0, 0.99, "share",
                    "Of the modules that may be lost without a word about the others' certainty."},
            Setting{"flat", &S::flat, 0, 10, "modules", "That a bend moves a place by: less changes no reading."},
        };
    }
    friend bool operator==(const ReadSettings&, const ReadSettings&) = default;
};

/// What the stages from finder patterns to a message are set to.
struct StageSettings {
    RectifySettings rectify;
    ReadSettings read;
    DecoderSettings decode;
};

}  // namespace fastqr
