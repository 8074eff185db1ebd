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

/// A map with how far it sends the corners from where they are seen; nothing where that is no number.
std::optional<SizeFit> judged(const FinderCorners& corners, int size, const Homography& homography) {
    const std::array<Point, 12> places = finder_corner_places(size);
    double pitch = 0;
    double sum = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Point& seen = corners[i / 4][i % 4];
        pitch += length(seen, corners[i / 4][(i + 1) % 4]) / (7.0 * 12);
        const Point p = homography(places[i]);
        sum += (p.x - seen.x) * (p.x - seen.x) + (p.y - seen.y) * (p.y - seen.y);
    }
    if (!(pitch > 0)) return std::nullopt;
    const double residual = std::sqrt(sum / 12) / pitch;
    if (!std::isfinite(residual)) return std::nullopt;
    return SizeFit{size, homography, residual};
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
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = corners[i / 4][i % 4];
    const auto homography = fit_homography(finder_corner_places(size), image);
    if (!homography) return std::nullopt;
    return judged(corners, size, *homography);
}

std::optional<SizeFit> fit_flat(const FinderCorners& corners, int size) {
    std::array<Point, 3> centres{};
    for (std::size_t f = 0; f < 3; ++f)
        for (const Point& corner : corners[f]) {
            centres[f].x += corner.x / 4;
            centres[f].y += corner.y / 4;
        }
    const double span = size - 7;
    const Point across{(centres[1].x - centres[0].x) / span, (centres[1].y - centres[0].y) / span};
    const Point down{(centres[2].x - centres[0].x) / span, (centres[2].y - centres[0].y) / span};
    if (!(std::abs(across.x * down.y - across.y * down.x) > 0)) return std::nullopt;
    return judged(corners, size,
                  {{across.x, down.x, centres[0].x - 3.5 * (across.x + down.x), across.y, down.y,
                    centres[0].y - 3.5 * (across.y + down.y), 0, 0, 1}});
}

bool may_have_size(double seeming, int size) {
    return size >= seeming * (1 - kWindow) - kStep && size <= seeming * (1 + kWindow) + kStep;
}

std::vector<SizeFit> fit_sizes(const FinderCorners& corners, int top) {
    const double guess = estimate(corners);
    std::vector<SizeFit> fits;
    if (!std::isfinite(guess)) return fits;
    for (int size = kSmallest; size <= kLargest; size += kStep) {
        if (!may_have_size(guess, size)) continue;
        if (const auto fit = fit_size(corners, size)) fits.push_back(*fit);
    }
    std::ranges::stable_sort(fits, std::ranges::less{}, [](const SizeFit& fit) { return fit.residual; });
    if (static_cast<int>(fits.size()) > top) fits.resize(static_cast<std::size_t>(std::max(top, 0)));
    return fits;
}

}  // namespace fastqr
