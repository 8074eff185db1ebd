"""Eight threads at once in the extension, without the GIL: what they read has to be what one reads.

    python3.13t scripts/free_threaded.py

Needs NumPy and segno beside the installed package. Only the extension is loaded, not the package around it, for OpenCV
has no wheel for a free-threaded Python yet.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import segno

FRAMES, THREADS = 400, 8
Picture = npt.NDArray[np.uint8]


def load_core() -> ModuleType:
    """Load the extension of the installed package without the package."""
    package = importlib.util.find_spec("fastqr")
    if package is None or package.submodule_search_locations is None:
        raise SystemExit("fastqr is not installed")
    (file,) = (path for folder in package.submodule_search_locations for path in Path(folder).glob("_core*.so"))
    spec = importlib.util.spec_from_file_location("_core", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no module of this Python")
    core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(core)
    return core


def frame(number: int) -> tuple[Picture, npt.NDArray[np.float32]]:
    """Make a picture of a turned, noisy code, and probabilities of its modules, some of them wrong."""
    rng = np.random.default_rng(number)
    symbol = segno.make(f"frame {number} " * int(rng.integers(1, 9)), error=str(rng.choice(list("LMQH"))), micro=False)
    modules = np.array([list(row) for row in symbol.matrix], np.uint8)
    padded = np.pad(modules, 4)
    scale, angle = rng.uniform(3, 5), rng.uniform(0, 2 * np.pi)
    side = int(1.5 * scale * len(padded))
    y, x = np.mgrid[:side, :side] - side / 2
    column = np.floor((x * np.cos(angle) + y * np.sin(angle)) / scale + len(padded) / 2).astype(int)
    row = np.floor((y * np.cos(angle) - x * np.sin(angle)) / scale + len(padded) / 2).astype(int)
    inside = (column >= 0) & (row >= 0) & (column < len(padded)) & (row < len(padded))
    dark = np.where(inside, padded[row.clip(0, len(padded) - 1), column.clip(0, len(padded) - 1)], 0)
    picture = 220 - 180.0 * dark + rng.normal(0, rng.uniform(1, 40), dark.shape)
    probabilities = np.abs(modules - rng.beta(1, 6, modules.shape)).astype(np.float32)
    return picture.clip(0, 255).astype(np.uint8), probabilities


def facts(core: ModuleType, number: int) -> list[object]:
    """All that the stages without networks say of a frame."""
    picture, probabilities = frame(number)
    view = core.MipMap(picture, np.array([0, 0, *picture.shape[::-1]], np.float32))
    levelled = view.with_light_levelled(0.2)
    said: list[object] = []
    for seen in (view, levelled):
        search = core.search_finder_patterns(seen)
        said += [(r.record.segments, r.record.modules.tobytes(), r.nodes.tobytes()) for r in search.readings]
        said += [(place.homography.tobytes(), place.size, place.score) for place in search.unread]
        said += [search.ungrouped.tobytes(), search.work]
    cascade = core.Cascade(view, core.CascadeSettings(), least=16)
    while (pixels := cascade.pnet_input()) is not None:
        rows, columns = ((side - 12) // 4 + 1 for side in pixels.shape[2:])
        said.append(pixels.tobytes())
        cascade.take_pnet(np.full((1, 2, rows, columns), 0.5, np.float32), np.zeros((1, 4, rows, columns), np.float32))
    said.append(cascade.rnet_input().tobytes())
    record = core.decode_modules(probabilities, soft=True)
    said.append(None if record is None else (record.segments, record.confidence))
    return said


def main() -> int:
    """Compare, print what was seen, and return 1 where anything differs."""
    core = load_core()
    if sys._is_gil_enabled():
        print("the GIL is on: this Python has one, or a module asked for it")
        return 1
    began = time.perf_counter()
    alone = [facts(core, number) for number in range(FRAMES)]
    between = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda number: facts(core, number), range(FRAMES)))
    ended = time.perf_counter()
    other = [number for number, (a, b) in enumerate(zip(alone, together, strict=True)) if a != b]
    decoded = sum(said[-1] is not None for said in alone)
    read = sum(isinstance(fact, tuple) and isinstance(fact[0], list) for said in alone for fact in said[:-1])
    print(
        f"{sys.version.split()[0]} without the GIL: {FRAMES} frames, {read} symbols read in them, "
        f"{decoded} decoded from probabilities; {len(other)} frames differ; one thread {between - began:.1f} s, "
        f"{THREADS} threads {ended - between:.1f} s"
    )
    return 1 if other or not read or not decoded else 0


if __name__ == "__main__":
    raise SystemExit(main())
