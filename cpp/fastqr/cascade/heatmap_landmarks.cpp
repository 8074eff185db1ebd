#include "fastqr/cascade/heatmap_landmarks.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fastqr {
namespace {

constexpr int kMostPeaks = 6;  // three finders and some that are none

struct Peak {
    float x = 0;  // in cells
    float y = 0;
    float heat = 0;
};

/// The centroid of the heat in the 3 × 3 cells about a cell, which is finer than the grid.
Peak refined(const float* map, int side, int row, int column) {
    Peak peak{0, 0, map[row * side + column]};
    float sum = 0;
    for (int r = std::max(row - 1, 0); r <= std::min(row + 1, side - 1); ++r)
        for (int c = std::max(column - 1, 0); c <= std::min(column + 1, side - 1); ++c) {
            const float heat = std::max(map[r * side + c], 0.0F);
            peak.x += heat * (static_cast<float>(c) + 0.5F);
            peak.y += heat * (static_cast<float>(r) + 0.5F);
            sum += heat;
        }
    if (sum > 0) {
        peak.x /= sum;
        peak.y /= sum;
    } else {
        peak.x = static_cast<float>(column) + 0.5F;
        peak.y = static_cast<float>(row) + 0.5F;
    }
    return peak;
}

Peak highest(const float* map, int side) {
    const auto best = std::max_element(map, map + side * side) - map;
    return refined(map, side, static_cast<int>(best) / side, static_cast<int>(best) % side);
}

/// Local maxima of a map, strongest first.
std::vector<Peak> peaks(const float* map, int side) {
    std::vector<Peak> found;
    for (int r = 0; r < side; ++r)
        for (int c = 0; c < side; ++c) {
            const float heat = map[r * side + c];
            bool top = heat > 0.05F;
            for (int dr = -1; dr <= 1 && top; ++dr)
                for (int dc = -1; dc <= 1; ++dc) {
                    const int rr = r + dr;
                    const int cc = c + dc;
                    if ((dr == 0 && dc == 0) || rr < 0 || cc < 0 || rr >= side || cc >= side) continue;
                    const float other = map[rr * side + cc];
                    // Of equal neighbours the first in reading order counts.
                    if (other > heat || (other == heat && (dr < 0 || (dr == 0 && dc < 0)))) top = false;
                }
            if (top) found.push_back(refined(map, side, r, c));
        }
    std::sort(found.begin(), found.end(), [](const Peak& a, const Peak& b) { return a.heat > b.heat; });
    if (found.size() > kMostPeaks) found.resize(kMostPeaks);
    return found;
}

float distance(const Peak& a, const Peak& b) { return std::hypot(a.x - b.x, a.y - b.y); }

float cross(const Peak& o, const Peak& a, const Peak& b) {
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

}  // namespace

Landmarks heatmap_landmarks(const float* heat, int side, const Box& box) {
    const float* finders = heat;
    const Peak top_left = highest(heat + side * side, side);
    const Peak fourth = highest(heat + 2 * side * side, side);
    const float near = 0.06F * static_cast<float>(side);
    std::vector<Peak> others;
    for (const Peak& peak : peaks(finders, side))
        if (distance(peak, top_left) > 2 * near && distance(peak, fourth) > near) others.push_back(peak);

    // Of all pairs the one that is hot and makes the best quadrilateral with the other two.
    Peak right{top_left.x, fourth.y, 0};
    Peak left{fourth.x, top_left.y, 0};
    float best = 0;
    const auto offer = [&](Peak a, Peak b) {
        if (cross(top_left, a, fourth) < 0) std::swap(a, b);  // clockwise on screen: right of the diagonal comes last
        const float span = std::max(distance(top_left, fourth), 1.0F);
        const float gap = std::hypot(a.x + b.x - top_left.x - fourth.x, a.y + b.y - top_left.y - fourth.y) / span;
        const bool convex = cross(top_left, a, fourth) > 0 && cross(top_left, b, fourth) < 0;
        const float score = (a.heat + b.heat) * std::exp(-2 * gap * gap) * (convex ? 1.0F : 0.1F);
        if (score > best) {
            best = score;
            // The turn top left → a → fourth is clockwise on screen when the cross product of (a, fourth) is positive.
            right = a;
            left = b;
        }
    };
    for (std::size_t i = 0; i < others.size(); ++i)
        for (std::size_t j = i + 1; j < others.size(); ++j) offer(others[i], others[j]);
    if (best == 0)
        for (Peak seen : others) {  // one finder seen: the other completes the parallelogram
            offer(seen, {top_left.x + fourth.x - seen.x, top_left.y + fourth.y - seen.y, 0});
        }
    if (best == 0) {  // none: a square on the diagonal
        const float cx = (top_left.x + fourth.x) / 2;
        const float cy = (top_left.y + fourth.y) / 2;
        const float dx = (fourth.x - top_left.x) / 2;
        const float dy = (fourth.y - top_left.y) / 2;
        right = {cx + dy, cy - dx, 0};
        left = {cx - dy, cy + dx, 0};
    }

    const float sx = box.width() / static_cast<float>(side);
    const float sy = box.height() / static_cast<float>(side);
    Landmarks result;
    const std::array<Peak, 4> four{top_left, right, left, fourth};
    for (std::size_t i = 0; i < 4; ++i) {
        result.points[i] = {box.x1 + four[i].x * sx, box.y1 + four[i].y * sy};
        result.strengths[i] = four[i].heat;
    }
    // The diagonals' meeting point: straight lines stay straight under perspective.
    const auto& p = result.points;
    const float ax = p[3][0] - p[0][0];
    const float ay = p[3][1] - p[0][1];
    const float bx = p[2][0] - p[1][0];
    const float by = p[2][1] - p[1][1];
    const float turn = ax * by - ay * bx;
    float t = 0.5F;
    if (std::abs(turn) > 1e-6F)
        t = std::clamp(((p[1][0] - p[0][0]) * by - (p[1][1] - p[0][1]) * bx) / turn, 0.0F, 1.0F);
    result.points[4] = {p[0][0] + t * ax, p[0][1] + t * ay};
    return result;
}

}  // namespace fastqr
