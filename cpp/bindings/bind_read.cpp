#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "fastqr/read/corner_finder.hpp"
#include "fastqr/read/finder_search.hpp"
#include "fastqr/read/grid_reader.hpp"
#include "fastqr/read/paired_places.hpp"
#include "fastqr/read/ranked_places.hpp"
#include "fastqr/read/symbol_reading.hpp"
#include "fastqr/read/tried_places.hpp"
#include "fastqr/rectify/symbol_place.hpp"
#include "fastqr/standard/version.hpp"
#include "geometry_arrays.hpp"
#include "pixels.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

DoubleArray array_of(const std::vector<FinderPattern>& finders) {
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

void require_pixels(const MipMap& image) {
    if (image.empty()) throw py::value_error("image must have pixels, got none");
}

/// What a search by finder patterns found, and the pixels that it looked at.
struct SearchedPixels : FinderSearch {
    py::object view;
};

SearchedPixels searched(const py::object& image, int most, double work, double milliseconds, bool again,
                        const StageSettings& settings, bool blank_too) {
    using Clock = std::chrono::steady_clock;
    if (most < 1) throw py::value_error("most must be at least 1, got " + std::to_string(most));
    if (!(work >= 0)) throw py::value_error("work must be at least 0, got " + std::to_string(work));
    FinderSearchLimits limits;
    limits.most = most;
    limits.again = again;
    limits.blank_too = blank_too;
    limits.work = static_cast<std::int64_t>(std::min(work, 1e15));
    // More than a day is for ever: the clock's unit could not hold much more.
    if (milliseconds < 1e8)
        limits.until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double, std::milli>(std::max(milliseconds, 0.0)));
    const PictureOrMap pixels(image);
    require_pixels(*pixels);
    const auto found = [&pixels, &limits, &settings] {
        py::gil_scoped_release release;
        return search_finder_patterns(*pixels, limits, settings);
    };
    return {found(), pixels.object()};
}

std::array<Point, 4> square_from(const DoubleArray& square, const char* name = "square") {
    const std::vector<Point> corners = points_of(square, name);
    if (corners.size() != 4)
        throw py::value_error(std::string(name) + " must have shape (4, 2), got " + shape_of(square));
    return {corners[0], corners[1], corners[2], corners[3]};
}

/// Whether a symbol's quad is one of those that were read.
bool is_read(const DoubleArray& quads, const DoubleArray& quad) {
    if (quads.ndim() != 3 || quads.shape(1) != 4 || quads.shape(2) != 2)
        throw py::value_error("quads must have shape (Q, 4, 2), got " + shape_of(quads));
    const std::array<Point, 4> symbol = square_from(quad, "quad");
    for (py::ssize_t i = 0; i < quads.shape(0); ++i) {
        const double* at = quads.data(i, 0, 0);
        if (is_same_symbol({Point{at[0], at[1]}, {at[2], at[3]}, {at[4], at[5]}, {at[6], at[7]}}, symbol)) return true;
    }
    return false;
}

py::object read_at(const MipMap& image, const FloatArray& nodes, int size, bool inverted) {
    const Lattice lattice = lattice_of(nodes, size);
    std::optional<SymbolReading> reading;
    {
        py::gil_scoped_release release;
        reading = read_levels(image, lattice, size, inverted);
    }
    return reading ? py::cast(reading->record()) : py::none();
}

py::object probabilities_at(const MipMap& image, const FloatArray& nodes, int size, bool inverted) {
    const Lattice lattice = lattice_of(nodes, size);
    std::optional<std::vector<float>> probabilities;
    {
        py::gil_scoped_release release;
        probabilities = module_probabilities(image, lattice, size, inverted);
    }
    return probabilities ? py::object(to_array(std::move(*probabilities), {size, size})) : py::none();
}

SymbolPlace place_from(const DoubleArray& homography, int size, double score, bool inverted) {
    require_symbol_size(size);
    return {homography_of(homography), size, score, inverted};
}

