"""What starting costs: no library is loaded before it is needed, and one that is missing costs only what needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import fastqr
from conftest import code_picture, texts

HEAVY = ("cv2", "onnxruntime")


def run(program: str, *arguments: str, path: Path | None = None) -> str:
    """What a program prints in a process of its own; `path` holds modules that stand before the installed ones."""
    folders = [] if path is None else [str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*folders, str(Path(fastqr.__file__).parents[1])])}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A file of an array that holds a clean code."""
    np.save(tmp_path / "clean.npy", code_picture("clean"))
    return tmp_path / "clean.npy"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder of libraries that are installed and cannot be loaded."""
    for name, missing in zip(HEAVY, ("libGL.so.1", "libonnxruntime.so.1"), strict=True):
        (tmp_path / f"{name}.py").write_text(f'raise ImportError("{missing}: cannot open shared object file")\n')
    return tmp_path


def test_importing_loads_neither_opencv_nor_onnx_runtime() -> None:
    program = "import sys, fastqr, fastqr.cli; print(*(name for name in sys.modules if name.split('.')[0] in sys.argv))"
    assert run(program, *HEAVY) == "\n"


def test_importing_adds_few_modules_to_those_of_numpy() -> None:
    program = (
        "import sys, numpy, numpy.typing; known = set(sys.modules); import fastqr; "
        "print(*(name for name in set(sys.modules) - known if name.split('.')[0] != 'fastqr'))"
    )
    added = run(program).split()
    assert len(added) < 15, added  # 5, in some 15 ms; `pathlib`, `json`, `hashlib` and executors take as long again


def test_a_clean_code_in_an_array_loads_neither(clean: Path) -> None:
    program = (
        "import sys, numpy, fastqr; [symbol] = fastqr.decode(numpy.load(sys.argv[1])); print(symbol.text); "
        "print(*(name for name in sys.modules if name.split('.')[0] in sys.argv))"
    )
    assert run(program, str(clean), *HEAVY) == "clean\n\n"


def test_a_clean_code_in_a_file_does_not_load_the_networks(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "clean.png"), code_picture("clean"))
    program = (
        "import sys; from fastqr.cli import main; main(['scan', sys.argv[1]]); "
        "print(*(name for name in sys.modules if name.startswith('onnxruntime')))"
    )
    assert run(program, str(tmp_path / "clean.png")) == "clean\n\n"


def test_an_array_is_read_where_neither_can_be_loaded(clean: Path, broken: Path) -> None:
    program = (
        "import sys, numpy, fastqr; grey = numpy.load(sys.argv[1]); bgr = numpy.repeat(grey[..., None], 3, axis=2); "
        "print(*(symbol.text for picture in (grey, bgr) for symbol in fastqr.decode(picture)))"
    )
    assert run(program, str(clean), path=broken) == "clean clean\n"


NEEDS_OPENCV = [
    "fastqr.decode(bytes.fromhex('89504e470d0a1a0a0000000d4948445200000001000000010800000000'))",
    "fastqr.demo_scene()",
]


@pytest.mark.parametrize("call", NEEDS_OPENCV)
def test_what_needs_opencv_says_so_and_names_the_way_out(call: str, broken: Path) -> None:
    program = f"import fastqr\ntry: {call}\nexcept fastqr.MissingLibraryError as error: print(error)"
    assert run(program, path=broken) == (
        "OpenCV is needed to decode picture files and to draw, and cannot be loaded: libGL.so.1: cannot open shared "
        "object file; pass the picture as an array, or install opencv-python-headless, which needs no libGL, in place "
        "of opencv-python\n"
    )


@pytest.mark.parametrize("call", ["fastqr.Scanner(preload=True)", "fastqr.Scanner().warm_up()", "fastqr.detect(grey)"])
def test_what_needs_the_networks_says_so(call: str, broken: Path) -> None:
    program = (
        "import numpy, fastqr; grey = numpy.arange(40000, dtype=numpy.uint8).reshape(200, 200)\n"
        f"try: {call}\nexcept fastqr.MissingLibraryError as error: print(error)"
    )
    assert run(program, path=broken).startswith("ONNX Runtime is needed to run the networks, and cannot be loaded: ")


def test_the_build_is_told_where_neither_can_be_loaded(broken: Path) -> None:
    assert run(
        "import fastqr; info = fastqr.build_info(); print(info['opencv'], info['onnxruntime'])", path=broken
    ) == ("None None\n")


def test_the_networks_are_loaded_when_a_picture_needs_them_and_once() -> None:
    scanner = fastqr.Scanner()
    copied = scanner.coarser(20)
    assert texts(scanner.decode(code_picture("clean"))) == ["clean"]
    assert scanner._networks._models is None
    scanner.detect(np.full((100, 100), 255, np.uint8))
    assert scanner._networks._models is not None
    assert copied._networks() is scanner._networks()


@pytest.mark.parametrize("scanner", [fastqr.Scanner(preload=True), fastqr.Scanner(providers=["CPUExecutionProvider"])])
def test_networks_may_be_loaded_at_once(scanner: fastqr.Scanner) -> None:
    loaded = scanner._networks._models
    assert loaded is not None
    scanner.warm_up()
    assert scanner._networks._models is loaded
