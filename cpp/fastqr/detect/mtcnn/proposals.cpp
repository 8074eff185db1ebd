#include "fastqr/detect/mtcnn/proposals.hpp"

#include <algorithm>
#include <vector>

namespace fastqr {
namespace {

constexpr int kAbout = 4;      // windows of one code, about: so many for each that is wanted are compared
constexpr float kSame = 0.7F;  // overlap above which two boxes are of one code

struct Window {
    float score = 0;
    int at = 0;
    Box box;
};

/// The known quadrilaterals that may hold a window of the grid.
std::vector<Quad> nearby(const WindowMaps& maps, std::span<const Quad> known) {
    const auto end = [&](double from, int windows) { return from + maps.pixel * (windows * kStride + 2 * kWindow); };
    const auto about = [&](const Quad& quad, std::size_t axis, double from, double to) {
        const auto [low, high] = std::minmax({quad[0][axis], quad[1][axis], quad[2][axis], quad[3][axis]});
        return high >= from - maps.pixel * kWindow && low <= to;
    };
    std::vector<Quad> result;
    for (const Quad& quad : known)
        if (about(quad, 0, maps.x, end(maps.x, maps.columns)) && about(quad, 1, maps.y, end(maps.y, maps.rows)))
            result.push_back(quad);
    return result;
}

}  // namespace

void add_proposals(const WindowMaps& maps, const ProposalRule& rule, std::span<const Quad> known, Proposals& found) {
    const std::vector<Quad> local = nearby(maps, known);
    std::vector<Window> likely;
    std::size_t sure = 0;
    for (int row = 0; row < maps.rows; ++row)
        for (int column = 0; column < maps.columns; ++column) {
            const int at = row * maps.row_stride + column;
            const float score = maps.probability[at];
            if (!(score > rule.threshold)) continue;
            const double x = maps.x + maps.pixel * kStride * column;
            const double y = maps.y + maps.pixel * kStride * row;
            const double side = maps.pixel * kWindow;
            const float offsets[4] = {maps.offsets[at], maps.offsets[maps.map_stride + at],
                                      maps.offsets[2 * maps.map_stride + at], maps.offsets[3 * maps.map_stride + at]};
            const Box box = calibrated({static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + side),
                                        static_cast<float>(y + side)},
                                       offsets);
            if (!plausible(box) || inside_any(local, (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)) continue;
            likely.push_back({score, at, box});
            sure += score >= rule.sure ? 1 : 0;
        }
    const auto top = static_cast<std::size_t>(std::max(rule.top, 0));
    const auto most = static_cast<std::size_t>(std::max(rule.most, 0));
    const auto count = std::min({likely.size(), kAbout * top + sure, kAbout * most});
    std::partial_sort(
        likely.begin(), likely.begin() + static_cast<std::ptrdiff_t>(count), likely.end(),
        [](const Window& a, const Window& b) { return a.score != b.score ? a.score > b.score : a.at < b.at; });
    std::vector<Box> boxes;
    std::vector<float> scores;
    for (std::size_t i = 0; i < count; ++i) {
        boxes.push_back(likely[i].box);
        scores.push_back(likely[i].score);
    }
    std::vector<int> kept = nms(boxes, scores, kSame, Overlap::kUnion, {rule.sure, top});
    kept.resize(std::min(kept.size(), most));
    for (int k : kept) {
        found.boxes.push_back(boxes[static_cast<std::size_t>(k)]);
        found.scores.push_back(scores[static_cast<std::size_t>(k)]);
    }
}

}  // namespace fastqr
