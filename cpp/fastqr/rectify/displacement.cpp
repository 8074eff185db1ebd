#include "fastqr/rectify/displacement.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"

namespace fastqr {
namespace {

constexpr int kMostDegree = 4;
constexpr int kMostTerms = 15;        // of total degree 4
constexpr int kRounds = 3;            // of reweighting
constexpr double kHuber = 0.15;       // modules; larger misses count linearly
constexpr double kLocalSigma = 2.0;   // modules over which what the polynomial leaves is smoothed
constexpr double kLocalDoubt = 40;    // weight of no local move, in the sum of weights: about ten good estimates
constexpr double kLargestMove = 2.0;  // modules; the reader is trained up to 1.6

/// Chebyshev polynomials of the first kind up to a total degree at x, y in −1..1; returns the number of terms.
int terms(double x, double y, int degree, std::array<double, kMostTerms>& out) {
    std::array<double, 5> tx{1, x};
    std::array<double, 5> ty{1, y};
    for (std::size_t k = 2; k < 5; ++k) {
        tx[k] = 2 * x * tx[k - 1] - tx[k - 2];
        ty[k] = 2 * y * ty[k - 1] - ty[k - 2];
    }
    int count = 0;
    for (int i = 0; i <= degree; ++i)
        for (int j = 0; i + j <= degree; ++j)
            out[static_cast<std::size_t>(count++)] = tx[static_cast<std::size_t>(i)] * ty[static_cast<std::size_t>(j)];
    return count;
}

/// What the polynomial leaves, smoothed over some modules with the weights of the estimates (normalised convolution).
class LocalMoves {
  public:
    explicit LocalMoves(int cells)
        : cells_(cells), sums_(static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells)) {}

    void set(std::size_t cell, double weight, double dx, double dy) {
        sums_[cell] = {weight * dx, weight * dy, weight};
    }

    void smooth() {
        const int reach = static_cast<int>(std::ceil(2.5 * kLocalSigma));
        std::vector<double> kernel;
        for (int i = -reach; i <= reach; ++i) kernel.push_back(std::exp(-i * i / (2 * kLocalSigma * kLocalSigma)));
        const auto pass = [&](std::ptrdiff_t along, std::ptrdiff_t across) {
            std::vector<std::array<double, 3>> result(sums_.size());
            for (int i = 0; i < cells_; ++i)
                for (int j = 0; j < cells_; ++j)
                    for (int k = std::max(-reach, -j); k <= std::min(reach, cells_ - 1 - j); ++k)
                        for (std::size_t m = 0; m < 3; ++m)
                            result[static_cast<std::size_t>(i * across + j * along)][m] +=
                                kernel[static_cast<std::size_t>(k + reach)] *
                                sums_[static_cast<std::size_t>(i * across + (j + k) * along)][m];
            sums_ = std::move(result);
        };
        pass(1, cells_);
        pass(cells_, 1);
    }

    /// At a node between cells; drawn to 0 where little is known.
    [[nodiscard]] Point at(int row, int column) const {
        std::array<double, 3> sum{0, 0, kLocalDoubt};
        for (int r = std::max(row - 1, 0); r <= std::min(row, cells_ - 1); ++r)
            for (int c = std::max(column - 1, 0); c <= std::min(column, cells_ - 1); ++c)
                for (std::size_t m = 0; m < 3; ++m) sum[m] += sums_[static_cast<std::size_t>(r * cells_ + c)][m];
        return {sum[0] / sum[2], sum[1] / sum[2]};
    }

  private:
    int cells_;
    std::vector<std::array<double, 3>> sums_;
};

}  // namespace

Point at_place(const Lattice& lattice, double x, double y) {
    const int column = std::clamp(static_cast<int>(std::floor(x)), 0, lattice.cells - 1);
    const int row = std::clamp(static_cast<int>(std::floor(y)), 0, lattice.cells - 1);
    const double fx = x - column;
    const double fy = y - row;
    const float* a = lattice.node(row, column);
    const float* b = lattice.node(row, column + 1);
    const float* c = lattice.node(row + 1, column);
    const float* d = lattice.node(row + 1, column + 1);
    const auto mix = [&](int k) {
        return (a[k] * (1 - fx) + b[k] * fx) * (1 - fy) + (c[k] * (1 - fx) + d[k] * fx) * fy;
    };
    return {mix(0), mix(1)};
}

