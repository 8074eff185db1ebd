#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/detect/mtcnn/quads.hpp"

namespace fastqr {

/// P-Net's geometry: windows of 12 pixels every 4, over a level that is padded by 3; it sees 4 pixels about each, too.
inline constexpr int kStride = 4;
inline constexpr int kWindow = 12;
inline constexpr int kPadding = 3;
inline constexpr int kContext = 4;
inline constexpr int kSeen = kWindow + 2 * kContext;

/// Windows that start in so many pixels, and pixels that so many windows see.
[[nodiscard]] constexpr int windows_in(int pixels) { return pixels < kSeen ? 0 : (pixels - kSeen) / kStride + 1; }
[[nodiscard]] constexpr int pixels_of(int windows) { return (windows - 1) * kStride + kSeen; }

/// P-Net's output for a grid of windows.
struct WindowMaps {
    const float* probability = nullptr;  ///< of a code
    const float* offsets = nullptr;      ///< four maps
    std::ptrdiff_t map_stride = 0;       ///< values from one map of the offsets to the next
    int row_stride = 0;                  ///< values from one row to the next
    int rows = 0;
    int columns = 0;
    double x = 0;  ///< the first window's corner in the picture
    double y = 0;
    double pixel = 1;  ///< side of the level's pixels in the picture's
};

struct Proposals {
    std::vector<Box> boxes;  ///< calibrated
    std::vector<float> scores;
};

/// Which windows are proposed.
struct ProposalRule {
    float threshold = 0;  ///< probability below which none is
    float sure = 1;       ///< probability from which one is proposed beyond the best `top`
    int top = 0;
    int most = 0;  ///< in all
};

/// Adds the windows of a grid that a rule lets through, best first, none of which shows another's code or is centred
/// in a known quadrilateral.
void add_proposals(const WindowMaps& maps, const ProposalRule& rule, std::span<const Quad> known, Proposals& found);

}  // namespace fastqr
