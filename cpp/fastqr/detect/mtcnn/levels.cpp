#include "fastqr/detect/mtcnn/levels.hpp"

#include <algorithm>
#include <cmath>

#include "fastqr/image/area_resize.hpp"

namespace fastqr {
CascadeLevel::CascadeLevel(const MipMap& view, double pixel)
    : pixel_(pixel), level_(view.level_for(static_cast<float>(pixel))) {
    const double step = pixel / static_cast<double>(view.pixel_size(level_));
    if (!(step > 1)) return;
    const auto side = [&](int first, int last) {
        return std::max(1, static_cast<int>(std::ceil((last - first) / pixel)));
    };
    const int height = side(view.region().y1, view.region().y2);
    const int width = side(view.region().x1, view.region().x2);
    own_ = area_resize(view.level(level_).view(), height * step, width * step, height, width);
}

}  // namespace fastqr
