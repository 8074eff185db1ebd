"""Films read frame by frame: every reader on each frame, and fastqr's tracker, which knows the frames before.

Readers are asked in turn for each frame, so that a busy moment of the machine hits all of them or none.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track

from .crew import Crew, Outcome
from .latency import REFERENCE
from .readers import Picture
from .scenes.film import KINDS, Shown, film

SIZES = ((480, 640), (720, 1280))


def measure(crew: Crew, *, seed: int = 1, frames: int = 150, seconds: float = float("inf")) -> dict[str, Any]:
    """Read films of every kind and size; frames that time does not allow are left out."""
    began = time.monotonic()
    films = [(kind, size) for size in SIZES for kind in KINDS]
    rows: list[dict[str, Any]] = []
    left_out = 0
    for number, (kind, (height, width)) in enumerate(track(films, "films")):
        if time.monotonic() > began + seconds * (number + 1) / len(films):
            left_out += 1
            continue
        name = f"{kind.name}, {width} x {height}"
        for place, (picture, shown) in enumerate(film(kind, height=height, width=width, frames=frames, seed=seed)):
            rows.extend(_row(name, place, reader, outcome, shown) for reader, outcome in _asked(crew, picture, place))
    return {"seed": seed, "frames": frames, "reference": REFERENCE, "left_out": left_out, "rows": rows}


def _asked(crew: Crew, picture: Picture, place: int) -> list[tuple[str, Outcome]]:
    """Ask every reader for one frame; those that follow codes once more as a part of the film."""
    outcomes = []
    for worker in crew:
        outcomes.append((worker.name, worker.read(picture)))
        if worker.follows:
            outcomes.append((f"{worker.name}, Tracker", worker.follow(picture, begin=place == 0)))
    return outcomes


def _row(film: str, frame: int, reader: str, outcome: Outcome, shown: list[Shown]) -> dict[str, Any]:
    texts = set(outcome.texts)
    return {
        "film": film,
        "frame": frame,
        "reader": reader,
        "ms": outcome.ms,
        "status": outcome.status,
        "shown": {code.text: code.text in texts for code in shown},
        "cut": len(texts - {code.text for code in shown}),  # codes that reach beyond the frame
    }


def summary(section: dict[str, Any]) -> pd.DataFrame:
    """Say what each reader read and how long it took, a row a film and reader.

    Columns: the share of codes that were read, of those that a frame shows whole; frames with a reading; the frames
    from a code's first whole one to its first reading, in the median and at most; milliseconds; codes a second.
    """
    rows = []
    if not section["rows"]:
        return pd.DataFrame()
    for (name, reader), mine in pd.DataFrame(section["rows"]).groupby(["film", "reader"], sort=False):
        codes = sum(len(shown) for shown in mine["shown"])
        read = sum(sum(shown.values()) for shown in mine["shown"])
        waits = _waits(mine)
        ms = mine["ms"]
        rows.append(
            {
                "film": name,
                "reader": reader,
                "read": read / codes if codes else np.nan,
                "frames read": int(
                    sum(any(shown.values()) or cut > 0 for shown, cut in zip(mine["shown"], mine["cut"], strict=True))
                ),
                "first read after": float(np.median(waits)) if waits else np.nan,
                "at most": max(waits, default=np.nan),
                "median ms": ms.median(),
                "p90": ms.quantile(0.9),
                "p99": ms.quantile(0.99),
                "codes a second": sum(_codes_read(mine)) / (ms.sum() / 1e3),
            }
        )
    return pd.DataFrame(rows).set_index(["film", "reader"])


def _codes_read(frames: pd.DataFrame) -> pd.Series[int]:
    """Give how many codes were read in each frame, those that reach beyond it too."""
    return frames["shown"].map(lambda shown: sum(shown.values())) + frames["cut"]


def _waits(frames: pd.DataFrame) -> list[int]:
    """Frames from each code's first whole one to its first reading; those to the end where it is never read."""
    whole: dict[str, int] = {}
    first: dict[str, int] = {}
    for frame, shown in zip(frames["frame"], frames["shown"], strict=True):
        for text, was_read in shown.items():
            whole.setdefault(text, frame)
            if was_read:
                first.setdefault(text, frame)
    return [first.get(text, int(frames["frame"].max()) + 1) - begin for text, begin in whole.items()]


def ratios(section: dict[str, Any]) -> pd.DataFrame:
    """Compare readers with the reference: times, and codes that were read, over all frames of a size."""
    rows = pd.DataFrame(section["rows"])
    if rows.empty:
        return rows
    rows["size"] = rows["film"].str.split(", ").str[-1]
    rows["read"] = _codes_read(rows)
    rows["codes"] = rows["shown"].map(len) > 0
    made = []
    for (size, reader), mine in rows.groupby(["size", "reader"], sort=False):
        reference = rows[(rows["size"] == size) & (rows["reader"] == section["reference"])]
        if reference.empty:
            return pd.DataFrame()
        ratio: dict[str, Any] = {"size": size, "reader": reader}
        for name, shows in (("with a code", True), ("without", False)):
            own, other = mine.loc[mine["codes"] == shows, "ms"], reference.loc[reference["codes"] == shows, "ms"]
            ratio[f"median, {name}"] = own.median() / other.median()
            ratio[f"p99, {name}"] = own.quantile(0.99) / other.quantile(0.99)
        ratio["codes read"] = mine["read"].sum() / max(1, reference["read"].sum())
        made.append(ratio)
    return pd.DataFrame(made).set_index(["size", "reader"])
