#include "fastqr/detect/mtcnn/cascade.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fastqr/detect/mtcnn/contrast.hpp"
#include "fastqr/detect/mtcnn/patches.hpp"

namespace fastqr {
namespace {

constexpr int kRnetSide = 24;
constexpr int kOnetSide = 48;
constexpr double kLargestSymbol = 1.05;  // of the shorter side: a code that fills the picture, give or take its margin
constexpr double kHalfStep = 1.189207;   // 2^¼: half the ratio of neighbouring levels, as a factor

// 128 pixels and what windows see beyond them: P-Net's maps of some tiles stay in a cache of 2 MB. On levels of 1 to
// 8 megapixels it took 8 to 9 ms a megapixel so, 33 to 61 ms where a level was seen at once.
constexpr int kTileWindows = 32;
constexpr int kTileSide = pixels_of(kTileWindows);
static_assert(kTileSide % kStride == 0);
constexpr int kCrowd = 64;  // windows of as many pixels as a tile at most: more codes of 12 pixels have no room there
constexpr std::size_t kBatch = 8;  // tiles that P-Net sees at once

// Windows that a network sees at once: ONNX Runtime takes 12 µs each of 16 of R-Net's and of 140, 14 of 4; of O-Net's
// 124 µs each of 4, 120 of 8, 151 of one.
constexpr std::size_t kRnetBatch = 16;
constexpr std::size_t kOnetBatch = 4;
constexpr std::size_t kOnetUnsure = 2;  // windows of which R-Net is not sure: seven in eight of a photograph's are none

// Pixels of the view for each window that may be looked at in vain, half a nanosecond a pixel: on photographs of 12
// megapixels a second and a third code had places 29 to 190 among the windows.
constexpr std::size_t kPixelsAnRnetWindow = 1U << 15U;
constexpr std::size_t kPixelsAnOnetWindow = 1U << 18U;

// Times less in later rounds: of 2,101 codes in scenes of 1 to 5 megapixels as many were read.
constexpr std::size_t kLaterPatience = 4;

// Union, not minimum: a tiny false box on a few modules must not delete the code around it.
constexpr Overlap kOverlap = Overlap::kUnion;
constexpr float kSameWindow = 0.7F;  // overlap of two windows that the next network will not tell apart
constexpr float kSameCode = 0.5F;    // overlap of two boxes of one code

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

template <typename T>
void keep(std::vector<T>& values, const std::vector<int>& kept) {
    std::vector<T> result;
    result.reserve(kept.size());
    for (int k : kept) result.push_back(values[static_cast<std::size_t>(k)]);
    values = std::move(result);
}

/// Windows that may be unsure: a count that grows with the tiles.
std::size_t unsure_windows(double count, double a_tile, std::int64_t tiles) {
    return static_cast<std::size_t>(count + std::ceil(a_tile * static_cast<double>(tiles)));
}

std::vector<Box> squares(std::vector<Box> boxes) {
    for (Box& box : boxes) box = squared(box);
    return boxes;
}

/// What two probabilities say together of networks that err independently: the product of their odds. P-Net's, which
/// saw what is about a window, and R-Net's rank windows better than R-Net's alone: of 10,000 pairs of a window with a
/// code and one without 9,560 instead of 9,316.
float both(float a, float b) {
    const float yes = a * b;
    const float no = (1 - a) * (1 - b);
    return yes > 0 ? yes / (yes + no) : 0;
}

std::size_t pixels_of(const Region& region) {
    return static_cast<std::size_t>(region.x2 - region.x1) * static_cast<std::size_t>(region.y2 - region.y1);
}

double shorter_side(const Region& region) { return std::min(region.x2 - region.x1, region.y2 - region.y1); }

/// Windows along a level's side.
int windows_along(int pixels) { return windows_in(pixels + 2 * kPadding + 2 * kContext); }

/// Of the windows along a level's side, those that see any of its pixels from `first` to `end`.
std::pair<int, int> windows_about(int first, int end, int windows) {
    if (first == end) return {0, 0};
    return {std::max(0, (first + kPadding - kWindow) / kStride + 1),
            std::min(windows, (end + kPadding - 1) / kStride + 1)};
}

}  // namespace

Cascade::Cascade(const MipMap& view, const CascadeSettings& settings, double least, double most,
                 std::vector<Quad> known)
    : view_(&view), settings_(settings), known_(std::move(known)) {
    if (view.empty()) return;
    const double largest = std::min(most, kLargestSymbol * shorter_side(view.region()));
    next_ = static_cast<int>(std::floor(2 * std::log2(largest * kHalfStep / (kWindow * pixel_of(0)))));
    begin_round(least);
}

void Cascade::extend(double least, std::vector<Quad> known) {
    known_ = std::move(known);
    before_.insert(before_.end(), boxes_.boxes.begin(), boxes_.boxes.end());
    first_round_ = false;
    next_ = std::min(next_, last_ - 1);  // also where the round before was not seen to its end
    tiles_.clear();
    first_ = 0;
    tiled_ = 0;
    stage_ = Stage::kProposing;
    proposed_ = {};
    refined_ = {};
    queue_ = {};
    seen_ = {};
    boxes_ = {};
    asked_ = awaited_ = CascadeNetwork::kNone;
    begin_round(least);
}

/// The round's levels: down to that whose codes reach down to the least that are looked for.
void Cascade::begin_round(double least) {
    last_ = next_ + 1;
    while (last_ > 0 && kWindow * pixel_of(last_ - 1) * kHalfStep >= least) --last_;
}

/// Windows that a network may see in vain, one after the other.
std::size_t Cascade::patience(std::size_t pixels_a_window) const {
    return pixels_of(view_->region()) / (first_round_ ? pixels_a_window : kLaterPatience * pixels_a_window);
}

double Cascade::pixel_of(int step) const { return static_cast<double>(view_->pixel_size(0)) * std::exp2(step / 2.0); }

/// Goes on to the next level that has windows to see.
void Cascade::lay_tiles() {
    while (first_ >= tiles_.size() && next_ >= last_) {
        tiles_.clear();
        first_ = 0;
        level_.emplace(*view_, pixel_of(next_--));
        const GreyView image = level_->image(*view_);
        const int rows = windows_along(image.height);
        const int columns = windows_along(image.width);
        if (rows < 1 || columns < 1) continue;  // a strip so long that it is seen a few pixels high
        whole_ = std::int64_t{image.height} * image.width <= settings_.whole_pixels;
        const Contrast contrast(image);
        light_.emplace(image);
        if (whole_) {
            const Region shown = contrast.shown();
            const auto [row, row_end] = windows_about(shown.y1, shown.y2, rows);
            const auto [column, column_end] = windows_about(shown.x1, shown.x2, columns);
            if (row < row_end && column < column_end)
                tiles_.push_back({row, column, row_end - row, column_end - column});
            continue;
        }
        for (int row = 0; row < rows; row += kTileWindows)
            for (int column = 0; column < columns; column += kTileWindows) {
                const int top = row * kStride - kPadding;
                const int left = column * kStride - kPadding;
                if (contrast.shown_in({left, top, left + kTileSide, top + kTileSide}))
                    tiles_.push_back(
                        {row, column, std::min(kTileWindows, rows - row), std::min(kTileWindows, columns - column)});
            }
        tiled_ += static_cast<std::int64_t>(tiles_.size());
    }
}

Box Cascade::window_at(const Tile& tile, int row, int column) const {
    const double pixel = level_->pixel();
    const double x = view_->region().x1 + pixel * ((tile.column + column) * kStride - kPadding);
    const double y = view_->region().y1 + pixel * ((tile.row + row) * kStride - kPadding);
    return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + pixel * kWindow),
            static_cast<float>(y + pixel * kWindow)};
}