std::span<const float> values_of(const FloatArray& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
}

/// That a network's output is one of what was asked, of `shape`, before anything is taken.
void require_output(const FloatArray& array, const char* name, const std::vector<py::ssize_t>& shape) {
    bool same = array.ndim() == static_cast<py::ssize_t>(shape.size());
    std::string wanted;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        same = same && array.shape(static_cast<py::ssize_t>(axis)) == shape[axis];
        if (axis > 0) wanted += ", ";
        wanted += std::to_string(shape[axis]);
    }
    if (!same) throw py::value_error(std::string(name) + " must have shape (" + wanted + "), got " + shape_of(array));
}

void require_waiting(bool awaits_network, const char* of) {
    if (!awaits_network)
        throw py::value_error(std::string("take must follow a call of ") + of + " that gave some, once");
}

ReadEffort effort_of(const std::string& effort) {
    if (effort != "quick" && effort != "thorough")
        throw py::value_error("effort must be 'quick' or 'thorough', got '" + effort + "'");
    return effort == "quick" ? ReadEffort::kQuick : ReadEffort::kThorough;
}

GridReader grid_reader(const MipMap& image, const SymbolPlace& place, const std::string& effort,
                       const StageSettings& settings, std::vector<SymbolRecord> known) {
    require_pixels(image);
    return {image, place, effort_of(effort), settings, std::move(known)};
}

/// What the DenseNet takes: the patch, and what is known of a symbol of its size.
py::object next_inputs(GridReader& reader, bool exhausted) {
    if (reader.awaits_network())
        throw py::value_error("next_inputs must follow take: what the network says of the last ones is still missing");
    std::optional<std::vector<float>> patch;
    std::vector<float> known;
    {
        py::gil_scoped_release release;
        patch = reader.next_patch(exhausted);
        if (patch) known = reader.known();
    }
    if (!patch) return py::none();
    const py::ssize_t cells = reader.cells();
    const py::ssize_t side = GridReader::kPixels * cells;
    return py::make_tuple(to_array(std::move(*patch), {1, 1, side, side}),
                          to_array(std::move(known), {1, 2, cells, cells}));
}

void take_modules(GridReader& reader, const FloatArray& logits, const FloatArray& displacement) {
    require_waiting(reader.awaits_network(), "next_inputs");
    const py::ssize_t side = reader.cells();
    require_output(logits, "logits", {1, 1, side, side});
    require_output(displacement, "displacement", {1, 3, side, side});
    py::gil_scoped_release release;
    reader.take(values_of(logits), values_of(displacement));
}

const char* name_of(Grid grid) {
    switch (grid) {
        case Grid::kStraight:
            return "straight";
        case Grid::kBent:
            return "bent";
        case Grid::kGrown:
            break;
    }
    return "grown";
}

std::string words_of(const PassEvent& event) {
    switch (event.outcome) {
        case PassOutcome::kReadByGreyValues:
            return "read by grey values";
        case PassOutcome::kReadByNetwork:
            return "read by the network";
        case PassOutcome::kRecognised:
            return "recognised";
        case PassOutcome::kTooUncertain:
            return "too uncertain";
        case PassOutcome::kTooManyErrors:
            return "too many errors";
        case PassOutcome::kNoMessage:
            return "no message";
        case PassOutcome::kVersionNamed:
            return "version " + std::to_string(event.version) + " named";
        case PassOutcome::kOutOfAllowance:
            return "out of allowance";
        case PassOutcome::kNoGrid:
            break;
    }
    return "no grid";
}

void take_corners(CornerFinder& finder, const FloatArray& probabilities, const FloatArray& corners) {
    require_waiting(finder.awaits_network(), "next_patches");
    require_output(probabilities, "probabilities", {4, 1});
    require_output(corners, "corners", {4, 8});
    finder.take(values_of(probabilities), values_of(corners));
}

