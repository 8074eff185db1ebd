#include "register.hpp"

void register_cascade(pybind11::module_&) {}
