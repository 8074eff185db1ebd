// Pyramids of pictures and of mip maps, their tensors, and patches of boxes anywhere.

#include "fastqr/cascade/pyramid.hpp"

#include <optional>

#include "fastqr/cascade/patches.hpp"
#include "fastqr/memory/vector.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

constexpr float kFarthest = 1e7F;

void check_normalised(const Vector<float>& values) {
    for (float v : values) require(v >= normalised(-0.01F) && v <= normalised(255.01F), "pixels are normalised greys");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const bool of_map = input.toss();
    const Place place = place_in(input, false);
    const int limit = input.toss() ? input.between(1, 1000) : std::max(1, input.raw<int>());
    const double factor = 0.101 + 0.848 * input.between(0, 65535) / 65535;
    const int padding = input.between(0, 40);
    const int size = 1 + input.byte() % 64;
    const bool near = input.toss();
    Box box;
    for (float* v : {&box.x1, &box.y1, &box.x2, &box.y2})
        *v = near ? static_cast<float>(input.between(-32768, 32767)) / 64 : input.finite_below(kFarthest);
    Picture picture(input, 0);
    const ImageView& view = picture.view();

    Vector<float> patch(static_cast<std::size_t>(view.channels * size * size), -9.0F);
    extract_patch(view, box, size, false, patch.data());
    check_normalised(patch);

    std::optional<Pyramid> pyramid;
    if (!of_map)
        pyramid.emplace(view, limit, factor);
    else if (view.height > 0 && view.width > 0 && taken(place, view))
        pyramid.emplace(MipMap(view, place.region, place.factor), limit, factor);
    if (!pyramid) return 0;
    const auto& levels = pyramid->levels();
    require(levels.size() == pyramid->scales().size(), "every level has a scale");
    require(levels.empty() == (view.height < 1 || view.width < 1), "a picture with pixels has a level");
    for (std::size_t i = 0; i < levels.size(); ++i) {
        require(levels[i].height >= 1 && levels[i].width >= 1, "a level has pixels");
        require(i == 0 || pyramid->scales()[i] > pyramid->scales()[i - 1], "levels go from coarse to fine");
        const Vector<float> tensor = pyramid->tensor(static_cast<int>(i), padding);
        require(tensor.size() == static_cast<std::size_t>(levels[i].height + 2 * padding) *
                                     static_cast<std::size_t>(levels[i].width + 2 * padding),
                "a tensor is a level and its padding");
        check_normalised(tensor);
    }
    if (levels.empty()) return 0;
    Vector<float> grey(static_cast<std::size_t>(size * size), -9.0F);
    pyramid->patch(box, size, grey.data());
    check_normalised(grey);
    return 0;
}
