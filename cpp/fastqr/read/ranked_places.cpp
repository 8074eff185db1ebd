#include "fastqr/read/ranked_places.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "fastqr/read/rolled_place.hpp"
#include "fastqr/rectify/registration.hpp"

namespace fastqr {
namespace {

constexpr int kMost = 4;  // places that do not convince and are read all the same

}  // namespace

std::optional<SymbolPlace> RankedPlaces::next() {
    while (registered_ < starts_.size()) {
        const PlaceStart& start = starts_[registered_++];
        const SymbolPlace place =
            start.known ? *start.known
                        : registered_place(image_, start.homography, start.size, settings_.rectify, start.seen);
        if (place.score > settings_.read.convincing) return place;
        if (place.score > settings_.read.doubtful) doubtful_.push_back(place);
    }
    if (const auto finders = std::exchange(finders_, std::nullopt))
        if (auto place = rolled_place(image_, *finders, settings_.read)) return place;
    if (!is_sorted_)
        std::ranges::stable_sort(doubtful_, std::ranges::less{}, [](const SymbolPlace& place) { return -place.score; });
    is_sorted_ = true;
    if (given_ == doubtful_.size() || given_ == kMost) return std::nullopt;
    return doubtful_[given_++];
}

RankedPlaces places_by_correlation(const MipMap& image, const std::array<Point, 4>& square, double inset,
                                   std::optional<double> seems, const StageSettings& settings) {
    std::vector<PlaceStart> starts;
    for (const RankedFrame& frame : rank_frames(image, square, inset, kMost, seems))
        starts.push_back({frame.homography, frame.size, {}});
    return {image, std::move(starts), settings};
}

}  // namespace fastqr
