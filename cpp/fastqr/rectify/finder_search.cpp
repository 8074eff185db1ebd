#include "fastqr/rectify/finder_search.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>

#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/local_levels.hpp"
#include "fastqr/image/sampling.hpp"

namespace fastqr {
namespace {

constexpr int kEnlargedSide = 320;  // smaller regions are doubled: rings of 2 px must close
constexpr std::array<double, 2> kWindows{1.0 / 24,
                                         1.0 / 5};  // of the long side: a finder of version 40, and of version 1
constexpr float kContrast = 3;                      // grey levels from the local mean that count as ink
constexpr int kScales = 3;                          // of the region, each half of the one before
constexpr int kSmallestSide = 28;                   // pixels; twice what a finder needs
constexpr std::size_t kMostFinders = 48;
constexpr std::size_t kNeighbours = 10;  // finders that a finder may form a symbol with
constexpr std::size_t kFitted = 160;     // triples whose sizes are fitted
constexpr double kMostResidual = 1.2;    // modules root mean square over twelve corners

/// Ink of one polarity as maximal horizontal runs, and the connected component (4 neighbours) of each.
struct Run {
    int row;
    int begin;
    int end;
    int component;
};

struct Component {
    int area = 0;
    double x = 0;  // sums of pixel centres, then the centroid
    double y = 0;
    int left = 1 << 30;
    int right = 0;
    int top = 1 << 30;
    int bottom = 0;
    std::vector<int> runs;
};

struct Ink {
    int height = 0;
    int width = 0;
    std::vector<Run> runs;
    std::vector<int> labels;  // component of each pixel, −1 for none
    std::vector<Component> components;

