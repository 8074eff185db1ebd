#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "fastqr/decode/decoder.hpp"
#include "fastqr/decode/recognition.hpp"
#include "fastqr/read/symbol_reading.hpp"
#include "fastqr/standard/codeword_placement.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/version.hpp"
#include "geometry_arrays.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace {

void check_size(py::ssize_t size) {
    if (size < fastqr::size_of_version(fastqr::min_version) || size > fastqr::size_of_version(fastqr::max_version) ||
        !fastqr::version_of_size(static_cast<int>(size)))
        throw py::value_error("size must be 17 + 4 * version modules with version 1 to 40, got " +
                              std::to_string(size));
}

fastqr::Model model_of(py::ssize_t size, int model) {
    check_size(size);
    if (model == 2) return fastqr::Model::two;
    if (model != 1) throw py::value_error("model must be 1 or 2, got " + std::to_string(model));
    if (size > fastqr::size_of_version(fastqr::max_version_of_model_1))
        throw py::value_error("size must be 73 or less for Model 1, which ends with version 14, got " +
                              std::to_string(size));
    return fastqr::Model::one;
}

py::array_t<std::int8_t> function_patterns(py::ssize_t size, int model) {
    const fastqr::Model of = model_of(size, model);
    std::vector<std::int8_t> modules;
    {
        py::gil_scoped_release release;
        modules = fastqr::function_patterns(static_cast<int>(size), of);
    }
    return fastqr::bindings::to_array(std::move(modules), {size, size});
}

std::vector<int> alignment_centres(py::ssize_t size) {
    check_size(size);
    return fastqr::alignment_centres(static_cast<int>(size));
}

py::array_t<int> codeword_placement(py::ssize_t size, int model) {
    const auto order = fastqr::codeword_placement(static_cast<int>(size), model_of(size, model));
    py::array_t<int> result({static_cast<py::ssize_t>(order.size()), py::ssize_t{2}});
    int* out = result.mutable_data();
    for (const fastqr::ModulePosition& position : order) {
        *out++ = position.row;
        *out++ = position.column;
    }
    return result;
}

std::optional<fastqr::SymbolRecord> decode_modules(const py::array& probabilities, bool try_mirrored, bool soft,
                                                   const fastqr::DecoderSettings& settings) {
    const char kind = probabilities.dtype().kind();
    if (kind != 'f' && kind != 'b' && kind != 'i' && kind != 'u')
        throw py::type_error("probabilities must be a bool or float array, got dtype " +
                             py::str(probabilities.dtype()).cast<std::string>());
    const bool square = probabilities.ndim() == 2 && probabilities.shape(0) == probabilities.shape(1);
    if (!square || probabilities.shape(0) > fastqr::size_of_version(fastqr::max_version) ||
        !fastqr::version_of_size(static_cast<int>(probabilities.shape(0))))
        throw py::value_error("probabilities must have shape (N, N) with N = 17 + 4 * version, version 1 to 40, got " +
                              fastqr::bindings::shape_of(probabilities));
    const auto values = py::cast<fastqr::bindings::FloatArray>(probabilities);
    const auto size = static_cast<int>(values.shape(0));
    const std::span<const float> span(values.data(), static_cast<std::size_t>(values.size()));
    py::gil_scoped_release release;
    std::optional<fastqr::DecodedSymbol> symbol = fastqr::decode_symbol(span, size, {try_mirrored, soft}, settings);
    if (!symbol) return std::nullopt;
    return fastqr::SymbolRecord{std::move(*symbol), std::nullopt, std::nullopt, false};
}

const char* name_of(fastqr::Mode mode) {
    switch (mode) {
        case fastqr::Mode::numeric:
            return "numeric";
        case fastqr::Mode::alphanumeric:
            return "alphanumeric";
        case fastqr::Mode::byte:
            return "byte";
        case fastqr::Mode::kanji:
            return "kanji";
        case fastqr::Mode::hanzi:
            return "hanzi";
    }
    return "byte";
}

py::list segments_of(const fastqr::DecodedSymbol& symbol) {
    py::list segments;
    for (const auto& segment : symbol.message.segments)
        segments.append(
            py::make_tuple(name_of(segment.mode), segment.eci,
                           py::bytes(reinterpret_cast<const char*>(segment.bytes.data()), segment.bytes.size())));
    return segments;
}

py::object structured_append_of(const fastqr::DecodedSymbol& symbol) {
    const auto& append = symbol.message.structured_append;
    if (!append) return py::none();
    return py::make_tuple(append->index, append->total, append->parity);
}

py::object fnc1_of(const fastqr::DecodedSymbol& symbol) {
    switch (symbol.message.fnc1) {
        case fastqr::Fnc1::first_position:
            return py::str("first");
        case fastqr::Fnc1::second_position:
            return py::str("second");
        case fastqr::Fnc1::none:
            break;
    }
    return py::none();
}

py::array_t<bool> modules_of(const fastqr::DecodedSymbol& symbol) {
    const auto size = static_cast<py::ssize_t>(fastqr::size_of_version(symbol.version));
    py::array_t<bool> modules({size, size});
    std::copy(symbol.modules.begin(), symbol.modules.end(), modules.mutable_data());
    return fastqr::bindings::read_only(std::move(modules));
}

