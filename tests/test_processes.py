"""One scanner and several processes: fork, spawn and pickles; and Ctrl-C, which ends any search soon."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import fastqr
from conftest import code_picture, texts
from fastqr.models import Network

PATIENCE_S = 60  # of a test for what takes a tenth of a second: a machine may be busy


# Pickles ----------------------------------------------------------------------------------------------------------


def test_a_pickled_scanner_has_the_same_options() -> None:
    options = {
        "threads": 2,
        "min_size": 30.0,
        "max_symbols": 3,
        "budget_ms": 1e6,
        "max_bytes": 1 << 28,
        "models": str(Path(fastqr.__file__).parent / "models"),
    }
    scanner = pickle.loads(pickle.dumps(fastqr.Scanner(**options)))  # type: ignore[arg-type]
    assert (scanner._threads, scanner._min_size, scanner.max_symbols, scanner._budget_ms) == (2, 30.0, 3, 1e6)
    assert scanner._max_bytes == 1 << 28
    assert scanner._networks.folder == options["models"]
    assert texts(scanner.decode(code_picture("pickled"))) == ["pickled"]


def test_a_copied_scanner_shares_the_networks(scanner: fastqr.Scanner) -> None:
    assert copy.copy(scanner)._networks is scanner._networks


def test_a_pickled_scanner_whose_networks_are_gone_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    for file in (Path(fastqr.__file__).parent / "models").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    pickled = pickle.dumps(fastqr.Scanner(models=folder))
    (folder / "pnet.onnx").unlink()
    with pytest.raises(fastqr.ModelError, match=r"pnet\.onnx' cannot be read"):
        pickle.loads(pickled)


# Processes --------------------------------------------------------------------------------------------------------

PROCESSES = """
import multiprocessing, sys
import cv2
import numpy as np
import fastqr

def facts(symbols):
    return [(symbol.text, symbol.quad.tolist(), symbol.confidence) for symbol in symbols]

def read(scanner, picture):
    return facts(scanner.decode(picture))

def inherited(picture):
    return facts(scanner.decode(picture)) + facts(fastqr.decode(picture)) + [len(scanner.detect(picture))]

if __name__ == "__main__":
    method, threads = sys.argv[1], int(sys.argv[2])
    scanner = fastqr.Scanner(threads=threads)
    scene = fastqr.demo_scene()
    blurred = cv2.GaussianBlur(scene, (0, 0), 2.5)  # which takes every network
    pictures = [scene, scene[:, ::-1], np.full((300, 300), 99, np.uint8), blurred]
    if method == "fork":  # the children have what the parent had: networks that ran, a scanner of the module
        expected = [inherited(picture) for picture in pictures]
        assert scanner.timings.keys() >= {"pnet", "total"}
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map_async(inherited, pictures * 3).get(60) == expected * 3
    else:
        expected = [read(scanner, picture) for picture in pictures]
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.starmap_async(read, [(scanner, picture) for picture in pictures]).get(60) == expected
    assert len(expected[0]) >= 5
    print("alike")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_scanner_that_was_used_works_in_forked_processes(tmp_path: Path, threads: int) -> None:
    assert run_processes(tmp_path, "fork", threads) == "alike\n"


def test_a_scanner_may_be_sent_to_spawned_processes(tmp_path: Path) -> None:
    assert run_processes(tmp_path, "spawn", 1) == "alike\n"


def run_processes(folder: Path, method: str, threads: int) -> str:
    path = folder / "processes.py"
    path.write_text(PROCESSES)
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(path), method, str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3 * PATIENCE_S)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# Ctrl-C -----------------------------------------------------------------------------------------------------------

