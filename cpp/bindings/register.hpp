#pragma once

#include <pybind11/pybind11.h>

void register_settings(pybind11::module_& module);
void register_image(pybind11::module_& module);
void register_cascade(pybind11::module_& module);
void register_rectify(pybind11::module_& module);
void register_symbol(pybind11::module_& module);
void register_read(pybind11::module_& module);
