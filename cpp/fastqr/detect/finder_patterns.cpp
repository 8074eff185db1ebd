#include "fastqr/detect/finder_patterns.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fastqr/detect/finder_runs.hpp"
#include "fastqr/detect/ink.hpp"
#include "fastqr/image/block_mean.hpp"

namespace fastqr {
namespace {

constexpr int kSmallest = 14;   // pixels of a picture's shorter side, which a symbol of one pixel a module exceeds
constexpr int kFewBlocks = 16;  // along a picture's longer side, which hardly hold two symbols
constexpr int kRowsBetweenClocks = 32;   // rows after which the time is looked at
constexpr double kSamePlace = 0.4;       // of a pattern's side between the centres of two sightings of it
constexpr int kLongest = 8;              // a pattern, by its shorter side
constexpr int kLongestCore = 5;          // three fifths of that, as much as a core has of its pattern at most
constexpr double kSameSize = 2;          // ratio of their sides
constexpr std::int64_t kFollowed = 400;  // grey values read along the rays of a pattern
constexpr std::int64_t kRejected = 60;   // and about a place that is none, of which a few rays tell

/// The five runs of a column through a core.
struct Column {
    int first = 0;   // row of the core
    int last = -1;   //
    int height = 0;  // of all five, where they are a finder's
};

/// The five runs through a place along a column, whose core has `longest` rows at most.
Column column_through(const Ink& ink, int column, int row, bool core, int longest, Ring ring) {
    ColumnRuns runs(ink, row, column);
    const int up = runs.up(core, longest);
    if (up > longest) return {};
    const int whole = up + runs.down(core, longest);
    if (whole > longest) return {};
    Column result{row - up + 1, row - up + whole, 0};
    // What is longer than the core, or a pixel longer, is neither its gap nor its ring.
    const int gap_above = runs.up(!core, whole);
    if (gap_above >= whole) return result;
    const int gap_below = runs.down(!core, whole);
    if (gap_below >= whole) return result;
    const int ring_above = ring_of(runs.up(core, whole + 1), whole, ring);
    if (ring_above == 0 || ring_above > whole + 1) return result;
    const int ring_below = ring_of(runs.down(core, whole + 1), whole, ring);
    if (ring_below != 0 && like_a_finder(ring_above, gap_above, whole, gap_below, ring_below))
        result.height = ring_above + gap_above + whole + gap_below + ring_below;
    return result;
}

/// The places of a level that are none although a row and a column show them, which the next rows often show again: of
/// each column the last one.
class Rejected {
  public:
    explicit Rejected(int width) : last_(2 * static_cast<std::size_t>(width)) {}

    /// Notes a place: twice the column and the row of its middle, and its width.
    void add(int twice, int row, int width) { last_[static_cast<std::size_t>(twice)] = {row, width}; }

    [[nodiscard]] bool holds(int twice, int row, int width) const {
        const Place& last = last_[static_cast<std::size_t>(twice)];
        return last.row == row && last.width == width;
    }

