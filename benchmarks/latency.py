"""How long each reader takes, where the time goes, and how it grows.

Readers are called in turn and each one's fastest of several calls counts, so that a busy moment of the machine hits all
of them or none. Every reader is warm: its first call is measured on its own.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.progress import track

from .crew import Crew, Outcome
from .empty_scenes import bare_picture
from .ladders.rendering import QUIET, SURROUNDINGS, Scene, random_code, render
from .micro import FASTQR
from .photographs import UnreadableError, evenly, photographs_in
from .readers import Picture

REFERENCE = "zxing-cpp"  # the reader that others' times are divided by
MEGAPIXELS = (0.1, 0.3, 1.0, 3.0, 6.0, 12.0)
CODES = (1, 4, 16, 64)
THREADS = (1, 2)
CODES_MEGAPIXELS = 2.0
THREADS_MEGAPIXELS = 1.0
FRAME_MEGAPIXELS = 12.0
STEADY_MEGAPIXELS = 0.3
WARM_UP = 200  # frames of a video before its memory is looked at
BARE_SIDE = 640  # pixels of the longer side of a rendered scene without a code
FINEST = 12.0  # pixels a module that are rendered; larger codes are enlarged, as soft as a camera's are


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    pictures: int = 48  # photographs of each folder, evenly over the categories
    bare: int = 100  # rendered scenes without a code
    frames: int = 1000  # of a video, over which memory may not grow
    repeats: int = 5
    starts: int = 3  # fresh processes, of which the fastest counts
    throughput_s: float = 2.0
    seconds: float = float("inf")


def measure(
    roots: Iterable[Path], negatives: Iterable[Path], crew: Crew, *, seed: int = 1, effort: Effort = Effort()
) -> dict[str, Any]:
    """Measure photographs, growth, frames, threads, memory and start; what time does not allow is left out."""
    began = time.monotonic()
    starts = _starts(crew, effort.starts)
    growth = _growth(crew, seed, effort, began + 0.4 * effort.seconds)
    frames = _frames(crew, seed, effort, began + 0.5 * effort.seconds)
    steady = _steady(crew, seed, effort, began + 0.6 * effort.seconds)
    bare = _bare(crew, seed, effort, began + 0.7 * effort.seconds)
    photographs, left_out = _photographs(list(roots), list(negatives), crew, effort, began + effort.seconds)
    return {
        "seed": seed,
        "repeats": effort.repeats,
        "reference": REFERENCE,
        "left_out": left_out,
        "photographs": photographs,
        "bare": bare,
        "frames": frames,
        "growth": growth,
        "steady": steady,
        "start": starts,
    }


# Photographs --------------------------------------------------------------------------------------------------------


def _photographs(
    roots: list[Path], negatives: list[Path], crew: Crew, effort: Effort, end: float
) -> tuple[list[dict[str, Any]], int]:
    folders = [
        [(root.name, photo) for photo in evenly(photographs_in(root, negative=root in negatives)[0], effort.pictures)]
        for root in [*roots, *negatives]
    ]
    in_turn = [pair for pairs in itertools.zip_longest(*folders) for pair in pairs if pair is not None]
    chosen = list({photo.path: (dataset, photo) for dataset, photo in in_turn}.values())  # folders may overlap
    rows: list[dict[str, Any]] = []
    for done, (dataset, photo) in enumerate(track(chosen, description="latency: photographs")):
        if time.monotonic() > end:
            return rows, len(chosen) - done
        try:
            picture = photo.pixels()
        except UnreadableError:
            continue
        about = {"dataset": dataset, "picture": photo.name, "with_code": photo.layout != "negative"}
        rows += _calls(crew, picture, effort.repeats, about)
    return rows, 0


def _bare(crew: Crew, seed: int, effort: Effort, end: float) -> list[dict[str, Any]]:
    """Rendered scenes without a code, where a search may last longest."""
    rows: list[dict[str, Any]] = []
    for number in track(range(effort.bare), description="latency: bare scenes"):
        if time.monotonic() > end:
            break
        grey = bare_picture(np.random.default_rng([seed, number]), BARE_SIDE, None)
        picture = np.repeat(grey[..., None], 3, axis=2)
        about = {"dataset": "rendered", "picture": f"bare {number}", "with_code": False}
        rows += _calls(crew, picture, effort.repeats, about)
    return rows


def _calls(crew: Crew, picture: Picture, repeats: int, about: dict[str, Any]) -> list[dict[str, Any]]:
    outcomes = crew.least_of(picture, repeats)
    return [about | {"megapixels": _megapixels(picture)} | _call(name, outcome) for name, outcome in outcomes.items()]


def _call(name: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "reader": name,
        "status": outcome.status,
        "error": outcome.error,
        "ms": round(outcome.ms, 4),
        "read": sum(bool(text) for text in outcome.texts),
        "stages": outcome.stages,
    }


def _megapixels(picture: Picture) -> float:
    return round(picture.shape[0] * picture.shape[1] / 1e6, 4)


# Growth -------------------------------------------------------------------------------------------------------------


def _growth(crew: Crew, seed: int, effort: Effort, end: float) -> list[dict[str, Any]]:
    rows = []
    for by, amount, picture in track(list(_scenes(seed)), description="latency: growth"):
        if time.monotonic() > end:
            break
        if by == "threads":
            for worker in crew:
                per_second = worker.throughput(picture, int(amount), effort.throughput_s)
                rows.append({"by": by, "amount": amount, "reader": worker.name, "pictures_per_s": per_second})
            continue
        for name, outcome in crew.least_of(picture, effort.repeats).items():
            rows.append({"by": by, "amount": amount} | _call(name, outcome))
    return rows


def _scenes(seed: int) -> Iterator[tuple[str, float, Picture]]:
    """Pictures from small to large: of one code in clutter, then of more and more codes."""
    for megapixels in MEGAPIXELS:
        yield "megapixels", megapixels, cluttered_scene(megapixels, 1, seed)
    for codes in CODES:
        yield "codes", codes, cluttered_scene(CODES_MEGAPIXELS, codes, seed)
    for threads in THREADS:
        yield "threads", threads, cluttered_scene(THREADS_MEGAPIXELS, 1, seed)


def cluttered_scene(megapixels: float, codes: int, seed: int) -> Picture:
    """A 4:3 picture of edges at every scale, with codes that take a sixth of it, on a grid of places."""
    rng = np.random.default_rng([seed, codes])
    height = round(np.sqrt(megapixels * 1e6 * 3 / 4))
    width = round(height * 4 / 3)
    picture = _clutter(height, width, rng)
    across = int(np.ceil(np.sqrt(codes)))
    cell = min(height, width) / across
    places = [(row, column) for row in range(across) for column in range(across)][:codes]
    for row, column in places:
        code = random_code(rng, 2)
        pixels = 0.62 * cell / ((code.size + 2 * QUIET) * SURROUNDINGS)
        scene = Scene(code, pixels_per_module=min(pixels, FINEST), degrees=float(rng.uniform(-15, 15)))
        drawn = render(scene, rng)[..., 0]
        if pixels > FINEST:
            drawn = cv2.resize(drawn, None, fx=pixels / FINEST, fy=pixels / FINEST, interpolation=cv2.INTER_LINEAR)
        top = int(row * height / across + (height / across - len(drawn)) / 2)
        left = int(column * width / across + (width / across - len(drawn)) / 2)
        picture[top : top + len(drawn), left : left + len(drawn)] = drawn
    return np.repeat(picture[..., None], 3, axis=2)


def _clutter(height: int, width: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Rectangles of any grey, from a quarter of the picture down to a hundredth."""
    picture = np.full((height, width), 150.0)
    for side in np.geomspace(0.25, 0.01, 400) * height:
        h, w = (int(max(2, side * factor)) for factor in rng.uniform(0.4, 1.6, 2))
        top, left = int(rng.integers(-h // 2, height)), int(rng.integers(-w // 2, width))
        picture[max(top, 0) : top + h, max(left, 0) : left + w] = rng.uniform(30, 230)
    return np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


# Frames of a camera -------------------------------------------------------------------------------------------------


def _frames(crew: Crew, seed: int, effort: Effort, end: float) -> list[dict[str, Any]]:
    """Nanoseconds a pixel of large frames, and those of copying them, which no reader can do without reading."""
    if time.monotonic() > end:
        return []
    code = cluttered_scene(FRAME_MEGAPIXELS, 1, seed)
    pixels = code.shape[0] * code.shape[1]
    rows: list[dict[str, Any]] = []
    for content, bgr in (("one code", code), ("blank", np.full_like(code, 128))):
        for kind, frame in (("grey", np.ascontiguousarray(bgr[..., 0])), ("BGR", bgr)):
            ms = {"copy": _copy_ms(frame, effort.repeats)}
            ms |= {name: call.ms for name, call in crew.least_of(frame, effort.repeats).items() if call.status == "ok"}
            rows += [{"frame": f"{kind}, {content}", "reader": name, "ns": t * 1e6 / pixels} for name, t in ms.items()]
    return rows


def _copy_ms(frame: Picture, repeats: int) -> float:
    copy = np.zeros_like(frame)
    seconds = []
    for _ in range(max(2, repeats)):
        start = time.perf_counter()
        np.copyto(copy, frame)
        seconds.append(time.perf_counter() - start)
    return min(seconds) * 1e3


def _steady(crew: Crew, seed: int, effort: Effort, end: float) -> list[dict[str, Any]]:
    """Memory before and after many frames, of fastqr and the reference: others would take hours."""
    if time.monotonic() > end:
        return []
    picture = cluttered_scene(STEADY_MEGAPIXELS, 1, seed)
    workers = [worker for worker in crew if worker.name in (FASTQR, REFERENCE)]
    rows = []
    for worker in track(workers, description="latency: steady state"):
        held = worker.steady(picture, min(WARM_UP, effort.frames), effort.frames)
        rows.append({"reader": worker.name, "frames": effort.frames} | held)
    return rows


# Start and memory ---------------------------------------------------------------------------------------------------


def _starts(crew: Crew, starts: int) -> list[dict[str, Any]]:
    """Import and first call in fresh processes, and the most memory up to a picture of 12 megapixels."""
    small, large = cluttered_scene(0.3, 1, 1), cluttered_scene(12, 1, 1)
    rows = []
    for worker in track(list(crew), description="latency: start"):
        opened, first, second, peak = [], [], [], None
        own = [worker.own_import_ms() for _ in range(starts)]
        for number in range(starts):
            worker.restart()
            opened.append(worker.hello.get("open_ms", np.nan))
            first.append(worker.read(small).ms)
            second.append(worker.read(small).ms)
            if number == 0:
                worker.read(large)
                peak = worker.peak_megabytes()
        rows.append(
            {
                "reader": worker.name,
                "import_ms": min(opened),
                "own_import_ms": min((ms for ms in own if ms is not None), default=None),
                "first_call_ms": min(first),
                "second_call_ms": min(second),
                "idle_mb": worker.hello.get("idle_mb"),
                "peak_mb": peak,
            }
        )
    return rows


# What the rows say --------------------------------------------------------------------------------------------------


def times(section: dict[str, Any]) -> pd.DataFrame:
    """Milliseconds of each reader on photographs, nanoseconds a pixel, and the ratio to the reference per picture."""
    rows = pd.DataFrame(section["photographs"])
    if rows.empty:
        return rows
    ms = rows.pivot(index="picture", columns="reader", values="ms")
    megapixels = rows.groupby("picture")["megapixels"].first()
    summary = {}
    for reader in rows["reader"].unique():
        mine = ms[reader].dropna()
        summary[reader] = {
            "median": mine.median(),
            "p95": mine.quantile(0.95),
            "p99": mine.quantile(0.99),
            "worst": mine.max(),
            "ns a pixel": (mine / megapixels[mine.index]).median(),
            "ratio": (mine / ms[REFERENCE]).median() if REFERENCE in ms else np.nan,
        }
    return pd.DataFrame(summary).T


def groups(section: dict[str, Any], reader: str = FASTQR) -> pd.DataFrame:
    """Times of one reader on each folder's pictures, with a code and without, and their ratios to the reference's."""
    rows = pd.DataFrame([*section["photographs"], *section.get("bare", [])])
    if rows.empty or "dataset" not in rows:
        return pd.DataFrame()
    found = {}
    for (dataset, with_code), mine in rows.groupby(["dataset", "with_code"], sort=False):
        ms = mine.pivot(index="picture", columns="reader", values="ms")
        if reader in ms:
            name = dataset if with_code else f"{dataset}, no code"
            found[name] = _spread(ms[reader].dropna()) | _ratios(ms, reader)
    return pd.DataFrame(found).T


def _spread(ms: pd.Series[float]) -> dict[str, float]:
    median, p99 = ms.median(), ms.quantile(0.99)
    return {"pictures": len(ms), "median": median, "p99": p99, "p99 / median": p99 / median}


def _ratios(ms: pd.DataFrame, reader: str) -> dict[str, float]:
    """Ratios to the reference of a typical picture, of all pictures together, and of the slowest."""
    if REFERENCE not in ms:
        return {}
    both = ms[[reader, REFERENCE]].dropna()
    mine, others = both[reader], both[REFERENCE]
    return {
        "ratio, median": (mine / others).median(),
        "ratio of totals": mine.sum() / others.sum(),
        "ratio of p99": mine.quantile(0.99) / others.quantile(0.99),
    }


def frames(section: dict[str, Any]) -> pd.DataFrame:
    """Nanoseconds a pixel of large frames, a row a frame and a column a reader, the plain copy first."""
    rows = pd.DataFrame(section.get("frames", []))
    if rows.empty:
        return rows
    return rows.pivot(index="frame", columns="reader", values="ns").loc[rows["frame"].unique(), rows["reader"].unique()]


def per_code(section: dict[str, Any]) -> pd.DataFrame:
    """Milliseconds that one more code takes in a picture of many, a row a reader."""
    ms = growth(section, "codes")
    few, many = CODES[-2:]
    if few not in ms.index or many not in ms.index:
        return pd.DataFrame()
    return pd.DataFrame({"ms a code": (ms.loc[many] - ms.loc[few]) / (many - few)})


def steady(section: dict[str, Any]) -> pd.DataFrame:
    """Megabytes that readers hold in a long video, and by how much that grew after the first frames."""
    rows = pd.DataFrame(section.get("steady", []))
    if rows.empty:
        return rows
    rows = rows.set_index("reader")
    return rows.assign(growth=rows["end_mb"] - rows["warm_mb"])


def stages(section: dict[str, Any]) -> pd.DataFrame:
    """Mean milliseconds of each stage, and its share, of the reader that tells."""
    rows = [row["stages"] for row in section["photographs"] if row["stages"]]
    if not rows:
        return pd.DataFrame()
    mean = pd.DataFrame(rows).fillna(0).mean().drop("total", errors="ignore").sort_values(ascending=False)
    return pd.DataFrame({"mean ms": mean, "share": mean / mean.sum()})


def growth(section: dict[str, Any], by: str) -> pd.DataFrame:
    """Milliseconds, or pictures a second by the number of threads, a row an amount and a column a reader."""
    rows = pd.DataFrame([row for row in section["growth"] if row["by"] == by])
    if rows.empty:
        return rows
    value = "pictures_per_s" if by == "threads" else "ms"
    return rows.pivot(index="amount", columns="reader", values=value)[list(rows["reader"].unique())]
