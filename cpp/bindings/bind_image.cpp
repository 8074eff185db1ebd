#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "arrays.hpp"
#include "fastqr/detect/mtcnn/patches.hpp"
#include "fastqr/image/area_resize.hpp"
#include "fastqr/image/block_mean.hpp"
#include "fastqr/image/local_levels.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

py::list image_pyramid(const py::array& image, const std::vector<double>& scales, int padding) {
    const ImageView view = view_of(image);
    if (padding < 0 || padding > 1024)
        throw py::value_error("padding must be 0 to 1024, got " + std::to_string(padding));
    py::list levels;
    for (double scale : scales) {
        if (!(scale > 0 && scale <= 1))
            throw py::value_error("scales must lie in (0, 1], got " + std::to_string(scale));
        const int height = static_cast<int>(std::lround(view.height * scale));
        const int width = static_cast<int>(std::lround(view.width * scale));
        const int channels = view.channels;
        const py::ssize_t rows = height + 2 * padding;
        const py::ssize_t columns = width + 2 * padding;
        std::vector<float> level(static_cast<std::size_t>(channels * rows * columns));
        if (height > 0 && width > 0) {
            py::gil_scoped_release release;
            for (int channel = 0; channel < channels; ++channel) {
                ImageView plane = view;
                plane.data += channel * view.channel_stride;
                plane.channels = 1;
                const GreyImage grey = area_resize(plane, height, width);
                for (int y = 0; y < height; ++y)
                    for (int x = 0; x < width; ++x)
                        level[static_cast<std::size_t>((channel * rows + y + padding) * columns + x + padding)] =
                            normalised(grey.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                                   static_cast<std::size_t>(x)]);
            }
        }
        levels.append(to_array(std::move(level), {1, channels, rows, columns}));
    }
    return levels;
}

py::array_t<std::uint8_t> resized(const py::array& image, int height, int width) {
    const ImageView view = view_of(image);
    if (height < 1 || width < 1 || height > view.height || width > view.width)
        throw py::value_error("height and width must be 1 to the picture's, got " + std::to_string(height) + " and " +
                              std::to_string(width) + " for " + shape_of(image));
    GreyImage result;
    {
        py::gil_scoped_release release;
        result = area_resize(view, height, width);
    }
    return to_array(std::move(result.pixels), {height, width});
}

py::array_t<std::uint8_t> means_of_blocks(const py::array& image, int factor) {
    const ImageView view = view_of(image);
    if (factor < 1) throw py::value_error("factor must be at least 1, got " + std::to_string(factor));
    GreyImage result;
    {
        py::gil_scoped_release release;
        result = block_mean(view, factor);
    }
    return to_array(std::move(result.pixels), {result.height, result.width});
}

py::array_t<std::uint8_t> with_light_levelled(const py::array& image, double share) {
    const ImageView view = view_of(image);
    if (view.height < 1 || view.width < 1) throw py::value_error("image must have pixels, got none");
    if (!(share > 0 && share <= 1)) throw py::value_error("share must lie in (0, 1], got " + std::to_string(share));
    GreyImage result;
    {
        py::gil_scoped_release release;
        result =
            levelled(block_mean(view, 1), std::max(2, static_cast<int>(share * std::max(view.height, view.width) / 2)));
    }
    return to_array(std::move(result.pixels), {view.height, view.width});
}

}  // namespace

void register_image(py::module_& module) {
    module.def("area_resize", &resized, py::arg("image"), py::arg("height"), py::arg("width"));
    module.def("block_mean", &means_of_blocks, py::arg("image"), py::arg("factor"));
    module.def("with_light_levelled", &with_light_levelled, py::arg("image"), py::arg("share"));
    module.def("image_pyramid", &image_pyramid, py::arg("image"), py::arg("scales"), py::arg("padding") = 0);
}
