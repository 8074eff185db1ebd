#include "fastqr/rectify/finder_patterns.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "fastqr/memory/vector.hpp"

namespace fastqr {
namespace {

constexpr int kBlock = 8;             // pixels a side, of which the means are taken
constexpr double kWindow = 1.0 / 20;  // of the long side, over which ink is judged; a wider one as well found no more
constexpr int kContrast = 3;          // grey levels from the mean that count as ink
constexpr std::size_t kMostFinders = 400;
constexpr int kMostLooks = 6000;  // places of a picture that are followed along rays; noise has no end of them
constexpr std::size_t kRays = 40;
constexpr std::size_t kSectors = 8;   // of the circle
constexpr double kAgreeing = 0.6;     // share of the rays that must cross a finder's rings
constexpr double kLeastContrast = 8;  // grey levels between core and gap

/// Means of blocks, and of windows of them.
struct BlockMeans {
    int rows = 0;
    int columns = 0;
    Vector<std::uint8_t> values;
};

BlockMeans block_means_of(const GreyImage& image) {
    BlockMeans means{(image.height + kBlock - 1) / kBlock, (image.width + kBlock - 1) / kBlock, {}};
    means.values.resize(static_cast<std::size_t>(means.rows) * static_cast<std::size_t>(means.columns));
    Vector<std::uint16_t> sums(static_cast<std::size_t>(image.width));
    for (int r = 0; r < means.rows; ++r) {
        std::fill(sums.begin(), sums.end(), std::uint16_t{0});
        const int last = std::min(image.height, (r + 1) * kBlock);
        for (int y = r * kBlock; y < last; ++y) {
            const std::uint8_t* row = image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width;
            for (std::size_t x = 0; x < sums.size(); ++x) sums[x] = static_cast<std::uint16_t>(sums[x] + row[x]);
        }
        for (int c = 0; c < means.columns; ++c) {
            const int end = std::min(image.width, (c + 1) * kBlock);
            int sum = 0;
            for (int x = c * kBlock; x < end; ++x) sum += sums[static_cast<std::size_t>(x)];
            means.values[static_cast<std::size_t>(r * means.columns + c)] =
                static_cast<std::uint8_t>(sum / ((last - r * kBlock) * (end - c * kBlock)));
        }
    }
    return means;
}

/// Mean of the blocks within a reach, from a table of sums (Crow 1984). Those of pictures beyond 500 megapixels wrap
/// around; their differences are right all the same.
BlockMeans window_means_of(const BlockMeans& blocks, int reach) {
    const auto stride = static_cast<std::size_t>(blocks.columns + 1);
    Vector<std::uint32_t> table(static_cast<std::size_t>(blocks.rows + 1) * stride, 0);
    for (int r = 0; r < blocks.rows; ++r) {
        std::uint32_t sum = 0;
        for (int c = 0; c < blocks.columns; ++c) {
            sum += blocks.values[static_cast<std::size_t>(r * blocks.columns + c)];
            const auto at = static_cast<std::size_t>(r + 1) * stride + static_cast<std::size_t>(c + 1);
            table[at] = table[at - stride] + sum;
        }
    }
    BlockMeans means{blocks.rows, blocks.columns, Vector<std::uint8_t>(blocks.values.size())};
    for (int r = 0; r < blocks.rows; ++r) {
        const int top = std::max(0, r - reach);
        const int bottom = std::min(blocks.rows, r + reach + 1);
        const std::uint32_t* above = table.data() + static_cast<std::size_t>(top) * stride;
        const std::uint32_t* below = table.data() + static_cast<std::size_t>(bottom) * stride;
        for (int c = 0; c < blocks.columns; ++c) {
            const int first = std::max(0, c - reach);
            const int last = std::min(blocks.columns, c + reach + 1);
            const std::uint32_t sum = below[last] - below[first] - above[last] + above[first];
            const auto count = static_cast<std::uint32_t>(std::max(1, (bottom - top) * (last - first)));
            means.values[static_cast<std::size_t>(r * blocks.columns + c)] = static_cast<std::uint8_t>(sum / count);
        }
    }
    return means;
}

/// Which pixels are ink, one bit each, rows padded to whole words.
struct Ink {
    int height = 0;
    int width = 0;
    std::size_t words = 0;
    Vector<std::uint64_t> bits;

    [[nodiscard]] bool at(int row, int column) const {
        return bits[static_cast<std::size_t>(row) * words + static_cast<std::size_t>(column >> 6)] >> (column & 63) & 1;
    }
};

/// Eight bytes of 0 or 1 as the bits of one byte, the first byte the lowest bit.
std::uint64_t packed(const std::uint8_t* flags) {
    std::uint64_t eight = 0;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&eight, flags, 8);
        return eight * 0x0102040810204080ULL >> 56;
    }
    for (int i = 0; i < 8; ++i) eight |= static_cast<std::uint64_t>(flags[i]) << i;
    return eight;
}

