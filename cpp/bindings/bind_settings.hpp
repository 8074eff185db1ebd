#pragma once

#include <pybind11/pybind11.h>

#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>

#include "fastqr/setting.hpp"

namespace fastqr::bindings {

template <typename Value>
std::string text_of(Value value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

/// Sets one value from a Python number, or says which values are accepted.
template <typename Stage, typename Value>
void assign(Stage& stage, const Setting<Stage, Value>& setting, const pybind11::handle& given) {
    const std::string accepted =
        std::string(setting.name) + " must be " + (std::is_integral_v<Value> ? "a whole number" : "a number") +
        " from " + text_of(setting.least) + " to " + text_of(setting.most) + " (" + setting.unit + "), got ";
    Value value{};
    try {
        value = given.cast<Value>();
    } catch (const pybind11::cast_error&) {
        throw pybind11::type_error(accepted + pybind11::repr(given).template cast<std::string>());
    }
    if (!(value >= setting.least && value <= setting.most))
        throw pybind11::value_error(accepted + pybind11::repr(given).template cast<std::string>());
    stage.*setting.at = value;
}

template <typename Stage, typename Visit>
void for_each_setting(Visit visit) {
    std::apply([&](const auto&... settings) { (visit(settings), ...); }, Stage::described());
}

/// Sets values by their names.
template <typename Stage>
void assign(Stage& stage, const pybind11::dict& given) {
    for (const auto& item : given) {
        const auto name = pybind11::reinterpret_borrow<pybind11::object>(item.first);
        bool known = false;
        std::string names;
        for_each_setting<Stage>([&](const auto& setting) {
            names += (names.empty() ? "" : ", ") + std::string(setting.name);
            if (known || name.cast<std::string>() != setting.name) return;
            known = true;
            assign(stage, setting, item.second);
        });
        if (!known)
            throw pybind11::type_error("there is no setting " + pybind11::repr(name).cast<std::string>() +
                                       " here; accepted: " + names);
    }
}

template <typename Stage>
pybind11::dict dict_of(const Stage& stage) {
    pybind11::dict values;
    for_each_setting<Stage>([&](const auto& setting) { values[setting.name] = stage.*setting.at; });
    return values;
}

/// A stage's settings as a Python class: made of keyword arguments, each value an attribute that can be read and
/// written and says what it is, comparable, to and from a dict, picklable. `described()` gives unit, meaning, and
/// the least and most that is accepted, by name.
template <typename Stage>
void register_settings(pybind11::module_& module, const char* name) {
    namespace py = pybind11;
    const auto made_from = [](const py::dict& given) {
        Stage stage;
        assign(stage, given);
        return stage;
    };
    py::class_<Stage> type(module, name);
    type.def(py::init([made_from](const py::kwargs& given) { return made_from(given); }));
    for_each_setting<Stage>([&](const auto& setting) {
        const std::string doc = std::string(setting.unit) + ". " + setting.meaning;
        type.def_property(
            setting.name, [setting](const Stage& self) { return self.*setting.at; },
            [setting](Stage& self, const py::object& given) { assign(self, setting, given); }, doc.c_str());
    });
    type.def_static("described", [] {
        py::dict described;
        for_each_setting<Stage>([&](const auto& setting) {
            described[setting.name] = py::make_tuple(setting.unit, setting.meaning, setting.least, setting.most);
        });
        return described;
    });
    type.def(
            "__eq__", [](const Stage& self, const Stage& other) { return self == other; }, py::is_operator())
        .def("to_dict", &dict_of<Stage>)
        .def_static("from_dict", made_from, py::arg("values"))
        .def("__copy__", [](const Stage& self) { return Stage(self); })
        .def(
            "__deepcopy__", [](const Stage& self, const py::dict&) { return Stage(self); }, py::arg("memo"))
        .def(py::pickle(&dict_of<Stage>, made_from))
        .def("__repr__", [name](const Stage& self) {
            std::string values;
            for (const auto& [setting, value] : dict_of(self))
                values += (values.empty() ? "" : ", ") + py::str(setting).template cast<std::string>() + "=" +
                          py::repr(value).template cast<std::string>();
            return std::string(name) + "(" + values + ")";
        });
}

}  // namespace fastqr::bindings
