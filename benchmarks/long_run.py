"""Whether a scanner stays as it is: ``python -m benchmarks.long_run --minutes 60 --data PHOTOGRAPHS``.

One scanner reads the same frames round after round, in another order each round: photographs where there are any, and
rendered scenes, small and empty pictures, noise, text, many codes, and frames of twelve megapixels. Memory, latency and
results are written down for each minute. Memory has to stay flat and each frame's result the same; whether latency does
is shown as well, but other work on the machine shows in it too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import fastqr

from . import machine
from .empty_scenes import bare_picture
from .latency import cluttered_scene
from .photographs import UnreadableError, evenly, photographs_in
from .report import plain
from .worker import held_megabytes

GROWTH_MB = 8.0  # between the medians of the first and the last quarter: an allocator's moods, not a leak
WARM_UP = 0.1  # share of the run before its first quarter, and at least one whole round
SAMPLE_S = 0.5  # between two looks at the memory
CHANGES = 100  # results that differ, kept in full
MINUTES = 60.0
FAILED = 1  # exit status

Picture = npt.NDArray[np.uint8]
Result = tuple[tuple[bytes, bytes], ...]  # data and quad of each symbol
console = Console()


@dataclass(frozen=True)
class Frame:
    """One picture of the run; `kind` groups them."""

    kind: str
    name: str
    picture: Picture


@dataclass
class Minute:
    """What was measured in one interval."""

    second: float  # since the run's begin, at the interval's end
    frames: int = 0
    symbols: int = 0
    changed: int = 0
    rounds: int = 0  # that were complete by then
    rss_mb: float | None = None  # median
    rss_most_mb: float | None = None
    ms: dict[str, float] = field(default_factory=dict)  # p50, p95, p99, worst
    ms_of_frame: dict[int, float] = field(default_factory=dict)  # median of each frame


@dataclass(frozen=True)
class Change:
    """A result that is not the frame's first one."""

    second: float
    frame: int
    payloads: bool  # not only the corners differ
    before: int  # symbols
    after: int


# The frames ---------------------------------------------------------------------------------------------------------


def all_frames(roots: Iterable[Path], photographs: int, seed: int) -> list[Frame]:
    """Make every frame; they stay in memory, so that nothing but the scanner works during the run."""
    found = [frame for root in roots for frame in _photographs(root, photographs)]
    for number in range(4 if found else 24):
        codes = (1, 2, 4)[number % 3]
        found.append(Frame("scene", f"{codes} codes {number}", cluttered_scene(0.3, codes, seed + number)))
        found.append(Frame("scene", f"demo {number}", fastqr.demo_scene(seed + number)))
    rng = np.random.default_rng(seed)
    found += _small(rng)
    for grey in (0, 128, 255):
        found.append(Frame("blank", f"{grey}", np.full((480, 640), grey, np.uint8)))
    for side, channels in ((64, 1), (320, 3), (640, 1)):
        shape = (side, side, 3) if channels == 3 else (side, side)
        found.append(Frame("noise", f"{side}, {channels} channels", rng.integers(0, 256, shape, np.uint8)))
    found += [Frame("no code", f"{number}", bare_picture(rng, 448, None)) for number in range(4)]
    found += [Frame("text", f"{number}", text_page(rng)) for number in range(3)]
    found += [Frame("many codes", f"{codes}", cluttered_scene(2.0, codes, seed)) for codes in (16, 64)]
    large = cluttered_scene(12.0, 1, seed)
    found += [
        Frame("12 megapixels", "one code", large),
        Frame("12 megapixels", "one code, grey", np.ascontiguousarray(large[..., 0])),
        Frame("12 megapixels", "blank", np.full(large.shape[:2], 128, np.uint8)),
    ]
    return found


def _photographs(root: Path, count: int) -> Iterator[Frame]:
    for photo in evenly(photographs_in(root)[0], count):
        try:
            yield Frame("photograph", f"{root.name}/{photo.name}", photo.pixels())
        except UnreadableError:
            continue


