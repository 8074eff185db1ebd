"""Places in a picture: their pixels, the ways to read one, and what has been read so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core, costs
from ._core import SymbolReading as Reading
from .candidates import Candidate, by_correlation, by_landmarks, straighten
from .cascade import NO_QUADS, inside_quads
from .models import Models
from .pictures import Picture
from .reading import read
from .stopwatch import Stopwatch

__all__ = ["CONFIRMED", "DOUBTED", "LIGHT", "UNSURE", "Found", "Site", "around_points", "overlaps"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

FIRST = 800  # pixels of the long side that are searched for finder patterns before finer ones
FINEST = 2100  # pixels of the long side that are looked at of a picture, or of a place in it, at most
SHARP = 300.0  # the same of a place that shows all but the largest symbols well enough
LIGHT = 0.2  # of a place's longer side: the window whose light counts as even, a few modules of any code
MORE = 0.3  # of a box's sides, seen beyond it
CONFIRMED = 0.8  # L-Net's probability of a finder pattern: 99 of 100 squares that were read had three of 0.9
DOUBTED = 0.5  # the same of two of the three, without which no box was read with any patience
UNSURE = 0.2  # L-Net's probability of each of three finder patterns, where nothing is lost but time
PROMISING = 0.65  # mean correlation of function patterns from which patience always paid: 61 of 61 candidates were read
SAME = 0.3  # modules between the corners of two candidates below which the second one would read the same
MORE_PATIENCE = 0.5  # for each symbol: where much was read, more is likely
ENDLESS = 1 << 30  # symbols


class Site:
    """One place of a picture, its pixels in grey and coarser, and what was tried there already."""

    __slots__ = (
        "_levelled",
        "_models",
        "_shared",
        "_sought",
        "_stopwatch",
        "_straight",
        "_tried",
        "_unread",
        "box",
        "factor",
        "picture",
        "view",
    )

    factor: int  # the picture's pixels along a side of the finest ones that are looked at
    view: _core.MipMap
    _levelled: bool

    def __init__(
        self, picture: Picture, box: FloatArray, models: Models, stopwatch: Stopwatch, within: Site | None = None
    ) -> None:
        self.picture = picture
        self.box = box
        self._models = models
        self._stopwatch = stopwatch
        self._tried: list[tuple[Candidate, bool]] = []
        self._unread: list[Candidate] = []
        self._straight: tuple[FloatArray, DoubleArray] | None = None
        self._sought = 1.0
        if within is not None and (within.factor == self._finest() or self._extent() >= SHARP * within.factor):
            self.factor, self.view = within.factor, within.view
            self._shared, self._levelled = True, within._levelled
        else:
            self.factor = self._finest()
            self._look()

    @classmethod
    def of_whole(cls, picture: Picture, models: Models, stopwatch: Stopwatch) -> Site:
        """Return the whole picture as a place."""
        height, width = picture.shape[:2]
        return cls(picture, np.array([0, 0, width, height], np.float32), models, stopwatch)

    def part(self, box: FloatArray) -> Site:
        """Return a place within this one, seen by the same pixels where they are fine enough."""
        return Site(self.picture, box, self._models, self._stopwatch, self)

    @property
    def pixels(self) -> float:
        """Pixels of the view, about."""
        height, width = self.picture.shape[:2]
        x1, y1, x2, y2 = np.clip(self.box, 0, (width, height, width, height)).tolist()
        return float((x2 - x1) * (y2 - y1)) / self.factor**2

    def look_directly(self, found: Found) -> FloatArray:
        """Read what shows its finder patterns; return the centres of other finder patterns, K×2."""
        readings, self._unread, loose = self._directly(found.missing)
        for seen in readings:
            found.add(seen)
        self._stopwatch.spend(-MORE_PATIENCE * len(readings))
        self._read_again(found, False)
        return np.concatenate([loose.mean(1), *(c.corners().mean(0)[None] for c in self._unread)]).astype(np.float32)

    def look_patiently(self, found: Found) -> None:
        """Read with patience what showed its finder patterns and was not read at once."""
        self._read_again(found, True)

    def _read_again(self, found: Found, patient: bool) -> None:
        """Read the places that the direct look could not read itself; keep those that are still unread."""
        left = []
        for candidate in self._unread:
            if found.complete or self._stopwatch.late():
                return
            if found.holds(candidate.corners().mean(0)):
                continue
            reading = self._read(candidate, patient or candidate.score > PROMISING)
            found.add(reading)
            if reading is None:
                left.append(candidate)
        self._unread = left

    def by_landmarks(self, square: DoubleArray, least: float) -> Reading | None:
        """Look with L-Net at the corners of the landmarks' square, 4×2."""
        if least >= self._sought:
            return None
        patient, self._sought = self._sought < 1, least
        if self._straight is None:
            with self._stopwatch.stage("lnet", costs.LNET_SQUARE):
                self._straight = straighten(self.view, square, self._models.lnet)
        candidates = by_landmarks(self.view, *self._straight, least)
        return self._first("lnet", candidates, costs.TURNS, patient=patient)

    def shows_finders(self, least: float) -> bool:
        """Whether L-Net, if it was asked, gave all but one of a symbol's corners a probability of `least`."""
        return self._straight is None or float(np.partition(self._straight[0], 2)[2]) >= least

    def by_finder_patterns(self) -> Reading | None:
        """Look for finder patterns in finer pixels than before, where there are any."""
        if self.factor <= self._finest():
            return None
        self.factor = self._finest()
        self._look()
        return self._by_finder_patterns()

    def by_correlation(self, square: DoubleArray, inset: float) -> Reading | None:
        """Try all turns and sizes of a square whose corners lie `inset` modules inside the symbol's."""
        if self._stopwatch.late(costs.CORRELATION):
            return None
        return self._first("correlation", by_correlation(self.view, square, inset), costs.CORRELATION)

    def level_light(self) -> None:
        """See the place from now on as if shadows and gleams were not there."""
        if self._shared:
            self._look()
        with self._stopwatch.stage("view", costs.LEVELLED_PIXEL * self.pixels):
            self.view, self._levelled = self.view.with_light_levelled(LIGHT), True
        self._tried.clear()
        self._straight = None
        self._sought = 0.99

    def in_level_light(self, square: DoubleArray) -> Reading | None:
        """Look once more without shadows and gleams."""
        if not self._levelled:
            self.level_light()
        return self.by_landmarks(square, UNSURE) or self._by_finder_patterns()

    def _extent(self) -> float:
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    def _finest(self) -> int:
        """Pixels a side of the finest that are looked at: a power of two, for which there are the fastest loops."""
        return 1

    def _look(self) -> None:
        with self._stopwatch.stage("view", costs.VIEW_PIXEL * self.pixels * self.factor**2):
            self.view = _core.MipMap(self.picture, self.box, self.factor)
        self._shared = self._levelled = False

    def _directly(self, most: int) -> tuple[list[Reading], list[Candidate], DoubleArray]:
        with self._stopwatch.stage("direct look", costs.DIRECT_PIXEL * self.pixels):
            search = _core.search_finder_patterns(self.view, most, 3e6, self._stopwatch.left_ms())
        self._stopwatch.spend(costs.seen_directly((r.size for r in search.readings), (p.size for p in search.unread)))
        unread = [Candidate(place.homography, place.size, place.score, place.inverted) for place in search.unread]
        return search.readings, unread, search.ungrouped

    def _by_finder_patterns(self) -> Reading | None:
        readings, unread, _ = self._directly(1)
        return readings[0] if readings else self._first("direct look", iter(unread), 0.0)

    def _first(self, way: str, candidates: Iterator[Candidate], cost: float, *, patient: bool = True) -> Reading | None:
        first = True
        while first or not self._stopwatch.late():
            with self._stopwatch.stage(way, cost if first else 0.0):
                candidate = next(candidates, None)
            first = False
            if candidate is None:
                break
            reading = self._read(candidate, patient)
            if reading is not None:
                return reading
        return None

    def _read(self, candidate: Candidate, patient: bool) -> Reading | None:
        """Read one candidate unless one all but the same was tried with as much patience."""
        if any(_alike(candidate, other) and (tried or not patient) for other, tried in self._tried):
            return None
        self._tried.append((candidate, patient))
        return read(self.view, candidate, self._models.densenet, self._stopwatch, patient=patient)


