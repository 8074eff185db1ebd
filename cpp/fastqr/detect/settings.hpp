#pragma once

#include <tuple>

#include "fastqr/setting.hpp"

namespace fastqr {

/// How closely pixels are searched for finder patterns, and which three of them may be a symbol's.
struct FinderSettings {
    int row_step = 2;
    int window = 3;
    int close_window = 1;
    int contrast = 3;
    double agreeing = 0.6;
    double credible = 0.3;
    double most_misfit = 1.1;

    static constexpr auto described() {
        using S = FinderSettings;
        return std::tuple{
            Setting{"row_step", &S::row_step, 1, 64, "rows",
                    "From one that is searched to the next: a core of one pixel a module crosses one row in two."},
            Setting{"window", &S::window, 0, 64, "blocks of 8 pixels",
                    "To either side of a block, whose mean tells ink from paper: seven blocks hold a finder pattern of "
                    "8 pixels a module."},
            Setting{"close_window", &S::close_window, 0, 64, "blocks of 8 pixels",
                    "The same of every other row: three blocks hold a finder pattern of 3 pixels a module, and "
                    "little beside it."},
            Setting{"contrast", &S::contrast, 0, 128, "grey values",
                    "Below the window's mean, from which a pixel is ink; half as many where pixels are twice as long, "
                    "and so on."},
            Setting{
                "agreeing", &S::agreeing, 0.1, 1, "share",
                "Of the rays from a pattern's centre that must cross core, gap and ring in a finder's proportions."},
            Setting{"credible", &S::credible, 0, 10, "misfit",
                    "Of a pattern, below which it is one: nine of ten that were read had less than 0.2, nine of ten "
                    "that were none more than 0.5."},
            Setting{"most_misfit", &S::most_misfit, 0, 10, "misfit",
                    "Of lengths, angles and sizes of three patterns from a symbol's, at most; 0.65 in 99 of 100 "
                    "symbols that were read."},
        };
    }
    friend bool operator==(const FinderSettings&, const FinderSettings&) = default;
};

}  // namespace fastqr
