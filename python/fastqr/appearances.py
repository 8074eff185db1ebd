"""A code from the frame that it enters in to the one that it leaves in: what it says, where it was, where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ._core import SymbolReading
from .symbol import Symbol, symbol_from_record

__all__ = ["Appearance", "State", "Track"]

FloatArray = npt.NDArray[np.float32]
State = Literal["decoded", "recognised", "seen", "expected"]

PATH = 1024  # frames of a code's path that are kept: half a minute, and 32 kB
NOISE = 0.15  # modules by which corners that are measured in two frames of a code at rest differ, at most
CALM = 0.4  # of a measured change, taken for motion where it is no more than noise


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """A code that a `Tracker` follows, as it stands in one frame.

    Attributes
    ----------
    id : int
        Counts from 1 in a tracker's life; the same from frame to frame.
    symbol : Symbol
        What was read last, with the corners of then.
    state : {"decoded", "recognised", "seen", "expected"}
        How the frame shows it: its modules were decoded; they are those of the message that is known already, and of no
        other; its patterns were found, but the modules say too little; nothing of it was found, and where it is is
        extrapolated.
    first, last : int
        Number of the frame that was the first to read it, and of the last that showed it.
    quad : ndarray of float32, shape (4, 2)
        Its outer corners, smoothed over the frames.
    measured : ndarray of float32, shape (4, 2), or None
        Corners as this frame shows them.
    path : ndarray of float32, shape (K, 4, 2)
        Smoothed corners of each frame from the first one on, at most of the last 1,024 frames; the last row is `quad`.
    """

    id: int
    symbol: Symbol
    state: State
    first: int
    last: int
    quad: FloatArray
    measured: FloatArray | None
    path: FloatArray

    @property
    def read(self) -> bool:
        """Whether this frame shows what the code says."""
        return self.state in ("decoded", "recognised")

    @property
    def seen(self) -> bool:
        """Whether this frame shows where the code is."""
        return self.state != "expected"


class Track:
    """What a tracker keeps of a code from frame to frame."""

    def __init__(self, number: int, frame: int, reading: SymbolReading) -> None:
        self.id = number
        self.first = self.last = frame
        self.reading = reading
        self.key = key_of(reading)
        self.state: State = state_of(reading)
        self.measured: FloatArray = reading.quad
        self.step: FloatArray = np.zeros((4, 2), np.float32)  # a frame, of the corners as measured
        self._smooth = self.measured
        self._smooth_step = self.step
        self._path = np.empty((32, 4, 2), np.float32)
        self._path[0] = self._smooth
        self._length = 1
        self.missed = 0  # frames since the last that showed it

    def expected(self, frame: int) -> FloatArray:
        """Where its corners will be in a later frame if it goes on as it went."""
        corners: FloatArray = self.measured + self.step * np.float32(frame - self.last)
        return corners

    def read(self, frame: int, reading: SymbolReading) -> None:
        """Take what a frame shows of it."""
        state = state_of(reading)
        if state == "decoded":
            self.reading = reading
        self._measure(frame, reading.quad, state)

    def see(self, frame: int, quad: FloatArray) -> None:
        """Take where a frame shows it."""
        self._measure(frame, quad, "seen")

    def miss(self) -> None:
        """Go on as before."""
        self.state = "expected"
        self.missed += 1
        self._go(self._smooth + self._smooth_step)

    def _measure(self, frame: int, quad: FloatArray, state: State) -> None:
        self.step = (quad - self.measured) / np.float32(frame - self.last)
        self.measured, self.last, self.state, self.missed = quad, frame, state, 0
        # An alpha-beta filter whose gain is that of a code at rest while what is measured differs by noise only.
        ahead = quad - self._smooth - self._smooth_step
        change = float(np.square(ahead).mean())
        noise = (NOISE * float(np.linalg.norm(quad[1] - quad[0])) / self.reading.size) ** 2
        gain = CALM + (1 - CALM) * change / (change + noise)
        corners = self._smooth + self._smooth_step + gain * ahead
        self._smooth_step = self._smooth_step + (2 * (2 - gain) - 4 * (1 - gain) ** 0.5) * ahead  # critically damped
        self._go(corners)

    def _go(self, corners: FloatArray) -> None:
        if self._length == len(self._path):  # rows are never written again: appearances show them
            kept = self._path[-PATH:]
            self._path = np.concatenate([kept, np.empty_like(kept)])
            self._length = len(kept)
        self._path[self._length] = self._smooth = corners.astype(np.float32)
        self._length += 1

    def appearance(self, *, ended: bool = False) -> Appearance:
        """Give it as the last frame shows it; where it has ended, as the last frame did that showed it."""
        length = self._length - (self.missed if ended else 0)
        path = self._path[max(0, length - PATH) : length]
        path.flags.writeable = False
        symbol = symbol_from_record(self.reading.record)
        measured = None if self.missed else self.measured
        return Appearance(self.id, symbol, self.state, self.first, self.last, path[-1], measured, path)


def state_of(reading: SymbolReading) -> State:
    """Tell how a reading came about."""
    return "recognised" if reading.recognised else "decoded"


def key_of(reading: SymbolReading) -> tuple[int, bytes]:
    """Give what makes a reading one of the same code: its size and its message."""
    return reading.size, b"".join(data for _, _, data in reading.record.segments)
