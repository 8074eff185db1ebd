# What makes a fault of memory hard to use, as far as compiler and linker know it; tests/test_hardening.py reads it off the
# built extension. Sanitizers bring their own checks of the same calls, so _FORTIFY_SOURCE ends there.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)

add_library(fastqr_hardening INTERFACE)
foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "FASTQR_HAS${flag}" known)
  set(CMAKE_REQUIRED_FLAGS -Werror)  # Clang takes some of another processor's with a warning
  check_cxx_compiler_flag(${flag} ${known})
  unset(CMAKE_REQUIRED_FLAGS)
  if(${known})
    target_compile_options(fastqr_hardening INTERFACE ${flag})
  endif()
endforeach()
foreach(flag IN ITEMS relro now noexecstack)
  check_linker_flag(CXX -Wl,-z,${flag} FASTQR_LINKS_${flag})
  if(FASTQR_LINKS_${flag})
    target_link_options(fastqr_hardening INTERFACE -Wl,-z,${flag})
  endif()
endforeach()

if(NOT MSVC AND NOT FASTQR_SANITIZE)
  # Level 3 checks sizes that are known only as the program runs; older C libraries warn of it.
  set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
  check_cxx_source_compiles("#include <cstring>\nint main() { return 0; }" FASTQR_FORTIFIES_3)
  unset(CMAKE_REQUIRED_FLAGS)
  if(FASTQR_FORTIFIES_3)
    set(level 3)
  else()
    set(level 2)
  endif()
  # Without optimisation there are no checks, but a warning.
  target_compile_options(fastqr_hardening
                         INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${level}>)
endif()

# Nothing but the module's entry is anybody's to call or replace, be it the library's, pybind11's or the C++ library's.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
function(fastqr_export_entry_only target entry)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.exports)
  file(WRITE ${script} "{ global: ${entry}; local: *; };\n")
  check_linker_flag(CXX -Wl,--version-script=${script} FASTQR_LINKS_version_script)
  if(FASTQR_LINKS_version_script)
    target_link_options(${target} PRIVATE -Wl,--version-script=${script})
  endif()
endfunction()