/// Points of a symbol in a picture, or None for one that is in none.
template <typename Points>
py::object points_of(const std::optional<Points>& points) {
    return points ? py::object(fastqr::bindings::read_only(fastqr::bindings::array_of<float>(*points))) : py::none();
}

/// A property of what was decoded.
template <typename Get>
auto decoded(Get get) {
    return [get](const fastqr::SymbolRecord& record) { return get(record.symbol); };
}

std::optional<int> version_named(const fastqr::bindings::FloatArray& probabilities) {
    if (probabilities.ndim() != 2 || probabilities.shape(0) != probabilities.shape(1))
        throw py::value_error("probabilities must have shape (N, N), got " + fastqr::bindings::shape_of(probabilities));
    return fastqr::version_named({probabilities.data(), static_cast<std::size_t>(probabilities.size())},
                                 static_cast<int>(probabilities.shape(0)));
}

double recognition_evidence(const fastqr::SymbolRecord& record, const fastqr::bindings::FloatArray& probabilities) {
    const fastqr::DecodedSymbol& known = record.symbol;
    const py::ssize_t size = fastqr::size_of_version(known.version);
    if (probabilities.ndim() != 2 || probabilities.shape(0) != size || probabilities.shape(1) != size)
        throw py::value_error("probabilities must have shape (N, N) with the symbol's N = " + std::to_string(size) +
                              ", got " + fastqr::bindings::shape_of(probabilities));
    const std::span<const float> values(probabilities.data(), static_cast<std::size_t>(probabilities.size()));
    py::gil_scoped_release release;
    return fastqr::recognition_evidence(known, values);
}

}  // namespace

void register_symbol(py::module_& module) {
    module.def("function_patterns", &function_patterns, py::arg("size"), py::arg("model") = 2,
               "Modules common to all symbols of a size and model: int8 size x size, +1 dark, -1 light, 0 not fixed.");
    module.def("alignment_centres", &alignment_centres, py::arg("size"),
               "Row and column indices of the alignment patterns' centres, ascending.");
    module.def(
        "codeword_placement", &codeword_placement, py::arg("size"), py::arg("model") = 2,
        "Rows and columns of the modules in the order in which the codewords' bits fill them, eight a codeword.");

    using Decoded = fastqr::DecodedSymbol;
    using Record = fastqr::SymbolRecord;
    py::class_<Record>(module, "SymbolRecord", "What the decoder read, before text is made of it, and where.")
        .def_property_readonly("quad", [](const Record& r) { return points_of(r.quad); })
        .def_property_readonly("landmarks", [](const Record& r) { return points_of(r.landmarks); })
        .def_readonly("inverted", &Record::inverted)
        .def_property_readonly("version", decoded([](const Decoded& s) { return s.version; }))
        .def_property_readonly("model", decoded([](const Decoded& s) { return static_cast<int>(s.format.model); }))
        .def_property_readonly("ec_level", decoded([](const Decoded& s) {
                                   return std::string(1, "LMQH"[static_cast<std::size_t>(s.format.level)]);
                               }))
        .def_property_readonly("mask", decoded([](const Decoded& s) { return s.format.mask; }))
        .def_property_readonly("segments", decoded(segments_of), "List of (mode, eci or None, bytes).")
        .def_property_readonly("structured_append", decoded(structured_append_of),
                               "(index from 0, total, parity) or None.")
        .def_property_readonly("fnc1", decoded(fnc1_of), "None, 'first' or 'second'.")
        .def_property_readonly("application_indicator",
                               decoded([](const Decoded& s) { return s.message.application_indicator; }))
        .def_property_readonly("padding_conforms", decoded([](const Decoded& s) { return s.message.padding_conforms; }))
        .def_property_readonly("corrected_codewords", decoded([](const Decoded& s) { return s.corrected_codewords; }))
        .def_property_readonly("erased_codewords", decoded([](const Decoded& s) { return s.erased_codewords; }))
        .def_property_readonly("mended_codewords", decoded([](const Decoded& s) { return s.mended_codewords; }))
        .def_property_readonly("mirrored", decoded([](const Decoded& s) { return s.mirrored; }))
        .def_property_readonly("modules", decoded(modules_of), "bool N x N, the corrected symbol, never mirrored.")
        .def_property_readonly("confidence", decoded([](const Decoded& s) { return s.confidence; }));
    module.def("version_named", &version_named, py::arg("probabilities"),
               "The version that the version information names beyond doubt, or None.");
    module.def("recognition_evidence", &recognition_evidence, py::arg("known"), py::arg("probabilities"),
               "Bits by which N x N probabilities of dark speak for a known symbol against every other message.");
    module.def("decode_modules", &decode_modules, py::arg("probabilities"), py::kw_only(),
               py::arg("try_mirrored") = true, py::arg("soft") = true, py::arg("settings") = fastqr::DecoderSettings{},
               "Decodes N x N probabilities of dark; None when nothing is vouched for. NaN and 0.5 mean unknown.");
}
