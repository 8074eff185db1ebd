// Finder patterns of any picture, the triples that they make and the sizes that fit those.

#include "fastqr/detect/finder_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastqr/detect/finder_triples.hpp"
#include "fastqr/image/block_mean.hpp"
#include "fastqr/rectify/size.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

bool finite(Point p) { return std::isfinite(p.x) && std::isfinite(p.y); }

void check_fits(const FinderCorners& corners, int top) {
    const std::vector<SizeFit> fits = fit_sizes(corners, top);
    require(static_cast<int>(fits.size()) <= std::max(top, 0), "no more sizes than were asked for");
    for (std::size_t i = 0; i < fits.size(); ++i) {
        require(fits[i].size >= 21 && fits[i].size <= 177 && fits[i].size % 4 == 1, "sizes are those of symbols");
        require(std::isfinite(fits[i].residual) && fits[i].residual >= 0, "a fit has a residual");
        require(i == 0 || fits[i].residual >= fits[i - 1].residual, "the best size first");
        for (double v : fits[i].homography.h) require(std::isfinite(v), "a fit is finite");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const bool corners_alone = input.toss();
    const int top = input.toss() ? input.byte() : input.raw<int>();
    if (corners_alone) {  // the bindings take any finite corners
        FinderCorners corners{};
        const bool doubles = input.toss();
        for (auto& finder : corners)
            for (Point& p : finder)
                for (double* v : {&p.x, &p.y}) {
                    *v = doubles ? input.raw<double>() : input.between(-32768, 32767) / 32.0;
                    if (!std::isfinite(*v)) *v = 0;
                }
        check_fits(corners, top);
        return 0;
    }
    Picture picture(input, 1);
    const MipMap map(picture.view(), {0, 0, picture.view().width, picture.view().height});
    if (map.empty()) return 0;
    Work work{.allowance = 1 << 22};
    FinderPatterns found(map);
    found.search_levels(work);
    found.search_enlarged(work);
    const Region& region = map.region();
    for (const FinderPattern& finder : found.all()) {
        for (Point p : finder.quad) require(finite(p), "corners are finite");
        require(finite(finder.centre) && finder.centre.x >= -finder.side &&
                    finder.centre.x <= region.x2 + finder.side && finder.centre.y >= -finder.side &&
                    finder.centre.y <= region.y2 + finder.side,
                "a finder's centre lies about the picture");
        require(finder.side > 0 && std::isfinite(finder.misfit) && finder.misfit >= 0, "a finder has a side, a misfit");
    }
    const std::vector<bool> open(found.all().size(), true);
    FinderTriples triples(found);
    while (!triples.finished())
        for (const FinderTriple& triple : triples.next_round(open, work)) {
            for (std::size_t f : triple.finders) require(f < open.size(), "triples are of the finders");
            require(std::isfinite(triple.misfit), "a triple has a misfit");
            check_fits(triple.corners, top);
        }
    return 0;
}
