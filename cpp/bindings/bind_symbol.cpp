#include "register.hpp"

void register_symbol(pybind11::module_&) {}
