// A look without networks at any picture, and lattices read by their grey levels.

#include <algorithm>
#include <cmath>

#include "decoding.hpp"
#include "fastqr/read/finder_search.hpp"
#include "fastqr/read/read_levels.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

void check_reading(const SymbolReading& reading) {
    check_symbol(reading.symbol, reading.size);
    const Lattice lattice = reading.lattice();
    require(lattice.cells >= reading.size, "a reading's lattice holds the symbol");
    for (float v : lattice.nodes) require(std::isfinite(v), "what was read lies somewhere");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const bool direct = input.toss();
    const bool whole = input.toss();
    const int work = input.between(0, 2000) * 1000;
    const int most = input.toss() ? 1 + input.byte() : std::max(1, input.raw<int>());
    const bool inverted = input.toss();
    const int size = symbol_size_of(input);
    const int margin = input.byte() % 20;
    const Homography map = homography_of(input);
    const Place place = place_in(input, whole);
    Picture picture(input, 1);
    if (!taken(place, picture.view())) return 0;
    const MipMap mip_map(picture.view(), place.region, place.factor);
    if (!direct) {
        Lattice lattice = homography_lattice(map, size, margin);
        for (float& v : lattice.nodes)
            if (!std::isfinite(v)) v = -1;  // the bindings take finite nodes
        if (const auto reading = read_levels(mip_map, lattice, size, inverted)) check_reading(*reading);
        return 0;
    }
    const FinderSearch search = search_finder_patterns(mip_map, {.most = most, .work = work});
    require(static_cast<int>(search.readings.size()) <= most, "no more symbols than were asked for");
    for (const SymbolReading& reading : search.readings) check_reading(reading);
    for (std::size_t i = 0; i < search.unread.size(); ++i) {
        const SymbolPlace& place_unread = search.unread[i];
        require(version_of_size(place_unread.size).has_value(), "what was not read has a symbol's size");
        require(i == 0 || place_unread.score <= search.unread[i - 1].score, "the likeliest place first");
        for (double v : place_unread.homography.h) require(std::isfinite(v), "what was not read lies somewhere");
    }
    for (const FinderPattern& finder : search.ungrouped)
        require(std::isfinite(finder.centre.x) && std::isfinite(finder.centre.y), "a finder pattern lies somewhere");
    return 0;
}