    [[nodiscard]] int at(int row, int column) const {
        return labels[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(column)];
    }
};

int root_of(std::vector<int>& parents, int i) {
    while (parents[static_cast<std::size_t>(i)] != i) {
        auto& parent = parents[static_cast<std::size_t>(i)];
        parent = parents[static_cast<std::size_t>(parent)];
        i = parent;
    }
    return i;
}

Ink ink_of(const GreyImage& image, const std::vector<float>& mean, bool dark) {
    Ink ink{image.height, image.width, {}, std::vector<int>(image.pixels.size(), -1), {}};
    std::vector<int> parents;
    std::size_t above = 0;  // first run of the row above
    std::size_t current = 0;
    for (int row = 0; row < image.height; ++row) {
        const auto offset = static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width);
        current = ink.runs.size();
        std::size_t candidate = above;
        for (int x = 0; x < image.width;) {
            const auto inked = [&](int c) {
                const float difference = mean[offset + static_cast<std::size_t>(c)] -
                                         static_cast<float>(image.pixels[offset + static_cast<std::size_t>(c)]);
                return dark ? difference > kContrast : difference < -kContrast;
            };
            if (!inked(x)) {
                ++x;
                continue;
            }
            const int begin = x;
            while (x < image.width && inked(x)) ++x;
            const int index = static_cast<int>(ink.runs.size());
            ink.runs.push_back({row, begin, x, index});
            parents.push_back(index);
            while (candidate < current && ink.runs[candidate].end <= begin) ++candidate;
            for (std::size_t k = candidate; k < current && ink.runs[k].begin < x; ++k) {
                const int a = root_of(parents, static_cast<int>(k));
                const int b = root_of(parents, index);
                parents[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
            }
        }
        above = current;
    }
    std::vector<int> component_of(ink.runs.size(), -1);
    for (std::size_t i = 0; i < ink.runs.size(); ++i) {
        const auto root = static_cast<std::size_t>(root_of(parents, static_cast<int>(i)));
        if (component_of[root] < 0) {
            component_of[root] = static_cast<int>(ink.components.size());
            ink.components.emplace_back();
        }
        Run& run = ink.runs[i];
        run.component = component_of[root];
        Component& component = ink.components[static_cast<std::size_t>(run.component)];
        const int length = run.end - run.begin;
        component.area += length;
        component.x += length * (run.begin + run.end) / 2.0;
        component.y += length * (run.row + 0.5);
        component.left = std::min(component.left, run.begin);
        component.right = std::max(component.right, run.end);
        component.top = std::min(component.top, run.row);
        component.bottom = std::max(component.bottom, run.row + 1);
        component.runs.push_back(static_cast<int>(i));
        const auto first = static_cast<std::size_t>(run.row) * static_cast<std::size_t>(ink.width);
        std::fill_n(ink.labels.begin() + static_cast<std::ptrdiff_t>(first + static_cast<std::size_t>(run.begin)),
                    length, run.component);
    }
    for (Component& component : ink.components) {
        component.x /= component.area;
        component.y /= component.area;
    }
    return ink;
}

/// The component beyond the gap around a core in one direction, or −1.
int beyond_gap(const Ink& ink, int row, int column, int dy, int dx, int core) {
    const int limit = std::max(ink.height, ink.width);
    bool left = false;
    for (int i = 0; i < limit; ++i) {
        row += dy;
        column += dx;
        if (row < 0 || column < 0 || row >= ink.height || column >= ink.width) return -1;
        const int label = ink.at(row, column);
        if (label == core) {
            if (left) return -1;
            continue;
        }
        left = true;
        if (label >= 0) return label;
    }
    return -1;
}

bool between(double value, double low, double high) { return value >= low && value <= high; }

/// The ring around a core that has the proportions of a finder pattern, 3 : 5 : 7, give or take blur and tilt.
const Component* ring_about(const Ink& ink, int index) {
    const Component& core = ink.components[static_cast<std::size_t>(index)];
    const int core_width = core.right - core.left;
    const int core_height = core.bottom - core.top;
    if (core.area < 4 || core.area > ink.height * ink.width / 8) return nullptr;
    if (core.area < 0.35 * core_width * core_height) return nullptr;
    const int row = static_cast<int>(core.y);
    const int column = static_cast<int>(core.x);
    if (ink.at(row, column) != index) return nullptr;
    const int ring_index = beyond_gap(ink, row, column, 0, 1, index);
    if (ring_index < 0 || beyond_gap(ink, row, column, 0, -1, index) != ring_index ||
        beyond_gap(ink, row, column, 1, 0, index) != ring_index ||
        beyond_gap(ink, row, column, -1, 0, index) != ring_index)
        return nullptr;
    const Component& ring = ink.components[static_cast<std::size_t>(ring_index)];
    const double width = static_cast<double>(ring.right - ring.left) / core_width;
    const double height = static_cast<double>(ring.bottom - ring.top) / core_height;
    const double area = static_cast<double>(ring.area) / core.area;
    if (!between(width, 1.5, 3.6) || !between(height, 1.5, 3.6) || !between(area, 1.0, 5.5)) return nullptr;
    const double off = std::hypot(ring.x - core.x, ring.y - core.y);
    return off < 0.12 * std::hypot(ring.right - ring.left, ring.bottom - ring.top) ? &ring : nullptr;
}

/// Corners of a convex blob: the point farthest from its centroid, the one farthest from that, and the farthest on
/// either side of the line between them.
FinderQuad corners_of(const Ink& ink, const Component& ring) {
    std::vector<Point> outline;
    for (int i : ring.runs) {
        const Run& run = ink.runs[static_cast<std::size_t>(i)];
        for (int y : {run.row, run.row + 1})
            for (int x : {run.begin, run.end}) outline.push_back({static_cast<double>(x), static_cast<double>(y)});
    }
    const auto farthest = [&](auto measure) {
        return *std::max_element(outline.begin(), outline.end(),
                                 [&](Point a, Point b) { return measure(a) < measure(b); });
    };
    const Point centre{ring.x, ring.y};
    const Point a = farthest([&](Point p) { return std::hypot(p.x - centre.x, p.y - centre.y); });
    const Point c = farthest([&](Point p) { return std::hypot(p.x - a.x, p.y - a.y); });
    const auto side = [&](Point p) { return (c.x - a.x) * (p.y - a.y) - (c.y - a.y) * (p.x - a.x); };
    const Point b = farthest([&](Point p) { return -side(p); });
    const Point d = farthest(side);
    return {a, b, c, d};
}

double area_of(const FinderQuad& q) {
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += q[k].x * q[(k + 1) % 4].y - q[(k + 1) % 4].x * q[k].y;
    return 0.5 * sum;
}

Point centre_of(const FinderQuad& q) {
    return {(q[0].x + q[1].x + q[2].x + q[3].x) / 4, (q[0].y + q[1].y + q[2].y + q[3].y) / 4};
}

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// The quad turned so that its first corner is the one farthest against both axes of the symbol.
FinderQuad aligned(const FinderQuad& quad, Point across, Point down) {
    const double la = std::max(std::hypot(across.x, across.y), 1e-9);
    const double ld = std::max(std::hypot(down.x, down.y), 1e-9);
    const Point diagonal{across.x / la + down.x / ld, across.y / la + down.y / ld};
    std::size_t first = 0;
    for (std::size_t k = 1; k < 4; ++k)
        if (quad[k].x * diagonal.x + quad[k].y * diagonal.y < quad[first].x * diagonal.x + quad[first].y * diagonal.y)
            first = k;
    return {quad[first], quad[(first + 1) % 4], quad[(first + 2) % 4], quad[(first + 3) % 4]};
}

GreyImage enlarged(const ImageView& view, int factor) {
    GreyImage result{view.height * factor, view.width * factor, {}};
    result.pixels.reserve(static_cast<std::size_t>(result.height) * static_cast<std::size_t>(result.width));
    const auto scale = 1.0F / static_cast<float>(factor);
    for (int y = 0; y < result.height; ++y)
        for (int x = 0; x < result.width; ++x)
            result.pixels.push_back(static_cast<std::uint8_t>(
                sample_bilinear(view, (static_cast<float>(x) + 0.5F) * scale, (static_cast<float>(y) + 0.5F) * scale) +
                0.5F));
    return result;
}

struct RankedFinder {
    double misfit;
    FinderQuad quad;
};

/// The finder patterns of a picture at its own resolution, and how far each is from a finder's proportions.
void add_finders(const GreyImage& grey, std::vector<RankedFinder>& ranked, double left, double top, double sx,
                 double sy) {
    for (double window : kWindows) {
        const int reach = std::max(4, static_cast<int>(window * std::max(grey.width, grey.height) / 2));
        const std::vector<float> mean = local_mean(grey, reach);
        for (bool dark : {true, false}) {
            const Ink ink = ink_of(grey, mean, dark);
            for (std::size_t i = 0; i < ink.components.size(); ++i) {
                const Component* ring = ring_about(ink, static_cast<int>(i));
                if (ring == nullptr) continue;
                FinderQuad quad = corners_of(ink, *ring);
                const double area = area_of(quad);
                if (!(area > 30)) continue;
                // Ink of a finder: 33 of its 49 modules.
                const double share = (ring->area + ink.components[i].area) / area;
                if (!between(share, 0.4, 1.1)) continue;
                for (Point& p : quad) p = {left + p.x * sx, top + p.y * sy};
                ranked.push_back({std::abs(std::log(share * 49 / 33)) +
                                      0.5 * std::abs(std::log(ring->area / (2.67 * ink.components[i].area))),
                                  quad});
            }
        }
    }
}

}  // namespace

std::vector<FinderQuad> find_finder_patterns(const ImageView& image, const Region& region) {
    const Region inside = image.clipped(region);
    const int height = inside.y2 - inside.y1;
    const int width = inside.x2 - inside.x1;
    std::vector<FinderQuad> found;
    if (width < 14 || height < 14) return found;
    const ImageView view = image.part(inside);
    const int longest = std::max(width, height);
    const double scale = std::min(1.0, static_cast<double>(kSearchSide) / longest);
    GreyImage grey = longest < kEnlargedSide
                         ? enlarged(view, 2)
                         : area_resize(view, std::max(1, static_cast<int>(std::lround(height * scale))),
                                       std::max(1, static_cast<int>(std::lround(width * scale))));
    std::vector<RankedFinder> ranked;
    // Coarser too: dots and textures run together into the squares that they stand for.
    for (int halvings = 0; halvings < kScales && std::min(grey.width, grey.height) >= kSmallestSide; ++halvings) {
        if (halvings > 0) grey = area_resize(grey.view(), grey.height / 2, grey.width / 2);
        add_finders(grey, ranked, inside.x1, inside.y1, static_cast<double>(width) / grey.width,
                    static_cast<double>(height) / grey.height);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const RankedFinder& a, const RankedFinder& b) { return a.misfit < b.misfit; });
    for (const auto& [misfit, quad] : ranked) {
        const Point centre = centre_of(quad);
        const double side = std::sqrt(std::abs(area_of(quad)));
        const bool known = std::any_of(found.begin(), found.end(), [&](const FinderQuad& other) {
            return distance(centre_of(other), centre) < 0.4 * side;
        });
        if (!known) found.push_back(quad);
        if (found.size() == kMostFinders) break;
    }
    return found;
}

