#include <pybind11/stl.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "arrays.hpp"
#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/detect/mtcnn/cascade.hpp"
#include "fastqr/detect/mtcnn/heatmap_landmarks.hpp"
#include "fastqr/detect/mtcnn/patches.hpp"
#include "fastqr/detect/mtcnn/quads.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

std::span<const Box> boxes_of(const FloatArray& array, const char* name = "boxes") {
    if (array.ndim() != 2 || array.shape(1) != 4)
        throw py::value_error(std::string(name) + " must have shape (N, 4), got " + shape_of(array));
    static_assert(sizeof(Box) == 4 * sizeof(float));
    return {reinterpret_cast<const Box*>(array.data()), static_cast<std::size_t>(array.shape(0))};
}

void require_finite(std::span<const Box> boxes, const char* name = "boxes") {
    for (const Box& b : boxes)
        // Sides beyond any picture would only cost time and precision.
        for (float v : {b.x1, b.y1, b.x2, b.y2})
            if (!(std::abs(v) < 1e7F))
                throw py::value_error(std::string(name) + " must be finite and below 1e7 pixels, got " +
                                      std::to_string(v));
}

py::array_t<float> array_of(const std::vector<Box>& boxes) {
    py::array_t<float> result({static_cast<py::ssize_t>(boxes.size()), py::ssize_t{4}});
    std::copy(boxes.begin(), boxes.end(), reinterpret_cast<Box*>(result.mutable_data()));
    return result;
}

py::array_t<std::int64_t> kept_indices(const FloatArray& boxes, const FloatArray& scores, float threshold,
                                       const std::string& mode) {
    const auto span = boxes_of(boxes);
    if (scores.ndim() != 1 || scores.shape(0) != boxes.shape(0))
        throw py::value_error("scores must have shape (N,) for boxes (N, 4), got " + shape_of(scores) + " for " +
                              shape_of(boxes));
    if (mode != "union" && mode != "min") throw py::value_error("mode must be 'union' or 'min', got '" + mode + "'");
    std::vector<int> kept;
    {
        py::gil_scoped_release release;
        kept = nms(span, {scores.data(), static_cast<std::size_t>(scores.size())}, threshold,
                   mode == "union" ? Overlap::kUnion : Overlap::kMinimum);
    }
    return to_array(std::vector<std::int64_t>(kept.begin(), kept.end()), {static_cast<py::ssize_t>(kept.size())});
}

py::array_t<float> calibrate(const FloatArray& boxes, const FloatArray& offsets) {
    const auto span = boxes_of(boxes);
    if (offsets.ndim() != 2 || offsets.shape(1) != 4 || offsets.shape(0) != boxes.shape(0))
        throw py::value_error("offsets must have shape (N, 4) as boxes " + shape_of(boxes) + ", got " +
                              shape_of(offsets));
    std::vector<Box> result;
    for (std::size_t i = 0; i < span.size(); ++i) result.push_back(calibrated(span[i], offsets.data() + 4 * i));
    return array_of(result);
}

py::array_t<float> square(const FloatArray& boxes) {
    std::vector<Box> result;
    for (const Box& box : boxes_of(boxes)) result.push_back(squared(box));
    return array_of(result);
}

void require_size(int size) {
    if (size < 1 || size > 4096) throw py::value_error("size must be 1 to 4096 pixels, got " + std::to_string(size));
}

py::array_t<float> patches(const py::array& image, const FloatArray& boxes, int size) {
    const ImageView view = view_of(image);
    const auto span = boxes_of(boxes);
    require_finite(span);
    require_size(size);
    const py::ssize_t count = boxes.shape(0);
    std::vector<float> result(static_cast<std::size_t>(count * view.channels) * static_cast<std::size_t>(size * size));
    {
        py::gil_scoped_release release;
        float* out = result.data();
        for (const Box& box : span) {
            extract_patch(view, box, size, false, out);
            out += static_cast<std::ptrdiff_t>(view.channels) * size * size;
        }
    }
    return to_array(std::move(result), {count, view.channels, size, size});
}

py::tuple landmarks(const FloatArray& heat, const FloatArray& boxes) {
    const auto span = boxes_of(boxes);
    if (heat.ndim() != 4 || heat.shape(0) != boxes.shape(0) || heat.shape(1) != 3 || heat.shape(2) != heat.shape(3) ||
        heat.shape(2) < 1)
        throw py::value_error("heatmaps must have shape (N, 3, G, G) for boxes " + shape_of(boxes) + ", got " +
                              shape_of(heat));
    const auto count = boxes.shape(0);
    py::array_t<float> points({count, py::ssize_t{5}, py::ssize_t{2}});
    py::array_t<float> strengths({count, py::ssize_t{4}});
    const int side = static_cast<int>(heat.shape(2));
    for (py::ssize_t i = 0; i < count; ++i) {
        const Landmarks found =
            heatmap_landmarks(heat.data() + i * 3 * side * side, side, span[static_cast<std::size_t>(i)]);
        std::copy_n(&found.points[0][0], 10, points.mutable_data() + 10 * i);
        std::copy_n(found.strengths.data(), 4, strengths.mutable_data() + 4 * i);
    }
    return py::make_tuple(points, strengths);
}

