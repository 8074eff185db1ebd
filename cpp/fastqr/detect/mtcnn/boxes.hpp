#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace fastqr {

/// x1, y1, x2, y2 in pixels; width is x2 − x1.
struct Box {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;

    [[nodiscard]] float width() const { return x2 - x1; }
    [[nodiscard]] float height() const { return y2 - y1; }
    [[nodiscard]] float area() const { return width() * height(); }
};

enum class Overlap {
    kUnion,   ///< intersection over union
    kMinimum  ///< intersection over the smaller box
};

/// How much of two boxes is common, 0 to 1.
[[nodiscard]] float overlap_of(const Box& a, const Box& b, Overlap rule);

/// How many boxes are wanted: all that are `sure`, and so many others.
struct Wanted {
    float sure = 0;
    std::size_t unsure = std::numeric_limits<std::size_t>::max();
};

/// Greedy non-maximum suppression: indices of the boxes kept, best score first, equal scores in the order given. What
/// is wanted comes first, so no more than that is compared.
[[nodiscard]] std::vector<int> nms(std::span<const Box> boxes, std::span<const float> scores, float threshold,
                                   Overlap overlap, const Wanted& wanted = {});

/// Moves each side by its offset times the box's width or height (MTCNN's bounding box regression).
[[nodiscard]] Box calibrated(const Box& box, const float offsets[4]);

/// Whether a box has finite sides that may be a picture's: others would only cost time and precision.
[[nodiscard]] bool plausible(const Box& box);

/// The square about the same centre whose side is the longer side.
[[nodiscard]] Box squared(const Box& box);

}  // namespace fastqr
