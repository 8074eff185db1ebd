#include "fastqr/read/corner_finder.hpp"

#include <algorithm>
#include <complex>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "fastqr/read/named_place.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {
namespace {

constexpr std::array<Point, 4> kUnit{Point{0, 0}, {1, 0}, {1, 1}, {0, 1}};
constexpr double kSure = 0.5;        // probability of each of three finder patterns
constexpr double kCloserSide = 0.4;  // of patches in sides of the square, from the second round on
constexpr double kAbsent = 0.2;      // probability of the fourth corner's below which no other turn is likely

/// The unit square onto one of a side about a centre.
Homography square_about(Point centre, double side) {
    return {{side, 0, centre.x - side / 2, 0, side, centre.y - side / 2, 0, 0, 1}};
}

/// The unit square onto twice the parallelogram nearest to a finder pattern, along its own axes.
Homography frame_about(const std::array<Point, 4>& quad) {
    const Point along{(quad[1].x - quad[0].x + quad[2].x - quad[3].x) / 2,
                      (quad[1].y - quad[0].y + quad[2].y - quad[3].y) / 2};
    const Point down{(quad[3].x - quad[0].x + quad[2].x - quad[1].x) / 2,
                     (quad[3].y - quad[0].y + quad[2].y - quad[1].y) / 2};
    const Point middle{(quad[0].x + quad[1].x + quad[2].x + quad[3].x) / 4,
                       (quad[0].y + quad[1].y + quad[2].y + quad[3].y) / 4};
    return {{2 * along.x, 2 * down.x, middle.x - along.x - down.x, 2 * along.y, 2 * down.y, middle.y - along.y - down.y,
             0, 0, 1}};
}

/// The finder patterns of a symbol whose fourth corner is this one of the square, each from its own top left.
FinderCorners turned(const SeenCorners& seen, std::size_t fourth) {
    const std::size_t turn = fourth + 2;  // corner `turn` of the square is the symbol's first
    FinderCorners finders{};
    constexpr std::array<std::size_t, 3> order{0, 1, 3};
    for (std::size_t f = 0; f < order.size(); ++f)
        for (std::size_t k = 0; k < 4; ++k) finders[f][k] = seen.corners[(order[f] + turn) % 4][(k + turn) % 4];
    return finders;
}

}  // namespace

float SeenCorners::reached_by(std::size_t count) const {
    std::array<float, 4> sorted = finder;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    return sorted[count - 1];
}

CornerFinder::CornerFinder(const MipMap& image, const std::array<Point, 4>& square, const ReadSettings& settings,
                           int rounds, const std::optional<SeenCorners>& known)
    : image_(image), square_(square), rounds_(rounds) {
    if (begins_round(settings.corner_side)) most_looks_ = settings.corner_looks;
    if (!known) return;
    seen_ = *known;
    looks_ = most_looks_;
}

/// Takes a side in sides of the square for the patches at its corners.
bool CornerFinder::begins_round(double side) {
    const auto frame = fit_homography(kUnit, square_);
    if (!frame) return false;
    looks_ = 0;
    for (std::size_t k = 0; k < 4; ++k) patches_[k] = compose(*frame, square_about(kUnit[k], side));
    return true;
}

/// Moves, turns and scales the square so that it has the finder patterns that were seen at its corners. Tells whether
/// closer patches may show more.
bool CornerFinder::moves_square() {
    using Complex = std::complex<double>;
    std::array<Complex, 4> was{};
    std::vector<std::pair<Complex, Complex>> seen;  // where a corner was, and where its pattern is
    for (std::size_t k = 0; k < 4; ++k) {
        was[k] = {square_[k].x, square_[k].y};
        Complex centre{};
        for (const Point& corner : seen_.corners[k]) centre += Complex{corner.x, corner.y} / 4.0;
        if (static_cast<double>(seen_.finder[k]) >= kSure) seen.emplace_back(was[k], centre);
    }
    if (seen.size() < 2 && round_ > 1) return false;  // at first they may be too small to be seen
    if (seen.empty() || seen.size() > 2) return seen.empty();
    const auto& [from, to] = seen.front();
    const Complex turn = seen.size() == 2 ? (seen[1].second - to) / (seen[1].first - from) : Complex{1, 0};
    for (std::size_t k = 0; k < 4; ++k) {
        const Complex at = to + turn * (was[k] - from);
        square_[k] = {at.real(), at.imag()};
    }
    return true;
}

std::optional<std::vector<float>> CornerFinder::next_patches() {
    if (awaits_network_ || most_looks_ == 0) return std::nullopt;
    if (looks_ == most_looks_) {
        const float three = seen_.reached_by(3);
        const bool goes_on = ++round_ < rounds_ && static_cast<double>(three) < kSure;
        if (best_.reached_by(3) <= three) best_ = seen_;
        if (!goes_on || !moves_square() || !begins_round(kCloserSide)) {
            most_looks_ = 0;
            seen_ = best_;
            return std::nullopt;
        }
    } else if (looks_ > 0) {
        for (std::size_t k = 0; k < 4; ++k) patches_[k] = frame_about(seen_.corners[k]);
    }
    awaits_network_ = true;
    return unit_patches(image_, patches_, kSide);
}

void CornerFinder::take(std::span<const float> probabilities, std::span<const float> corners) {
    if (!awaits_network_ || probabilities.size() != 4 || corners.size() != 32) return;
    awaits_network_ = false;
    ++looks_;
    for (std::size_t k = 0; k < 4; ++k) {
        seen_.finder[k] = probabilities[k];
        for (std::size_t c = 0; c < 4; ++c) {
            const float* at = corners.data() + 8 * k + 2 * c;
            seen_.corners[k][c] = patches_[k](static_cast<double>(at[0]), static_cast<double>(at[1]));
        }
    }
}

RankedPlaces places_by_corners(const MipMap& image, const SeenCorners& seen, double least, bool rolled,
                               const StageSettings& settings, int turns) {
    std::array<std::size_t, 4> fourth{0, 1, 2, 3};  // the corner without a finder pattern is the symbol's fourth
    std::sort(fourth.begin(), fourth.end(), [&](std::size_t a, std::size_t b) {
        return seen.finder[a] < seen.finder[b] || (seen.finder[a] == seen.finder[b] && a < b);
    });
    const double three = seen.reached_by(3);
    const int sizes = three > kSure ? settings.read.corner_sizes : 1;
    std::vector<PlaceStart> starts;
    std::optional<FinderCorners> finders;
    for (std::size_t t = 0; t < static_cast<std::size_t>(turns); ++t) {
        float weakest = 1;
        for (std::size_t k = 0; k < 4; ++k)
            if (k != fourth[t]) weakest = std::min(weakest, seen.finder[k]);
        if (!(static_cast<double>(weakest) >= least)) break;
        const FinderCorners corners = turned(seen, fourth[t]);
        if (rolled && !finders) finders = corners;
        if (auto named = named_place(image, corners, settings.read))
            starts.push_back({named->homography, named->size, std::move(named)});
        for (const SizeFit& fit : fit_sizes(corners, sizes))
            if (fit.residual <= settings.read.most_residual) starts.push_back({fit.homography, fit.size, {}});
        if (static_cast<double>(seen.finder[fourth[t]]) < kAbsent && three > kSure) break;
    }
    return {image, std::move(starts), settings, finders};
}

}  // namespace fastqr
