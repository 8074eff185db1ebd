#include "fastqr/rectify/module_levels.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/standard/function_patterns.hpp"

namespace fastqr {
namespace {

constexpr double kLeastContrast = 4;  // grey levels between light and dark
constexpr float kSteepness = 8;       // log-odds of a module that is as dark as the dark ones

/// a + b x + c y with x, y in symbol sides about the centre.
struct Plane {
    std::array<double, 3> p{};
    [[nodiscard]] double at(double x, double y) const { return p[0] + p[1] * x + p[2] * y; }
};

std::optional<Plane> plane_of(const std::vector<float>& levels, const std::vector<std::int8_t>& patterns, int size,
                              std::int8_t kind) {
    std::array<std::array<double, 3>, 3> a{};
    std::array<double, 3> b{};
    for (int r = 0; r < size; ++r)
        for (int c = 0; c < size; ++c) {
            const auto i = static_cast<std::size_t>(r * size + c);
            if (patterns[i] != kind) continue;
            const std::array<double, 3> row{1, (c + 0.5) / size - 0.5, (r + 0.5) / size - 0.5};
            for (std::size_t j = 0; j < 3; ++j) {
                for (std::size_t k = 0; k <= j; ++k) a[j][k] += row[j] * row[k];
                b[j] += row[j] * static_cast<double>(levels[i]);
            }
        }
    const auto solved = solve_symmetric<3>(a, b);
    if (!solved) return std::nullopt;
    return Plane{*solved};
}

}  // namespace

std::optional<std::vector<float>> probabilities_from_levels(std::vector<float> levels, int size) {
    const std::vector<std::int8_t> patterns = function_patterns(size);
    if (patterns.empty() || levels.size() != patterns.size()) return std::nullopt;
    const auto dark = plane_of(levels, patterns, size, 1);
    const auto light = plane_of(levels, patterns, size, -1);
    if (!dark || !light) return std::nullopt;
    for (double y : {-0.5, 0.5})
        for (double x : {-0.5, 0.5})
            if (!(light->at(x, y) - dark->at(x, y) > kLeastContrast)) return std::nullopt;
    for (int r = 0; r < size; ++r)
        for (int c = 0; c < size; ++c) {
            const double x = (c + 0.5) / size - 0.5;
            const double y = (r + 0.5) / size - 0.5;
            const double low = dark->at(x, y);
            const double high = light->at(x, y);
            float& level = levels[static_cast<std::size_t>(r * size + c)];
            const auto share =
                static_cast<float>((static_cast<double>(level) - low) / (high - low));  // 0 dark, 1 light
            level = 1 / (1 + std::exp(kSteepness * (2 * share - 1)));
        }
    return levels;
}

}  // namespace fastqr
