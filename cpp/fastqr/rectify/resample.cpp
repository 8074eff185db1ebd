#include "fastqr/rectify/resample.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

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

/// One cell of a lattice, and how its samples are taken.
struct CellLooks {
    const float* a;
    const float* b;
    const float* c;
    const float* d;
    int level;
    int across;
    int down;
    bool inside;  // of the level, so that no look needs to ask
};

CellLooks looks_of(const MipMap& image, const Lattice& lattice, int i, int j, float share) {
    CellLooks cell{
        lattice.node(i, j), lattice.node(i, j + 1), lattice.node(i + 1, j), lattice.node(i + 1, j + 1), 0, 1, 1, false};
    const auto& [a, b, c, d] = std::tie(cell.a, cell.b, cell.c, cell.d);
    const float across = std::max(length(b[0] - a[0], b[1] - a[1]), length(d[0] - c[0], d[1] - c[1]));
    const float down = std::max(length(c[0] - a[0], c[1] - a[1]), length(d[0] - b[0], d[1] - b[1]));
    const Looks looks = looks_for(image, across * share, down * share);
    cell.level = looks.level;
    cell.across = looks.across;
    cell.down = looks.down;
    cell.inside = true;
    for (const float* node : {a, b, c, d}) cell.inside = cell.inside && image.inside(looks.level, node[0], node[1]);
    return cell;
}

/// Mean grey of the picture over one sample of a cell: its looks between (u0, v0) and (u0 + span, v0 + span). Costs 4
/// source bytes a look.
float sample_of(const MipMap& image, const CellLooks& cell, float u0, float v0, float span) {
    float sum = 0;
    for (int sy = 0; sy < cell.down; ++sy) {
        const float v = v0 + span * (static_cast<float>(sy) + 0.5F) / static_cast<float>(cell.down);
        const float lx = cell.a[0] + (cell.c[0] - cell.a[0]) * v;
        const float ly = cell.a[1] + (cell.c[1] - cell.a[1]) * v;
        const float rx = cell.b[0] + (cell.d[0] - cell.b[0]) * v;
        const float ry = cell.b[1] + (cell.d[1] - cell.b[1]) * v;
        for (int sx = 0; sx < cell.across; ++sx) {
            const float u = u0 + span * (static_cast<float>(sx) + 0.5F) / static_cast<float>(cell.across);
            const float x = lx + (rx - lx) * u;
            const float y = ly + (ry - ly) * u;
            sum += cell.inside ? image.sample_inside(cell.level, x, y) : image.sample(cell.level, x, y);
        }
    }
    return cell.across * cell.down == 1 ? sum : sum / static_cast<float>(cell.across * cell.down);
}

}  // namespace

std::vector<float> resample_lattice(const MipMap& image, const Lattice& lattice, int pixels,
                                    std::span<const std::uint8_t> wanted) {
    const int side = lattice.cells * pixels;
    std::vector<float> patch(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    const float share = 1.0F / static_cast<float>(pixels);
    for (int i = 0; i < lattice.cells; ++i)
        for (int j = 0; j < lattice.cells; ++j) {
            if (!wanted.empty() && wanted[static_cast<std::size_t>(i * lattice.cells + j)] == 0) continue;
            const CellLooks cell = looks_of(image, lattice, i, j, share);
            for (int py = 0; py < pixels; ++py) {
                float* out = patch.data() + static_cast<std::size_t>(i * pixels + py) * static_cast<std::size_t>(side) +
                             static_cast<std::size_t>(j * pixels);
                for (int px = 0; px < pixels; ++px)
                    out[px] =
                        sample_of(image, cell, static_cast<float>(px) * share, static_cast<float>(py) * share, share);
            }
        }
    return patch;
}

std::vector<float> resample_modules(const MipMap& image, const Lattice& lattice, int margin) {
    const int size = lattice.cells - 2 * margin;
    std::vector<float> levels;
    levels.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    for (int i = margin; i < margin + size; ++i)
        for (int j = margin; j < margin + size; ++j) {
            const CellLooks cell = looks_of(image, lattice, i, j, kQuarter);
            float sum = 0;
            for (float v : {kQuarter, 2 * kQuarter})
                for (float u : {kQuarter, 2 * kQuarter}) sum += sample_of(image, cell, u, v, kQuarter);
            levels.push_back(kQuarter * sum);
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

}  // namespace fastqr
