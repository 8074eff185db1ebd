#include "fastqr/cascade/cascade.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace fastqr {
namespace {

constexpr ProposalGeometry kGeometry;
constexpr double kFactor = 0.709;  // of neighbouring levels: 0.5 cost 4 points of P-Net's recall, 0.794 gained none
constexpr int kRnetSide = 24;
constexpr int kOnetSide = 48;
// Union, not minimum: a tiny false box on a few modules must not delete the code around it.
constexpr Overlap kOverlap = Overlap::kUnion;
constexpr float kSameWindow = 0.5F;  // of a level, and of O-Net's boxes
constexpr float kSameCode = 0.7F;    // of all levels, and of R-Net's boxes: what the next net will tell apart

constexpr float kFarthest = 1e7F;  // pixels: sides beyond any picture would only cost time and precision

std::string text_of(const std::array<int, 4>& shape) {
    std::string text = "(";
    for (const int& side : shape) text += std::to_string(side) + (&side == &shape.back() ? ")" : ", ");
    return text;
}

void require_shape(const Maps& maps, const std::array<int, 4>& expected, const char* name) {
    if (maps.shape != expected)
        throw std::invalid_argument(std::string(name) + " must have shape " + text_of(expected) +
                                    " as the input asks for, got " + text_of(maps.shape));
}

bool near(const Box& box) {
    return std::abs(box.x1) < kFarthest && std::abs(box.y1) < kFarthest && std::abs(box.x2) < kFarthest &&
           std::abs(box.y2) < kFarthest;
}

template <typename T>
void keep(Vector<T>& values, const Vector<int>& kept) {
    Vector<T> result;
    result.reserve(kept.size());
    for (int k : kept) result.push_back(values[static_cast<std::size_t>(k)]);
    values = std::move(result);
}

void cut(Vector<int>& indices, int most) {
    if (indices.size() > static_cast<std::size_t>(std::max(most, 0)))
        indices.resize(static_cast<std::size_t>(std::max(most, 0)));
}

Vector<Box> squares(Vector<Box> boxes) {
    for (Box& box : boxes) box = squared(box);
    return boxes;
}

/// The windows whose probability of a code lies above a threshold, calibrated.
struct Likely {
    Vector<int> indices;
    Vector<Box> boxes;
    Vector<float> scores;
};

Likely likely(const Vector<Box>& windows, const Maps& probability, const Maps& offsets, float threshold) {
    Likely result;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const float score = probability.values[2 * i + 1];
        const Box box = calibrated(windows[i], offsets.values.data() + 4 * i);
        if (!(score > threshold) || !near(box)) continue;
        result.indices.push_back(static_cast<int>(i));
        result.boxes.push_back(box);
        result.scores.push_back(score);
    }
    return result;
}

}  // namespace

Cascade::Cascade(const MipMap& view, int limit, const CascadeSettings& settings, Vector<Quad> known)
    : settings_(settings), known_(std::move(known)), pyramid_(view, limit, kFactor) {}

Tensor Cascade::pnet_input() {
    // A strip so long that it is seen a few pixels high has levels without a single window.
    const auto& levels = pyramid_.levels();
    const auto next = [&] { return static_cast<std::size_t>(next_level_); };
    while (next() < levels.size() &&
           std::min(levels[next()].height, levels[next()].width) + 2 * kGeometry.padding < kGeometry.window)
        ++next_level_;
    if (next() >= levels.size()) return {};
    const GreyImage& level = levels[next()];
    work_.pnet_pixels += std::int64_t{level.height} * level.width;
    return {pyramid_.tensor(next_level_, kGeometry.padding),
            {1, 1, level.height + 2 * kGeometry.padding, level.width + 2 * kGeometry.padding}};
}