std::span<const Cascade::Tile> Cascade::batch() const {
    return std::span(tiles_).subspan(first_, std::min(kBatch, tiles_.size() - first_));
}

std::optional<NetworkInput> Cascade::next() {
    using enum CascadeNetwork;
    using Prepare = Tensor (Cascade::*)();
    for (const auto& [network, prepare] : {std::pair<CascadeNetwork, Prepare>{kPnet, &Cascade::pnet_input},
                                           {kRnet, &Cascade::rnet_input},
                                           {kOnet, &Cascade::onet_input}}) {
        if (network < asked_) continue;
        asked_ = network;
        if (Tensor tensor = (this->*prepare)(); !tensor.empty()) {
            awaited_ = network;
            return NetworkInput{network, std::move(tensor)};
        }
    }
    return std::nullopt;
}

Tensor Cascade::pnet_input() {
    lay_tiles();
    const auto tiles = batch();
    if (tiles.empty()) return {};
    const int height = whole_ ? pixels_of(tiles[0].rows) : kTileSide;
    const int width = whole_ ? pixels_of(tiles[0].columns) : kTileSide;
    const int count = static_cast<int>(tiles.size());
    Tensor tensor{std::vector<float>(static_cast<std::size_t>(count) * static_cast<std::size_t>(height) *
                                     static_cast<std::size_t>(width)),
                  {1, 1, count * height, width}};
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        const int x = tiles[i].column * kStride - kPadding - kContext;
        const int y = tiles[i].row * kStride - kPadding - kContext;
        light_->write({x, y, x + width, y + height}, width,
                      tensor.values.data() + static_cast<std::ptrdiff_t>(i) * height * width);
    }
    return tensor;
}