std::vector<Quad> quads_of(const FloatArray& array, const char* name = "quads") {
    if (array.ndim() != 3 || array.shape(1) != 4 || array.shape(2) != 2)
        throw py::value_error(std::string(name) + " must have shape (Q, 4, 2), got " + shape_of(array));
    static_assert(sizeof(Quad) == 8 * sizeof(float));
    std::vector<Quad> quads(static_cast<std::size_t>(array.shape(0)));
    std::copy_n(array.data(), array.size(), reinterpret_cast<float*>(quads.data()));
    return quads;
}

py::array_t<bool> inside_quads(const FloatArray& points, const FloatArray& quads) {
    if (points.ndim() != 2 || points.shape(1) != 2)
        throw py::value_error("points must have shape (K, 2), got " + shape_of(points));
    const std::vector<Quad> all = quads_of(quads);
    py::array_t<bool> result(points.shape(0));
    for (py::ssize_t i = 0; i < points.shape(0); ++i)
        result.mutable_at(i) = inside_any(all, points.at(i, 0), points.at(i, 1));
    return result;
}

void require_least(double least) {
    if (!(least > 0)) throw py::value_error("least must be above 0 pixels, got " + std::to_string(least));
}

/// A network's output of up to four axes, where it lies.
Maps maps_of(const FloatArray& array, const char* name) {
    if (array.ndim() < 2 || array.ndim() > 4)
        throw py::value_error(std::string(name) + " must have 2 to 4 axes, got shape " + shape_of(array));
    Maps maps{{array.data(), static_cast<std::size_t>(array.size())}, {1, 1, 1, 1}};
    for (py::ssize_t i = 0; i < array.ndim(); ++i)
        maps.shape[static_cast<std::size_t>(i)] = static_cast<int>(array.shape(i));
    return maps;
}

/// A network's next input, or None where there is none.
template <Tensor (Cascade::*prepare)()>
py::object input_of(Cascade& cascade) {
    Tensor tensor;
    {
        py::gil_scoped_release release;
        tensor = (cascade.*prepare)();
    }
    if (tensor.empty()) return py::none();
    const auto& [n, c, h, w] = tensor.shape;
    return to_array(std::move(tensor.values), {n, c, h, w});
}

template <void (Cascade::*take)(const Maps&, const Maps&)>
void take_output(Cascade& cascade, const FloatArray& probability, const FloatArray& offsets) {
    const Maps first = maps_of(probability, "probability");
    const Maps second = maps_of(offsets, "offsets");
    py::gil_scoped_release release;
    (cascade.*take)(first, second);
}

void take_onet(Cascade& cascade, const FloatArray& probability, const FloatArray& offsets, const FloatArray& heat) {
    const Maps first = maps_of(probability, "probability");
    const Maps second = maps_of(offsets, "offsets");
    const Maps third = maps_of(heat, "heat");
    py::gil_scoped_release release;
    cascade.take_onet(first, second, third);
}

const char* name_of(CascadeNetwork network) {
    switch (network) {
        case CascadeNetwork::kPnet:
            return "pnet";
        case CascadeNetwork::kRnet:
            return "rnet";
        case CascadeNetwork::kOnet:
            return "onet";
        case CascadeNetwork::kNone:
            break;
    }
    return "none";
}

/// Takes the outputs of the network that was asked for, and says which is to be run next on what; in the end the boxes.
py::object next_input(Cascade& cascade, const py::args& outputs) {
    const CascadeNetwork awaited = cascade.awaited();
    const std::size_t wanted = awaited == CascadeNetwork::kNone ? 0 : awaited == CascadeNetwork::kOnet ? 3 : 2;
    if (outputs.size() != wanted)
        throw py::value_error("next must be given the " + std::to_string(wanted) + " outputs of " + name_of(awaited) +
                              ", which it asked for last, got " + std::to_string(outputs.size()));
    if (wanted == 2) {
        const auto take =
            awaited == CascadeNetwork::kPnet ? &take_output<&Cascade::take_pnet> : &take_output<&Cascade::take_rnet>;
        take(cascade, outputs[0].cast<FloatArray>(), outputs[1].cast<FloatArray>());
    }
    if (wanted == 3)
        take_onet(cascade, outputs[0].cast<FloatArray>(), outputs[1].cast<FloatArray>(), outputs[2].cast<FloatArray>());
    std::optional<NetworkInput> input;
    {
        py::gil_scoped_release release;
        input = cascade.next();
    }
    if (!input) return py::cast(cascade.boxes());
    const auto& [n, c, h, w] = input->tensor.shape;
    return py::make_tuple(name_of(input->network), to_array(std::move(input->tensor.values), {n, c, h, w}));
}