def _small(rng: np.random.Generator) -> Iterator[Frame]:
    """Pictures too small for a code, just large enough for one, and clean codes of a few pixels a module."""
    for side in (1, 20, 21, 48):
        yield Frame("small", f"noise {side}", rng.integers(0, 256, (side, side), np.uint8))
    for scale in (1, 2, 4):
        code = np.asarray(cv2.QRCodeEncoder.create().encode(f"https://example.org/{scale}"), np.uint8)
        yield Frame(
            "small", f"code {scale}", np.kron(np.pad(code, 4, constant_values=255), np.ones((scale,) * 2, np.uint8))
        )


def text_page(rng: np.random.Generator, height: int = 1100, width: int = 850) -> Picture:
    """A page of lines of random letters."""
    page = np.full((height, width), 245, np.uint8)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz      ,.ABCDEFGHIJ0123456789"))
    for baseline in range(60, height - 30, 22):
        line = "".join(rng.choice(letters, int(rng.integers(30, 70))))
        cv2.putText(page, line, (50, baseline), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 30, 1, cv2.LINE_AA)
    return page


# The run ------------------------------------------------------------------------------------------------------------


def run(
    frames: list[Frame], scanner: fastqr.Scanner, *, seconds: float, calls: float, every: float, seed: int
) -> tuple[list[Minute], list[Change], dict[str, int]]:
    """Read the frames in rounds until the time is up or so many calls were made.

    Parameters
    ----------
    frames : list of Frame
    scanner : Scanner
    seconds, calls : float
        What ends the run, whichever comes first.
    every : float
        Seconds of an interval.
    seed : int
        Of the order of the frames in each round.

    Returns
    -------
    minutes : list of Minute
    changes : list of Change
        At most so many as are worth looking at; all are counted.
    counts : dict
        ``changed``, and ``payloads``, those of them in which a payload differs.
    """
    rng = np.random.default_rng(seed)
    first: dict[int, Result] = {}
    minutes: list[Minute] = []
    changes: list[Change] = []
    counts = {"changed": 0, "payloads": 0}
    begun = time.perf_counter()
    interval = _Interval(begun)
    done = 0
    with Progress(console=console) as progress:
        bar = progress.add_task("frames", total=min(seconds, calls))
        while done < calls and time.perf_counter() < begun + seconds:
            for number in rng.permutation(len(frames)).tolist():
                start = time.perf_counter()
                symbols = scanner.decode(frames[number].picture)
                end = time.perf_counter()
                done += 1
                result = result_of(symbols)
                before = first.setdefault(number, result)
                changed = result != before
                interval.add(number, (end - start) * 1e3, len(symbols), changed, end)
                if changed:
                    payloads = [data for data, _ in result] != [data for data, _ in before]
                    counts["changed"] += 1
                    counts["payloads"] += payloads
                    if len(changes) < CHANGES:
                        changes.append(Change(end - begun, number, payloads, len(before), len(result)))
                if end - interval.begun >= every:
                    minutes.append(interval.minute(end - begun, done // len(frames)))
                    interval = _Interval(end)
                    progress.update(bar, completed=end - begun if seconds <= calls else done)
                if done >= calls or end >= begun + seconds:
                    break
    if interval.ms:
        minutes.append(interval.minute(time.perf_counter() - begun, done // len(frames)))
    return minutes, changes, counts


def result_of(symbols: Iterable[fastqr.Symbol]) -> Result:
    """What has to be the same whenever a frame is read: every byte of every message and corner."""
    return tuple((s.data, b"" if s.quad is None else s.quad.tobytes()) for s in symbols)


class _Interval:
    """Sums of an interval while it lasts; forgotten at its end, so that the run itself does not grow."""

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.ms: list[tuple[int, float]] = []
        self._symbols = self._changed = 0
        self._rss: list[float] = []
        self._looked = 0.0

    def add(self, frame: int, ms: float, symbols: int, changed: bool, now: float) -> None:
        self.ms.append((frame, ms))
        self._symbols += symbols
        self._changed += changed
        if now - self._looked >= SAMPLE_S and (held := held_megabytes()) is not None:
            self._rss.append(held)
            self._looked = now

    def minute(self, second: float, rounds: int) -> Minute:
        ms = np.array([value for _, value in self.ms])
        by_frame: dict[int, list[float]] = {}
        for frame, value in self.ms:
            by_frame.setdefault(frame, []).append(value)
        p50, p95, p99 = np.percentile(ms, [50, 95, 99])
        return Minute(
            second=second,
            frames=len(ms),
            symbols=self._symbols,
            changed=self._changed,
            rounds=rounds,
            rss_mb=float(np.median(self._rss)) if self._rss else None,
            rss_most_mb=max(self._rss, default=None),
            ms={"p50": float(p50), "p95": float(p95), "p99": float(p99), "worst": float(ms.max())},
            ms_of_frame={frame: float(np.median(values)) for frame, values in by_frame.items()},
        )


# What it says -------------------------------------------------------------------------------------------------------


def verdict(minutes: list[Minute], counts: dict[str, int]) -> dict[str, Any]:
    """Say whether memory and results stayed the same, and by which factor latency changed.

    The first tenth of the intervals, and all until one round is complete, warm up. Of the rest the first and the last
    quarter are compared; with fewer than four intervals nothing is said of memory and latency.
    """
    warm = max(int(np.ceil(WARM_UP * len(minutes))), sum(minute.rounds < 1 for minute in minutes))
    rest = minutes[warm:]
    found: dict[str, Any] = {
        "intervals": len(minutes),
        "warm_up": warm,
        "results_same": counts["changed"] == 0,
        **counts,
        "rss_growth_mb": None,
        "rss_slope_mb_an_hour": None,
        "rss_bound_mb": GROWTH_MB,
        "rss_flat": None,
        "latency_ratio": None,
    }
    if len(rest) < 4:
        return found
    quarter = len(rest) // 4
    early, late = rest[:quarter], rest[-quarter:]
    if all(minute.rss_mb is not None for minute in rest):
        hours = np.array([minute.second for minute in rest]) / 3600
        rss = np.array([minute.rss_mb for minute in rest], np.float64)
        growth = float(np.median(rss[-quarter:]) - np.median(rss[:quarter]))
        found["rss_growth_mb"] = growth
        found["rss_slope_mb_an_hour"] = float(np.polyfit(hours, rss, 1)[0])
        found["rss_flat"] = growth <= GROWTH_MB
    before, after = _medians(early), _medians(late)
    ratios = [after[frame] / before[frame] for frame in before.keys() & after.keys()]
    if ratios:
        found["latency_ratio"] = float(np.median(ratios))
    return found


def _medians(minutes: list[Minute]) -> dict[int, float]:
    """Median milliseconds of each frame over intervals."""
    by_frame: dict[int, list[float]] = {}
    for minute in minutes:
        for frame, ms in minute.ms_of_frame.items():
            by_frame.setdefault(frame, []).append(ms)
    return {frame: float(np.median(values)) for frame, values in by_frame.items()}


def table(minutes: list[Minute]) -> pd.DataFrame:
    """One row an interval."""
    rows = pd.DataFrame([asdict(minute) for minute in minutes]).drop(columns="ms_of_frame")
    ms = pd.DataFrame(rows.pop("ms").tolist()).add_prefix("ms ")
    return pd.concat([rows, ms], axis=1).set_index("second")


def draw(minutes: list[Minute], path: Path) -> bool:
    """Draw memory and latency over time, where Matplotlib is installed; return whether it is."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    rows = table(minutes)
    figure = Figure(figsize=(8, 5), layout="constrained")
    memory, latency = figure.subplots(2, 1, sharex=True)
    at = rows.index / 60
    memory.plot(at, rows["rss_mb"].astype(float), label="median")
    memory.plot(at, rows["rss_most_mb"].astype(float), label="most", linewidth=0.7)
    memory.set_ylabel("resident memory, MB")
    memory.set_ylim(bottom=0)
    memory.legend()
    for name in ("p50", "p95", "p99"):
        latency.plot(at, rows[f"ms {name}"], label=name)
    latency.set_yscale("log")
    latency.set_ylabel("ms a frame")
    latency.set_xlabel("minutes")
    latency.legend()
    figure.savefig(path, dpi=110)
    return True


def main() -> int:
    args = _parser().parse_args()
    cv2.setNumThreads(1)
    frames = all_frames(args.data, args.photographs, args.seed)
    minutes_at_most = args.minutes or (MINUTES if args.frames is None else float("inf"))
    calls = float("inf") if args.frames is None else args.frames
    scanner = fastqr.Scanner(threads=args.threads)
    minutes, changes, counts = run(
        frames, scanner, seconds=60 * minutes_at_most, calls=calls, every=args.every, seed=args.seed
    )
    judged = verdict(minutes, counts)
    args.out.mkdir(parents=True, exist_ok=True)
    report = {
        "commit": machine.commit(),
        "machine": machine.machine(),
        "frames": [{"kind": frame.kind, "name": frame.name, "shape": frame.picture.shape} for frame in frames],
        "verdict": judged,
        "minutes": [asdict(minute) for minute in minutes],
        "changes": [asdict(change) for change in changes],
    }
    (args.out / "report.json").write_text(json.dumps(plain(report), indent=1, allow_nan=False))
    _show(minutes, changes, frames, judged)
    if draw(minutes, args.out / "long_run.png"):
        console.print(args.out / "long_run.png")
    return FAILED if judged["rss_flat"] is False or not judged["results_same"] else 0


def _show(minutes: list[Minute], changes: list[Change], frames: list[Frame], judged: dict[str, Any]) -> None:
    rows = table(minutes)
    shown = Table("second", *map(str, rows.columns), title="by interval", title_justify="left")
    for second, row in rows.iterrows():
        shown.add_row(f"{second:.0f}", *("–" if pd.isna(value) else f"{value:.4g}" for value in row))
    console.print(shown)
    for change in changes[:10]:
        frame = frames[change.frame]
        console.print(
            f"changed: {frame.kind}, {frame.name}: {change.before} symbols, then {change.after}", markup=False
        )
    total = int(rows["frames"].sum())
    console.print(f"{total:,} frames; results: {judged['changed']} changed, {judged['payloads']} of them in a payload")
    if judged["rss_growth_mb"] is not None:
        flat = "flat" if judged["rss_flat"] else "NOT flat"
        console.print(
            f"memory: {judged['rss_growth_mb']:+.1f} MB from the first quarter to the last, slope"
            f" {judged['rss_slope_mb_an_hour']:+.1f} MB an hour: {flat} (bound {GROWTH_MB:.0f} MB)"
        )
    if judged["latency_ratio"] is not None:
        console.print(
            f"latency: a frame's median in the last quarter is {judged['latency_ratio']:.2f} times the first's"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.long_run",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--minutes", type=_positive, help="of the run; 60 where --frames does not say when it ends")
    add("--frames", type=int, metavar="N", help="calls of the run")
    add("--data", type=Path, nargs="+", default=[], metavar="DIR", help="folders of photographs whose codes are known")
    add("--photographs", type=int, default=48, metavar="N", help="of each folder, evenly over its categories")
    add("--every", type=_positive, default=60.0, metavar="S", help="seconds of an interval")
    add("--threads", type=int, default=1, help="the scanner's")
    add("--seed", type=int, default=1, help="of what is rendered and of the order")
    add("--out", type=Path, default=Path("benchmarks/out/long_run"), help="of report.json and long_run.png")
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
