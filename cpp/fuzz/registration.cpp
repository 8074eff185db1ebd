// Registration, agreement and ranking of frames at any finite homography, wherever it sends the symbol.

#include "fastqr/rectify/registration.hpp"

#include <algorithm>
#include <cmath>

#include "fastqr/rectify/timing_check.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

void check_registration(const Registration& found, int size) {
    require(found.size == size, "a registration is of the size");
    require(std::abs(found.score()) <= 1.0001, "a score is a mean of correlations");
    for (double v : {found.finder, found.timing, found.alignment})
        require(std::abs(v) <= 1.0001, "correlations lie in -1..1");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const auto what = input.byte() % 4;
    const bool whole = input.toss();
    const int size = symbol_size_of(input);
    const Homography at = homography_of(input);
    const double inset = std::min(9.999, input.between(0, 65535) / 6553.6);
    const int top = input.toss() ? input.byte() : input.raw<int>();
    const Place place = place_in(input, whole);
    Picture picture(input, 1);
    if (!taken(place, picture.view())) return 0;
    const MipMap map(picture.view(), place.region, place.factor);
    if (what == 0) {
        check_registration(register_patterns(map, at, size), size);
    } else if (what == 1) {
        check_registration(pattern_agreement(map, at, size), size);
    } else if (what == 2) {
        const double coherence = timing_coherence(map, at, size);
        require(coherence >= 0 && coherence <= 1.0001, "coherence lies in 0..1");
    } else {  // the homography's first eight numbers as a square's corners
        const auto& h = at.h;
        const auto frames = rank_frames(map, {Point{h[0], h[1]}, {h[2], h[3]}, {h[4], h[5]}, {h[6], h[7]}}, inset, top);
        require(static_cast<int>(frames.size()) <= std::max(top, 0), "no more frames than were asked for");
        for (std::size_t i = 0; i < frames.size(); ++i) {
            require(std::abs(frames[i].score) <= 1.0001, "a score is a mean of correlations");
            require(i == 0 || frames[i].score <= frames[i - 1].score, "the best frame first");
            for (double v : frames[i].homography.h) require(std::isfinite(v), "a frame is finite");
        }
    }
    return 0;
}
