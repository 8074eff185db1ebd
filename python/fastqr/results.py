"""What has been read so far in one picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._core import SymbolReading, is_read
from .quads import NO_QUADS, areas, inside_quads

__all__ = ["Results"]

FloatArray = npt.NDArray[np.float32]

ENDLESS = 1 << 30  # symbols


class Results:
    """The readings of a picture, each symbol once.

    Parameters
    ----------
    wanted : int or None
        How many symbols end a search.
    """

    def __init__(self, wanted: int | None) -> None:
        self.wanted = wanted
        self.readings: list[SymbolReading] = []
        self.quads: FloatArray = NO_QUADS  # outer corners of what was read, Q×4×2

    @property
    def complete(self) -> bool:
        """Whether as many symbols were read as are wanted."""
        return self.wanted is not None and len(self.readings) >= self.wanted

    @property
    def missing(self) -> int:
        """How many symbols are still wanted."""
        return ENDLESS if self.wanted is None else min(self.wanted - len(self.readings), ENDLESS)

    def explain(self, points: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Tell which of K points, K×2, lie in a symbol that was read."""
        if not self.readings:
            return np.zeros(len(points), np.bool_)
        return inside_quads(points.astype(np.float32), self.quads)

    def holds(self, point: npt.NDArray[Any]) -> bool:
        """Whether a point lies in a symbol that was read."""
        return bool(self.explain(point[None])[0])

    def area(self) -> float:
        """Pixels that the symbols that were read take."""
        return float(areas(self.quads).sum())

    def in_reading_order(self) -> list[SymbolReading]:
        """Return the readings from top to bottom, then from left to right, by their centres."""
        if len(self.readings) < 2:
            return self.readings
        across, down = self.quads.mean(1).T
        return [self.readings[i] for i in np.lexsort((across, down))]

    def extend(self, readings: list[SymbolReading]) -> None:
        """Keep readings of one search, which gives each symbol once."""
        if self.readings:
            for reading in readings:
                self.add(reading)
        elif readings:
            self.readings = list(readings)
            self.quads = np.array([reading.quad for reading in readings])

    def add(self, reading: SymbolReading) -> bool:
        """Keep a reading unless its symbol was read already; tell whether it is new."""
        quad = reading.quad
        if self.readings and is_read(self.quads, quad):
            return False
        self.readings.append(reading)
        self.quads = np.concatenate([self.quads, quad[None]])
        return True
