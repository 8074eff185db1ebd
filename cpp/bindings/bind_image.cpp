#include "register.hpp"

void register_image(pybind11::module_&) {}
