#include "bind_settings.hpp"

#include "fastqr/detect/mtcnn/settings.hpp"
#include "fastqr/detect/settings.hpp"
#include "fastqr/read/settings.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

void register_settings(py::module_& module) {
    register_settings<FinderSettings>(module, "FinderSettings");
    register_settings<RectifySettings>(module, "RectifySettings");
    register_settings<ReadSettings>(module, "ReadSettings");
    register_settings<DecoderSettings>(module, "DecoderSettings");
    register_settings<CascadeSettings>(module, "CascadeSettings");
    py::class_<StageSettings>(module, "StageSettings")
        .def(py::init([](const FinderSettings& finders, const RectifySettings& rectify, const ReadSettings& read,
                         const DecoderSettings& decode) { return StageSettings{finders, rectify, read, decode}; }),
             py::kw_only(), py::arg("finders") = FinderSettings{}, py::arg("rectify") = RectifySettings{},
             py::arg("read") = ReadSettings{}, py::arg("decode") = DecoderSettings{});
}