Ink ink_of(const GreyImage& image, const BlockMeans& means) {
    Ink ink{image.height, image.width, static_cast<std::size_t>((image.width + 63) / 64), {}};
    ink.bits.assign(static_cast<std::size_t>(image.height) * ink.words, 0);
    const std::size_t padded = ink.words * 64;
    Vector<std::uint8_t> limits(padded, 0);
    Vector<std::uint8_t> flags(padded, 0);
    const auto width = static_cast<std::size_t>(image.width);
    for (int y = 0; y < image.height; ++y) {
        if (y % kBlock == 0) {
            const std::uint8_t* row = means.values.data() + static_cast<std::ptrdiff_t>(y / kBlock) * means.columns;
            for (int c = 0; c < means.columns; ++c)
                std::memset(limits.data() + static_cast<std::ptrdiff_t>(c) * kBlock, std::max(0, row[c] - kContrast),
                            static_cast<std::size_t>(std::min(kBlock, image.width - c * kBlock)));
        }
        const std::uint8_t* pixels = image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width;
        for (std::size_t x = 0; x < width; ++x) flags[x] = pixels[x] < limits[x] ? 1 : 0;
        std::uint64_t* out = ink.bits.data() + static_cast<std::size_t>(y) * ink.words;
        for (std::size_t w = 0; w < ink.words; ++w) {
            std::uint64_t word = 0;
            for (std::size_t byte = 0; byte < 8; ++byte) word |= packed(flags.data() + 64 * w + 8 * byte) << (8 * byte);
            out[w] = word;
        }
    }
    return ink;
}

/// Columns at which a row changes from ink to paper or back, from 0 to the width; whether it begins with ink.
bool changes_of(const Ink& ink, int row, Vector<int>& changes) {
    changes.clear();
    changes.push_back(0);
    const std::uint64_t* bits = ink.bits.data() + static_cast<std::size_t>(row) * ink.words;
    const bool first = bits[0] & 1;
    std::uint64_t carry = first ? 1 : 0;
    for (std::size_t w = 0; w < ink.words; ++w) {
        std::uint64_t edges = bits[w] ^ (bits[w] << 1 | carry);
        carry = bits[w] >> 63;
        while (edges != 0) {
            const int x = static_cast<int>(64 * w) + std::countr_zero(edges);
            if (x < ink.width) changes.push_back(x);
            edges &= edges - 1;
        }
    }
    changes.push_back(ink.width);
    return first;
}

/// Whether five runs have the proportions 1 : 1 : 3 : 1 : 1, give or take blur, tilt and whole pixels: in sevenths of
/// their sum. Blur and exposure widen the dark at the cost of the light, so pairs are held to less than single runs.
inline bool like_a_finder(int a, int b, int c, int d, int e) {
    const int total = a + b + c + d + e;
    if (10 * std::abs(7 * c - 3 * total) > std::max(12 * total, 105)) return false;
    const int slack = std::max(7 * total, 70);
    const auto off = [total](int run) { return 10 * std::abs(7 * run - total); };
    if (off(a) > slack || off(b) > slack || off(d) > slack || off(e) > slack || total < 7) return false;
    const auto pair_off = [total](int pair) { return 10 * std::abs(7 * pair - 2 * total); };
    return pair_off(a + b) <= slack + 35 && pair_off(d + e) <= slack + 35;
}

/// The five runs through a place along a column; empty where they are not a finder's. `centre` becomes their middle.
std::optional<int> column_through(const Ink& ink, int column, int& centre, bool core, int longest) {
    std::array<int, 5> runs{};
    int y = centre;
    const auto run = [&](int& at, int step, bool colour) {
        int length = 0;
        while (at >= 0 && at < ink.height && ink.at(at, column) == colour && length <= longest) {
            ++length;
            at += step;
        }
        return length;
    };
    const int up = run(y, -1, core);
    runs[1] = run(y, -1, !core);
    runs[0] = run(y, -1, core);
    const int top = y;
    y = centre + 1;
    runs[2] = up + run(y, 1, core);
    runs[3] = run(y, 1, !core);
    runs[4] = run(y, 1, core);
    if (runs[0] == 0 || runs[4] == 0 || !like_a_finder(runs[0], runs[1], runs[2], runs[3], runs[4]))
        return std::nullopt;
    centre = top + 1 + runs[0] + runs[1] + runs[2] / 2;
    return y - top - 1;
}