double largest_move(const Lattice& from, const Lattice& to) {
    double largest = 0;
    for (int row = 0; row <= from.cells; ++row)
        for (int column = 0; column <= from.cells; ++column) {
            const float* a = from.node(row, column);
            const float* b = to.node(row, column);
            const float* beside = from.node(row, column < from.cells ? column + 1 : column - 1);
            const double moved = std::hypot(b[0] - a[0], b[1] - a[1]) / std::hypot(beside[0] - a[0], beside[1] - a[1]);
            if (!(moved <= largest)) largest = moved;  // also where it is no number
        }
    return largest;
}

Lattice displaced(const Lattice& lattice, const float* displacement, const float* log_error, int degree) {
    const int cells = lattice.cells;
    const auto total = static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells);
    const bool local = degree > kMostDegree;
    degree = std::clamp(degree, 0, kMostDegree);
    using Terms = std::array<double, kMostTerms>;
    const auto place = [&](double v) { return 2 * v / cells - 1; };
    Terms fit_x{};
    Terms fit_y{};
    std::vector<Terms> basis(total);
    std::vector<double> robust(total, 1.0);
    // No number where the reader's estimate is none.
    const auto trust = [&](std::size_t cell) {
        const double error = std::exp(std::clamp(static_cast<double>(log_error[cell]), -4.0, 2.0));
        return 1 / (error * error + 0.01);
    };
    int count = 0;
    for (int r = 0; r < cells; ++r)
        for (int c = 0; c < cells; ++c)
            count = terms(place(c + 0.5), place(r + 0.5), degree, basis[static_cast<std::size_t>(r * cells + c)]);
    const auto n = static_cast<std::size_t>(count);
    const auto fitted = [&](std::size_t cell) {
        Point move{0, 0};
        for (std::size_t j = 0; j < n; ++j) {
            move.x += fit_x[j] * basis[cell][j];
            move.y += fit_y[j] * basis[cell][j];
        }
        return move;
    };
    for (int round = 0; round < kRounds; ++round) {
        std::array<std::array<double, kMostTerms>, kMostTerms> a{};
        Terms bx{};
        Terms by{};
        for (std::size_t i = 0; i < total; ++i) {
            const double weight = robust[i] * trust(i);
            const double dx = displacement[i];
            const double dy = displacement[total + i];
            if (!std::isfinite(dx) || !std::isfinite(dy) || !std::isfinite(weight)) continue;
            for (std::size_t j = 0; j < n; ++j) {
                const double v = weight * basis[i][j];
                for (std::size_t k = 0; k <= j; ++k) a[j][k] += v * basis[i][k];
                bx[j] += v * dx;
                by[j] += v * dy;
            }
        }
        for (std::size_t j = 0; j < kMostTerms; ++j) a[j][j] = j < n ? a[j][j] * (1 + 1e-6) + 1e-9 : 1.0;
        const auto x = solve_symmetric<kMostTerms>(a, bx);
        const auto y = solve_symmetric<kMostTerms>(a, by);
        if (!x || !y) return lattice;
        fit_x = *x;
        fit_y = *y;
        for (std::size_t i = 0; i < total; ++i) {
            const auto [mx, my] = fitted(i);
            const double miss = std::hypot(mx - displacement[i], my - displacement[total + i]);
            robust[i] = miss > kHuber ? kHuber / miss : 1.0;
        }
    }
    LocalMoves moves(local ? cells : 0);
    if (local) {
        for (std::size_t i = 0; i < total; ++i) {
            const auto [mx, my] = fitted(i);
            const double weight = trust(i);
            const double dx = displacement[i] - mx;
            const double dy = displacement[total + i] - my;
            if (std::isfinite(dx) && std::isfinite(dy) && std::isfinite(weight)) moves.set(i, weight, dx, dy);
        }
        moves.smooth();
    }
    Lattice result;
    result.cells = cells;
    result.nodes.reserve(lattice.nodes.size());
    for (int r = 0; r <= cells; ++r)
        for (int c = 0; c <= cells; ++c) {
            Terms t{};
            terms(place(c), place(r), degree, t);
            double dx = 0;
            double dy = 0;
            for (std::size_t j = 0; j < n; ++j) {
                dx += fit_x[j] * t[j];
                dy += fit_y[j] * t[j];
            }
            if (local) {
                const Point move = moves.at(r, c);
                dx += move.x;
                dy += move.y;
            }
            const Point p = at_place(lattice, c + std::clamp(dx, -kLargestMove, kLargestMove),
                                     r + std::clamp(dy, -kLargestMove, kLargestMove));
            result.nodes.push_back(static_cast<float>(p.x));
            result.nodes.push_back(static_cast<float>(p.y));
        }
    return result;
}

}  // namespace fastqr
