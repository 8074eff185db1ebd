// Homographies through points and splines over places, points on a line and far away among them.

#include <cmath>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/thin_plate_spline.hpp"
#include "fastqr/rectify/module_levels.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

double number(Input& input, bool any) {
    const double value = any ? input.raw<double>() : input.between(-32768, 32767) / 64.0;
    return std::isfinite(value) ? value : 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const auto what = input.byte() % 3;
    const bool any = input.toss() && what != 1;  // splines are the library's own, over symbols: nothing is far away
    if (what == 2) {
        const int size = symbol_size_of(input);
        std::vector<float> levels(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
        for (float& v : levels) v = any ? input.raw<float>() : static_cast<float>(input.byte());
        (void)log_odds_in_local_light(levels, size);
        const auto probabilities = probabilities_from_levels(levels, size);
        if (!probabilities) return 0;
        require(probabilities->size() == levels.size(), "a probability a module");
        for (float p : *probabilities) require(std::isnan(p) || (p >= 0 && p <= 1), "probabilities lie in 0..1");
        return 0;
    }
    std::vector<Point> from;
    std::vector<Point> to;
    const int count = input.byte() % 40;
    for (int i = 0; i < count; ++i) {
        from.push_back({number(input, any), number(input, any)});
        to.push_back({number(input, any), number(input, any)});
    }
    if (what == 0) {
        const auto homography = fit_homography(from, to);
        if (!homography) return 0;
        for (double v : homography->h) require(std::isfinite(v), "a fit is finite");
    } else {
        const ThinPlateSpline spline(from, to, input.between(0, 65535) / 65535.0);
        const Point p = spline({number(input, false), number(input, false)});
        if (count < 3) require(p.x == 0 && p.y == 0, "fewer than three places hold no field");
    }
    return 0;
}
