"""Codes from frame to frame: a search ends when those of the last frame are read; what stays lost is looked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ._core import SymbolReading
from .arrays import ArrayImage, checked_array
from .errors import ArgumentTypeError
from .results import Results
from .scanner import SMALLEST_SYMBOL, Scanner, _positive, _whole
from .search import PLAN, REGISTRATION_SAMPLES, Place, Search, Step, around, by_corners, run
from .symbol import Symbol

if TYPE_CHECKING:
    from .models import Models

__all__ = ["Tracker"]

FloatArray = npt.NDArray[np.float32]

SHARE = 0.2  # of a search's work that may be spent after it at the places of codes that it did not read
GROWTH = 8  # modules, two versions: what is seen at such a place may look that much larger than the code was
SAMPLES_A_MODULE = 24  # grey values that one reading of a grid visits
KNOWN_SQUARE = by_corners("unsure", "quick")


class Tracker:
    """Reads the codes of a video, frame by frame; make one for each video or camera.

    A frame is searched as `Scanner.decode` does it, from what is cheap to what is not, and the search ends as soon as
    every code of the last frame is read again. It goes on to its end where no code was known, where one is not read,
    and every so many frames; then it finds what is harder to see than the codes that are known. A code that such a
    search does not read is looked for once more at its expected place, moved on as the code moved before.

    Parameters
    ----------
    scanner : Scanner, optional
        What reads; its options hold for every frame. One with default options is made where none is given.
    full_every : int, default 8
        A frame is searched to the end at least so often; 1 searches every frame.
    margin : float, default 0.5
        How far from its expected place a code still is the one of the last frame, in sides of the box about it.

    Raises
    ------
    InvalidArgumentError, ArgumentTypeError
        An option's value or type is not accepted.

    Notes
    -----
    What is returned was decoded in that very frame; nothing is carried over from earlier ones but places to look at.
    A frame costs at most 1.2 times the work of `Scanner.decode` on it, whatever the frame before held, and the
    scanner's `budget_ms` and `max_symbols` hold for a frame. A tracker keeps places between calls, so it belongs to one
    thread at a time; trackers may share a scanner.

    Examples
    --------
    >>> import fastqr
    >>> tracker = fastqr.Tracker()
    >>> frame = fastqr.demo_scene()
    >>> len(tracker.decode(frame)), len(tracker.decode(frame[:, 2:]))  # doctest: +SKIP
    (5, 5)
    """

    def __init__(self, scanner: Scanner | None = None, *, full_every: int = 8, margin: float = 0.5) -> None:
        if scanner is not None and not isinstance(scanner, Scanner):
            raise ArgumentTypeError(f"scanner must be a Scanner or None, got {type(scanner).__name__}")
        self._full_every = _whole("full_every", full_every, 1)
        self._margin = _positive("margin", margin)
        self._scanner = Scanner() if scanner is None else scanner
        self.reset()

    def reset(self) -> None:
        """Forget where codes were, as for the first frame; a frame of another size does it by itself."""
        self._tracks: list[_Track] = []
        self._shape: tuple[int, ...] = ()
        self._since_full = 0

    def decode(self, frame: ArrayImage) -> list[Symbol]:
        """Read the codes of the next frame.

        Parameters
        ----------
        frame : array
            uint8, (height, width) grey or (height, width, 3) BGR, any strides, is taken as it is; others are converted
            (`fastqr.arrays`).

        Returns
        -------
        list of Symbol
            As of `Scanner.decode`, with coordinates in the frame.

        Raises
        ------
        InvalidImageError, ArgumentTypeError
            The frame is not an array, or not of an accepted shape and dtype.
        """
        picture = checked_array(frame, "frame")
        if picture.shape[:2] != self._shape:
            self.reset()
        full = not self._tracks or self._since_full + 1 >= self._full_every
        followed = _Followed(self._scanner.max_symbols, self._tracks, self._margin, enough=not full)
        search = self._scanner._search_of(picture, followed)
        if min(picture.shape[:2]) >= SMALLEST_SYMBOL:
            run(search, PLAN)
            self._since_full = 0 if full or followed.lost else self._since_full + 1
            _look_for_lost(search, followed)
        self._shape = picture.shape[:2]
        self._tracks = followed.tracks
        return self._scanner._symbols(search)


def _look_for_lost(search: Search, followed: _Followed) -> None:
    """Look at the places of codes that were not read, as long as a share of the search's work pays for them."""
    account, (height, width) = search.account, search.picture.shape[:2]
    most_samples = (1 + SHARE) * account.samples + SHARE * height * width  # the picture's own are visited as well
    most_macs = (1 + SHARE) * account.macs

    def affordable(_: Search) -> Iterator[Place]:
        for track in tuple(followed.lost):
            samples, macs = _cost_of_reading(track.reading.size + GROWTH, search.models)
            account.allowed_samples, account.allowed_macs = most_samples - samples, most_macs - macs  # for the last one
            samples += REGISTRATION_SAMPLES
            macs += 2 * 4 * search.models.lnet.macs
            if account.samples + samples <= most_samples and account.macs + macs <= most_macs:
                yield Place(around(track.square, search.settings.margin), 1.0, track.square)

    account.allowed_samples, account.allowed_macs = most_samples, most_macs
    run(search, [Step("known places", affordable, KNOWN_SQUARE)])


