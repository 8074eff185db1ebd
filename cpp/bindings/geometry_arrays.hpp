#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"

namespace fastqr::bindings {

inline void require_pixels(const ImageView& view, const char* name = "image") {
    if (view.height < 1 || view.width < 1)
        throw pybind11::value_error(std::string(name) + " must have pixels, got none");
}

inline std::vector<Point> points_of(const DoubleArray& array, const char* name) {
    if (array.ndim() != 2 || array.shape(1) != 2)
        throw pybind11::value_error(std::string(name) + " must have shape (K, 2), got " + shape_of(array));
    std::vector<Point> points;
    for (pybind11::ssize_t i = 0; i < array.shape(0); ++i) {
        points.push_back({array.at(i, 0), array.at(i, 1)});
        if (!std::isfinite(points.back().x) || !std::isfinite(points.back().y))
            throw pybind11::value_error(std::string(name) + " must be finite, got NaN or infinity");
    }
    return points;
}

inline Homography homography_of(const DoubleArray& array, const char* name = "homography") {
    if (array.ndim() != 2 || array.shape(0) != 3 || array.shape(1) != 3)
        throw pybind11::value_error(std::string(name) + " must have shape (3, 3), got " + shape_of(array));
    Homography result;
    std::copy(array.data(), array.data() + 9, result.h.begin());
    for (double v : result.h)
        if (!std::isfinite(v)) throw pybind11::value_error(std::string(name) + " must be finite, got NaN or infinity");
    return result;
}

/// K points as an array of shape (K, 2).
template <typename Number, std::size_t K>
pybind11::array_t<Number> array_of(const std::array<Point, K>& points) {
    pybind11::array_t<Number> result({static_cast<pybind11::ssize_t>(K), pybind11::ssize_t{2}});
    Number* out = result.mutable_data();
    for (const Point& p : points) {
        *out++ = static_cast<Number>(p.x);
        *out++ = static_cast<Number>(p.y);
    }
    return result;
}

inline DoubleArray array_of(const Homography& homography) {
    DoubleArray result({3, 3});
    std::copy(homography.h.begin(), homography.h.end(), result.mutable_data());
    return result;
}

inline void require_symbol_size(int size) {
    if (size < 21 || size > 177 || size % 4 != 1)
        throw pybind11::value_error("size must be 17 + 4 * version, 21 to 177 modules, got " + std::to_string(size));
}

inline Lattice lattice_from(const FloatArray& nodes, const char* name = "nodes") {
    if (nodes.ndim() != 3 || nodes.shape(0) != nodes.shape(1) || nodes.shape(2) != 2 || nodes.shape(0) < 2 ||
        nodes.shape(0) > 306)
        throw pybind11::value_error(std::string(name) + " must have shape (S + 1, S + 1, 2), got " + shape_of(nodes));
    Lattice lattice;
    lattice.cells = static_cast<int>(nodes.shape(0)) - 1;
    lattice.nodes.assign(nodes.data(), nodes.data() + nodes.size());
    for (float v : lattice.nodes)
        if (!std::isfinite(v)) throw pybind11::value_error(std::string(name) + " must be finite, got NaN or infinity");
    return lattice;
}

inline pybind11::array_t<float> array_of(Lattice&& lattice) {
    const pybind11::ssize_t side = lattice.cells + 1;
    return to_array(std::move(lattice.nodes), {side, side, 2});
}

}  // namespace fastqr::bindings
