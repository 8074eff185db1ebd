#include "fastqr/rectify/size.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr int kSmallest = size_of_version(min_version);
constexpr int kLargest = size_of_version(max_version);
constexpr int kStep = size_of_version(2) - size_of_version(1);
constexpr double kWindow =
    0.45;  // sizes within this share of the first estimate are fitted: it was off by 30 % at most

double length(Point a, Point b) { return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }

/// Seven times the finders' distance over their width: exact without perspective.
double estimate(const FinderCorners& corners) {
    double width = 0;
    std::array<Point, 3> centres{};
    for (std::size_t f = 0; f < 3; ++f)
        for (std::size_t k = 0; k < 4; ++k) {
            centres[f].x += corners[f][k].x / 4;
            centres[f].y += corners[f][k].y / 4;
        }
    double ratio = 0;
    for (std::size_t f : {std::size_t{1}, std::size_t{2}}) {
        // Widths along the line between the centres: top and bottom edges for the right one, sides for the lower one.
        width = 0;
        for (std::size_t g : {std::size_t{0}, f})
            width += f == 1 ? length(corners[g][0], corners[g][1]) + length(corners[g][3], corners[g][2])
                            : length(corners[g][0], corners[g][3]) + length(corners[g][1], corners[g][2]);
        ratio += 0.5 * length(centres[0], centres[f]) / std::max(width / 4, 1e-6);
    }
    return 7 * ratio + 7;
}

}  // namespace

std::array<Point, 12> finder_corner_places(int size) {
    std::array<Point, 12> places{};
    const double far = size - 7;
    const std::array<Point, 3> origins{Point{0, 0}, Point{far, 0}, Point{0, far}};
    for (std::size_t f = 0; f < 3; ++f) {
        const auto [x, y] = origins[f];
        places[4 * f] = {x, y};
        places[4 * f + 1] = {x + 7, y};
        places[4 * f + 2] = {x + 7, y + 7};
        places[4 * f + 3] = {x, y + 7};
    }
    return places;
}

int nearest_size(const FinderCorners& corners) {
    const double guess = estimate(corners);
    if (!(guess < kLargest)) return kLargest;  // also where it is not a number
    return std::max(kSmallest, kSmallest + kStep * static_cast<int>(std::lround((guess - kSmallest) / kStep)));
}

std::optional<SizeFit> fit_size(const FinderCorners& corners, int size) {
    std::array<Point, 12> image{};
    double pitch = 0;
    for (std::size_t f = 0; f < 3; ++f)
        for (std::size_t k = 0; k < 4; ++k) {
            image[4 * f + k] = corners[f][k];
            pitch += length(corners[f][k], corners[f][(k + 1) % 4]) / (7.0 * 12);
        }
    if (!(pitch > 0)) return std::nullopt;
    const std::array<Point, 12> places = finder_corner_places(size);
    const auto homography = fit_homography(places, image);
    if (!homography) return std::nullopt;
    double sum = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Point p = (*homography)(places[i]);
        sum += (p.x - image[i].x) * (p.x - image[i].x) + (p.y - image[i].y) * (p.y - image[i].y);
    }
    const double residual = std::sqrt(sum / 12) / pitch;
    if (!std::isfinite(residual)) return std::nullopt;
    return SizeFit{size, *homography, residual};
}

std::vector<SizeFit> fit_sizes(const FinderCorners& corners, int top) {
    const double guess = estimate(corners);
    std::vector<SizeFit> fits;
    if (!std::isfinite(guess)) return fits;
    for (int size = kSmallest; size <= kLargest; size += kStep) {
        if (size < guess * (1 - kWindow) - kStep || size > guess * (1 + kWindow) + kStep) continue;
        if (const auto fit = fit_size(corners, size)) fits.push_back(*fit);
    }
    std::ranges::stable_sort(fits, std::ranges::less{}, [](const SizeFit& fit) { return fit.residual; });
    if (static_cast<int>(fits.size()) > top) fits.resize(static_cast<std::size_t>(std::max(top, 0)));
    return fits;
}

}  // namespace fastqr
