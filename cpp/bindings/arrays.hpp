#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "fastqr/image/image_view.hpp"

namespace fastqr::bindings {

/// float32 in C order; a mismatching array is converted, as NumPy users expect.
using FloatArray = pybind11::array_t<float, pybind11::array::c_style | pybind11::array::forcecast>;
using DoubleArray = pybind11::array_t<double, pybind11::array::c_style | pybind11::array::forcecast>;

inline std::string shape_of(const pybind11::array& array) {
    std::string text = "(";
    for (pybind11::ssize_t i = 0; i < array.ndim(); ++i) text += (i ? ", " : "") + std::to_string(array.shape(i));
    return text + (array.ndim() == 1 ? ",)" : ")");
}

/// View of a NumPy picture without a copy. Throws ValueError/TypeError with the argument's name.
inline ImageView view_of(const pybind11::array& image, const char* name = "image") {
    // By value: an unpickled array has an object of its own.
    if (!image.dtype().equal(pybind11::dtype::of<std::uint8_t>()))
        throw pybind11::type_error(std::string(name) + " must be a uint8 array, got dtype " +
                                   pybind11::str(image.dtype()).cast<std::string>());
    const bool grey = image.ndim() == 2 || (image.ndim() == 3 && image.shape(2) == 1);
    const bool bgr = image.ndim() == 3 && image.shape(2) == 3;
    if (!grey && !bgr)
        throw pybind11::value_error(std::string(name) + " must have shape (height, width) or (height, width, 3), got " +
                                    shape_of(image));
    constexpr pybind11::ssize_t longest = 1 << 20;
    if (image.shape(0) > longest || image.shape(1) > longest)
        throw pybind11::value_error(std::string(name) + " must have sides of at most 1048576 pixels, got " +
                                    shape_of(image));
    ImageView view;
    view.data = static_cast<const std::uint8_t*>(image.data());
    view.height = static_cast<int>(image.shape(0));
    view.width = static_cast<int>(image.shape(1));
    view.channels = bgr ? 3 : 1;
    view.row_stride = image.strides(0);
    view.column_stride = image.strides(1);
    view.channel_stride = image.ndim() == 3 ? image.strides(2) : 1;
    return view;
}

/// Hands a vector's memory to NumPy without a copy.
template <typename T, typename Allocator>
pybind11::array_t<T> to_array(std::vector<T, Allocator>&& values, std::vector<pybind11::ssize_t> shape) {
    auto* owned = new std::vector<T, Allocator>(std::move(values));
    pybind11::capsule owner(owned, [](void* p) { delete static_cast<std::vector<T, Allocator>*>(p); });
    return pybind11::array_t<T>(std::move(shape), owned->data(), owner);
}

/// The same array for values that belong to an object that is equal and hashable by what it holds.
template <typename T>
pybind11::array_t<T> read_only(pybind11::array_t<T> array) {
    array.attr("flags").attr("writeable") = false;
    return array;
}

}  // namespace fastqr::bindings
