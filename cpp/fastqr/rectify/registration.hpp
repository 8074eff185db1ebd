#pragma once

#include <array>
#include <optional>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/pattern_samples.hpp"
#include "fastqr/rectify/settings.hpp"
#include "fastqr/rectify/straightened.hpp"

namespace fastqr {

/// Which of the finder patterns top left, top right and bottom left are to be seen.
using SeenFinders = std::array<bool, 3>;
inline constexpr SeenFinders kAllFinders{true, true, true};

struct Registration {
    Homography homography;  ///< symbol to image
    double finder = 0;      ///< mean correlation of the seen finder patterns, −1..1, positive for dark on light
    double timing = 0;      ///< mean correlation of the two timing patterns, of the finders' sign
    double alignment = 0;   ///< correlation of the alignment pattern nearest bottom right; 0 where there is none
    bool inverted = false;  ///< light on dark

    /// One number to rank sizes and turns by.
    [[nodiscard]] double score() const;
    int size = 0;
};

/// Refines a homography on what every symbol of the size shows: Gauss–Newton (Lucas and Kanade 1981, in the form of
/// Baker and Matthews 2004) on the finder patterns, then on timing and alignment patterns too; a gain and an offset a
/// pattern. Works in a small straightened picture, so its cost follows the modules and not the pixels. A finder pattern
/// that may not be seen, covered or torn off, has no say, nor has one that lies beyond what the map shows.
[[nodiscard]] Registration register_patterns(const MipMap& image, const Homography& start, int size,
                                             const RectifySettings& settings = {},
                                             const SeenFinders& may_be_seen = kAllFinders);

/// Correlation −1..1 of a pattern's samples with the picture.
[[nodiscard]] double correlation(const Straightened& picture, const PatternSamples& samples, double dx = 0,
                                 double dy = 0);

/// The score of a homography as it stands, without refinement.
[[nodiscard]] Registration pattern_agreement(const MipMap& image, const Homography& at, int size);

/// A turn and a size for a square whose corners are known, and how well finder and timing patterns then agree.
struct RankedFrame {
    int turn = 0;  ///< the symbol's top left is corner `turn` of the square
    int size = 0;
    double score = 0;
    Homography homography;
};

/// All turns and sizes of a square, best first, `top` of them at most. The corners lie `inset` modules inside the
/// symbol's: 0 for outer corners, 3.5 for finder centres. Where it `seems` to have some modules a side, sizes far from
/// that are left out, and those of less than a pixel a module always. A few hundred looks a turn and size.
[[nodiscard]] std::vector<RankedFrame> rank_frames(const MipMap& image, const std::array<Point, 4>& square,
                                                   double inset, int top, std::optional<double> seems = {});

/// Where a pattern agrees best with the picture near its expected place, and how well.
struct PatternMatch {
    Point move;  ///< of the samples, in modules
    double agreement = 0;
};

/// Searches `reach` modules about an expected move; `leash` is what a module of distance costs.
[[nodiscard]] PatternMatch find_pattern(const Straightened& picture, const PatternSamples& samples, double sign,
                                        Point expected, double reach, double leash);

}  // namespace fastqr