  private:
    struct Place {
        int row = -1;
        int width = 0;
    };
    std::vector<Place> last_;
};

/// Twice as many pixels a side, bilinear: each is three quarters of the pixel that it lies in and a quarter of the
/// next, along both axes. 1 byte read and 4 written a pixel, vectorised.
GreyImage doubled(const GreyView& image) {
    GreyImage result{2 * image.height, 2 * image.width, {}};
    const auto width = static_cast<std::size_t>(image.width);
    result.pixels.resize(4 * image.pixels.size());
    std::vector<std::uint16_t> blend(width + 2);  // of two rows, with the border repeated
    for (int y = 0; y < result.height; ++y) {
        const int near = y / 2;
        const int far = std::clamp(y % 2 == 0 ? near - 1 : near + 1, 0, image.height - 1);
        const std::uint8_t* a = image.pixels.data() + static_cast<std::size_t>(near) * width;
        const std::uint8_t* b = image.pixels.data() + static_cast<std::size_t>(far) * width;
        std::uint16_t* row = blend.data() + 1;
        for (std::size_t x = 0; x < width; ++x) row[x] = static_cast<std::uint16_t>(3 * a[x] + b[x]);
        row[-1] = row[0];
        row[width] = row[width - 1];
        std::uint8_t* out = result.pixels.data() + static_cast<std::size_t>(y) * 2 * width;
        for (std::size_t x = 0; x < width; ++x) {
            out[2 * x] = static_cast<std::uint8_t>((3 * row[x] + blend[x] + 8) / 16);
            out[2 * x + 1] = static_cast<std::uint8_t>((3 * row[x] + row[x + 1] + 8) / 16);
        }
    }
    return result;
}

}  // namespace

void FinderPatterns::search_levels(Work& work) { search_levels(settings_.window, work, Ring::kClosed); }

void FinderPatterns::search_levels_closely(Work& work) { search_levels(settings_.close_window, work, Ring::kClosed); }

void FinderPatterns::search_levels_without_margin(Work& work) { search_levels(settings_.window, work, Ring::kOpen); }

void FinderPatterns::search_levels(int window, Work& work, Ring ring) {
    for (int level = 0; level < image_.levels(); ++level) {
        const GreyView& image = image_.level(level);
        if (std::min(image.height, image.width) < kSmallest) return;
        const auto scale = static_cast<double>(image_.pixel_size(level));
        const int of_blocks = level + Ink::kBlockBits;
        if (of_blocks < image_.levels())
            search(image, image_.level(of_blocks), scale, window, work, ring);
        else
            search(image, block_mean(image.view(), Ink::kBlock), scale, window, work, ring);
    }
}

void FinderPatterns::search_enlarged(Work& work) {
    const GreyImage image = doubled(image_.level(0));
    if (std::min(image.height, image.width) < kSmallest) return;
    const auto scale = static_cast<double>(image_.pixel_size(0)) / 2;
    search(image, block_mean(image.view(), Ink::kBlock), scale, settings_.window, work, Ring::kClosed);
}

void FinderPatterns::search(const GreyView& image, const GreyView& means, double scale, int window, Work& work,
                            Ring ring) {
    // Near the edge of a coloured panel a wide window's mean lies beyond the panel's ink and paper, and a close one's
    // between them; the second has twice the contrast, lest the noise of what is plain is ink in every row.
    std::vector<Ink> inks;
    // A level whose pixels are twice as long has half the noise.
    const auto quieter = static_cast<int>(std::lround(settings_.contrast / std::max(1.0, scale)));
    const int contrast = std::min(settings_.contrast, std::max(1, quieter));
    inks.emplace_back(image, means, window, contrast);
    if (ring == Ring::kClosed && std::max(means.height, means.width) > kFewBlocks)
        inks.emplace_back(image, means, window == settings_.window ? settings_.close_window : settings_.window,
                          2 * contrast);
    const double left = image_.region().x1;
    const double top = image_.region().y1;
    Rejected rejected(image.width);
    const auto pixels = static_cast<std::size_t>(image.width);
    std::vector<Column> columns(inks.size() * pixels);  // the last core of each that was looked at, by each of the inks
    std::vector<std::size_t> runs;                      // of a row
    for (int row = 1; row < image.height; row += settings_.row_step) {
        if (row % kRowsBetweenClocks == 1 && work.late()) return;
        if (ring == Ring::kOpen && work.exhausted()) return;  // far more looks like a ring without an end
        const std::size_t turn = static_cast<std::size_t>(row / settings_.row_step) % inks.size();
        Ink& ink = inks[turn];
        const auto [begins_with_ink, changes] = ink.row(row);
        find_runs(changes, ring, runs);
        for (const std::size_t i : runs) {
            const int* at_run = changes.data() + i;
            const int whole = at_run[3] - at_run[2];
            const int before = ring_of(at_run[1] - at_run[0], whole, ring);
            const int after = ring_of(at_run[5] - at_run[4], whole, ring);
            const bool core = (i % 2 == 0) == begins_with_ink;  // whether the middle run is ink
            const int width = before + at_run[4] - at_run[1] + after;
            const int middle = (changes[i + 2] + changes[i + 3]) / 2;
            Column& column = columns[turn * pixels + static_cast<std::size_t>(middle)];
            if (row < column.first || row > column.last)
                column = column_through(ink, middle, row, core, kLongestCore * width, ring);
            const int height = column.height;
            if (height == 0 || height > kLongest * width || width > kLongest * height) continue;
            const int centre = (column.first + column.last + 1) / 2;
            if (rejected.holds(changes[i + 2] + changes[i + 3], centre, width)) continue;
            const Point at{(changes[i + 2] + changes[i + 3]) / 2.0, centre + 0.5};
            const Point place{left + at.x * scale, top + at.y * scale};
            const double side = std::sqrt(static_cast<double>(width) * height) * scale;
            // What this level has seen here, or a finer one seen well, is not looked at again, unless another kind of
            // ring was looked for, and in vain.
            bool known = false;
            std::optional<std::size_t> doubtful;
            index_.near(place, kSamePlace * kSameSize * side, side / kSameSize, side * kSameSize, [&](std::size_t id) {
                const FinderPattern& other = found_[id];
                const double dx = other.centre.x - place.x;
                const double dy = other.centre.y - place.y;
                if (dx * dx + dy * dy >= kSamePlace * kSamePlace * other.side * other.side) return;
                if ((ring == Ring::kClosed) != (other.ring == Ring::kClosed))
                    doubtful = id;
                else if (scales_[id] == scale || other.credible)
                    known = true;
                else
                    doubtful = id;
            });
            if (known) continue;
            const auto limit = static_cast<float>(ink.limit(centre, middle));
            auto pattern = finder_at(image, at, width, height, !core, limit, settings_, ring);
            work.spend(pattern || ring == Ring::kOpen ? kFollowed : kRejected);
            if (ring == Ring::kOpen && !(pattern && pattern->credible)) {
                pattern.reset();
                if (like_a_finder(at_run[1] - at_run[0], at_run[2] - at_run[1], whole, at_run[4] - at_run[3],
                                  at_run[5] - at_run[4]) &&
                    column_through(ink, middle, centre, core, kLongestCore * width, Ring::kClosed).height > 0)
                    pattern = finder_at(image, at, width, height, !core, limit, settings_, Ring::kDotted);
                if (pattern && !pattern->credible) pattern.reset();
            }
            if (!pattern) {
                rejected.add(changes[i + 2] + changes[i + 3], centre, width);
                continue;
            }
            for (Point& p : pattern->quad) p = {left + p.x * scale, top + p.y * scale};
            const FinderQuad& q = pattern->quad;
            pattern->centre = {(q[0].x + q[1].x + q[2].x + q[3].x) / 4, (q[0].y + q[1].y + q[2].y + q[3].y) / 4};
            pattern->side *= scale;
            if (doubtful) {
                if (pattern->ring != found_[*doubtful].ring || pattern->misfit < found_[*doubtful].misfit) {
                    found_[*doubtful] = *pattern;
                    scales_[*doubtful] = scale;
                }
                continue;
            }
            index_.insert(found_.size(), pattern->centre, pattern->side);
            found_.push_back(*pattern);
            scales_.push_back(scale);
        }
    }
}

}  // namespace fastqr