std::vector<Box> Cascade::pnet_windows() const {
    const auto tiles = batch();
    if (tiles.empty()) return {};
    const int apart = kTileSide / kStride;
    const int columns = whole_ ? tiles[0].columns : kTileWindows;
    const int rows = whole_ ? tiles[0].rows : windows_in(static_cast<int>(tiles.size()) * kTileSide);
    std::vector<Box> windows(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    for (std::size_t i = 0; i < tiles.size(); ++i)
        for (int row = 0; row < tiles[i].rows; ++row)
            for (int column = 0; column < tiles[i].columns; ++column)
                windows[(i * static_cast<std::size_t>(apart) + static_cast<std::size_t>(row)) *
                            static_cast<std::size_t>(columns) +
                        static_cast<std::size_t>(column)] = window_at(tiles[i], row, column);
    return windows;
}

void Cascade::take_pnet(const Maps& probability, const Maps& offsets) {
    const auto tiles = batch();
    if (tiles.empty()) throw std::invalid_argument("take_pnet takes the output for pnet_input's last input, got none");
    // Tiles lie below each other, as many windows apart as their pixels are; windows across two of them are none.
    const int apart = kTileSide / kStride;
    const int count = static_cast<int>(tiles.size());
    const int rows = whole_ ? tiles[0].rows : windows_in(count * kTileSide);
    const int columns = whole_ ? tiles[0].columns : kTileWindows;
    require_shape(probability, {1, 2, rows, columns}, "probability");
    require_shape(offsets, {1, 4, rows, columns}, "offsets");
    const double pixel = level_->pixel();
    const std::ptrdiff_t map = static_cast<std::ptrdiff_t>(rows) * columns;
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        const Tile& tile = tiles[i];
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * apart * columns;
        const WindowMaps maps{probability.values.data() + map + at,
                              offsets.values.data() + at,
                              map,
                              columns,
                              tile.rows,
                              tile.columns,
                              view_->region().x1 + pixel * (tile.column * kStride - kPadding),
                              view_->region().y1 + pixel * (tile.row * kStride - kPadding),
                              pixel};
        const int crowd = kCrowd * (1 + tile.rows * tile.columns / (kTileWindows * kTileWindows));
        const int top = whole_ ? settings_.top : settings_.tile_top;
        add_proposals(maps, {settings_.p_threshold, settings_.sure, top, std::max(top, crowd)}, known_, proposed_);
    }
    work_.pnet_pixels +=
        whole_ ? std::int64_t{pixels_of(rows)} * pixels_of(columns) : std::int64_t{count} * kTileSide * kTileSide;
    first_ += tiles.size();
    awaited_ = CascadeNetwork::kNone;
}

Cascade::Queue::Queue(Proposals&& found, const std::vector<int>& kept)
    : windows(std::move(found.boxes)), scores(std::move(found.scores)) {
    keep(windows, kept);
    keep(scores, kept);
    windows = squares(std::move(windows));
}

/// Goes on to the next batch, where one is worth it: so many windows, of which only some may be unsure.
void Cascade::Queue::next(std::size_t batch, std::size_t unsure, std::size_t patience, float sure) {
    if (last > first) return;  // the last one's output was not taken
    const bool worth = first < windows.size() && (vain < std::max(unsure, patience) || scores[first] >= sure);
    if (!worth) return;
    last = std::min(first + batch, windows.size());
    while (last > first + unsure && scores[last - 1] < sure) --last;
}

void Cascade::Queue::took(bool shown) {
    vain = shown ? 0 : vain + (last - first);
    first = last;
}

/// Makes windows of what all levels propose.
void Cascade::propose() {
    if (stage_ != Stage::kProposing) return;
    stage_ = Stage::kRefining;
    const std::size_t unsure = unsure_windows(settings_.proposals, settings_.tile_top, tiled_);
    const auto kept = nms(proposed_.boxes, proposed_.scores, kSameWindow, kOverlap, {settings_.sure, unsure});
    queue_ = Queue(std::move(proposed_), kept);
}

