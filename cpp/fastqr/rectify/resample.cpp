#include "fastqr/rectify/resample.hpp"

#include <algorithm>
#include <cmath>

namespace fastqr {
namespace {

constexpr float kLargestStep = 1.3F;  // level pixels a sample may span before one bilinear look aliases
constexpr int kMostSubsamples = 8;    // a side; beyond that the view is too steep to read anything

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
    const int level = image.level_for(std::min(across, down));
    const float scale = 1.0F / image.pixel_size(level);
    return {level, subsamples(across * scale), subsamples(down * scale)};
}

}  // namespace

std::vector<float> resample_lattice(const MipMap& image, const Lattice& lattice, int pixels,
                                    std::span<const std::uint8_t> wanted) {
    const int side = lattice.cells * pixels;
    std::vector<float> patch(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    for (int i = 0; i < lattice.cells; ++i)
        for (int j = 0; j < lattice.cells; ++j) {
            if (!wanted.empty() && wanted[static_cast<std::size_t>(i * lattice.cells + j)] == 0) continue;
            const float* a = lattice.node(i, j);
            const float* b = lattice.node(i, j + 1);
            const float* c = lattice.node(i + 1, j);
            const float* d = lattice.node(i + 1, j + 1);
            const float across = std::max(std::hypot(b[0] - a[0], b[1] - a[1]), std::hypot(d[0] - c[0], d[1] - c[1]));
            const float down = std::max(std::hypot(c[0] - a[0], c[1] - a[1]), std::hypot(d[0] - b[0], d[1] - b[1]));
            const auto [level, nx, ny] =
                looks_for(image, across / static_cast<float>(pixels), down / static_cast<float>(pixels));
            const float share = 1.0F / static_cast<float>(nx * ny);
            // Costs 4 source bytes a look and one float written a sample.
            for (int py = 0; py < pixels; ++py)
                for (int px = 0; px < pixels; ++px) {
                    float sum = 0;
                    for (int sy = 0; sy < ny; ++sy) {
                        const float v =
                            (static_cast<float>(py) + (static_cast<float>(sy) + 0.5F) / static_cast<float>(ny)) /
                            static_cast<float>(pixels);
                        const float lx = a[0] + (c[0] - a[0]) * v;
                        const float ly = a[1] + (c[1] - a[1]) * v;
                        const float rx = b[0] + (d[0] - b[0]) * v;
                        const float ry = b[1] + (d[1] - b[1]) * v;
                        for (int sx = 0; sx < nx; ++sx) {
                            const float u =
                                (static_cast<float>(px) + (static_cast<float>(sx) + 0.5F) / static_cast<float>(nx)) /
                                static_cast<float>(pixels);
                            sum += image.sample(level, lx + (rx - lx) * u, ly + (ry - ly) * u);
                        }
                    }
                    patch[static_cast<std::size_t>(i * pixels + py) * static_cast<std::size_t>(side) +
                          static_cast<std::size_t>(j * pixels + px)] = sum * share;
                }
        }
    return patch;
}

std::vector<float> warp(const MipMap& image, const Homography& output_to_image, int height, int width) {
    std::vector<float> result(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    const auto step_at = [&](double x, double y) {
        const Point p = output_to_image(x, y);
        const Point q = output_to_image(x + 1, y);
        const Point r = output_to_image(x, y + 1);
        return std::pair(static_cast<float>(std::hypot(q.x - p.x, q.y - p.y)),
                         static_cast<float>(std::hypot(r.x - p.x, r.y - p.y)));
    };
    for (int row = 0; row < height; ++row)
        for (int column = 0; column < width; ++column) {
            const auto [across, down] = step_at(column, row);
            const auto [level, nx, ny] = looks_for(image, across, down);
            float sum = 0;
            for (int sy = 0; sy < ny; ++sy)
                for (int sx = 0; sx < nx; ++sx) {
                    const Point p = output_to_image(column + (sx + 0.5) / nx, row + (sy + 0.5) / ny);
                    sum += image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y));
                }
            result[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)] =
                sum / static_cast<float>(nx * ny);
        }
    return result;
}

}  // namespace fastqr
