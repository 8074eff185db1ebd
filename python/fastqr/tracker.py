"""Codes from frame to frame: look first where they were, and everywhere when that is not enough."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .errors import ArgumentTypeError
from .pictures import Picture, checked_array
from .quads import inside_quads
from .scanner import SMALLEST_SYMBOL, Scanner, _positive, _reading_order, _whole
from .symbol import Symbol

__all__ = ["Tracker"]

FloatArray = npt.NDArray[np.float32]

SHRINKS = 3.0  # a code may be smaller by that from one frame to the next; 2 to 6 read the same, 6 took twice the time


class Tracker:
    """Reads the codes of a video, frame by frame; make one for each video or camera.

    A frame is searched only around the places where the last frame had codes, each moved on as the code moved before.
    The whole frame is searched where nothing is known, where a code is no longer read at its place, and every so many
    frames, which is when codes that enter beside known ones are found.

    Parameters
    ----------
    scanner : Scanner, optional
        What reads; its options hold for every look of it. One with default options is made where none is given.
    full_every : int, default 8
        A whole frame is searched at least so often; 1 searches every frame.
    margin : float, default 0.5
        How far around its expected place a code is looked for, in sides of the box about it.

    Raises
    ------
    InvalidArgumentError, ArgumentTypeError
        An option's value or type is not accepted.

    Notes
    -----
    What is returned was decoded in that very frame; nothing is carried over from earlier ones but places to look at.
    A tracker keeps those between calls, so it belongs to one thread at a time; trackers may share a scanner.

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

    def decode(self, frame: Picture) -> list[Symbol]:
        """Read the codes of the next frame.

        Parameters
        ----------
        frame : ndarray
            uint8, (height, width) grey or (height, width, 3) BGR, any strides.

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
        found = _Merged(self._scanner.max_symbols)
        full = not self._tracks or self._since_full + 1 >= self._full_every
        if full:
            found.add(self._scanner.decode(picture))
        lost = False
        for track in self._tracks:
            if track.match(found.symbols, self._margin) is None:
                found.add(self._look_near(picture, track))
                lost = lost or track.match(found.symbols, self._margin) is None
        if lost and not full:
            full = True
            found.add(self._scanner.decode(picture))
        self._since_full = 0 if full else self._since_full + 1
        self._shape = picture.shape[:2]
        self._tracks = [self._followed(symbol) for symbol in found.symbols]
        return sorted(found.symbols, key=_reading_order)

    def _look_near(self, picture: Picture, track: _Track) -> list[Symbol]:
        """Read what lies around a code's expected place: a view of the frame, searched for codes of about its size."""
        height, width = picture.shape[:2]
        place = track.expected
        reach = self._margin * track.extent
        left, top = np.maximum(np.floor(place.min(0) - reach), 0).astype(int)
        right, bottom = np.minimum(np.ceil(place.max(0) + reach), (width, height)).astype(int)
        if min(right - left, bottom - top) < SMALLEST_SYMBOL:
            return []
        scanner = self._scanner.coarser(track.side / SHRINKS)
        corner = np.array([left, top], np.float32)
        return [_moved(symbol, corner) for symbol in scanner.decode(picture[top:bottom, left:right])]

    def _followed(self, symbol: Symbol) -> _Track:
        """Return the track of a symbol that was just read, with its motion where the last frame had it as well."""
        quad = _quad(symbol)
        before = [track for track in self._tracks if track.match([symbol], self._margin)]
        if not before:
            return _Track(symbol.data, quad, np.zeros(2, np.float32))
        steps = [quad.mean(0) - track.quad.mean(0) for track in before]
        return _Track(symbol.data, quad, min(steps, key=lambda step: float(np.linalg.norm(step))))


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """A code of the last frame: what it said, where it was, and its centre's way from the frame before."""

    data: bytes
    quad: FloatArray
    step: FloatArray

    @property
    def expected(self) -> FloatArray:
        return self.quad + self.step

    @property
    def extent(self) -> float:
        """Longer side of the box about it."""
        return float(np.ptp(self.quad, axis=0).max())

    @property
    def side(self) -> float:
        return float(np.linalg.norm(np.roll(self.quad, -1, 0) - self.quad, axis=1).mean())

    def match(self, symbols: list[Symbol], margin: float) -> Symbol | None:
        """Return the symbol that is this code, if one is: it says the same not farther off than is looked."""
        centre = self.expected.mean(0)
        near = (s for s in symbols if np.abs(_quad(s).mean(0) - centre).max() <= margin * self.extent)
        return next((symbol for symbol in near if symbol.data == self.data), None)


class _Merged:
    """Symbols of one frame from several looks at it, each once."""

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self.symbols: list[Symbol] = []

    def add(self, symbols: list[Symbol]) -> None:
        for symbol in symbols:
            room = self._wanted is None or len(self.symbols) < self._wanted
            if room and not any(_same(symbol, other) for other in self.symbols):
                self.symbols.append(symbol)


def _same(a: Symbol, b: Symbol) -> bool:
    """Whether two looks saw one code: the same message, and the centre of one quad in the other."""
    if a.data != b.data:
        return False
    one, other = _quad(a), _quad(b)
    return bool(inside_quads(one.mean(0)[None], other[None])[0] or inside_quads(other.mean(0)[None], one[None])[0])


def _moved(symbol: Symbol, by: FloatArray) -> Symbol:
    landmarks = None if symbol.landmarks is None else symbol.landmarks + by
    return replace(symbol, quad=_quad(symbol) + by, landmarks=landmarks)


def _quad(symbol: Symbol) -> FloatArray:
    assert symbol.quad is not None  # every symbol read from a picture has one
    return symbol.quad
