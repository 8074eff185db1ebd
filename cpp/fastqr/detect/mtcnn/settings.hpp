#pragma once

#include <tuple>

#include "fastqr/setting.hpp"

namespace fastqr {

/// How far the cascade's search goes. Counts are of one round: the first one, or one that `Cascade::extend` adds. No
/// count holds for windows that a network is sure of, so that none is lost among many; what is sure is seldom more.
/// Windows go to R-Net and O-Net in batches, best first: until R-Net was sure of none, or O-Net saw none, of so many in
/// a row as cost half a nanosecond a pixel of the view, and on where the network before is sure.
struct CascadeSettings {
    int whole_pixels = 512 * 512;
    int top = 64;
    int tile_top = 2;
    int proposals = 140;
    int candidates = 12;
    float tile_candidates = 0.5F;
    float p_threshold = 0.1F;
    float r_threshold = 0.2F;
    float o_threshold = 0.3F;
    float sure = 0.5F;

    static constexpr auto described() {
        using S = CascadeSettings;
        constexpr int many = 1 << 30;
        return std::tuple{
            Setting{"whole_pixels", &S::whole_pixels, 1, many, "pixels",
                    "Of the largest level that is seen whole, not in tiles."},
            Setting{"top", &S::top, 1, many, "windows", "Unsure ones that a level seen whole proposes at most."},
            Setting{"tile_top", &S::tile_top, 1, many, "windows",
                    "Unsure ones that each tile of a larger level proposes at most."},
            Setting{"proposals", &S::proposals, 1, many, "windows",
                    "Unsure ones that reach R-Net at most, and `tile_top` for each tile."},
            Setting{"candidates", &S::candidates, 1, many, "windows",
                    "Unsure ones that reach O-Net at most, and `tile_candidates` for each tile."},
            Setting{"tile_candidates", &S::tile_candidates, 0, 1e6F, "windows a tile",
                    "Unsure ones that each tile adds to those that reach O-Net."},
            Setting{"p_threshold", &S::p_threshold, 0, 1, "probability",
                    "P-Net's least; low, since R-Net rejects better and few unsure windows are taken."},
            Setting{
                "r_threshold", &S::r_threshold, 0, 1, "probability",
                "P-Net's and R-Net's together, least; low, since geometry and decoding reject better than thresholds."},
            Setting{"o_threshold", &S::o_threshold, 0.1F, 1, "probability",
                    "O-Net's least, of the boxes that are given; below 0.1 it tells no landmarks."},
            Setting{"sure", &S::sure, 0, 1, "probability",
                    "P-Net's, and that of both together, from which a window is not counted and further ones are worth "
                    "it. With it 37 windows of a photograph without a code reach R-Net and 4 O-Net, with 0.2 152 and "
                    "20; of codes in photographs at other scales and in other lights 0.969 and 0.978 are seen."},
        };
    }
    friend bool operator==(const CascadeSettings&, const CascadeSettings&) = default;
};

}  // namespace fastqr
