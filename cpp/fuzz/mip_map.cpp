// Mip maps of any box and factor, and samples anywhere.

#include <algorithm>

#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

void check_map(const MipMap& map, Input& input, int looks) {
    require(!map.empty(), "a region of a picture has a level");
    require(map.level_for(input.raw<float>()) < map.levels(), "a step has a level");
    for (int i = 0; i < looks; ++i) {
        const int level = input.byte() % map.levels();
        const float x = input.raw<float>();
        const float y = input.raw<float>();
        const float grey = map.sample(level, x, y);
        require(grey > -0.01F && grey < 255.01F, "a sample is a grey level");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const Place place = place_in(input, false);
    const double share = (1 + input.between(0, 65535)) / 65536.0;
    Input looks = input;
    for (int i = 0; i < 84; ++i) input.byte();
    Picture picture(input, 1);
    if (!taken(place, picture.view())) return 0;
    const MipMap map(picture.view(), place.region, place.factor);
    const MipMap packed(picture.packed(), place.region, place.factor);
    require(map.levels() == packed.levels(), "strides do not change how many levels there are");
    for (int level = 0; level < map.levels(); ++level)
        require(std::ranges::equal(map.level(level).pixels, packed.level(level).pixels),
                "strides do not change a level");
    check_map(map, looks, 4);
    check_map(map.with_light_levelled(share), looks, 4);
    return 0;
}