@dataclass(slots=True)
class Found:
    """What has been read so far in one picture."""

    wanted: int | None
    readings: list[Reading] = field(default_factory=list)
    quads: FloatArray = field(default_factory=lambda: NO_QUADS)  # outer corners of what was read, Q×4×2

    @property
    def complete(self) -> bool:
        """Whether as many symbols were read as are wanted."""
        return self.wanted is not None and len(self.readings) >= self.wanted

    @property
    def missing(self) -> int:
        """How many symbols are still wanted."""
        return ENDLESS if self.wanted is None else min(self.wanted - len(self.readings), ENDLESS)

    def explains(self, centres: FloatArray) -> bool:
        """Whether something was read, and all of K places that looked like more, K×2, lie in it."""
        return bool(self.readings) and bool(inside_quads(centres, self.quads).all())

    def fill(self, picture: Picture, share: float) -> bool:
        """Whether what was read takes more than a share of a picture."""
        quads = self.quads
        diagonals = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
        areas = np.abs(diagonals[0][:, 0] * diagonals[1][:, 1] - diagonals[0][:, 1] * diagonals[1][:, 0]) / 2
        return bool(areas.sum() > share * picture.shape[0] * picture.shape[1])

    def covers(self, box: FloatArray) -> bool:
        """Whether the centre of a box lies in a symbol that was read: a code nested in a code is none."""
        return self.holds((box[:2] + box[2:]) / 2)

    def holds(self, point: npt.NDArray[Any]) -> bool:
        """Whether a point lies in a symbol that was read."""
        return bool(inside_quads(point[None].astype(np.float32), self.quads)[0])

    def add(self, reading: Reading | None) -> None:
        """Keep a reading, if there is one, unless it is of a symbol that was read already."""
        if reading is None:
            return
        quad = reading.quad[None]
        if inside_quads(quad.mean(1), self.quads).any() or inside_quads(self.quads.mean(1), quad).any():
            return
        self.readings.append(reading)
        self.quads = np.concatenate([self.quads, quad])


def _alike(a: Candidate, b: Candidate) -> bool:
    """Whether two candidates would be read on all but the same grid."""
    if a.size != b.size or a.inverted != b.inverted:
        return False
    corners = a.corners()
    module = np.linalg.norm(corners[1] - corners[0]) / a.size
    return bool(np.abs(corners - b.corners()).max() < SAME * module)


def around_points(points: npt.NDArray[Any]) -> FloatArray:
    """Give the box of points and more about it: alignment and quiet zone may lie outside of a rough square."""
    low, high = points.min(0), points.max(0)
    return np.concatenate([low - MORE * (high - low), high + MORE * (high - low)]).astype(np.float32)


def overlaps(box: FloatArray, picture: Picture) -> bool:
    """Whether a box shows at least a pixel of a picture."""
    height, width = picture.shape[:2]
    if min(height, width) < 1:
        return False
    return bool(box[0] < width - 1 and box[1] < height - 1 and box[2] > 1 and box[3] > 1)