py::object next_patches(CornerFinder& finder, const std::optional<FloatArray>& probabilities,
                        const std::optional<FloatArray>& corners) {
    if (probabilities && corners) take_corners(finder, *probabilities, *corners);
    if (finder.awaits_network())
        throw py::value_error("next_patches must be given what the network says of the last ones, which is missing");
    std::optional<std::vector<float>> patches;
    {
        py::gil_scoped_release release;
        patches = finder.next_patches();
    }
    constexpr py::ssize_t side = CornerFinder::kSide;
    return patches ? py::object(to_array(std::move(*patches), {4, 1, side, side})) : py::none();
}

py::array_t<float> array_of(const std::array<float, 4>& values) {
    py::array_t<float> result(4);
    std::copy(values.begin(), values.end(), result.mutable_data());
    return result;
}

SeenCorners corners_from(const FloatArray& finder, const DoubleArray& corners) {
    require_output(finder, "finder", {4});
    if (corners.ndim() != 3 || corners.shape(0) != 4 || corners.shape(1) != 4 || corners.shape(2) != 2)
        throw py::value_error("corners must have shape (4, 4, 2), got " + shape_of(corners));
    SeenCorners seen;
    std::copy(finder.data(), finder.data() + 4, seen.finder.begin());
    const double* at = corners.data();
    for (auto& quad : seen.corners)
        for (Point& p : quad) {
            p = {at[0], at[1]};
            at += 2;
        }
    return seen;
}

/// Places, and the map in which they are registered.
struct PlacesInMap : RankedPlaces {
    py::object map;
};

const MipMap& map_of(const py::object& image) {
    if (!py::isinstance<MipMap>(image))
        throw py::type_error("image must be a MipMap, got " + std::string(py::str(py::type::of(image))));
    const auto& map = image.cast<const MipMap&>();
    require_pixels(map);
    return map;
}

template <class Find>
PlacesInMap in_map(const py::object& image, const Find& find) {
    const auto found = [&] {
        const py::gil_scoped_release release;
        return find();
    };
    return {found(), image};
}

PlacesInMap at_corners(const py::object& image, const SeenCorners& seen, double least, bool rolled,
                       const StageSettings& settings, int turns) {
    const MipMap& map = map_of(image);
    if (turns < 1 || turns > 4) throw py::value_error("turns must be 1 to 4, got " + std::to_string(turns));
    return in_map(image, [&] { return places_by_corners(map, seen, least, rolled, settings, turns); });
}

PlacesInMap at_pairs(const py::object& image, const SeenCorners& seen, double least, const StageSettings& settings) {
    const MipMap& map = map_of(image);
    return in_map(image, [&] { return places_by_pairs(map, seen, least, settings); });
}

PlacesInMap at_square(const py::object& image, const DoubleArray& square, double inset, std::optional<double> seems,
                      const StageSettings& settings) {
    const MipMap& map = map_of(image);
    const std::array<Point, 4> corners = square_from(square);
    if (!(inset >= 0 && inset < 10))
        throw py::value_error("inset must be 0 to 10 modules, got " + std::to_string(inset));
    return in_map(image, [&] { return places_by_correlation(map, corners, inset, seems, settings); });
}

SymbolPlace next_place(PlacesInMap& places) {
    std::optional<SymbolPlace> place;
    {
        py::gil_scoped_release release;
        place = places.next();
    }
    if (!place) throw py::stop_iteration();
    return *place;
}