float grey_at(const GreyImage& image, float x, float y) {
    const float u = std::clamp(x - 0.5F, 0.0F, static_cast<float>(image.width) - 1.001F);
    const float v = std::clamp(y - 0.5F, 0.0F, static_cast<float>(image.height) - 1.001F);
    // Beyond 32768 pixels floats are so coarse that the limits above round up to the last pixel.
    const int column = std::min(static_cast<int>(u), image.width - 2);
    const int row = std::min(static_cast<int>(v), image.height - 2);
    const float fx = u - static_cast<float>(column);
    const float fy = v - static_cast<float>(row);
    const std::uint8_t* p = image.pixels.data() + static_cast<std::ptrdiff_t>(row) * image.width + column;
    const auto a = static_cast<float>(p[0]);
    const auto b = static_cast<float>(p[1]);
    const auto c = static_cast<float>(p[image.width]);
    const auto d = static_cast<float>(p[image.width + 1]);
    const float top = a + (b - a) * fx;
    return top + (c + (d - c) * fx - top) * fy;
}

struct Rays {
    std::array<Point, kRays> outer{};   // where the ring ends
    std::array<bool, kRays> crossed{};  // whether the ray met core, gap and ring in a finder's proportions
    std::size_t agreeing = 0;
    double misfit = 0;
};

const std::array<Point, kRays>& directions() {
    static const std::array<Point, kRays> all = [] {
        std::array<Point, kRays> result{};
        for (std::size_t i = 0; i < kRays; ++i) {
            const double angle = 2 * 3.14159265358979323846 * static_cast<double>(i) / kRays;
            result[i] = {std::cos(angle), std::sin(angle)};
        }
        return result;
    }();
    return all;
}

/// Follows rays from a centre through core, gap and ring.
Rays rays_from(const GreyImage& image, Point centre, double side, float threshold, bool inverted) {
    Rays rays;
    const float step = std::max(0.4F, static_cast<float>(side) / 28);
    const int most = static_cast<int>(0.95 * side / static_cast<double>(step));
    const float sign = inverted ? -1.0F : 1.0F;
    for (std::size_t k = 0; k < kRays; ++k) {
        // All round first: most places that are none are known after a few rays.
        const std::size_t i = k % kSectors * (kRays / kSectors) + k / kSectors;
        if (k == kSectors && rays.agreeing < kSectors / 2) return rays;
        const auto dx = static_cast<float>(directions()[i].x) * step;
        const auto dy = static_cast<float>(directions()[i].y) * step;
        auto x = static_cast<float>(centre.x);
        auto y = static_cast<float>(centre.y);
        std::array<float, 3> radii{};
        std::size_t edge = 0;
        float before = sign * (threshold - grey_at(image, x, y));  // positive in ink
        for (int t = 1; t <= most && edge < 3; ++t) {
            x += dx;
            y += dy;
            // A symbol that was cropped tight ends with the picture.
            if (edge == 2 &&
                !(x > 0 && y > 0 && x < static_cast<float>(image.width) && y < static_cast<float>(image.height))) {
                radii[edge++] = static_cast<float>(t) * step;
                break;
            }
            const float now = sign * (threshold - grey_at(image, x, y));
            const bool leaves = edge == 1 ? now > 0 : now <= 0;
            if (leaves) radii[edge++] = (static_cast<float>(t) - now / (now - before)) * step;
            before = now;
        }
        if (edge < 3) continue;
        // Half widths 1.5, 2.5, 3.5 modules along any direction.
        const float gap = radii[1] / radii[0];
        const float ring = radii[2] / radii[0];
        const float thickness = (radii[2] - radii[1]) / radii[2];
        if (!(gap > 1.15F && gap < 2.6F && ring > 1.6F && ring < 3.8F && thickness > 0.12F && thickness < 0.5F))
            continue;
        rays.crossed[i] = true;
        ++rays.agreeing;
        rays.misfit += std::abs(std::log(ring / 2.333F)) + 0.5 * std::abs(std::log(gap / 1.667F));
        rays.outer[i] = {centre.x + directions()[i].x * static_cast<double>(radii[2]),
                         centre.y + directions()[i].y * static_cast<double>(radii[2])};
    }
    if (rays.agreeing > 0) rays.misfit /= static_cast<double>(rays.agreeing);
    return rays;
}

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

