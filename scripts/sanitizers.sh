#!/usr/bin/env bash
# The tests under sanitizers: scripts/sanitizers.sh cpp | threads | python | python-threads [pytest's arguments]
#   cpp             the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   threads         the C++ tests under ThreadSanitizer, one of them with many threads in every stage
#   python          pytest, the extension under AddressSanitizer and UndefinedBehaviorSanitizer
#   python-threads  the tests with threads among pytest's, the extension under ThreadSanitizer
# Needs GCC and CMake; for the first two doctest's header, for the others pybind11 and fastqr's extra test. Builds lie in
# build/address and build/thread, or below $BUILD.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
jobs=${JOBS:-2}
export CXX=${CXX:-g++}

# GCC's undefined leaves out conversions of floats to integers that do not hold them.
address=address,undefined,float-cast-overflow

configured() { # folder, sanitizers, what to build
    cmake -S . -B "$1" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFASTQR_WERROR=ON -DFASTQR_SANITIZE="$2" "${@:3}" >/dev/null
    cmake --build "$1" --parallel "$jobs" >"$1/build.log" 2>&1 || { tail -n 50 "$1/build.log"; exit 1; }
}

cpp_tests() { # folder, sanitizers
    configured "$1" "$2" -DFASTQR_BUILD_PYTHON=OFF -DFASTQR_BUILD_TESTS=ON
    "$1/fastqr_tests"
}

python_tests() { # folder, sanitizers, the sanitizers' library, pytest's arguments
    configured "$1" "$2" -DFASTQR_BUILD_TESTS=OFF -DFASTQR_BUILD_PYTHON=ON \
        -DPython_EXECUTABLE="$(command -v python)" -Dpybind11_DIR="$(python -m pybind11 --cmakedir)"
    # The package beside its extension, apart from one that is installed.
    rm -rf "$1/site"
    mkdir -p "$1/site"
    cp -r python/fastqr "$1/site/fastqr"
    rm -f "$1"/site/fastqr/_core*.so
    cp "$1"/_core*.so "$1/site/fastqr/"
    [[ $(ldd "$1"/_core*.so) == *"$3"* ]] || { echo "the extension is not linked to $3"; exit 1; }
    # Python starts without the sanitizers, so their library is loaded first.
    PYTHONPATH="$(realpath "$1/site")" LD_PRELOAD="$("$CXX" -print-file-name="$3"):$("$CXX" -print-file-name=libstdc++.so)" \
        PYTHONMALLOC=malloc python -m pytest -p no:cacheprovider "${@:4}"
}

# Python and the libraries that it loads leave memory to the end of the process, which is no leak of the extension's. A
# request for more memory than there is shall raise, as it does without the sanitizers.
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.supp"

case ${1:-} in
cpp) cpp_tests "$build/address" $address ;;
threads) cpp_tests "$build/thread" thread ;;
python)
    ASAN_OPTIONS+=:detect_leaks=0
    python_tests "$build/address" $address libasan.so "${@:2}"
    ;;
python-threads) python_tests "$build/thread" thread libtsan.so -k "thread or many_pictures" "${@:2}" ;;
*)
    sed -n '2,8s/^# //p' "$0" >&2
    exit 2
    ;;
esac
