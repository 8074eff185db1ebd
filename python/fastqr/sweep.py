"""A full search of a video's frames in parts, one or a few a frame: scales and tiles in turn."""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from .cascade import WINDOW
from .search import (
    BY_FINDERS,
    Place,
    Search,
    Step,
    by_cascade_between,
    by_finder_patterns_again,
    smallest_for_networks,
    worth_searching_again,
)
from .settings import EFFORTS, SearchSettings

__all__ = ["parts_of_a_full_search"]

FloatArray = npt.NDArray[np.float32]

# One part's bounds, a millisecond of one core. No window is counted as sure: a crowd of them would cost without bound.
WINDOWS = {"top": 16, "proposals": 16, "candidates": 2, "sure": 1.0}
MORE_WINDOWS = {**WINDOWS, "proposals": 24, "candidates": 3}  # of several levels
LEVEL_PIXELS = 30_000  # of the level that P-Net sees
AGAIN_PIXELS = 80_000  # that are searched for finder patterns again
OCTAVE = 2.0
LARGE = (
    1 / 10
)  # of the longer side: the levels of codes of this side and larger have so few pixels that several go together


def parts_of_a_full_search(
    shape: tuple[int, ...],
    effort: str,
    methods: Collection[str],
    min_size: float,
    settings: SearchSettings | None = None,
) -> list[Step]:
    """Give what a search of a frame looks at beyond what shows its finder patterns at once, in parts of bounded cost.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the frames.
    effort, methods, min_size, settings
        Of the scanner.

    Returns
    -------
    list of Step
        Each sees the whole frame at some scales, or a tile of it that overlaps its neighbours by the largest code that
        it looks for.
    """
    height, width = shape[:2]
    longer = max(height, width)
    settings = settings or SearchSettings()
    steps = []
    if worth_searching_again(effort, width * height, settings):
        for number, box in enumerate(_tiles(height, width, AGAIN_PIXELS, min(height, width) / 4)):
            name = f"finder patterns again, tile {number + 1}"
            places = functools.partial(_one_place, box)
            steps.append(Step(name, places, by_finder_patterns_again, effort="quick", needs=BY_FINDERS))
    smallest = smallest_for_networks(effort, methods, min_size, settings)
    if effort != "thorough":
        smallest = max(smallest, settings.fine * longer)
    for least, most in _bands(smallest, LARGE * longer, longer):
        level = least * OCTAVE**0.25 / WINDOW  # pixels of the picture along one of the finest level that is seen
        windows = WINDOWS if most < OCTAVE * least else MORE_WINDOWS
        look = by_cascade_between(least, most, **windows)
        for number, box in enumerate(_tiles(height, width, LEVEL_PIXELS * level**2, most)):
            name = f"cascade, {least:.0f} to {most:.0f} pixels, tile {number + 1}"
            steps.append(Step(name, functools.partial(_one_place, box), look))
    beyond = EFFORTS[EFFORTS.index(effort) + 1 :]
    return [step for step in steps if step.effort not in beyond and step.needs <= set(methods)]


def _one_place(box: FloatArray, _: Search) -> list[Place]:
    return [Place(box, 1.0)]


def _bands(smallest: float, large: float, largest: float) -> Iterator[tuple[float, float]]:
    """Give half octaves of sides from the smallest up to what is large, an octave of large ones, and the rest."""
    least = smallest
    while least < large:
        yield least, least * OCTAVE**0.5
        least *= OCTAVE**0.5
    for most in (least * OCTAVE, largest):
        if least < largest:
            yield least, min(most, largest)
        least = most


def _tiles(height: int, width: int, most_pixels: float, overlap: float) -> list[FloatArray]:
    """Cut a frame into tiles, about square, that overlap."""
    count = math.ceil(height * width / most_pixels)
    rows = max(1, round(math.sqrt(count * height / width)))
    columns = math.ceil(count / rows)
    margin = overlap / 2 if rows * columns > 1 else 0.0
    boxes = []
    for row in range(rows):
        for column in range(columns):
            left, right = column * width / columns - margin, (column + 1) * width / columns + margin
            top, bottom = row * height / rows - margin, (row + 1) * height / rows + margin
            box = np.array([max(0, left), max(0, top), min(width, right), min(height, bottom)], np.float32)
            boxes.append(box)
    return boxes
