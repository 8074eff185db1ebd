"""Photographs changed in ways that cost a reader nothing to allow for: what was read must be read again.

Each photograph is shown as it is and then changed: made larger or smaller, turned, inverted, relit, compressed. Marked
corners go with it, so that codes count by the same rule as on the photographs themselves (photographs.py).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.progress import track

from .completeness import frame, row_of, summary
from .crew import Crew
from .photographs import Photograph, UnreadableError, evenly, photographs_in, score
from .readers import Picture

Matrix = npt.NDArray[np.float64]  # (2, 3), of places in pixels from the outer corner of the first

SAME = "same"
SCALES = "scales"  # stands for all of `EVERY_SCALE`
EVERY_SCALE = tuple(f"x{percent / 100:g}" for percent in range(50, 255, 5))
DEFAULT = (
    *("x0.55", "x0.7", "x0.95", "x1.05", "x1.3", "x2"),
    *("turn 90", "turn 180", "turn 270", "turn 7", "turn 30"),
    *("inverted", "gamma 2", "gamma 0.5", "dim", "gradient", "jpeg 30"),
)
MOST_MEGAPIXELS = 100.0  # of a changed photograph; larger ones are left out
DIM = 0.25  # share of the light that is left
GRADIENT = 0.3  # the same at the dark side of a photograph that is lit from the other
SURROUND = 127  # grey value around a turned photograph


@dataclass(frozen=True)
class Change:
    """A name, and what becomes of a picture and of places in it."""

    name: str
    apply: Callable[[Picture], tuple[Picture, Matrix]]


def change_named(name: str) -> Change:
    """The change with a name: ``x1.05``, ``turn 7`` (degrees, anticlockwise), ``gamma 2``, ``jpeg 30``, ``dim``...

    Raises
    ------
    ValueError
        There is no such change.
    """
    kind, _, amount = (f"scale {name[1:]}" if name[:1] == "x" else name).partition(" ")
    if kind in _PLAIN and not amount:
        return Change(name, _in_place(_PLAIN[kind]))
    if kind in _MEASURED:
        make, (least, most) = _MEASURED[kind]
        try:
            value = float(amount)
        except ValueError:
            value = np.nan
        if least <= value <= most:
            return Change(name, make(value))
        raise ValueError(f"the change {name!r} needs a number from {least:g} to {most:g}, got {amount!r}")
    accepted = [*_PLAIN, SCALES, "xNUMBER", *(f"{kind} NUMBER" for kind in _MEASURED if kind != "scale")]
    raise ValueError(f"unknown change {name!r}; accepted: {', '.join(accepted)}")


def changes_named(names: Iterable[str]) -> list[Change]:
    """Changes by their names, the unchanged photograph first; ``scales`` stands for every scale in steps of 5 %."""
    listed = [part for name in names for part in (EVERY_SCALE if name == SCALES else (name,))]
    return [change_named(name) for name in dict.fromkeys([SAME, *(name for name in listed if name != "x1")])]


# The changes --------------------------------------------------------------------------------------------------------


def _in_place(relight: Callable[[Picture], Picture]) -> Callable[[Picture], tuple[Picture, Matrix]]:
    return lambda picture: (relight(picture), np.eye(2, 3))


def _scaled(factor: float) -> Callable[[Picture], tuple[Picture, Matrix]]:
    def scale(picture: Picture) -> tuple[Picture, Matrix]:
        height, width = picture.shape[:2]
        size = max(1, round(width * factor)), max(1, round(height * factor))
        interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        scaled = cv2.resize(picture, size, interpolation=interpolation).astype(np.uint8)
        return scaled, np.diag([size[0] / width, size[1] / height, 1.0])[:2]

    return scale


def _turned(degrees: float) -> Callable[[Picture], tuple[Picture, Matrix]]:
    """Anticlockwise, on a ground that holds all of it; right angles move pixels and change none."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rotation = np.array([[cosine, sine], [-sine, cosine]])

    def turn(picture: Picture) -> tuple[Picture, Matrix]:
        old = np.array(picture.shape[1::-1], np.float64)
        new = np.ceil(np.abs(rotation) @ old - 1e-6)
        matrix = np.column_stack([rotation, new / 2 - rotation @ (old / 2)])
        if degrees % 90 == 0:
            return np.ascontiguousarray(np.rot90(picture, round(degrees / 90))), matrix
        centres = matrix.copy()  # OpenCV counts from the first pixel's centre
        centres[:, 2] += rotation @ [0.5, 0.5] - 0.5
        size = int(new[0]), int(new[1])
        turned = cv2.warpAffine(picture, centres, size, flags=cv2.INTER_CUBIC, borderValue=(SURROUND,) * 3)
        return turned.astype(np.uint8), matrix

    return turn


def _gamma(exponent: float) -> Callable[[Picture], tuple[Picture, Matrix]]:
    table = np.round(255 * (np.arange(256) / 255) ** exponent).astype(np.uint8)
    return _in_place(lambda picture: table[picture])


def _compressed(quality: float) -> Callable[[Picture], tuple[Picture, Matrix]]:
    def compress(picture: Picture) -> Picture:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)

    return _in_place(compress)