std::optional<Line> side_between(const Vector<Point>& outline, Point a, Point b) {
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
FinderQuad corners_of(const Vector<Point>& outline, Point middle) {
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

/// Looks at a place whose rows and columns have a finder's proportions.
std::optional<FinderPattern> finder_at(const GreyImage& image, Point centre, double width, double height,
                                       bool inverted) {
    const double side = std::max(width, height);
    // Core and gap as they are here: the edge between them is where the level is half way.
    float core = 0;
    float gap = 0;
    for (const auto& [dx, dy] : {std::pair{1.0, 0.0}, {-1.0, 0.0}, {0.0, 1.0}, {0.0, -1.0}}) {
        core += 0.25F * grey_at(image, static_cast<float>(centre.x + dx * width / 14),
                                static_cast<float>(centre.y + dy * height / 14));
        gap += 0.25F * grey_at(image, static_cast<float>(centre.x + dx * width * 2 / 7),
                               static_cast<float>(centre.y + dy * height * 2 / 7));
    }
    if ((inverted ? core - gap : gap - core) < kLeastContrast) return std::nullopt;
    const float threshold = (core + gap) / 2;
    Rays rays = rays_from(image, centre, side, threshold, inverted);
    if (rays.agreeing < kAgreeing * static_cast<double>(kRays)) return std::nullopt;
    Point middle{0, 0};
    double pairs = 0;
    for (std::size_t i = 0; i < kRays / 2; ++i)
        if (rays.crossed[i] && rays.crossed[i + kRays / 2]) {
            middle.x += (rays.outer[i].x + rays.outer[i + kRays / 2].x) / 2;
            middle.y += (rays.outer[i].y + rays.outer[i + kRays / 2].y) / 2;
            pairs += 1;
        }
    if (pairs < 3) return std::nullopt;
    middle = {middle.x / pairs, middle.y / pairs};
    if (std::hypot(middle.x - centre.x, middle.y - centre.y) > 0.2 * side) return std::nullopt;
    Vector<Point> outline;
    outline.reserve(kRays);
    for (std::size_t i = 0; i < kRays; ++i)
        if (rays.crossed[i]) outline.push_back(rays.outer[i]);
    FinderPattern pattern;
    pattern.quad = corners_of(outline, middle);
    const double area = area_of(pattern.quad);
    if (!(area > 30)) return std::nullopt;
    pattern.side = std::sqrt(area);
    pattern.inverted = inverted;
    pattern.misfit = rays.misfit + (1 - static_cast<double>(rays.agreeing) / static_cast<double>(kRays));
    return pattern;
}

void scan_rows(const GreyImage& image, const Ink& ink, double left, double top, double scale,
               Vector<FinderPattern>& found) {
    Vector<int> changes;
    int looks = 0;
    for (int row = 1; row < ink.height; row += 2) {
        const bool first = changes_of(ink, row, changes);
        for (std::size_t i = 0; i + 5 < changes.size(); ++i) {
            const int* at_run = changes.data() + i;
            if (!like_a_finder(at_run[1] - at_run[0], at_run[2] - at_run[1], at_run[3] - at_run[2],
                               at_run[4] - at_run[3], at_run[5] - at_run[4]))
                continue;
            const bool core = (i % 2 == 0) == first;  // whether the middle run is ink
            const int width = changes[i + 5] - changes[i];
            const int column = (changes[i + 2] + changes[i + 3]) / 2;
            int centre = row;
            const auto height = column_through(ink, column, centre, core, 3 * width);
            if (!height || *height > 4 * width || width > 4 * *height) continue;
            const Point at{(changes[i + 2] + changes[i + 3]) / 2.0, centre + 0.5};
            const auto known = [&](const FinderPattern& other) {
                const double dx = other.centre.x - (left + at.x * scale);
                const double dy = other.centre.y - (top + at.y * scale);
                return dx * dx + dy * dy < 0.16 * other.side * other.side;
            };
            if (std::any_of(found.begin(), found.end(), known)) continue;
            if (++looks > kMostLooks) return;
            auto pattern = finder_at(image, at, width, *height, !core);
            if (!pattern) continue;
            for (Point& p : pattern->quad) p = {left + p.x * scale, top + p.y * scale};
            const FinderQuad& q = pattern->quad;
            pattern->centre = {(q[0].x + q[1].x + q[2].x + q[3].x) / 4, (q[0].y + q[1].y + q[2].y + q[3].y) / 4};
            pattern->side *= scale;
            found.push_back(*pattern);
            if (found.size() >= kMostFinders) return;
        }
    }
}

}  // namespace

void add_finder_patterns(const GreyImage& image, double left, double top, double scale, Vector<FinderPattern>& found) {
    if (std::min(image.height, image.width) < 14) return;
    const BlockMeans blocks = block_means_of(image);
    const int reach = std::max(1, static_cast<int>(kWindow * std::max(image.width, image.height) / (2 * kBlock)));
    scan_rows(image, ink_of(image, window_means_of(blocks, reach)), left, top, scale, found);
}

}  // namespace fastqr