SEARCHES = {
    "a large picture of noise": "while True: scanner.decode(noise)",
    "a picture of countless finder patterns": "while True: scanner.decode(finders)",
    "a picture that takes every network": "while True: scanner.detect(noise)",
    "corners about nothing": "while True: scanner.decode_quad(noise, [[0, 0], [5000, 0], [5000, 5000], [0, 5000]])",
    "many pictures in a row": "for _ in scanner.decode_many(itertools.repeat(noise)): pass",
    "many pictures side by side": "for _ in fastqr.Scanner(threads=3).decode_many(itertools.repeat(noise)): pass",
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as Unix sends them")
@pytest.mark.parametrize("search", SEARCHES)
def test_ctrl_c_ends_a_search_that_goes_on(search: str) -> None:
    program = f"""
import itertools, sys, threading
import numpy as np
import fastqr

noise = np.random.default_rng(7).integers(0, 256, (5000, 5000), np.uint8)
ring = np.pad(np.pad(np.pad(np.zeros((3, 3), np.uint8), 1, constant_values=255), 1), 1, constant_values=255)
finders = np.tile(np.kron(ring, np.ones((2, 2), np.uint8)), (90, 90))
scanner = fastqr.Scanner()
scanner.decode(noise)
threading.Timer(0.3, lambda: print("searching", flush=True)).start()
{SEARCHES[search]}
"""
    status, errors = interrupted([sys.executable, "-c", program])
    assert status in (-signal.SIGINT, 130)
    assert errors.rstrip().endswith("KeyboardInterrupt")


INTERRUPTED = """
import signal, sys, time, traceback
import numpy as np
import fastqr

class Alarm(RuntimeError):
    pass

def ring(*_):
    raise Alarm("enough")

signal.signal(signal.SIGALRM, ring)
rng = np.random.default_rng(3)
noise = rng.integers(0, 256, (480, 640), np.uint8)
scanner = fastqr.Scanner()
scanner.detect(noise)  # the cascade alone: most of its time is the networks'
start = time.perf_counter()
scanner.detect(noise)
took = time.perf_counter() - start
inside = 0
while inside < 10:
    try:
        signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.02, 1) * took)
        scanner.detect(noise)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Exception as error:
        assert type(error) is Alarm and error.args == ("enough",) and error.__cause__ is None, repr(error)
        inside += "onnxruntime" in traceback.extract_tb(error.__traceback__)[-2].filename
print(inside)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as Unix sends them")
def test_what_a_signal_handler_raises_while_a_network_runs_reaches_the_caller_as_it_is() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=3 * PATIENCE_S)
    assert (done.stdout, done.stderr) == ("10\n", "")


class Alarm(Exception):
    pass


@pytest.mark.parametrize("error", [Alarm("enough"), TimeoutError("enough"), RuntimeError("enough"), ValueError(7)])
def test_only_what_onnx_runtime_raises_is_a_model_error(error: Exception) -> None:
    class Session:
        def get_inputs(self) -> list[Any]:
            return []

        get_outputs = get_inputs

        def run(self, *_: object) -> None:
            raise error

    with pytest.raises(type(error)) as caught:
        Network("rnet", Session())()
    assert caught.value is error


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as Unix sends them")
def test_ctrl_c_ends_the_command_with_status_130_and_no_traceback(tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (900, 900), np.uint8)
    first = code_picture("searching")
    assert cv2.imwrite(str(tmp_path / "0.png"), first)
    assert cv2.imwrite(str(tmp_path / "1.png"), noise)
    for number in range(2, 2000):  # minutes, were it to go on
        (tmp_path / f"{number}.png").hardlink_to(tmp_path / "1.png")
    program = "import sys; from fastqr.cli import main; sys.exit(main())"
    command = [sys.executable, "-u", "-c", program, "scan", str(tmp_path)]
    assert interrupted(command) == (130, "")


def interrupted(command: list[str]) -> tuple[int, str]:
    """Exit status of a program and what it said, sent Ctrl-C when it prints that it is searching."""
    # A program inherits that Ctrl-C is ignored, and shells start so what runs in the background: the tests too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    with child:
        try:
            assert child.stdout is not None
            assert "searching" in child.stdout.readline()
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=PATIENCE_S)
        finally:
            child.kill()
    return child.returncode, errors