void Cascade::take_pnet(const Maps& probability, const Maps& offsets) {
    if (static_cast<std::size_t>(next_level_) >= pyramid_.levels().size())
        throw std::invalid_argument("take_pnet must follow pnet_input, got an output for no input");
    const GreyImage& level = pyramid_.levels()[static_cast<std::size_t>(next_level_)];
    const auto windows = [](int length) {
        return (length + 2 * kGeometry.padding - kGeometry.window) / kGeometry.stride + 1;
    };
    const int rows = windows(level.height);
    const int columns = windows(level.width);
    require_shape(probability, {1, 2, rows, columns}, "probability");
    require_shape(offsets, {1, 4, rows, columns}, "offsets");
    const double scale = pyramid_.scales()[static_cast<std::size_t>(next_level_++)];
    // A known code takes several windows.
    const int most = 4 * settings_.top * (1 + static_cast<int>(known_.size()) / 4);
    const Proposals found = proposals(probability.values.data() + rows * columns, offsets.values.data(), rows, columns,
                                      scale, settings_.p_threshold, most, kGeometry);
    int left = settings_.top;
    for (int k : nms(found.boxes, found.scores, kSameWindow, kOverlap)) {
        if (left <= 0) break;
        const auto at = static_cast<std::size_t>(k);
        const Box& box = found.boxes[at];
        if (inside_any(known_, (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)) continue;
        proposed_.boxes.push_back(box);
        proposed_.scores.push_back(found.scores[at]);
        proposed_.offsets.push_back(found.offsets[at]);
        --left;
    }
}

/// Makes windows of what all levels propose.
void Cascade::propose() {
    if (!std::exchange(proposing_, false)) return;
    Vector<float> scores;
    windows_.clear();
    for (std::size_t i = 0; i < proposed_.boxes.size(); ++i) {
        const Box box = calibrated(proposed_.boxes[i], proposed_.offsets[i].data());
        if (!near(box)) continue;
        windows_.push_back(box);
        scores.push_back(proposed_.scores[i]);
    }
    Vector<int> kept = nms(windows_, scores, kSameCode, kOverlap);
    cut(kept, settings_.proposals);
    keep(windows_, kept);
    windows_ = squares(std::move(windows_));
}

Tensor Cascade::patches(int size) const {
    const auto pixels = static_cast<std::size_t>(size * size);
    Tensor result{Vector<float>(windows_.size() * pixels), {static_cast<int>(windows_.size()), 1, size, size}};
    for (std::size_t i = 0; i < windows_.size(); ++i)
        pyramid_.patch(windows_[i], size, result.values.data() + i * pixels);
    return result;
}

Tensor Cascade::rnet_input() {
    propose();
    work_.rnet_windows += static_cast<std::int64_t>(windows_.size());
    return patches(kRnetSide);
}

void Cascade::take_rnet(const Maps& probability, const Maps& offsets) {
    const int count = static_cast<int>(windows_.size());
    require_shape(probability, {count, 2, 1, 1}, "probability");
    require_shape(offsets, {count, 4, 1, 1}, "offsets");
    Likely passed = likely(windows_, probability, offsets, settings_.r_threshold);
    Vector<int> kept = nms(passed.boxes, passed.scores, kSameCode, kOverlap);
    cut(kept, settings_.candidates);
    keep(passed.boxes, kept);
    windows_ = squares(std::move(passed.boxes));
}

Tensor Cascade::onet_input() {
    work_.onet_windows += static_cast<std::int64_t>(windows_.size());
    return patches(kOnetSide);
}

void Cascade::take_onet(const Maps& probability, const Maps& offsets, const Maps& heat) {
    const int count = static_cast<int>(windows_.size());
    require_shape(probability, {count, 2, 1, 1}, "probability");
    require_shape(offsets, {count, 4, 1, 1}, "offsets");
    const int side = heat.shape[3];
    require_shape(heat, {count, 3, side, side}, "heat");
    if (side < 1) throw std::invalid_argument("heat must have cells, got none");
    const Likely passed = likely(windows_, probability, offsets, settings_.o_threshold);
    boxes_ = {};
    for (int k : nms(passed.boxes, passed.scores, kSameWindow, kOverlap)) {
        const auto at = static_cast<std::size_t>(k);
        const auto window = static_cast<std::size_t>(passed.indices[at]);
        boxes_.boxes.push_back(passed.boxes[at]);
        boxes_.scores.push_back(passed.scores[at]);
        // The heat maps lie over O-Net's window, not over the calibrated box.
        const float* maps = heat.values.data() + window * static_cast<std::size_t>(3 * side * side);
        boxes_.landmarks.push_back(heatmap_landmarks(maps, side, windows_[window]));
    }
}

}  // namespace fastqr
