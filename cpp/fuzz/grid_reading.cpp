// A place read with a network that says anything, and corners that it sees anywhere.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "decoding.hpp"
#include "fastqr/read/corner_finder.hpp"
#include "fastqr/read/grid_reader.hpp"
#include "fastqr/read/paired_places.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

/// A network's outputs: numbers up to a size, some of them none.
class Outputs {
  public:
    explicit Outputs(Input& input)
        : state_(input.raw<std::uint32_t>()), scale_(input.raw<float>()), odd_(input.toss()) {}

    std::vector<float> of(std::size_t count) {
        std::vector<float> values(count);
        for (float& v : values) v = next();
        return values;
    }

  private:
    float next() {
        state_ = state_ * 1664525U + 1013904223U;
        const std::uint32_t high = state_ >> 16U;
        if (odd_ && high % 61 == 0) return std::numeric_limits<float>::quiet_NaN();
        if (odd_ && high % 67 == 0) return std::numeric_limits<float>::infinity();
        return scale_ * (static_cast<float>(high) / 32768 - 1);
    }

    std::uint32_t state_;
    float scale_;
    bool odd_;
};

void check_place(const SymbolPlace& place) {
    require(version_of_size(place.size).has_value(), "a place is of a symbol's size");
    require(place.score > 0.3 && place.score <= 1.0001, "a place worth reading agrees with the patterns");
    for (double v : place.homography.h) require(std::isfinite(v), "a place lies somewhere");
}

void read_grid(const MipMap& map, const SymbolPlace& place, ReadEffort effort, Outputs& outputs) {
    GridReader reader(map, place, effort);
    int passes = 0;
    while (const auto patch = reader.next_patch()) {
        const auto total = static_cast<std::size_t>(reader.cells() * reader.cells());
        require(patch->size() == total * GridReader::kPixels * GridReader::kPixels, "a patch has all of its samples");
        for (float v : *patch) require(std::abs(v) < 1e3F, "a patch is normalised");
        require(reader.known().size() == 2 * total, "what is known has two planes");
        require(++passes <= 40, "reading ends");
        reader.take(outputs.of(total), outputs.of(3 * total));
        require(!reader.awaits_network(), "what the network says is taken");
    }
    require(!reader.events().empty(), "something became of the place");
    for (const PassEvent& event : reader.events())
        require(event.certainty.value_or(0) >= 0 && event.certainty.value_or(0) <= 1, "certainty lies in 0..1");
    if (!reader.reading()) return;
    check_symbol(reader.reading()->symbol, reader.reading()->size);
    for (float v : reader.reading()->lattice().nodes) require(std::isfinite(v), "what was read lies somewhere");
}

void find_corners(const MipMap& map, const std::array<Point, 4>& square, double least, Outputs& outputs) {
    CornerFinder finder(map, square);
    int looks = 0;
    while (const auto patches = finder.next_patches()) {
        require(patches->size() == std::size_t{4} * CornerFinder::kSide * CornerFinder::kSide, "four patches");
        for (float v : *patches) require(std::abs(v) < 1.01F, "patches are normalised");
        require(++looks <= 2, "corners are looked at twice");
        finder.take(outputs.of(4), outputs.of(32));
    }
    RankedPlaces places = places_by_corners(map, finder.seen(), least, true);
    int given = 0;
    while (const auto place = places.next()) {
        check_place(*place);
        require(++given <= 5, "two sizes of two turns at most, and one on rolled paper");
    }
    RankedPlaces pairs = places_by_pairs(map, finder.seen(), least);
    given = 0;
    while (const auto place = pairs.next()) {
        check_place(*place);
        require(++given <= 3, "the likeliest three maps of all pairs");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const bool corners = input.toss();
    const bool whole = input.toss();
    const int size = symbol_size_of(input);
    const bool thorough = input.toss();
    const bool inverted = input.toss();
    const Homography at = homography_of(input);
    Outputs outputs(input);
    const double least = input.byte() / 255.0;
    const Place region = place_in(input, whole);
    Picture picture(input, 1);
    if (!taken(region, picture.view())) return 0;
    const MipMap map(picture.view(), region.region, region.factor);
    if (corners) {  // the homography's first eight numbers as a square's corners
        const auto& h = at.h;
        find_corners(map, {Point{h[0], h[1]}, {h[2], h[3]}, {h[4], h[5]}, {h[6], h[7]}}, least, outputs);
    } else {
        read_grid(map, {at, size, 0.5, inverted}, thorough ? ReadEffort::kThorough : ReadEffort::kQuick, outputs);
    }
    return 0;
}
