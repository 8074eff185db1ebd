#include "fastqr/rectify/module_levels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastqr/geometry/linear_solve.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/made_once.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr float kLeastContrast = 4;  // grey levels between light and dark
constexpr float kSteepness = 8;      // log-odds of a module that is as dark as the dark ones
constexpr double kMostWrong = 0.25;  // of the patterns' modules where light is local: half of them in noise
constexpr int kNear = 3;  // modules to either side that tell what is dark: a finder pattern and what is about

/// a + b x + c y with x, y in symbol sides about the centre.
struct Plane {
    std::array<float, 3> p{};
    [[nodiscard]] float at(float x, float y) const { return p[0] + p[1] * x + p[2] * y; }
};

/// The modules of one colour that all symbols of a size have in common, and what each adds to the plane that lies
/// nearest to their levels: the solution of its normal equations, which depends on their places alone.
struct PlaneFit {
    std::vector<std::size_t> modules;
    std::vector<std::array<float, 3>> weights;

    [[nodiscard]] Plane of(const std::vector<float>& levels) const {
        Plane plane;
        for (std::size_t i = 0; i < modules.size(); ++i)
            for (std::size_t k = 0; k < 3; ++k) plane.p[k] += weights[i][k] * levels[modules[i]];
        return plane;
    }
};

struct PatternFits {
    PlaneFit dark;
    PlaneFit light;
};

PlaneFit make_fit(const std::vector<std::int8_t>& patterns, int size, std::int8_t colour) {
    PlaneFit fit;
    std::vector<std::array<double, 3>> rows;
    std::array<std::array<double, 3>, 3> normal{};
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (patterns[i] != colour) continue;
        const auto side = static_cast<std::size_t>(size);
        const std::array<double, 3> row{1, (static_cast<double>(i % side) + 0.5) / size - 0.5,
                                        (static_cast<double>(i / side) + 0.5) / size - 0.5};
        for (std::size_t j = 0; j < 3; ++j)
            for (std::size_t k = 0; k < 3; ++k) normal[j][k] += row[j] * row[k];
        fit.modules.push_back(i);
        rows.push_back(row);
    }
    for (const auto& row : rows) {
        const auto weights = solve_symmetric<3>(normal, row);
        fit.weights.push_back(
            {static_cast<float>((*weights)[0]), static_cast<float>((*weights)[1]), static_cast<float>((*weights)[2])});
    }
    return fit;
}

const PatternFits& fits_of(int version, Model model) {
    static std::array<MadeOnce<PatternFits>, max_version> fits;
    static std::array<MadeOnce<PatternFits>, max_version_of_model_1> fits_of_model_1;
    const auto make = [&] {
        const int size = size_of_version(version);
        const std::vector<std::int8_t> patterns = function_patterns(size, model);
        return PatternFits{make_fit(patterns, size, 1), make_fit(patterns, size, -1)};
    };
    const auto index = static_cast<std::size_t>(version - 1);
    return model == Model::one ? fits_of_model_1[index].get(make) : fits[index].get(make);
}

/// Sums over all modules above and to the left of a corner, of which four tell a window's.
class WindowSums {
  public:
    explicit WindowSums(int size) : side_(static_cast<std::size_t>(size) + 1), sums_(side_ * side_) {}

    /// Takes the next module, row by row.
    void add(int row, int column, float value) {
        const std::size_t at = (static_cast<std::size_t>(row) + 1) * side_ + static_cast<std::size_t>(column) + 1;
        sums_[at] = value + sums_[at - 1] + sums_[at - side_] - sums_[at - side_ - 1];
    }

    /// Of the modules within `kNear` of one.
    [[nodiscard]] float about(int row, int column) const {
        const int last = static_cast<int>(side_) - 1;
        const auto top = static_cast<std::size_t>(std::max(row - kNear, 0)) * side_;
        const auto bottom = static_cast<std::size_t>(std::min(row + kNear + 1, last)) * side_;
        const auto left = static_cast<std::size_t>(std::max(column - kNear, 0));
        const auto right = static_cast<std::size_t>(std::min(column + kNear + 1, last));
        return sums_[bottom + right] - sums_[bottom + left] - sums_[top + right] + sums_[top + left];
    }

  private:
    std::size_t side_;
    std::vector<float> sums_;
};

}  // namespace

std::optional<std::vector<float>> log_odds_in_local_light(std::vector<float> levels, int size) {
    const auto version = version_of_size(size);
    if (!version || levels.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size))
        return std::nullopt;
    WindowSums all(size);
    WindowSums modules(size);
    const auto each = [&](const auto& visit) {
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < size; ++c) visit(r, c, levels[static_cast<std::size_t>(r * size + c)]);
    };
    each([&](int r, int c, float v) {
        all.add(r, c, v);
        modules.add(r, c, 1);
    });
    WindowSums dark(size);  // of what is darker than the mean about it
    WindowSums darks(size);
    each([&](int r, int c, float v) {
        const bool is_dark = v * modules.about(r, c) < all.about(r, c);
        dark.add(r, c, is_dark ? v : 0);
        darks.add(r, c, is_dark ? 1 : 0);
    });
    each([&](int r, int c, float& v) {
        const float of_dark = darks.about(r, c);
        const float of_light = modules.about(r, c) - of_dark;
        const float low = dark.about(r, c) / of_dark;
        const float high = (all.about(r, c) - dark.about(r, c)) / of_light;
        v = high - low > kLeastContrast ? kSteepness * (low + high - 2 * v) / (high - low) : 0;
    });
    const PatternFits& patterns = fits_of(*version, Model::two);
    const auto wrong = std::ranges::count_if(patterns.dark.modules, [&](std::size_t i) { return !(levels[i] > 0); }) +
                       std::ranges::count_if(patterns.light.modules, [&](std::size_t i) { return !(levels[i] < 0); });
    const auto all_known = patterns.dark.modules.size() + patterns.light.modules.size();
    if (static_cast<double>(wrong) > kMostWrong * static_cast<double>(all_known)) return std::nullopt;
    return levels;
}

std::optional<std::vector<float>> log_odds_from_levels(std::vector<float> levels, int size, Model model) {
    const auto version = version_of_size(size);
    if (!version || !exists(model, *version) ||
        levels.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size))
        return std::nullopt;
    const PatternFits& fits = fits_of(*version, model);
    const Plane dark = fits.dark.of(levels);
    const Plane light = fits.light.of(levels);
    for (float y : {-0.5F, 0.5F})
        for (float x : {-0.5F, 0.5F})
            if (!(light.at(x, y) - dark.at(x, y) > kLeastContrast)) return std::nullopt;
    const float module = 1 / static_cast<float>(size);
    for (int r = 0; r < size; ++r) {
        const float y = (static_cast<float>(r) + 0.5F) * module - 0.5F;
        float* row = levels.data() + static_cast<std::ptrdiff_t>(r) * size;
        for (int c = 0; c < size; ++c) {
            const float x = (static_cast<float>(c) + 0.5F) * module - 0.5F;
            const float low = dark.at(x, y);
            const float high = light.at(x, y);
            row[c] = kSteepness * (low + high - 2 * row[c]) / (high - low);
        }
    }
    return levels;
}

std::optional<std::vector<float>> probabilities_from_levels(std::vector<float> levels, int size, Model model) {
    auto result = log_odds_from_levels(std::move(levels), size, model);
    if (result)
        for (float& v : *result) v = 1 / (1 + std::exp(-v));
    return result;
}

}  // namespace fastqr