/// Makes windows of what R-Net left.
void Cascade::refine() {
    propose();
    if (stage_ != Stage::kRefining) return;
    stage_ = Stage::kLooking;
    const std::size_t unsure = unsure_windows(settings_.candidates, settings_.tile_candidates, tiled_);
    const auto kept = nms(refined_.boxes, refined_.scores, kSameWindow, kOverlap, {settings_.sure, unsure});
    queue_ = Queue(std::move(refined_), kept);
}

Tensor Cascade::patches(int size, bool tones) const {
    const auto pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    const std::size_t count = queue_.last - queue_.first;
    Tensor result{std::vector<float>(count * pixels), {static_cast<int>(count), 1, size, size}};
    for (std::size_t i = 0; i < count; ++i)
        write_network_patch(*view_, queue_.windows[queue_.first + i], size, tones, result.values.data() + i * pixels);
    return result;
}

Tensor Cascade::rnet_input() {
    propose();
    if (stage_ != Stage::kRefining) return {};
    queue_.next(kRnetBatch, kRnetBatch, patience(kPixelsAnRnetWindow), settings_.sure);
    return patches(kRnetSide, true);
}

void Cascade::take_rnet(const Maps& probability, const Maps& offsets) {
    const int count = stage_ == Stage::kRefining ? static_cast<int>(queue_.last - queue_.first) : 0;
    require_shape(probability, {count, 2, 1, 1}, "probability");
    require_shape(offsets, {count, 4, 1, 1}, "offsets");
    work_.rnet_windows += count;
    bool shown = false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const float score = both(queue_.scores[queue_.first + i], probability.values[2 * i + 1]);
        const Box box = calibrated(queue_.windows[queue_.first + i], offsets.values.data() + 4 * i);
        if (!(score > settings_.r_threshold) || !plausible(box)) continue;
        shown = shown || score >= settings_.sure;
        refined_.boxes.push_back(box);
        refined_.scores.push_back(score);
    }
    queue_.took(shown);
    awaited_ = CascadeNetwork::kNone;
}

Tensor Cascade::onet_input() {
    refine();
    queue_.next(kOnetBatch, kOnetUnsure, patience(kPixelsAnOnetWindow), settings_.sure);
    return patches(kOnetSide, false);
}

void Cascade::take_onet(const Maps& probability, const Maps& offsets, const Maps& heat) {
    const int count = stage_ == Stage::kLooking ? static_cast<int>(queue_.last - queue_.first) : 0;
    const int side = heat.shape[3];
    require_shape(probability, {count, 2, 1, 1}, "probability");
    require_shape(offsets, {count, 4, 1, 1}, "offsets");
    require_shape(heat, {count, 3, side, side}, "heat");
    if (side < 1) throw std::invalid_argument("heat must have cells, got none");
    work_.onet_windows += count;
    bool shown = false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const float score = probability.values[2 * i + 1];
        const Box& window = queue_.windows[queue_.first + i];
        const Box box = calibrated(window, offsets.values.data() + 4 * i);
        if (!(score > settings_.o_threshold) || !plausible(box)) continue;
        shown = true;
        seen_.boxes.push_back(box);
        seen_.scores.push_back(score);
        // The heat maps lie over O-Net's window, not over the calibrated box.
        const float* maps = heat.values.data() + i * static_cast<std::size_t>(3 * side * side);
        seen_.landmarks.push_back(heatmap_landmarks(maps, side, window));
    }
    queue_.took(shown);
    if (shown) give_boxes();
    awaited_ = CascadeNetwork::kNone;
}

/// Makes boxes of what O-Net saw so far.
void Cascade::give_boxes() {
    boxes_ = {};
    for (int k : nms(seen_.boxes, seen_.scores, kSameCode, kOverlap)) {
        const auto at = static_cast<std::size_t>(k);
        const Box& box = seen_.boxes[at];
        if (std::any_of(before_.begin(), before_.end(),
                        [&](const Box& other) { return overlap_of(box, other, kOverlap) > kSameCode; }))
            continue;
        boxes_.boxes.push_back(box);
        boxes_.scores.push_back(seen_.scores[at]);
        boxes_.landmarks.push_back(seen_.landmarks[at]);
    }
}

}  // namespace fastqr
