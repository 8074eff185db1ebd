#pragma once

#include <tuple>

#include "fastqr/setting.hpp"

namespace fastqr {

/// How far the cascade's search goes. Counts are of one round: the first one, or one that `Cascade::extend` adds. No
/// count holds for windows that a network is sure of, so that none is lost among many; what is sure is seldom more.
struct CascadeSettings {
    int whole_pixels = 512 * 512;
    int top = 16;
    int tile_top = 2;
    int proposals = 140;
    int candidates = 12;
    float tile_candidates = 0.5F;
    float p_threshold = 0.1F;
    float r_threshold = 0.3F;
    float o_threshold = 0.3F;
    float sure = 0.8F;

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
            Setting{"r_threshold", &S::r_threshold, 0, 1, "probability",
                    "R-Net's least; low, since geometry and decoding reject better than thresholds do."},
            Setting{"o_threshold", &S::o_threshold, 0, 1, "probability", "O-Net's least, of the boxes that are given."},
            Setting{"sure", &S::sure, 0, 1, "probability",
                    "P-Net's and R-Net's from which a window is not counted. Of codes of 20 to 60 pixels in pages of 2 "
                    "to 8 megapixels the boxes show 0.90 with 0.9, 0.93 with 0.8, 0.97 with 0.7; a megapixel of levels "
                    "of photographs has 26, 64 and 126 such windows of P-Net."},
        };
    }
    friend bool operator==(const CascadeSettings&, const CascadeSettings&) = default;
};

}  // namespace fastqr