std::vector<FinderCorners> finder_triples(const std::vector<FinderQuad>& finders, int top) {
    struct Triple {
        double misfit;
        FinderCorners corners;
    };
    std::vector<Triple> triples;
    for (std::size_t i = 0; i < finders.size(); ++i) {
        const Point origin = centre_of(finders[i]);
        const double side = std::sqrt(std::abs(area_of(finders[i])));
        std::vector<std::size_t> near;
        for (std::size_t j = 0; j < finders.size(); ++j) {
            const double other = std::sqrt(std::abs(area_of(finders[j])));
            if (j != i && between(other / std::max(side, 1e-9), 0.4, 2.5)) near.push_back(j);
        }
        std::sort(near.begin(), near.end(), [&](std::size_t a, std::size_t b) {
            return distance(centre_of(finders[a]), origin) < distance(centre_of(finders[b]), origin);
        });
        if (near.size() > kNeighbours) near.resize(kNeighbours);
        for (std::size_t a : near)
            for (std::size_t b : near) {
                const Point u{centre_of(finders[a]).x - origin.x, centre_of(finders[a]).y - origin.y};
                const Point v{centre_of(finders[b]).x - origin.x, centre_of(finders[b]).y - origin.y};
                const double lu = std::hypot(u.x, u.y);
                const double lv = std::hypot(v.x, v.y);
                const double sine = (u.x * v.y - u.y * v.x) / std::max(lu * lv, 1e-9);
                // Clockwise on screen; neither finder nearer than touching; sides of one square under some tilt.
                if (sine < 0.35 || std::min(lu, lv) < 1.2 * side || !between(lu / lv, 0.35, 2.85)) continue;
                const double spread = std::abs(std::log(area_of(finders[a]) / area_of(finders[b])));
                triples.push_back({(1 - sine) + 0.5 * std::abs(std::log(lu / lv)) + 0.2 * spread,
                                   {aligned(finders[i], u, v), aligned(finders[a], u, v), aligned(finders[b], u, v)}});
            }
    }
    std::stable_sort(triples.begin(), triples.end(),
                     [](const Triple& a, const Triple& b) { return a.misfit < b.misfit; });
    if (triples.size() > kFitted) triples.resize(kFitted);
    for (Triple& triple : triples) {
        const auto fits = fit_sizes(triple.corners, 1);
        triple.misfit = fits.empty() ? 1e9 : fits.front().residual;
    }
    std::stable_sort(triples.begin(), triples.end(),
                     [](const Triple& a, const Triple& b) { return a.misfit < b.misfit; });
    std::vector<FinderCorners> best;
    for (const Triple& triple : triples)
        if (triple.misfit < kMostResidual && static_cast<int>(best.size()) < top) best.push_back(triple.corners);
    return best;
}

}  // namespace fastqr