py::array_t<float> landmarks_of(const CascadeBoxes& found) {
    py::array_t<float> result({static_cast<py::ssize_t>(found.landmarks.size()), py::ssize_t{5}, py::ssize_t{2}});
    float* out = result.mutable_data();
    for (const Landmarks& landmarks : found.landmarks) out = std::copy_n(&landmarks.points[0][0], 10, out);
    return result;
}

py::array_t<float> strengths_of(const CascadeBoxes& found) {
    py::array_t<float> result({static_cast<py::ssize_t>(found.landmarks.size()), py::ssize_t{4}});
    float* out = result.mutable_data();
    for (const Landmarks& landmarks : found.landmarks) out = std::copy_n(landmarks.strengths.data(), 4, out);
    return result;
}

py::array_t<float> network_patches(const MipMap& view, const FloatArray& boxes, int size, bool tones) {
    const auto span = boxes_of(boxes);
    require_finite(span);
    require_size(size);
    const auto pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    std::vector<float> result(span.size() * pixels);
    {
        py::gil_scoped_release release;
        for (std::size_t i = 0; i < span.size(); ++i)
            write_network_patch(view, span[i], size, tones, result.data() + i * pixels);
    }
    return to_array(std::move(result), {boxes.shape(0), 1, size, size});
}

}  // namespace

void register_cascade(py::module_& module) {
    module.def("nms", &kept_indices, py::arg("boxes"), py::arg("scores"), py::arg("threshold"),
               py::arg("mode") = "union");
    module.def("calibrate_boxes", &calibrate, py::arg("boxes"), py::arg("offsets"));
    module.def("square_boxes", &square, py::arg("boxes"));
    module.def("extract_patches", &patches, py::arg("image"), py::arg("boxes"), py::arg("size"));
    module.def("heatmap_landmarks", &landmarks, py::arg("heatmaps"), py::arg("boxes"));
    module.def("network_patches", &network_patches, py::arg("view"), py::arg("boxes"), py::arg("size"),
               py::arg("tones") = false);
    module.def("inside_quads", &inside_quads, py::arg("points"), py::arg("quads"));
    py::class_<CascadeWork>(module, "CascadeWork")
        .def_readonly("pnet_pixels", &CascadeWork::pnet_pixels)
        .def_readonly("rnet_windows", &CascadeWork::rnet_windows)
        .def_readonly("onet_windows", &CascadeWork::onet_windows);
    py::class_<CascadeBoxes>(module, "CascadeBoxes")
        .def("__len__", [](const CascadeBoxes& self) { return self.boxes.size(); })
        .def_property_readonly("boxes", [](const CascadeBoxes& self) { return array_of(self.boxes); })
        .def_property_readonly("scores",
                               [](const CascadeBoxes& self) {
                                   return py::array_t<float>(static_cast<py::ssize_t>(self.scores.size()),
                                                             self.scores.data());
                               })
        .def_property_readonly("landmarks", &landmarks_of)
        .def_property_readonly("strengths", &strengths_of);
    py::class_<Cascade>(module, "Cascade")
        .def(py::init([](const MipMap& view, const CascadeSettings& settings, double least, std::optional<double> most,
                         const FloatArray& known) {
                 require_least(least);
                 if (most && !(*most > 0))
                     throw py::value_error("most must be above 0 pixels, got " + std::to_string(*most));
                 return Cascade(view, settings, least, most.value_or(std::numeric_limits<double>::infinity()),
                                quads_of(known, "known"));
             }),
             py::keep_alive<1, 2>(), py::arg("view"), py::arg("settings"), py::kw_only(), py::arg("least"),
             py::arg("most") = py::none(), py::arg("known") = FloatArray({0, 4, 2}))
        .def(
            "extend",
            [](Cascade& self, double least, const FloatArray& known) {
                require_least(least);
                self.extend(least, quads_of(known, "known"));
            },
            py::arg("least"), py::arg("known") = FloatArray({0, 4, 2}))
        .def("next", &next_input)
        .def("pnet_input", &input_of<&Cascade::pnet_input>)
        .def("pnet_windows", [](const Cascade& self) { return array_of(self.pnet_windows()); })
        .def("take_pnet", &take_output<&Cascade::take_pnet>, py::arg("probability"), py::arg("offsets"))
        .def("rnet_input", &input_of<&Cascade::rnet_input>)
        .def("take_rnet", &take_output<&Cascade::take_rnet>, py::arg("probability"), py::arg("offsets"))
        .def("onet_input", &input_of<&Cascade::onet_input>)
        .def("take_onet", &take_onet, py::arg("probability"), py::arg("offsets"), py::arg("heat"))
        .def("windows", [](const Cascade& self) { return array_of(self.windows()); })
        .def("scores",
             [](const Cascade& self) {
                 return py::array_t<float>(static_cast<py::ssize_t>(self.scores().size()), self.scores().data());
             })
        .def("boxes", [](const Cascade& self) { return self.boxes(); })
        .def_property_readonly("work", [](const Cascade& self) { return self.work(); });
}