def _cost_of_reading(size: int, models: Models) -> tuple[float, float]:
    """Grey values and multiply-accumulates of one reading of a grid with the DenseNet."""
    return SAMPLES_A_MODULE * size**2, models.densenet.macs * (size + 4) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """A code of the last frame: what it said, where it was, and its centre's way from the frame before."""

    reading: SymbolReading
    data: bytes
    centre: tuple[float, float]
    step: tuple[float, float]
    extent: float  # longer side of the box about it

    @property
    def square(self) -> npt.NDArray[np.float64]:
        """Where its finder centres and the point that completes their square are expected, clockwise, 4×2."""
        square: npt.NDArray[np.float64] = self.reading.landmarks[[0, 1, 3, 2]] + np.array(self.step)
        return square

    def reaches(self, x: float, y: float, margin: float) -> bool:
        """Whether a code of the same message with its centre there is this one: not farther off than is looked."""
        across, down = x - self.centre[0] - self.step[0], y - self.centre[1] - self.step[1]
        return max(abs(across), abs(down)) <= margin * self.extent

    def way_to(self, x: float, y: float) -> tuple[float, float]:
        """Return the way from its centre to another one."""
        return x - self.centre[0], y - self.centre[1]


class _Followed(Results):
    """What has been read so far in a frame, and which codes of the last frame have not been.

    Parameters
    ----------
    wanted : int or None
        How many symbols end a search.
    known : sequence of _Track
        Codes of the last frame.
    margin : float
        How far from its expected place a code may be, in sides of the box about it.
    enough : bool
        Whether a search ends when all known ones are read.
    """

    def __init__(self, wanted: int | None, known: Sequence[_Track], margin: float, *, enough: bool) -> None:
        super().__init__(wanted)
        self._margin = margin
        self._enough = enough
        self._known: dict[bytes, list[_Track]] = {}
        for track in known:
            self._known.setdefault(track.data, []).append(track)
        self.lost = dict.fromkeys(known)  # an ordered set
        self.tracks: list[_Track] = []  # of what was read

    @property
    def complete(self) -> bool:
        """Whether as many symbols were read as are wanted, or all known ones where they are enough."""
        return super().complete or (self._enough and not self.lost)

    def extend(self, readings: list[SymbolReading]) -> None:
        """Keep readings of one search, which gives each symbol once."""
        super().extend(readings)
        self._follow()

    def add(self, reading: SymbolReading) -> bool:
        """Keep a reading unless its symbol was read already; tell whether it is new."""
        new = super().add(reading)
        self._follow()
        return new

    def _follow(self) -> None:
        """Tell which known codes the new readings are, and how each has moved."""
        first = len(self.tracks)
        quads = self.quads[first:]
        seen = zip(self.readings[first:], quads.mean(1).tolist(), np.ptp(quads, axis=1).max(1).tolist(), strict=True)
        for reading, (x, y), extent in seen:
            data = b"".join(data for _, _, data in reading.record.segments)
            same = [track for track in self._known.get(data, ()) if track.reaches(x, y, self._margin)]
            for track in same:
                self.lost.pop(track, None)
            step = min((track.way_to(x, y) for track in same), key=lambda way: math.hypot(*way), default=(0.0, 0.0))
            self.tracks.append(_Track(reading, data, (x, y), step, extent))
