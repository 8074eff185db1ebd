#include "fastqr/detect/finder_shape.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fastqr {
namespace {

constexpr double kWholeCore = 0.9;    // share of the rays that must leave a core of which nothing else is seen
constexpr double kLeastContrast = 8;  // grey levels between core and gap

/// Area of an outline over that of the quad between its extremes, from which it has no corners to speak of: 1 of a
/// square, 1.34 of one whose corners have a radius of two modules, 1.57 of an ellipse.
constexpr double kRound = 1.4;

/// The longer by the shorter side of a pattern along rows and columns, from which it is seen as if it were not
/// stretched: below, rays all round tell its corners.
constexpr double kStretched = 2;

float grey_at(const Plane<std::uint8_t>& image, float x, float y) { return image.clamped(x - 0.5F, y - 0.5F).value(); }

double squared_distance(Point a, Point b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

/// Line through points by total least squares: a point on it and its direction.
struct Line {
    Point at;
    Point along;
};

std::optional<Point> crossing(const Line& a, const Line& b) {
    const double cross = a.along.x * b.along.y - a.along.y * b.along.x;
    if (std::abs(cross) < 0.2) return std::nullopt;
    const double t = ((b.at.x - a.at.x) * b.along.y - (b.at.y - a.at.y) * b.along.x) / cross;
    return Point{a.at.x + t * a.along.x, a.at.y + t * a.along.y};
}

using Outline = std::span<const Point>;

/// The line along a side of the outline, by the points near the line between two of its corners.
std::optional<Line> side_between(Outline outline, Point a, Point b) {
    const double length = std::sqrt(squared_distance(a, b));
    if (!(length > 1)) return std::nullopt;
    const Point u{(b.x - a.x) / length, (b.y - a.y) / length};
    double n = 0;
    double sx = 0;
    double sy = 0;
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (const Point& p : outline) {
        const double x = p.x - a.x;
        const double y = p.y - a.y;
        const double along = x * u.x + y * u.y;
        const double off = y * u.x - x * u.y;
        if (along < 0.1 * length || along > 0.9 * length || std::abs(off) > 0.16 * length) continue;
        n += 1;
        sx += x;
        sy += y;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    if (n < 3) return std::nullopt;
    const Point mean{sx / n, sy / n};
    // The eigenvector of the larger eigenvalue of the points' covariance.
    const double half = (xx / n - mean.x * mean.x - yy / n + mean.y * mean.y) / 2;
    const double cxy = xy / n - mean.x * mean.y;
    const double root = std::sqrt(half * half + cxy * cxy);
    const Point along = half > 0 ? Point{half + root, cxy} : Point{cxy, root - half};
    const double norm = std::sqrt(along.x * along.x + along.y * along.y);
    if (!(norm > 0)) return Line{{a.x + mean.x, a.y + mean.y}, {1, 0}};
    return Line{{a.x + mean.x, a.y + mean.y}, {along.x / norm, along.y / norm}};
}

double area_of(Outline outline) {
    double sum = 0;
    for (std::size_t k = 0; k < outline.size(); ++k) {
        const Point& next = outline[k + 1 < outline.size() ? k + 1 : 0];
        sum += outline[k].x * next.y - next.x * outline[k].y;
    }
    return 0.5 * sum;
}

/// Rough corners of a convex outline: the point farthest from its middle, the one farthest from that, and the farthest
/// on either side of the line between them.
FinderQuad extremes_of(Outline outline, Point middle) {
    const auto farthest = [&](auto measure) {
        Point best = outline.front();
        double most = measure(best);
        for (const Point& p : outline.subspan(1)) {
            const double value = measure(p);
            if (!(value > most)) continue;
            most = value;
            best = p;
        }
        return best;
    };
    const Point a = farthest([&](Point p) { return squared_distance(p, middle); });
    const Point c = farthest([&](Point p) { return squared_distance(p, a); });
    const auto off = [&](Point p) { return (c.x - a.x) * (p.y - a.y) - (c.y - a.y) * (p.x - a.x); };
    const Point b = farthest([&](Point p) { return -off(p); });
    const Point d = farthest(off);
    return {a, b, c, d};
}

/// Corners of a square's outline: where the lines along the sides between rough corners meet.
FinderQuad corners_of(Outline outline, const FinderQuad& rough) {
    std::array<std::optional<Line>, 4> sides;
    for (std::size_t k = 0; k < 4; ++k) sides[k] = side_between(outline, rough[k], rough[(k + 1) % 4]);
    FinderQuad quad = rough;
    const double reach = 0.2 * 0.2 * squared_distance(rough[2], rough[0]);
    for (std::size_t k = 0; k < 4; ++k) {
        const auto& before = sides[(k + 3) % 4];
        const auto& after = sides[k];
        if (!before || !after) continue;
        const auto corner = crossing(*before, *after);
        if (corner && squared_distance(*corner, rough[k]) < reach) quad[k] = *corner;
    }
    return quad;
}

/// Corners of the parallelogram about an ellipse that has a side along the rows of pixels: its outline's second moments
/// about its middle are those of the ellipse, a quarter of the sum of the squares of any two conjugate radii.
FinderQuad about_ellipse(Outline outline, Point middle) {
    double area = 0;
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (std::size_t k = 0; k < outline.size(); ++k) {  // triangles from the middle to the outline
        const Point& next = outline[k + 1 < outline.size() ? k + 1 : 0];
        const Point a{outline[k].x - middle.x, outline[k].y - middle.y};
        const Point b{next.x - middle.x, next.y - middle.y};
        const double twice = a.x * b.y - b.x * a.y;
        area += twice;
        xx += twice * (a.x * a.x + b.x * b.x + a.x * b.x) / 6;
        xy += twice * (a.x * a.y + b.x * b.y + (a.x * b.y + a.y * b.x) / 2) / 6;
        yy += twice * (a.y * a.y + b.y * b.y + a.y * b.y) / 6;
    }
    const double scale = 4 / std::max(area, 1e-9);
    const double across = std::sqrt(std::max(scale * xx, 1e-9));
    const double slope = scale * xy / across;
    const double down = std::sqrt(std::max(scale * yy - slope * slope, 0.0));
    const auto at = [&](double p, double q) { return Point{middle.x + p * across, middle.y + p * slope + q * down}; };
    return {at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)};
}

}  // namespace

std::optional<FinderPattern> finder_at(const GreyView& image, Point centre, double width, double height, bool inverted,
                                       float limit, const FinderSettings& settings, Ring ring) {
    const double side = std::max(width, height);
    // In proportion to its sides a stretched pattern is a square.
    const bool stretched = side > kStretched * std::min(width, height);
    const Point stretch = stretched ? Point{width / side, height / side} : Point{1, 1};
    // Core and gap as they are here: the edge between them is where the level is half way, unless blur has made the
    // thin ring no more of ink than that.
    const Plane<std::uint8_t> plane = image.plane();
    const float sign = inverted ? -1.0F : 1.0F;
    float core = 0;
    float gap = 0;
    float faintest = sign * 255;
    for (const Point& along : {Point{1, 0}, Point{-1, 0}, Point{0, 1}, Point{0, -1}}) {
        const auto at = [&](double modules) {
            return grey_at(plane, static_cast<float>(centre.x + along.x * width * modules / 7),
                           static_cast<float>(centre.y + along.y * height * modules / 7));
        };
        core += 0.25F * at(0.5);
        gap += 0.25F * at(2);
        faintest = std::min(faintest, -sign * at(3));
    }
    if (sign * (gap - core) < kLeastContrast) return std::nullopt;
    float threshold = (core + gap) / 2;
    if (faintest < -sign * threshold && sign * (limit - threshold) > 0 && sign * (gap - limit) > 0) threshold = limit;
    const double agreeing = ring == Ring::kDotted ? std::max(kWholeCore, settings.agreeing) : settings.agreeing;
    const auto least = static_cast<std::size_t>(std::lround(agreeing * kFinderRays));
    const FinderRays rays = finder_rays(image, centre, side, threshold, inverted, least, true, ring, stretch);
    if (rays.agreeing < least) return std::nullopt;
    Point middle{0, 0};
    double pairs = 0;
    for (std::size_t i = 0; i < kFinderRays / 2; ++i)
        if (rays.crossed[i] && rays.crossed[i + kFinderRays / 2]) {
            middle.x += (rays.outer[i].x + rays.outer[i + kFinderRays / 2].x) / 2;
            middle.y += (rays.outer[i].y + rays.outer[i + kFinderRays / 2].y) / 2;
            pairs += 1;
        }
    if (pairs < 3) return std::nullopt;
    middle = {middle.x / pairs, middle.y / pairs};
    if (squared_distance(middle, centre) > 0.2 * 0.2 * side * side) return std::nullopt;
    std::array<Point, kFinderRays> crossed{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < kFinderRays; ++i)
        if (rays.crossed[i]) crossed[count++] = rays.outer[i];
    FinderPattern pattern;
    const Outline outline{crossed.data(), count};
    const FinderQuad rough = extremes_of(outline, middle);
    pattern.round = area_of(outline) > kRound * area_of(rough);
    pattern.quad = pattern.round ? about_ellipse(outline, middle) : corners_of(outline, rough);
    if (stretched)
        for (Point& p : pattern.quad)
            p = {centre.x + stretch.x * (p.x - centre.x), centre.y + stretch.y * (p.y - centre.y)};
    const double area = area_of(pattern.quad);
    if (!(area > 30)) return std::nullopt;
    pattern.side = std::sqrt(area);
    pattern.inverted = inverted;
    pattern.ring = ring;
    pattern.misfit = rays.misfit + (1 - static_cast<double>(rays.agreeing) / static_cast<double>(kFinderRays));
    pattern.credible = pattern.misfit < settings.credible;
    return pattern;
}

}  // namespace fastqr