def _lit_from_one_side(picture: Picture) -> Picture:
    """All of the light at the left, `GRADIENT` of it at the right."""
    light = np.linspace(1, GRADIENT, picture.shape[1], dtype=np.float32)[None, :, None]
    return np.round(picture * light).astype(np.uint8)


_PLAIN: dict[str, Callable[[Picture], Picture]] = {
    SAME: lambda picture: picture,
    "inverted": lambda picture: 255 - picture,
    "dim": lambda picture: np.round(picture * np.float32(DIM)).astype(np.uint8),
    "gradient": _lit_from_one_side,
}
_MEASURED: dict[str, tuple[Callable[[float], Callable[[Picture], tuple[Picture, Matrix]]], tuple[float, float]]] = {
    "scale": (_scaled, (0.05, 8.0)),
    "turn": (_turned, (-360.0, 360.0)),
    "gamma": (_gamma, (0.1, 10.0)),
    "jpeg": (_compressed, (1.0, 100.0)),
}


# Measuring ----------------------------------------------------------------------------------------------------------


def measure(
    roots: Iterable[Path],
    crew: Crew,
    *,
    names: Sequence[str] = DEFAULT,
    pictures: int = 32,
    seconds: float = float("inf"),
) -> dict[str, Any]:
    """Show photographs, as they are and changed, to every reader in turn.

    Parameters
    ----------
    roots : iterable of Path
        Folders of photographs whose codes are known.
    names : sequence of str
        Changes by their names.
    pictures : int
        Photographs of each folder, evenly over its categories.
    seconds : float
        No further photograph is begun after so long; what was left out is part of the result.
    """
    chosen = changes_named(names)
    queues = []
    for root in roots:
        with_codes = [photo for photo in photographs_in(root)[0] if photo.codes]
        queues.append([(root.name, photo) for photo in evenly(with_codes, pictures)])
    queue = [entry for turn in itertools.zip_longest(*queues) for entry in turn if entry is not None]
    end = time.monotonic() + seconds
    rows: list[dict[str, Any]] = []
    left_out: dict[str, int] = {}
    done = 0
    for folder, photo in track(queue, description="changes"):
        reason = None
        if time.monotonic() > end:
            reason = "out of time"
        else:
            try:
                picture = photo.pixels()
            except UnreadableError:
                reason = "not a picture that OpenCV reads"
        if reason is not None:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        done += 1
        for change in chosen:
            rows += _rows(folder, photo, picture, change, crew)
    return {
        "changes": [change.name for change in chosen],
        "photographs": done,
        "left_out": left_out,
        "rows": rows,
    }


def _rows(folder: str, photo: Photograph, picture: Picture, change: Change, crew: Crew) -> list[dict[str, Any]]:
    changed, matrix = change.apply(picture)
    if changed.shape[0] * changed.shape[1] > MOST_MEGAPIXELS * 1e6:
        return []
    moved = moved_with(photo, matrix)
    about = {
        "group": change.name,
        "dataset": folder,
        "photograph": photo.name,
        "picture": f"{folder}: {photo.name}, {change.name}",
        "codes": photo.codes,
    }
    outcomes = crew.least_of(changed, 1)
    return [
        about | row_of(name, outcome, score(moved, outcome.texts, outcome.quads)) for name, outcome in outcomes.items()
    ]


def moved_with(photo: Photograph, matrix: Matrix) -> Photograph:
    """The photograph with its marked corners where a change has put them."""
    quads = (photo.quads @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return Photograph(photo.path, photo.category, quads, photo.texts, photo.layout)


# What the rows say --------------------------------------------------------------------------------------------------


def kept(section: dict[str, Any]) -> pd.DataFrame:
    """The summary by change, with the share of the codes read that is left of the unchanged photographs' share.

    Of each change only the photographs count on which it was made: ``kept`` is codes read over codes read unchanged,
    ``gone`` and ``new`` are the codes that were read only unchanged, or only changed.
    """
    table = summary(section)
    rows = frame(section)
    if rows.empty:
        return table
    unchanged = {
        (row.dataset, row.photograph, row.reader): set(row.read) for row in rows.itertuples() if row.group == SAME
    }
    for (change, reader), mine in rows.groupby(["group", "reader"], sort=False):
        pairs = [(unchanged[row.dataset, row.photograph, reader], set(row.read)) for row in mine.itertuples()]
        before = sum(len(old) for old, _ in pairs)
        after = sum(len(new) for _, new in pairs)
        table.loc[(change, reader), ["kept", "gone", "new"]] = (
            after / before if before else np.nan,
            sum(len(old - new) for old, new in pairs),
            sum(len(new - old) for old, new in pairs),
        )
    first = ["codes", "read", "share", "kept", "gone", "new"]
    return table[[*first, *(name for name in table.columns if name not in first)]]


def scales(section: dict[str, Any]) -> pd.DataFrame:
    """Share of the codes kept over the scale, a column a reader."""
    table = kept(section)
    if table.empty:
        return table
    factors = {name: float(name[1:]) for name in section["changes"] if name[:1] == "x"} | {SAME: 1.0}
    shares = table["kept"].unstack()[list(dict.fromkeys(table.index.get_level_values(1)))]
    shares = shares.loc[[name for name in factors if name in shares.index]].rename(factors)
    return shares.sort_index()
