#pragma once

#include <tuple>

#include "fastqr/decode/settings.hpp"
#include "fastqr/detect/settings.hpp"
#include "fastqr/rectify/settings.hpp"
#include "fastqr/setting.hpp"

namespace fastqr {

/// What a place must show to be read, and how long it is tried.
struct ReadSettings {
    int sizes = 2;
    double most_residual = 0.9;
    double coherent = 0.45;
    double convincing = 0.7;
    double doubtful = 0.35;
    int passes = 4;
    int extra_passes = 2;
    double sure = 0.97;
    double hopeless = 0.93;
    double noise = 0.8;
    double still = 0.08;
    double lost_modules = 0.3;
    double corner_side = 0.75;
    int corner_looks = 2;
    int corner_sizes = 2;

    static constexpr auto described() {
        using S = ReadSettings;
        return std::tuple{
            Setting{"sizes", &S::sizes, 1, 40, "sizes", "Of a symbol that are tried of three finder patterns."},
            Setting{"most_residual", &S::most_residual, 0, 10, "modules",
                    "Root mean square over the twelve corners of three finder patterns, above which a size is not "
                    "tried; 0.7 was the most that was read."},
            Setting{"coherent", &S::coherent, 0, 1, "share",
                    "Of the variation along the timing patterns that has their period: no symbol that was read had "
                    "less than 0.56, 19 of 20 places that are none have."},
            Setting{"convincing", &S::convincing, 0, 1, "correlation",
                    "Of a place's function patterns, from which it is a symbol, whether it is read or not."},
            Setting{"doubtful", &S::doubtful, 0, 1, "correlation",
                    "The same of a place by its corners or by correlation, below which none ever decoded."},
            Setting{"passes", &S::passes, 1, 100, "passes",
                    "Of the network over one lattice that its displacements move; 97 of 100 codes need one."},
            Setting{"extra_passes", &S::extra_passes, 0, 100, "passes",
                    "Where the network is sure of its modules and nothing decodes: the lattice is off."},
            Setting{"sure", &S::sure, 0, 1, "certainty", "Of the modules, from which further passes paid."},
            Setting{"hopeless", &S::hopeless, 0, 1, "certainty",
                    "Of the modules, below which a lattice that does not decode is not moved."},
            Setting{
                "noise", &S::noise, 0, 1, "certainty",
                "Of the modules at a first look, below which a place that does not convince gets no other lattice."},
            Setting{"still", &S::still, 0, 10, "modules",
                    "That the network moves a lattice by at most, below which it is in place, and sure modules that do "
                    "not decode are no message: right ones moved by up to 0.05, those that decoded later by 0.12."},
            Setting{"lost_modules", &S::lost_modules, 0, 0.99, "share",
                    "Of the modules that may be lost without a word about the others' certainty."},
            Setting{"corner_side", &S::corner_side, 0.1, 10, "distances of finder centres",
                    "Side of L-Net's first patches, which hold the finder patterns of a version 1."},
            Setting{"corner_looks", &S::corner_looks, 1, 10, "passes",
                    "Of L-Net over the corners of a square, each from nearer; a third changed no reading of half the "
                    "development photographs."},
            Setting{"corner_sizes", &S::corner_sizes, 1, 40, "sizes",
                    "Of a symbol that are tried of corners that L-Net is sure of, one of others: the first was right "
                    "in 0.989."},
        };
    }
    friend bool operator==(const ReadSettings&, const ReadSettings&) = default;
};

/// What the stages from finder patterns to a message are set to.
struct StageSettings {
    FinderSettings finders;
    RectifySettings rectify;
    ReadSettings read;
    DecoderSettings decode;
};

}  // namespace fastqr
