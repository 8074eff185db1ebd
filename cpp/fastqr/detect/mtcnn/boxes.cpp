#include "fastqr/detect/mtcnn/boxes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <vector>

namespace fastqr {
namespace {

constexpr float kFarthest = 1e7F;  // pixels

}  // namespace

float overlap_of(const Box& a, const Box& b, Overlap rule) {
    const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
    const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (!(width > 0) || !(height > 0)) return 0;
    const float common = width * height;
    const float whole = rule == Overlap::kUnion ? a.area() + b.area() - common : std::min(a.area(), b.area());
    return whole > 0 ? common / whole : 0;
}

std::vector<int> nms(std::span<const Box> boxes, std::span<const float> scores, float threshold, Overlap overlap,
                     const Wanted& wanted) {
    std::vector<int> order;
    for (std::size_t i = 0; i < boxes.size(); ++i)
        if (!std::isnan(scores[i])) order.push_back(static_cast<int>(i));
    std::ranges::stable_sort(order, std::ranges::less{}, [&](int at) { return -scores[static_cast<std::size_t>(at)]; });
    std::vector<int> kept;
    std::vector<Box> kept_boxes;  // beside each other: most of the time goes into comparing with them
    std::size_t unsure = 0;
    for (int candidate : order) {
        const bool is_sure = scores[static_cast<std::size_t>(candidate)] >= wanted.sure;
        if (!is_sure && unsure == wanted.unsure) break;
        const Box& box = boxes[static_cast<std::size_t>(candidate)];
        const bool covered = std::any_of(kept_boxes.begin(), kept_boxes.end(), [&](const Box& other) {
            return box.x1 < other.x2 && other.x1 < box.x2 && overlap_of(other, box, overlap) > threshold;
        });
        if (covered) continue;
        unsure += is_sure ? 0 : 1;
        kept.push_back(candidate);
        kept_boxes.push_back(box);
    }
    return kept;
}

Box calibrated(const Box& box, const float offsets[4]) {
    const float w = box.width();
    const float h = box.height();
    return {box.x1 + w * offsets[0], box.y1 + h * offsets[1], box.x2 + w * offsets[2], box.y2 + h * offsets[3]};
}

bool plausible(const Box& box) {
    return std::abs(box.x1) < kFarthest && std::abs(box.y1) < kFarthest && std::abs(box.x2) < kFarthest &&
           std::abs(box.y2) < kFarthest;
}

Box squared(const Box& box) {
    const float half = std::max(box.width(), box.height()) / 2;
    const float cx = (box.x1 + box.x2) / 2;
    const float cy = (box.y1 + box.y2) / 2;
    return {cx - half, cy - half, cx + half, cy + half};
}

}  // namespace fastqr
