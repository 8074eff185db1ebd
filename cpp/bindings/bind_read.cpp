#include <pybind11/stl.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "arrays.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/read/direct_look.hpp"
#include "fastqr/symbol/version.hpp"
#include "geometry_arrays.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

py::tuple tuple_of(SymbolReading&& reading) {
    const int size = reading.size;
    const bool inverted = reading.inverted;
    return py::make_tuple(std::move(reading.symbol), array_of(std::move(reading.lattice)), size, inverted);
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

py::tuple looked(const MipMap& image, int first, int most, double milliseconds) {
    using Clock = std::chrono::steady_clock;
    if (first < 1) throw py::value_error("first must be at least 1 pixel, got " + std::to_string(first));
    if (most < 1) throw py::value_error("most must be at least 1, got " + std::to_string(most));
    if (image.empty()) throw py::value_error("image must have pixels, got none");
    DirectLook look;
    {
        py::gil_scoped_release release;
        // More than a day is for ever: the clock's unit could not hold much more.
        const bool limited = milliseconds < 1e8;
        const auto time = std::chrono::duration<double, std::milli>(limited ? std::max(milliseconds, 0.0) : 0.0);
        look = look_directly(
            image, first, most,
            limited ? Clock::now() + std::chrono::duration_cast<Clock::duration>(time) : Clock::time_point::max());
    }
    py::list readings;
    for (SymbolReading& reading : look.readings) readings.append(tuple_of(std::move(reading)));
    py::list unread;
    for (const Registration& place : look.unread)
        unread.append(py::make_tuple(bindings::array_of(place.homography), place.size, place.score(), place.inverted));
    return py::make_tuple(readings, unread, array_of(look.loose));
}

py::object read_at(const MipMap& image, const FloatArray& nodes, int size, bool inverted) {
    const Lattice lattice = lattice_from(nodes);
    if (!version_of_size(size))
        throw py::value_error("size must be 17 + 4 * version modules, got " + std::to_string(size));
    if (lattice.cells < size || (lattice.cells - size) % 2 != 0)
        throw py::value_error("nodes must have the symbol's modules and a margin, got " + shape_of(nodes));
    std::optional<SymbolReading> reading;
    {
        py::gil_scoped_release release;
        reading = read_levels(image, lattice, size, inverted);
    }
    return reading ? py::cast(std::move(reading->symbol)) : py::none();
}

}  // namespace

void register_read(py::module_& module) {
    module.def("look_directly", &looked, py::arg("image"), py::arg("first"), py::arg("most") = 1 << 30,
               py::arg("milliseconds") = std::numeric_limits<double>::infinity());
    module.def("read_levels", &read_at, py::arg("image"), py::arg("nodes"), py::arg("size"), py::arg("inverted"));
}