void register_reader(py::module_& module) {
    py::class_<PassEvent>(module, "PassEvent")
        .def_property_readonly("grid", [](const PassEvent& self) { return name_of(self.grid); })
        .def_readonly("size", &PassEvent::size)
        .def_readonly("number", &PassEvent::pass)
        .def_readonly("certainty", &PassEvent::certainty)
        .def_property_readonly("outcome", &words_of);
    py::class_<GridReader> reader(module, "GridReader");
    reader.attr("MARGIN") = kReadMargin;
    reader.attr("PIXELS") = GridReader::kPixels;
    reader
        .def(py::init(&grid_reader), py::arg("image"), py::arg("place"), py::arg("effort") = "thorough",
             py::arg("settings") = StageSettings{}, py::arg("known") = std::vector<SymbolRecord>{},
             py::keep_alive<1, 2>())
        .def("next_inputs", &next_inputs, py::arg("exhausted") = false)
        .def("take", &take_modules, py::arg("logits"), py::arg("displacement"))
        .def_property_readonly("reading", [](const GridReader& self) { return self.reading(); })
        .def_property_readonly("events",
                               [](const GridReader& self) {
                                   py::list events;
                                   for (const PassEvent& event : self.events()) events.append(event);
                                   return events;
                               })
        .def_property_readonly("size", &GridReader::size)
        .def_property_readonly("nodes",
                               [](const GridReader& self) -> py::object {
                                   if (self.lattice().nodes.empty()) return py::none();
                                   return bindings::array_of(Lattice(self.lattice()));
                               })
        .def_property_readonly("probabilities",
                               [](const GridReader& self) -> py::object {
                                   if (self.probabilities().empty()) return py::none();
                                   const auto side = static_cast<py::ssize_t>(
                                       std::lround(std::sqrt(static_cast<double>(self.probabilities().size()))));
                                   return to_array(std::vector<float>(self.probabilities()), {side, side});
                               })
        .def_property_readonly("has_no_message", &GridReader::has_no_message)
        .def_property_readonly("work", &GridReader::work);
}

void register_corners(py::module_& module) {
    py::class_<PlacesInMap>(module, "RankedPlaces")
        .def("__iter__", [](PlacesInMap& self) -> PlacesInMap& { return self; })
        .def("__next__", &next_place);
    py::class_<SeenCorners>(module, "SeenCorners")
        .def(py::init(&corners_from), py::arg("finder"), py::arg("corners"))
        .def_property_readonly("finder", [](const SeenCorners& self) { return array_of(self.finder); })
        .def_property_readonly("corners",
                               [](const SeenCorners& self) {
                                   DoubleArray result({4, 4, 2});
                                   double* out = result.mutable_data();
                                   for (const auto& quad : self.corners)
                                       for (const Point& p : quad) {
                                           *out++ = p.x;
                                           *out++ = p.y;
                                       }
                                   return result;
                               })
        .def(
            "reached_by",
            [](const SeenCorners& self, int count) {
                if (count < 1 || count > 4)
                    throw py::value_error("count must be 1 to 4 corners, got " + std::to_string(count));
                return self.reached_by(static_cast<std::size_t>(count));
            },
            py::arg("count"));
    py::class_<CornerFinder>(module, "CornerFinder")
        .def(py::init([](const MipMap& image, const DoubleArray& square, const StageSettings& settings, int rounds,
                         const std::optional<SeenCorners>& known) {
                 require_pixels(image);
                 if (rounds < 1) throw py::value_error("rounds must be 1 or more, got " + std::to_string(rounds));
                 return CornerFinder(image, square_from(square), settings.read, rounds, known);
             }),
             py::arg("image"), py::arg("square"), py::arg("settings") = StageSettings{}, py::arg("rounds") = 1,
             py::arg("known") = py::none(), py::keep_alive<1, 2>())
        .def("next_patches", &next_patches, py::arg("probabilities") = py::none(), py::arg("corners") = py::none())
        .def_property_readonly("seen", &CornerFinder::seen);
    py::class_<TriedPlaces>(module, "TriedPlaces")
        .def(py::init<double>(), py::arg("same"))
        .def(
            "add",
            [](TriedPlaces& self, const SymbolPlace& place, const std::string& light, const std::string& effort) {
                return self.add(place, light, effort_of(effort) == ReadEffort::kThorough);
            },
            py::arg("place"), py::arg("light"), py::arg("effort"));
    module.def("places_by_corners", &at_corners, py::arg("image"), py::arg("seen"), py::arg("least"),
               py::arg("rolled") = false, py::arg("settings") = StageSettings{}, py::arg("turns") = 2);
    module.def("places_by_pairs", &at_pairs, py::arg("image"), py::arg("seen"), py::arg("least"),
               py::arg("settings") = StageSettings{});
    module.def("places_by_correlation", &at_square, py::arg("image"), py::arg("square"), py::arg("inset"),
               py::arg("seems") = py::none(), py::arg("settings") = StageSettings{});
}

}  // namespace

