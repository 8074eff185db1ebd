#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "arrays.hpp"
#include "fastqr/image/mip_map.hpp"
#include "geometry_arrays.hpp"

namespace fastqr::bindings {

/// What a function looks at: a mip map that the caller made, or one of a whole picture that is made here.
class PictureOrMap {
  public:
    explicit PictureOrMap(const pybind11::object& image)
        : object_(map_of(image)), map_(object_.cast<const MipMap*>()) {}

    [[nodiscard]] const MipMap& operator*() const { return *map_; }

    /// The mip map as Python sees it.
    [[nodiscard]] const pybind11::object& object() const { return object_; }

  private:
    static pybind11::object map_of(const pybind11::object& image) {
        namespace py = pybind11;
        if (py::isinstance<MipMap>(image)) return image;
        if (!py::isinstance<py::array>(image))
            throw py::type_error("image must be a uint8 array or a MipMap, got " +
                                 py::str(py::type::of(image).attr("__name__")).cast<std::string>());
        const ImageView view = view_of(image.cast<py::array>());
        require_pixels(view);
        const auto made = [&view] {
            py::gil_scoped_release release;
            return MipMap(view, Region{0, 0, view.width, view.height});
        };
        py::object map = py::cast(made());
        if (map.cast<const MipMap&>().looks_at_picture()) py::detail::keep_alive_impl(map, image);
        return map;
    }

    pybind11::object object_;
    const MipMap* map_;
};

}  // namespace fastqr::bindings
