#include "register.hpp"

void register_rectify(pybind11::module_&) {}
