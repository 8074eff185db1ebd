#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "arrays.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/read/finder_search.hpp"
#include "fastqr/read/symbol_reading.hpp"
#include "fastqr/symbol/version.hpp"
#include "geometry_arrays.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

template <std::size_t N>
py::array_t<float> array_of(const std::array<Point, N>& points) {
    py::array_t<float> result({static_cast<py::ssize_t>(N), py::ssize_t{2}});
    float* out = result.mutable_data();
    for (const Point& p : points) {
        *out++ = static_cast<float>(p.x);
        *out++ = static_cast<float>(p.y);
    }
    return result;
}

DoubleArray array_of(const Vector<FinderPattern>& finders) {
    DoubleArray result({static_cast<py::ssize_t>(finders.size()), py::ssize_t{4}, py::ssize_t{2}});
    double* out = result.mutable_data();
    for (const FinderPattern& finder : finders)
        for (const Point& p : finder.quad) {
            *out++ = p.x;
            *out++ = p.y;
        }
    return result;
}

Lattice lattice_of(const FloatArray& nodes, int size) {
    Lattice lattice = lattice_from(nodes);
    if (!version_of_size(size))
        throw py::value_error("size must be 17 + 4 * version modules, got " + std::to_string(size));
    if (lattice.cells < size || (lattice.cells - size) % 2 != 0)
        throw py::value_error("nodes must have the symbol's modules and a margin, got " + shape_of(nodes));
    return lattice;
}

FinderSearch searched(const MipMap& image, int most, double work, double milliseconds, bool again) {
    using Clock = std::chrono::steady_clock;
    if (most < 1) throw py::value_error("most must be at least 1, got " + std::to_string(most));
    if (!(work >= 0)) throw py::value_error("work must be at least 0, got " + std::to_string(work));
    if (image.empty()) throw py::value_error("image must have pixels, got none");
    FinderSearchLimits limits;
    limits.most = most;
    limits.again = again;
    limits.work = static_cast<std::int64_t>(std::min(work, 1e15));
    // More than a day is for ever: the clock's unit could not hold much more.
    if (milliseconds < 1e8)
        limits.until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double, std::milli>(std::max(milliseconds, 0.0)));
    py::gil_scoped_release release;
    return search_finder_patterns(image, limits);
}

py::object read_at(const MipMap& image, const FloatArray& nodes, int size, bool inverted) {
    const Lattice lattice = lattice_of(nodes, size);
    std::optional<SymbolReading> reading;
    {
        py::gil_scoped_release release;
        reading = read_levels(image, lattice, size, inverted);
    }
    return reading ? py::cast(std::move(reading->symbol)) : py::none();
}

}  // namespace

void register_read(py::module_& module) {
    py::class_<SymbolReading>(module, "SymbolReading")
        .def(py::init([](const DecodedSymbol& record, const FloatArray& nodes, int size, bool inverted) {
                 return SymbolReading{record, lattice_of(nodes, size), size, inverted};
             }),
             py::arg("record"), py::arg("nodes"), py::arg("size"), py::arg("inverted"))
        .def_readonly("record", &SymbolReading::symbol)
        .def_readonly("size", &SymbolReading::size)
        .def_readonly("inverted", &SymbolReading::inverted)
        .def_property_readonly("nodes",
                               [](const SymbolReading& self) { return bindings::array_of(Lattice(self.lattice)); })
        .def_property_readonly("quad", [](const SymbolReading& self) { return array_of(self.quad()); })
        .def_property_readonly("landmarks", [](const SymbolReading& self) { return array_of(self.landmarks()); });
    py::class_<Registration>(module, "Place")
        .def_property_readonly("homography",
                               [](const Registration& self) { return bindings::array_of(self.homography); })
        .def_readonly("size", &Registration::size)
        .def_property_readonly("score", &Registration::score)
        .def_readonly("inverted", &Registration::inverted);
    py::class_<FinderSearch>(module, "FinderSearch")
        .def_property_readonly("readings",
                               [](const FinderSearch& self) {
                                   py::list readings;
                                   for (const SymbolReading& reading : self.readings) readings.append(reading);
                                   return readings;
                               })
        .def_property_readonly("unread",
                               [](const FinderSearch& self) {
                                   py::list places;
                                   for (const Registration& place : self.unread) places.append(place);
                                   return places;
                               })
        .def_property_readonly("ungrouped", [](const FinderSearch& self) { return array_of(self.ungrouped); })
        .def_readonly("work", &FinderSearch::work)
        .def_readonly("exhausted", &FinderSearch::exhausted);
    module.def("search_finder_patterns", &searched, py::arg("image"), py::arg("most") = 1 << 30, py::arg("work") = 1e15,
               py::arg("milliseconds") = std::numeric_limits<double>::infinity(), py::arg("again") = true);
    module.def("read_levels", &read_at, py::arg("image"), py::arg("nodes"), py::arg("size"), py::arg("inverted"));
}
