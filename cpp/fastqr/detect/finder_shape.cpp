#include "fastqr/detect/finder_shape.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "fastqr/detect/finder_rays.hpp"

namespace fastqr {
namespace {

constexpr std::size_t kAgreeing = kFinderRays * 3 / 5;  // rays that must cross a finder's rings
constexpr double kLeastContrast = 8;                    // grey levels between core and gap

float grey_at(const Plane<std::uint8_t>& image, float x, float y) { return image.clamped(x - 0.5F, y - 0.5F).value(); }

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

std::optional<Line> side_between(const std::vector<Point>& outline, Point a, Point b) {
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    if (!(length > 1)) return std::nullopt;
    const Point u{(b.x - a.x) / length, (b.y - a.y) / length};
    double n = 0;
    double sx = 0;
    double sy = 0;
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (const Point& p : outline) {
        const double along = (p.x - a.x) * u.x + (p.y - a.y) * u.y;
        const double off = (p.y - a.y) * u.x - (p.x - a.x) * u.y;
        if (along < 0.1 * length || along > 0.9 * length || std::abs(off) > 0.16 * length) continue;
        const double x = p.x - a.x;
        const double y = p.y - a.y;
        n += 1;
        sx += x;
        sy += y;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    if (n < 3) return std::nullopt;
    const Point mean{sx / n, sy / n};
    const double cxx = xx / n - mean.x * mean.x;
    const double cxy = xy / n - mean.x * mean.y;
    const double cyy = yy / n - mean.y * mean.y;
    const double angle = 0.5 * std::atan2(2 * cxy, cxx - cyy);
    return Line{{a.x + mean.x, a.y + mean.y}, {std::cos(angle), std::sin(angle)}};
}

/// Corners of a convex outline: the point farthest from its middle, the one farthest from that, and the farthest on
/// either side of the line between them; then where the lines along the sides meet.
FinderQuad corners_of(const std::vector<Point>& outline, Point middle) {
    const auto farthest = [&](auto measure) {
        return *std::max_element(outline.begin(), outline.end(),
                                 [&](Point a, Point b) { return measure(a) < measure(b); });
    };
    const Point a = farthest([&](Point p) { return std::hypot(p.x - middle.x, p.y - middle.y); });
    const Point c = farthest([&](Point p) { return std::hypot(p.x - a.x, p.y - a.y); });
    const auto off = [&](Point p) { return (c.x - a.x) * (p.y - a.y) - (c.y - a.y) * (p.x - a.x); };
    const Point b = farthest([&](Point p) { return -off(p); });
    const Point d = farthest(off);
    const FinderQuad rough{a, b, c, d};
    std::array<std::optional<Line>, 4> sides;
    for (std::size_t k = 0; k < 4; ++k) sides[k] = side_between(outline, rough[k], rough[(k + 1) % 4]);
    FinderQuad quad = rough;
    const double size = std::hypot(c.x - a.x, c.y - a.y);
    for (std::size_t k = 0; k < 4; ++k) {
        const auto& before = sides[(k + 3) % 4];
        const auto& after = sides[k];
        if (!before || !after) continue;
        const auto corner = crossing(*before, *after);
        if (corner && std::hypot(corner->x - rough[k].x, corner->y - rough[k].y) < 0.2 * size) quad[k] = *corner;
    }
    return quad;
}

double area_of(const FinderQuad& q) {
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += q[k].x * q[(k + 1) % 4].y - q[(k + 1) % 4].x * q[k].y;
    return 0.5 * sum;
}

}  // namespace

std::optional<FinderPattern> finder_at(const GreyImage& image, Point centre, double width, double height,
                                       bool inverted) {
    const double side = std::max(width, height);
    // Core and gap as they are here: the edge between them is where the level is half way.
    const Plane<std::uint8_t> plane = image.plane();
    float core = 0;
    float gap = 0;
    for (const auto& [dx, dy] : {std::pair{1.0, 0.0}, {-1.0, 0.0}, {0.0, 1.0}, {0.0, -1.0}}) {
        core += 0.25F * grey_at(plane, static_cast<float>(centre.x + dx * width / 14),
                                static_cast<float>(centre.y + dy * height / 14));
        gap += 0.25F * grey_at(plane, static_cast<float>(centre.x + dx * width * 2 / 7),
                               static_cast<float>(centre.y + dy * height * 2 / 7));
    }
    if ((inverted ? core - gap : gap - core) < kLeastContrast) return std::nullopt;
    const float threshold = (core + gap) / 2;
    const FinderRays rays = finder_rays(image, centre, side, threshold, inverted, kAgreeing);
    if (rays.agreeing < kAgreeing) return std::nullopt;
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
    if (std::hypot(middle.x - centre.x, middle.y - centre.y) > 0.2 * side) return std::nullopt;
    std::vector<Point> outline;
    outline.reserve(kFinderRays);
    for (std::size_t i = 0; i < kFinderRays; ++i)
        if (rays.crossed[i]) outline.push_back(rays.outer[i]);
    FinderPattern pattern;
    pattern.quad = corners_of(outline, middle);
    const double area = area_of(pattern.quad);
    if (!(area > 30)) return std::nullopt;
    pattern.side = std::sqrt(area);
    pattern.inverted = inverted;
    pattern.misfit = rays.misfit + (1 - static_cast<double>(rays.agreeing) / static_cast<double>(kFinderRays));
    return pattern;
}

}  // namespace fastqr
