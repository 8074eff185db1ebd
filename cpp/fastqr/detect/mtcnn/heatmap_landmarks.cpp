#include "fastqr/detect/mtcnn/heatmap_landmarks.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fastqr {
namespace {

constexpr int kMostPeaks = 7;      // three finders and some that are none
constexpr float kFaint = 0.05F;    // heat below which a maximum is no peak
constexpr float kRoles = 0.6F;     // weight of the maps that tell the corners apart, against the map of any finder
constexpr float kSlant = 0.35F;    // cost of a right angle turned into none, and of sides in the ratio of e
constexpr float kShortest = 0.2F;  // of the window's side, between two finders of the code that fills it
constexpr float kNear = 2.5F;      // cells from a supposed corner within which the map's own peak is taken for it

struct Peak {
    float x = 0;  // in cells
    float y = 0;
    float heat = 0;
};

/// The centroid of the heat in the 3 × 3 cells about a cell, which is finer than the grid.
Peak refined(const float* map, int side, int row, int column) {
    Peak peak{0, 0, map[row * side + column]};
    float sum = 0;
    for (int r = std::max(row - 1, 0); r <= std::min(row + 1, side - 1); ++r)
        for (int c = std::max(column - 1, 0); c <= std::min(column + 1, side - 1); ++c) {
            const float heat = std::max(map[r * side + c], 0.0F);
            peak.x += heat * (static_cast<float>(c) + 0.5F);
            peak.y += heat * (static_cast<float>(r) + 0.5F);
            sum += heat;
        }
    if (sum > 0) {
        peak.x /= sum;
        peak.y /= sum;
    } else {
        peak.x = static_cast<float>(column) + 0.5F;
        peak.y = static_cast<float>(row) + 0.5F;
    }
    return peak;
}

/// Local maxima of a map, strongest first.
std::vector<Peak> peaks(const float* map, int side) {
    std::vector<Peak> found;
    for (int r = 0; r < side; ++r)
        for (int c = 0; c < side; ++c) {
            const float heat = map[r * side + c];
            bool top = heat > kFaint;
            for (int dr = -1; dr <= 1 && top; ++dr)
                for (int dc = -1; dc <= 1; ++dc) {
                    const int rr = r + dr;
                    const int cc = c + dc;
                    if ((dr == 0 && dc == 0) || rr < 0 || cc < 0 || rr >= side || cc >= side) continue;
                    const float other = map[rr * side + cc];
                    // Of equal neighbours the first in reading order counts.
                    if (other > heat || (other == heat && (dr < 0 || (dr == 0 && dc < 0)))) top = false;
                }
            if (top) found.push_back(refined(map, side, r, c));
        }
    std::sort(found.begin(), found.end(), [](const Peak& a, const Peak& b) { return a.heat > b.heat; });
    if (found.size() > kMostPeaks) found.resize(kMostPeaks);
    return found;
}

float distance(const Peak& a, const Peak& b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// Strongest heat of the 3 × 3 cells about a place; none outside the map.
float heat_at(const float* map, int side, const Peak& place) {
    // Written so that NaN is outside: among heat that is no softmax's, peaks lie anywhere.
    const float end = static_cast<float>(side) + 1;
    if (!(place.x >= -1 && place.y >= -1 && place.x < end && place.y < end)) return 0;
    float best = 0;
    const int row = static_cast<int>(std::floor(place.y));
    const int column = static_cast<int>(std::floor(place.x));
    for (int r = std::max(row - 1, 0); r <= std::min(row + 1, side - 1); ++r)
        for (int c = std::max(column - 1, 0); c <= std::min(column + 1, side - 1); ++c)
            best = std::max(best, map[r * side + c]);
    return best;
}

/// Top left, top right, bottom left and the fourth point as a supposition.
struct Square {
    std::array<Peak, 4> corners;
    float score = -1e9F;
};

/// The heat maps, and how well a supposed square explains them.
class Heat {
  public:
    Heat(const float* maps, int side)
        : finders_(maps), top_left_(maps + side * side), fourth_(maps + 2 * side * side), side_(side) {}

    /// Three finders and no fourth, the corners in the roles that their maps give them, a square rather than a sliver.
    void offer(const Peak& a, const Peak& b, const Peak& c, Square& best) const {
        const Peak d{b.x + c.x - a.x, b.y + c.y - a.y, 0};
        const float ux = b.x - a.x;
        const float uy = b.y - a.y;
        const float vx = c.x - a.x;
        const float vy = c.y - a.y;
        const float u = std::hypot(ux, uy);
        const float v = std::hypot(vx, vy);
        const auto size = static_cast<float>(side_);
        if (std::min(u, v) < kShortest * size || ux * vy - uy * vx <= 0.15F * u * v) return;
        const float cosine = (ux * vx + uy * vy) / (u * v);
        const float ratio = std::log(u / v);
        float score = heat_at(finders_, side_, a) + heat_at(finders_, side_, b) + heat_at(finders_, side_, c) -
                      0.5F * heat_at(finders_, side_, d);
        score += kRoles * (heat_at(top_left_, side_, a) + heat_at(fourth_, side_, d));
        score -= kSlant * (cosine * cosine + ratio * ratio);
        for (const Peak& p : {b, c, d})  // the window holds the code, give or take its calibration
            score -= 0.1F * std::max({0.0F, -p.x, -p.y, p.x - size, p.y - size});
        if (score > best.score) best = {{a, b, c, d}, score};
    }

    /// Every square that two or three of the finder map's peaks allow.
    [[nodiscard]] Square best_square() const {
        Square best;
        const std::vector<Peak> seen = peaks(finders_, side_);
        for (const Peak& a : seen)
            for (const Peak& b : seen) {
                if (&a == &b) continue;
                for (const Peak& c : seen)
                    if (&c != &a && &c != &b) offer(a, b, c, best);
                const float ux = b.x - a.x;
                const float uy = b.y - a.y;
                offer(a, b, {a.x - uy, a.y + ux, 0}, best);  // a top left, b top right
                offer(a, {a.x + uy, a.y - ux, 0}, b, best);  // a top left, b bottom left
                // a top right, b bottom left: the top left on the one side of the diagonal that is clockwise.
                offer({(a.x + b.x + uy) / 2, (a.y + b.y - ux) / 2, 0}, b, a, best);
            }
        if (best.score > -1e9F) return best;
        const auto low = 0.15F * static_cast<float>(side_);
        const auto high = 0.85F * static_cast<float>(side_);
        best.corners = {Peak{low, low, 0}, Peak{high, low, 0}, Peak{low, high, 0}, Peak{high, high, 0}};
        return best;
    }

    /// The fourth point where its own map shows it near the parallelogram's corner: perspective moves it.
    [[nodiscard]] Peak fourth(const Peak& expected) const {
        Peak best{expected.x, expected.y, heat_at(fourth_, side_, expected)};
        float score = 0.2F;
        for (const Peak& peak : peaks(fourth_, side_))
            if (distance(peak, expected) < kNear && peak.heat > score) {
                best = peak;
                score = peak.heat;
            }
        return best;
    }

    /// The finder map's own peak near a corner that was completed to a right angle, where there is one: under
    /// perspective no angle is right. The fourth corner follows.
    void settle(Square& square) const {
        const std::vector<Peak> seen = peaks(finders_, side_);
        for (std::size_t i = 0; i < 3; ++i) {
            float nearest = kNear;
            const Peak corner = square.corners[i];
            for (const Peak& peak : seen)
                if (distance(peak, corner) < nearest) {
                    square.corners[i] = peak;
                    nearest = distance(peak, corner);
                }
        }
        const auto& [a, b, c, d] = square.corners;
        square.corners[3] = {b.x + c.x - a.x, b.y + c.y - a.y, d.heat};
    }

    [[nodiscard]] float finder(const Peak& place) const { return heat_at(finders_, side_, place); }

  private:
    const float* finders_;
    const float* top_left_;
    const float* fourth_;
    int side_;
};

}  // namespace

Landmarks heatmap_landmarks(const float* heat, int side, const Box& box) {
    const Heat maps(heat, side);
    Square square = maps.best_square();
    maps.settle(square);
    std::array<Peak, 4> four = square.corners;
    for (std::size_t i = 0; i < 3; ++i) four[i].heat = maps.finder(four[i]);
    four[3] = maps.fourth(four[3]);

    const float sx = box.width() / static_cast<float>(side);
    const float sy = box.height() / static_cast<float>(side);
    Landmarks result;
    for (std::size_t i = 0; i < 4; ++i) {
        result.points[i] = {box.x1 + four[i].x * sx, box.y1 + four[i].y * sy};
        result.strengths[i] = four[i].heat;
    }
    // The diagonals' meeting point: straight lines stay straight under perspective.
    const auto& p = result.points;
    const float ax = p[3][0] - p[0][0];
    const float ay = p[3][1] - p[0][1];
    const float bx = p[2][0] - p[1][0];
    const float by = p[2][1] - p[1][1];
    const float turn = ax * by - ay * bx;
    float t = 0.5F;
    if (std::abs(turn) > 1e-6F)
        t = std::clamp(((p[1][0] - p[0][0]) * by - (p[1][1] - p[0][1]) * bx) / turn, 0.0F, 1.0F);
    result.points[4] = {p[0][0] + t * ax, p[0][1] + t * ay};
    return result;
}

}  // namespace fastqr
