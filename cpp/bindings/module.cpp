#include "register.hpp"

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
    module.doc() = "The hot loops of fastqr: image, cascade, rectify and symbol stages in C++.";
    module.attr("__version__") = FASTQR_VERSION;
    module.attr("compiler") = FASTQR_COMPILER;
    module.attr("build_type") = FASTQR_BUILD_TYPE;
#ifdef __USE_FORTIFY_LEVEL  // glibc's own word on _FORTIFY_SOURCE: 0 where it has no effect
    module.attr("fortify_level") = __USE_FORTIFY_LEVEL;
#else
    module.attr("fortify_level") = pybind11::none();
#endif
    register_settings(module);
    register_image(module);
    register_cascade(module);
    register_rectify(module);
    register_symbol(module);
    register_read(module);
}
