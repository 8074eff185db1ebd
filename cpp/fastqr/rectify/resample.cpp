
#include "fastqr/rectify/resample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "fastqr/image/window_light.hpp"

namespace fastqr {
namespace {

constexpr float kSmallestStep = 0.75F;  // a level's pixel may be larger than a sample by as much: looks as sharp
constexpr float kLargestStep = 1.5F;    // level pixels a sample may span before one bilinear look aliases
constexpr int kTile = 8;                // pixels of a warped picture
constexpr float kQuarter = 0.25F;
constexpr int kMostSubsamples = 8;  // a side; beyond that the view is too steep to read anything

/// How a sample of a size in picture pixels is taken: from which level, with how many looks along each axis.
struct Looks {
    int level = 0;
    int across = 1;
    int down = 1;
};

int subsamples(float step) {
    if (!(step > kLargestStep)) return 1;
    return std::min(kMostSubsamples, static_cast<int>(std::ceil(std::min(step, 1000.0F))));
}

/// The level follows the shorter side, so that a slanted view stays sharp where it can be.
Looks looks_for(const MipMap& image, float across, float down) {
    const int level = image.level_for(std::min(across, down) / kSmallestStep);
    const float scale = 1.0F / image.pixel_size(level);
    return {level, subsamples(across * scale), subsamples(down * scale)};
}

float length(float x, float y) { return std::sqrt(x * x + y * y); }

/// A place on a level, in its pixels from the first one's centre.
struct Place {
    float x;
    float y;
};

Place between(const Place& a, const Place& b, float share) {
    return {a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

/// One cell of a lattice, and how its samples are taken.
class Cell {
  public:
    Cell(const MipMap& image, const Lattice& lattice, int i, int j, float share)
        : image_(image),
          nodes_{lattice.node(i, j), lattice.node(i, j + 1), lattice.node(i + 1, j), lattice.node(i + 1, j + 1)} {
        const auto& [a, b, c, d] = nodes_;
        const float across = std::max(length(b[0] - a[0], b[1] - a[1]), length(d[0] - c[0], d[1] - c[1]));
        const float down = std::max(length(c[0] - a[0], c[1] - a[1]), length(d[0] - b[0], d[1] - b[1]));
        looks_ = looks_for(image, across * share, down * share);
        const GreyView& level = image.level(looks_.level);
        const float scale = 1.0F / image.pixel_size(looks_.level);
        const auto left = static_cast<float>(image.region().x1);
        const auto top = static_cast<float>(image.region().y1);
        const auto right_most = static_cast<float>(level.width - 1);
        const auto lowest = static_cast<float>(level.height - 1);
        inside_ = true;
        for (std::size_t k = 0; k < 4; ++k) {
            const float x = (nodes_[k][0] - left) * scale - 0.5F;
            const float y = (nodes_[k][1] - top) * scale - 0.5F;
            corners_[k] = {x, y};
            inside_ = inside_ && x >= 0 && y >= 0 && x < right_most && y < lowest;
        }
        level_ = &level;
    }

    /// Mean grey of the picture over each of `count` samples side by side: their looks between (u, v) and
    /// (u + count * span, v + span) of the cell. Costs 4 source bytes a look.
    void row_of_samples(float u, float v, float span, int count, float* out) const {
        if (inside_ && looks_.across == 1 && looks_.down == 1) {
            const float middle = v + 0.5F * span;
            const Place left = between(corners_[0], corners_[2], middle);
            const Place right = between(corners_[1], corners_[3], middle);
            const Place first = between(left, right, u + 0.5F * span);
            const Place move{(right.x - left.x) * span, (right.y - left.y) * span};
            const Plane<std::uint8_t> plane = level_->plane();
            for (int k = 0; k < count; ++k) {
                const auto steps = static_cast<float>(k);
                out[k] = plane.inside(first.x + steps * move.x, first.y + steps * move.y).value();
            }
            return;
        }
        for (int k = 0; k < count; ++k) out[k] = sample(u + static_cast<float>(k) * span, v, span);
    }

  private:
    /// One sample by as many looks as it takes, wherever it lies.
    [[nodiscard]] float sample(float u0, float v0, float span) const {
        const auto& [a, b, c, d] = nodes_;
        float sum = 0;
        for (int sy = 0; sy < looks_.down; ++sy) {
            const float v = v0 + span * (static_cast<float>(sy) + 0.5F) / static_cast<float>(looks_.down);
            const Place left = between({a[0], a[1]}, {c[0], c[1]}, v);
            const Place right = between({b[0], b[1]}, {d[0], d[1]}, v);
            for (int sx = 0; sx < looks_.across; ++sx) {
                const float u = u0 + span * (static_cast<float>(sx) + 0.5F) / static_cast<float>(looks_.across);
                const Place at = between(left, right, u);
                sum += image_.sample(looks_.level, at.x, at.y);
            }
        }
        return sum / static_cast<float>(looks_.across * looks_.down);
    }

    const MipMap& image_;
    std::array<const float*, 4> nodes_;  // top left, top right, bottom left, bottom right, in the picture
    std::array<Place, 4> corners_{};     // the same on the level
    Looks looks_;
    bool inside_ = false;  // whether no look needs care for the level's border
    const GreyView* level_ = nullptr;
};

}  // namespace

std::vector<float> resample_lattice(const MipMap& image, const Lattice& lattice, int pixels,
                                    std::span<const std::uint8_t> wanted) {
    const int side = lattice.cells * pixels;
    std::vector<float> patch(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    const float share = 1.0F / static_cast<float>(pixels);
    for (int i = 0; i < lattice.cells; ++i)
        for (int j = 0; j < lattice.cells; ++j) {
            if (!wanted.empty() && wanted[static_cast<std::size_t>(i * lattice.cells + j)] == 0) continue;
            const Cell cell(image, lattice, i, j, share);
            float* out = patch.data() + static_cast<std::size_t>(i * pixels) * static_cast<std::size_t>(side) +
                         static_cast<std::size_t>(j * pixels);
            for (int py = 0; py < pixels; ++py, out += side)
                cell.row_of_samples(0, static_cast<float>(py) * share, share, pixels, out);
        }
    return patch;
}

std::vector<float> resample_modules(const MipMap& image, const Lattice& lattice, int margin) {
    const int size = lattice.cells - 2 * margin;
    std::vector<float> levels;
    levels.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    for (int i = margin; i < margin + size; ++i)
        for (int j = margin; j < margin + size; ++j) {
            const Cell cell(image, lattice, i, j, kQuarter);
            std::array<float, 4> samples{};
            cell.row_of_samples(kQuarter, kQuarter, kQuarter, 2, samples.data());
            cell.row_of_samples(kQuarter, 2 * kQuarter, kQuarter, 2, samples.data() + 2);
            levels.push_back(kQuarter * (samples[0] + samples[1] + samples[2] + samples[3]));
        }
    return levels;
}

std::vector<float> warp(const MipMap& image, const Homography& output_to_image, int height, int width) {
    std::vector<float> result(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    const auto looks_about = [&](double x, double y) {
        const Point p = output_to_image(x, y);
        const Point q = output_to_image(x + 1, y);
        const Point r = output_to_image(x, y + 1);
        return looks_for(image, length(static_cast<float>(q.x - p.x), static_cast<float>(q.y - p.y)),
                         length(static_cast<float>(r.x - p.x), static_cast<float>(r.y - p.y)));
    };
    // A tile is small enough for all of its samples to be taken alike.
    for (int top = 0; top < height; top += kTile)
        for (int left = 0; left < width; left += kTile) {
            const auto [level, nx, ny] = looks_about(left + kTile / 2.0, top + kTile / 2.0);
            for (int row = top; row < std::min(height, top + kTile); ++row)
                for (int column = left; column < std::min(width, left + kTile); ++column) {
                    float sum = 0;
                    for (int sy = 0; sy < ny; ++sy)
                        for (int sx = 0; sx < nx; ++sx) {
                            const Point p = output_to_image(column + (sx + 0.5) / nx, row + (sy + 0.5) / ny);
                            sum += image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y));
                        }
                    result[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                           static_cast<std::size_t>(column)] = sum / static_cast<float>(nx * ny);
                }
        }
    return result;
}

std::vector<float> unit_patches(const MipMap& image, std::span<const Homography> unit_to_image, int size) {
    std::vector<float> patches;
    patches.reserve(unit_to_image.size() * static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    const Homography to_unit{{1.0 / size, 0, 0, 0, 1.0 / size, 0, 0, 0, 1}};
    for (const Homography& map : unit_to_image) {
        std::vector<float> patch = warp(image, compose(map, to_unit), size, size);
        normalise_light(patch);
        patches.insert(patches.end(), patch.begin(), patch.end());
    }
    return patches;
}

}  // namespace fastqr
