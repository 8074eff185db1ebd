#include <pybind11/stl.h>

#include "arrays.hpp"
#include "fastqr/symbol/function_patterns.hpp"
#include "fastqr/symbol/version.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace {

void check_size(py::ssize_t size) {
    if (size < 21 || size > 177 || (size - 17) % 4 != 0)
        throw py::value_error("size must be 17 + 4 * version modules with version 1 to 40, got " +
                              std::to_string(size));
}

py::array_t<std::int8_t> function_patterns(int size) {
    check_size(size);
    std::vector<std::int8_t> modules;
    {
        py::gil_scoped_release release;
        modules = fastqr::function_patterns(size);
    }
    return fastqr::bindings::to_array(std::move(modules), {size, size});
}

std::vector<int> alignment_centres(int size) {
    check_size(size);
    return fastqr::alignment_centres(size);
}

}  // namespace

void register_symbol(py::module_& module) {
    module.def("function_patterns", &function_patterns, py::arg("size"),
               "Modules common to all symbols of a size: int8 size x size, +1 dark, -1 light, 0 not fixed.");
    module.def("alignment_centres", &alignment_centres, py::arg("size"),
               "Row and column indices of the alignment patterns' centres, ascending.");
}
