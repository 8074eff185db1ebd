#!/usr/bin/env bash
# The tests under sanitizers: scripts/sanitizers.sh cpp | threads | python [pytest's arguments]
#   cpp      the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   threads  the C++ tests under ThreadSanitizer, one of them with many threads in every stage
#   python   pytest with the extension under AddressSanitizer and UndefinedBehaviorSanitizer; needs fastqr's extra test
# Needs GCC, CMake and doctest's header, or pybind11 in place of that. Builds lie in build/address and build/thread, or
# below $BUILD.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
jobs=${JOBS:-2}
export CXX=${CXX:-g++}

configured() { # folder, sanitizers, what to build
    cmake -S . -B "$1" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFASTQR_WERROR=ON -DFASTQR_SANITIZE="$2" "${@:3}" >/dev/null
    cmake --build "$1" --parallel "$jobs" >"$1/build.log" 2>&1 || { tail -n 50 "$1/build.log"; exit 1; }
}

# GCC's undefined leaves out conversions of floats to integers that do not hold them.
address=address,undefined,float-cast-overflow

case ${1:-} in
cpp)
    configured "$build/address" $address -DFASTQR_BUILD_PYTHON=OFF -DFASTQR_BUILD_TESTS=ON
    "$build/address/fastqr_tests"
    ;;
threads)
    configured "$build/thread" thread -DFASTQR_BUILD_PYTHON=OFF -DFASTQR_BUILD_TESTS=ON
    TSAN_OPTIONS=halt_on_error=1 "$build/thread/fastqr_tests"
    ;;
python)
    folder=$build/address
    configured "$folder" $address -DFASTQR_BUILD_TESTS=OFF -DFASTQR_BUILD_PYTHON=ON \
        -DPython_EXECUTABLE="$(command -v python)" -Dpybind11_DIR="$(python -m pybind11 --cmakedir)"
    # The package beside its extension, apart from one that is installed.
    rm -rf "$folder/site"
    mkdir -p "$folder/site"
    cp -r python/fastqr "$folder/site/fastqr"
    rm -f "$folder"/site/fastqr/_core.*.so "$folder"/site/fastqr/_core.so
    cp "$folder"/_core*.so "$folder/site/fastqr/"
    [[ $(ldd "$folder"/_core*.so) == *libasan* ]] || { echo "the extension is not linked to AddressSanitizer"; exit 1; }
    # Python starts without the sanitizers, so their libraries are loaded first. It and the libraries that it loads leave
    # memory to the end of the process, which are no leaks of the extension's; a request for more memory than there is
    # gets an exception from NumPy and from the extension, as it does without the sanitizers.
    preload=$("$CXX" -print-file-name=libasan.so):$("$CXX" -print-file-name=libstdc++.so)
    PYTHONPATH="$(realpath "$folder/site")" LD_PRELOAD="$preload" \
        ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc \
        python -m pytest -p no:cacheprovider "${@:2}"
    ;;
*)
    sed -n '2,7s/^# //p' "$0" >&2
    exit 2
    ;;
esac