void register_read(py::module_& module) {
    py::class_<SymbolReading>(module, "SymbolReading")
        .def(py::init([](const SymbolRecord& record, const FloatArray& nodes, int size, bool inverted) {
                 return SymbolReading{record.symbol, lattice_of(nodes, size), size, inverted};
             }),
             py::arg("record"), py::arg("nodes"), py::arg("size"), py::arg("inverted"))
        .def_property_readonly("record", &SymbolReading::record)
        .def_readonly("size", &SymbolReading::size)
        .def_readonly("inverted", &SymbolReading::inverted)
        .def_readonly("recognised", &SymbolReading::recognised)
        .def_property_readonly("nodes", [](const SymbolReading& self) { return bindings::array_of(self.lattice()); })
        .def_property_readonly("quad", [](const SymbolReading& self) { return bindings::array_of<float>(self.quad()); })
        .def_property_readonly("landmarks",
                               [](const SymbolReading& self) { return bindings::array_of<float>(self.landmarks()); });
    py::class_<SymbolPlace>(module, "Place")
        .def(py::init(&place_from), py::arg("homography"), py::arg("size"), py::arg("score") = 0.0,
             py::arg("inverted") = false)
        .def_property_readonly("homography",
                               [](const SymbolPlace& self) { return bindings::array_of(self.homography); })
        .def_readonly("size", &SymbolPlace::size)
        .def_readonly("score", &SymbolPlace::score)
        .def_readonly("inverted", &SymbolPlace::inverted)
        .def("corners", [](const SymbolPlace& self) { return bindings::array_of<double>(self.corners()); });
    py::class_<SearchedPixels>(module, "FinderSearch")
        .def_readonly("view", &SearchedPixels::view)
        .def_property_readonly("readings",
                               [](const SearchedPixels& self) {
                                   py::list readings;
                                   for (const SymbolReading& reading : self.readings) readings.append(reading);
                                   return readings;
                               })
        .def_property_readonly("all_read", &SearchedPixels::all_read)
        .def_property_readonly("records",
                               [](const SearchedPixels& self) {
                                   py::list records;
                                   for (SymbolRecord& record : self.records()) records.append(std::move(record));
                                   return records;
                               })
        .def_property_readonly("unread",
                               [](const SearchedPixels& self) {
                                   py::list places;
                                   for (const SymbolPlace& place : self.unread) places.append(place);
                                   return places;
                               })
        .def_property_readonly("ungrouped", [](const SearchedPixels& self) { return array_of(self.ungrouped); })
        .def_property_readonly("credible", [](const SearchedPixels& self) { return array_of(self.credible); })
        .def_readonly("work", &SearchedPixels::work)
        .def_readonly("blank", &SearchedPixels::blank)
        .def_readonly("exhausted", &SearchedPixels::exhausted);
    module.def("search_finder_patterns", &searched, py::arg("image"), py::arg("most") = 1 << 30, py::arg("work") = 1e15,
               py::arg("milliseconds") = std::numeric_limits<double>::infinity(), py::arg("again") = true,
               py::arg("settings") = StageSettings{}, py::arg("blank_too") = true);
    module.def("is_read", &is_read, py::arg("quads"), py::arg("quad"));
    module.def("read_levels", &read_at, py::arg("image"), py::arg("nodes"), py::arg("size"), py::arg("inverted"));
    module.def("module_probabilities", &probabilities_at, py::arg("image"), py::arg("nodes"), py::arg("size"),
               py::arg("inverted"));
    register_corners(module);
    register_reader(module);
}
