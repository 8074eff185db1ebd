// The image stage on views of any strides: each result is the packed picture's.

#include <algorithm>
#include <cmath>

#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/block_mean.hpp"
#include "fastqr/image/local_levels.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

void check_same(const GreyImage& a, const GreyImage& b) {
    require(a.height == b.height && a.width == b.width, "strides do not change a result's size");
    require(a.pixels == b.pixels, "strides do not change a result");
    require(a.pixels.size() == static_cast<std::size_t>(a.height) * static_cast<std::size_t>(a.width),
            "a picture holds as many pixels as it has");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const auto what = input.byte() % 4;
    const int height = input.between(1, 1 << 16);
    const int width = input.between(1, 1 << 16);
    const int factor = input.toss() ? input.between(1, 600) : std::max(1, input.raw<int>());
    const double share = (1 + input.between(0, 65535)) / 65536.0;
    const float x = input.raw<float>();
    const float y = input.raw<float>();
    Picture picture(input, 0);
    const ImageView& view = picture.view();
    const ImageView packed = picture.packed();
    const bool empty = view.height < 1 || view.width < 1;
    if (what == 0) {
        check_same(block_mean(view, factor), block_mean(packed, factor));
    } else if (empty) {
        return 0;
    } else if (what == 1) {
        const int h = 1 + (height - 1) % view.height;
        const int w = 1 + (width - 1) % view.width;
        const GreyImage small = area_resize(view, h, w);
        check_same(small, area_resize(packed, h, w));
        require(small.height == h && small.width == w, "a picture shrinks to what was asked for");
    } else if (what == 2) {
        const int reach = std::max(2, static_cast<int>(share * std::max(view.height, view.width) / 2));
        check_same(levelled(block_mean(view, 1), reach), levelled(block_mean(packed, 1), reach));
        for (float mean : local_mean(block_mean(view, 1), reach))
            require(mean > -0.01F && mean < 255.01F, "a window's mean is a grey level");
    } else {
        const float grey = GreyView(block_mean(view, 1)).plane().clamped(x, y).value();
        require(grey >= -0.01F && grey <= 255.01F, "a sample is a grey level");
    }
    return 0;
}
