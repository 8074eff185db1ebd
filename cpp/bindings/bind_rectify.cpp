#include <pybind11/stl.h>

#include <cmath>

#include "arrays.hpp"
#include "fastqr/rectify/homography.hpp"
#include "fastqr/rectify/lattice.hpp"
#include "fastqr/rectify/resample.hpp"
#include "geometry_arrays.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

DoubleArray fit(const DoubleArray& source, const DoubleArray& target) {
    const std::vector<Point> from = points_of(source, "source");
    const std::vector<Point> to = points_of(target, "target");
    if (from.size() != to.size() || from.size() < 4)
        throw py::value_error("source and target must be the same number of 4 or more points, got " + shape_of(source) +
                              " and " + shape_of(target));
    const auto homography = fit_homography(from, to);
    if (!homography) throw py::value_error("source and target must span an area, got points on a line");
    return array_of(*homography);
}

py::array_t<float> lattice_of(const DoubleArray& homography, int size, int margin) {
    if (size < 1 || size > 177) throw py::value_error("size must be 1 to 177 modules, got " + std::to_string(size));
    if (margin < 0 || margin > 64) throw py::value_error("margin must be 0 to 64 modules, got " + std::to_string(margin));
    return array_of(homography_lattice(homography_of(homography), size, margin));
}

py::array_t<float> resample(const py::array& image, const FloatArray& nodes, int pixels) {
    const ImageView view = view_of(image);
    require_pixels(view);
    if (pixels < 1 || pixels > 64)
        throw py::value_error("pixels_per_module must be 1 to 64, got " + std::to_string(pixels));
    const Lattice lattice = lattice_from(nodes);
    std::vector<float> patch;
    {
        py::gil_scoped_release release;
        patch = resample_lattice(view, lattice, pixels);
    }
    const py::ssize_t side = lattice.cells * pixels;
    return to_array(std::move(patch), {side, side});
}

py::array_t<float> warped(const py::array& image, const DoubleArray& homography, int height, int width) {
    const ImageView view = view_of(image);
    require_pixels(view);
    if (height < 1 || width < 1 || height > 16384 || width > 16384)
        throw py::value_error("height and width must be 1 to 16384, got " + std::to_string(height) + " and " +
                              std::to_string(width));
    const Homography map = homography_of(homography);
    std::vector<float> result;
    {
        py::gil_scoped_release release;
        result = warp(view, map, height, width);
    }
    return to_array(std::move(result), {height, width});
}

py::array_t<float> warped_patches(const py::array& image, const DoubleArray& homographies, int size) {
    const ImageView view = view_of(image);
    require_pixels(view);
    if (homographies.ndim() != 3 || homographies.shape(1) != 3 || homographies.shape(2) != 3)
        throw py::value_error("homographies must have shape (M, 3, 3), got " + shape_of(homographies));
    if (size < 1 || size > 1024) throw py::value_error("size must be 1 to 1024, got " + std::to_string(size));
    const py::ssize_t count = homographies.shape(0);
    const double* values = homographies.data();
    std::vector<float> result;
    {
        py::gil_scoped_release release;
        result.reserve(static_cast<std::size_t>(count) * static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
        const Homography to_unit{{1.0 / size, 0, 0, 0, 1.0 / size, 0, 0, 0, 1}};
        for (py::ssize_t i = 0; i < count; ++i) {
            Homography unit_to_image;
            std::copy(values + 9 * i, values + 9 * (i + 1), unit_to_image.h.begin());
            for (float v : warp(view, compose(unit_to_image, to_unit), size, size)) result.push_back((v - 127.5F) / 128.0F);
        }
    }
    return to_array(std::move(result), {count, 1, size, size});
}

}  // namespace

void register_rectify(py::module_& module) {
    module.def("homography", &fit, py::arg("source"), py::arg("target"));
    module.def("homography_lattice", &lattice_of, py::arg("homography"), py::arg("size"), py::arg("margin") = 2);
    module.def("resample_lattice", &resample, py::arg("image"), py::arg("nodes"), py::arg("pixels_per_module") = 4);
    module.def("warp", &warped, py::arg("image"), py::arg("homography"), py::arg("height"), py::arg("width"));
    module.def("warp_patches", &warped_patches, py::arg("image"), py::arg("homographies"), py::arg("size"));
}
