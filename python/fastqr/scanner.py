"""The scanner: the one place that knows every stage, from a picture to its symbols."""

from __future__ import annotations

import copy
import functools
import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .candidates import Candidate, by_correlation, by_landmarks
from .cascade import Boxes, CascadeSettings, Detection, detect_boxes, inside_quads
from .errors import ArgumentTypeError, InvalidArgumentError
from .models import Models, load_models
from .pictures import ImageLike, Picture, load_picture
from .reading import Reading, read
from .stopwatch import Stopwatch
from .symbol import Symbol, symbol_from_record

__all__ = ["Scanner"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

SMALLEST_SYMBOL = 21  # modules; below one pixel a module nothing can be read
FIRST = 800  # pixels of the long side that are searched for finder patterns before finer ones
FINEST = 1200  # pixels of the long side that are looked at of a picture, or of a place in it
PATIENCE_MS = 60.0  # what costs much and seldom reads anything is not begun after it; what is begun then still ends
PATIENT_BOXES = 8  # boxes that were not read at once and are looked at in every way
PATIENT_BOXES_MORE = 3  # where other codes of the picture were read: most other boxes are none then
CONFIRMED = 0.8  # L-Net's probability of each of three finder patterns: 99 of 100 squares that were read had 0.9
UNSURE = 0.05  # the same where nothing is lost but time
FARTHEST = 1e6  # pixels from the picture's corner in which a quad may lie: no picture is as large
SQUEEZE = 0.45  # of a side: brings codes seen at 1.8 to 4 times foreshortening back to what the cascade knows
LIGHT = 0.2  # of a place's longer side: the window whose light counts as even, a few modules of any code
MORE = 0.3  # of a box's sides, seen beyond it
READ_AHEAD = 2  # pictures a thread that are taken before the consumer has asked for them
SAME = 0.3  # modules between the corners of two candidates below which the second one would read the same


class Scanner:
    """Finds and reads the QR codes of pictures; make one and keep it.

    Parameters
    ----------
    threads : int, default 1
        Threads that one network call may use; in `decode_many` pictures at a time, with one thread a call.
    min_size : float, default 16
        Smallest side of a code in pixels that is looked for; a larger one saves time.
    max_symbols : int, optional
        Stop after so many symbols.
    budget_ms : float, optional
        Stop the search after so many milliseconds and return what was read.
    providers : sequence of str
        ONNX Runtime's execution providers, best first.
    models : path, optional
        A folder of networks to use instead of the shipped ones.

    Raises
    ------
    InvalidArgumentError, ArgumentTypeError
        An option's value or type is not accepted.
    ModelError
        A network's file is missing or damaged.

    Notes
    -----
    One scanner may be called from many threads at once.

    Examples
    --------
    >>> import fastqr
    >>> scanner = fastqr.Scanner()
    >>> [symbol.text for symbol in scanner.decode(fastqr.demo_scene())]  # doctest: +SKIP
    ['https://example.org/fastqr']
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        min_size: float = 16.0,
        max_symbols: int | None = None,
        budget_ms: float | None = None,
        providers: Sequence[str] = ("CPUExecutionProvider",),
        models: str | os.PathLike[str] | None = None,
    ) -> None:
        self._threads = _whole("threads", threads, 1)
        self._min_size = _positive("min_size", min_size)
        self._max_symbols = None if max_symbols is None else _whole("max_symbols", max_symbols, 1)
        self._budget_ms = None if budget_ms is None else _positive("budget_ms", budget_ms)
        self._load = functools.partial(load_models, models, providers=providers)
        self._models = self._load(threads=self._threads)
        self._models_of_one_thread = self._models if self._threads == 1 else None
        self._last = threading.local()

    @property
    def max_symbols(self) -> int | None:
        """How many symbols end a search, where that is limited."""
        return self._max_symbols

    @property
    def timings(self) -> dict[str, float]:
        """Milliseconds that each stage of this thread's last call took, and their ``"total"``."""
        return dict(getattr(self._last, "timings", {}))

    def decode(self, image: ImageLike) -> list[Symbol]:
        """Read every code of a picture.

        Parameters
        ----------
        image : ndarray, PIL.Image.Image, path or bytes
            uint8, (height, width) grey or (height, width, 3) BGR, any strides; or a file.

        Returns
        -------
        list of Symbol
            Top to bottom, then left to right; empty where nothing is read.

        Raises
        ------
        InvalidImageError, ArgumentTypeError
            The picture cannot be read, or is not of an accepted kind.
        """
        stopwatch = Stopwatch(self._budget_ms, PATIENCE_MS)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        readings = self._search(picture, stopwatch)
        symbols = [_symbol(reading) for reading in readings]
        self._record(stopwatch)
        return sorted(symbols, key=_reading_order)

    def detect(self, image: ImageLike) -> list[Detection]:
        """Run the cascade alone: where codes may be, read or not, best first.

        Parameters
        ----------
        image : ndarray, PIL.Image.Image, path or bytes
            As for `decode`.

        Returns
        -------
        list of Detection
        """
        stopwatch = Stopwatch(self._budget_ms, PATIENCE_MS)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        found: list[Detection] = []
        if min(picture.shape[:2]) >= SMALLEST_SYMBOL:
            boxes = self._boxes(_Site.of_whole(picture, self._models, stopwatch).view, CascadeSettings(), stopwatch)
            found = [
                Detection(box, float(score), points)
                for box, score, points in zip(boxes.boxes, boxes.scores, boxes.landmarks, strict=True)
            ]
        self._record(stopwatch)
        return found

    def decode_quad(self, image: ImageLike, quad: npt.ArrayLike) -> Symbol | None:
        """Read the one code whose corners the caller knows.

        Parameters
        ----------
        image : ndarray, PIL.Image.Image, path or bytes
            As for `decode`.
        quad : array_like, shape (4, 2)
            Outer corners of the symbol in order around it, starting anywhere; x and y in pixels.

        Returns
        -------
        Symbol or None
            None where nothing is read.

        Raises
        ------
        InvalidArgumentError
            `quad` is not four finite points that span an area.
        """
        stopwatch = Stopwatch(self._budget_ms, PATIENCE_MS)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        corners = _checked_quad(quad)
        reading = None
        box = _around(corners)
        if _overlaps(box, picture):
            site = _Site(picture, box, self._models, stopwatch)
            reading = site.by_landmarks(corners, UNSURE) or site.by_correlation(corners, 0.0) or site.by_finder_patterns()
        self._record(stopwatch)
        return None if reading is None else _symbol(reading)

    def decode_many(self, images: Iterable[ImageLike]) -> Iterator[list[Symbol]]:
        """Read pictures one after the other, `threads` of them at a time, results in the order of the pictures.

        Parameters
        ----------
        images : iterable of ndarray, PIL.Image.Image, path or bytes

        Yields
        ------
        list of Symbol
        """
        if self._threads == 1:
            yield from map(self.decode, images)
            return
        decode = self._with_one_thread_a_call().decode
        waiting: deque[Future[list[Symbol]]] = deque()
        with ThreadPoolExecutor(self._threads) as pool:
            try:
                for image in images:
                    waiting.append(pool.submit(decode, image))
                    if len(waiting) > READ_AHEAD * self._threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _with_one_thread_a_call(self) -> Scanner:
        """Return this scanner with networks of one thread: pictures side by side keep every core busy already."""
        if self._models_of_one_thread is None:
            self._models_of_one_thread = self._load(threads=1)
        other = copy.copy(self)
        other._models = self._models_of_one_thread
        return other

    def coarser(self, min_size: float) -> Scanner:
        """Return a scanner of the same options and networks that looks only for codes of at least another size.

        Parameters
        ----------
        min_size : float
            As for `Scanner`; the larger of both counts.

        Returns
        -------
        Scanner
            Made within microseconds, for the networks are shared.
        """
        other = copy.copy(self)
        other._min_size = max(self._min_size, _positive("min_size", min_size))
        return other

    # The search ------------------------------------------------------------------------------------------------

    def _search(self, picture: Picture, stopwatch: Stopwatch) -> list[Reading]:
        found = _Found(self._max_symbols)
        if min(picture.shape[:2]) < SMALLEST_SYMBOL:
            return found.readings
        whole = _Site.of_whole(picture, self._models, stopwatch)
        loose = self._look_directly(whole, found)
        if found.complete or stopwatch.expired() or (found.readings and not loose):
            return found.readings
        self._read_boxes(whole, self._boxes(whole.view, CascadeSettings(), stopwatch, found.known()), found, stopwatch)
        if not found.readings:
            self._look_harder(whole, found, stopwatch)
        return found.readings

    def _look_directly(self, whole: _Site, found: _Found) -> bool:
        """Read what shows its finder patterns; tell whether something else may be there."""
        readings, unread, loose = whole.look_directly()
        for reading in readings:
            found.add(reading)
        for candidate in unread:
            if found.complete or whole.late():
                return True
            found.add(whole.read(candidate))
        if not len(loose):
            return False
        inside = inside_quads(loose.mean(1).astype(np.float32), found.known())
        return not bool(inside.all())

    def _look_harder(self, whole: _Site, found: _Found, stopwatch: Stopwatch) -> None:
        """Nothing was read: look at the picture as if it had no shadows, and steeply along it."""
        picture = whole.picture
        height, width = picture.shape[:2]
        for across, down in ((1.0, 1.0), (SQUEEZE, 1.0), (1.0, SQUEEZE)):
            if found.readings or stopwatch.late():
                return
            level = across == down
            with stopwatch.stage("pyramid"):
                scale = min(1.0, CascadeSettings().limit / max(height, width))
                rows, columns = round(height * scale * down), round(width * scale * across)
                if min(rows, columns) < SMALLEST_SYMBOL:  # a strip: nothing that P-Net's window could lie on
                    continue
                seen = _core.area_resize(picture, rows, columns)
                if level:
                    seen = _core.with_light_levelled(seen, LIGHT)
            boxes = self._boxes(seen, CascadeSettings(), stopwatch)
            back = np.array([width / columns, height / rows], np.float32)
            boxes = replace(boxes, boxes=boxes.boxes * np.tile(back, 2), landmarks=boxes.landmarks * back)
            self._read_boxes(whole, boxes, found, stopwatch, patient=False, level=level)

    def _boxes(
        self,
        image: Picture | _core.MipMap,
        settings: CascadeSettings,
        stopwatch: Stopwatch,
        known: FloatArray | None = None,
    ) -> Boxes:
        with stopwatch.stage("pyramid"):
            pyramid = _core.Pyramid(image, settings.limit)
        return detect_boxes(pyramid, self._models, settings, stopwatch, known)

    def _read_boxes(
        self,
        whole: _Site,
        boxes: Boxes,
        found: _Found,
        stopwatch: Stopwatch,
        *,
        patient: bool = True,
        level: bool = False,
    ) -> None:
        """Every box the quick way first, so that what is easy to read is read whatever the rest costs."""
        unread: list[tuple[_Site, DoubleArray]] = []
        for box, landmarks in zip(boxes.boxes, boxes.landmarks, strict=True):
            if found.complete or stopwatch.late():
                return
            square = landmarks[[0, 1, 3, 2]].astype(np.float64)
            around = _around(np.concatenate([square, box.reshape(2, 2)]))
            if found.covers(box) or not _overlaps(around, whole.picture):
                continue
            site = whole.part(around)
            if level:
                site.level_light()
            reading = site.by_landmarks(square, CONFIRMED)
            found.add(reading)
            if reading is None and len(unread) < PATIENT_BOXES:  # each holds its part of the picture
                unread.append((site, square))
        if patient:
            self._read_patiently(unread, found, stopwatch)

    def _read_patiently(self, unread: list[tuple[_Site, DoubleArray]], found: _Found, stopwatch: Stopwatch) -> None:
        """Look at what is left in one way after the other, the cheapest first."""
        ways: tuple[Callable[[_Site, DoubleArray], Reading | None], ...] = (
            lambda site, square: site.by_landmarks(square, UNSURE),
            lambda site, square: site.by_finder_patterns(),
            lambda site, square: site.by_correlation(square, 3.5),
            lambda site, square: site.in_level_light(square),
        )
        for way in ways:
            for site, square in unread[: PATIENT_BOXES_MORE if found.readings else PATIENT_BOXES]:
                if found.complete or stopwatch.late():
                    return
                if not found.covers(site.box):
                    found.add(way(site, square))

    def _record(self, stopwatch: Stopwatch) -> None:
        timings = {name: seconds * 1e3 for name, seconds in stopwatch.seconds.items()}
        timings["total"] = stopwatch.elapsed() * 1e3
        self._last.timings = timings


class _Site:
    """One place of a picture, its pixels in grey and coarser, and what was tried there already."""

    __slots__ = ("_factor", "_models", "_stopwatch", "_tried", "box", "picture", "view")

    def __init__(
        self, picture: Picture, box: FloatArray, models: Models, stopwatch: Stopwatch, shared: _Site | None = None
    ) -> None:
        self.picture = picture
        self.box = box
        self._models = models
        self._stopwatch = stopwatch
        self._tried: list[Candidate] = []
        self._factor = max(1, math.ceil(float(max(box[2] - box[0], box[3] - box[1])) / FINEST))
        if shared is not None and self._factor == shared._factor:
            self.view = shared.view  # the place's pixels would be no finer
            return
        with stopwatch.stage("view"):
            self.view = _core.MipMap(picture, box, self._factor)

    @classmethod
    def of_whole(cls, picture: Picture, models: Models, stopwatch: Stopwatch) -> _Site:
        height, width = picture.shape[:2]
        return cls(picture, np.array([0, 0, width, height], np.float32), models, stopwatch)

    def part(self, box: FloatArray) -> _Site:
        """Return a place within this one, as fine as is worth its time."""
        return _Site(self.picture, box, self._models, self._stopwatch, self)

    def late(self) -> bool:
        return self._stopwatch.late()

    def look_directly(self) -> tuple[list[Reading], list[Candidate], DoubleArray]:
        """Read what shows its finder patterns: readings, candidates that were not read, other finder patterns."""
        with self._stopwatch.stage("direct look"):
            readings, unread, loose = _core.look_directly(self.view, FIRST)
            return (
                [Reading(*reading) for reading in readings],
                [Candidate(*candidate) for candidate in unread],
                loose,
            )

    def by_landmarks(self, square: DoubleArray, least: float) -> Reading | None:
        return self._first("lnet", by_landmarks(self.view, square, self._models.lnet, least))

    def level_light(self) -> None:
        """See the place from now on as if shadows and gleams were not there."""
        with self._stopwatch.stage("view"):
            self.view = self.view.with_light_levelled(LIGHT)
        self._tried.clear()

    def in_level_light(self, square: DoubleArray) -> Reading | None:
        if self._stopwatch.late():
            return None
        self.level_light()
        return self.by_landmarks(square, UNSURE) or self.by_finder_patterns()

    def by_finder_patterns(self) -> Reading | None:
        readings, unread, _ = self.look_directly()
        if readings:
            return readings[0]
        return self._first("direct look", iter(unread))

    def by_correlation(self, square: DoubleArray, inset: float) -> Reading | None:
        return self._first("correlation", by_correlation(self.view, square, inset))

    def read(self, candidate: Candidate) -> Reading | None:
        """Read one candidate unless one all but the same was tried."""
        if any(_alike(candidate, other) for other in self._tried):
            return None
        self._tried.append(candidate)
        return read(self.view, candidate, self._models.densenet, self._stopwatch)

    def _first(self, way: str, candidates: Iterator[Candidate]) -> Reading | None:
        first = True
        while first or not self._stopwatch.late():
            first = False
            with self._stopwatch.stage(way):
                candidate = next(candidates, None)
            if candidate is None:
                break
            reading = self.read(candidate)
            if reading is not None:
                return reading
        return None


def _alike(a: Candidate, b: Candidate) -> bool:
    """Whether two candidates would be read on all but the same grid."""
    if a.size != b.size or a.inverted != b.inverted:
        return False
    corners = a.corners()
    module = np.linalg.norm(corners[1] - corners[0]) / a.size
    return bool(np.abs(corners - b.corners()).max() < SAME * module)


def _around(points: npt.NDArray[Any]) -> FloatArray:
    """Give the box of points and more about it: alignment and quiet zone may lie outside of a rough square."""
    low, high = points.min(0), points.max(0)
    return np.concatenate([low - MORE * (high - low), high + MORE * (high - low)]).astype(np.float32)


def _overlaps(box: FloatArray, picture: Picture) -> bool:
    height, width = picture.shape[:2]
    if min(height, width) < 1:
        return False
    return bool(box[0] < width - 1 and box[1] < height - 1 and box[2] > 1 and box[3] > 1)


@dataclass(slots=True)
class _Found:
    """What has been read so far in one picture."""

    wanted: int | None
    readings: list[Reading] = field(default_factory=list)
    quads: list[FloatArray] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.wanted is not None and len(self.readings) >= self.wanted

    def known(self) -> FloatArray:
        """Outer corners of what was read, Q×4×2."""
        return np.array(self.quads, np.float32).reshape(-1, 4, 2)

    def covers(self, box: FloatArray) -> bool:
        """Whether the centre of a box lies in a symbol that was read: a code nested in a code is none."""
        centre = (box[None, :2] + box[None, 2:]) / np.float32(2)
        return bool(inside_quads(centre, self.known())[0])

    def add(self, reading: Reading | None) -> None:
        if reading is None:
            return
        quad = reading.quad()
        others = self.known()
        if inside_quads(quad.mean(0)[None], others)[0] or inside_quads(others.mean(1), quad[None]).any():
            return
        self.readings.append(reading)
        self.quads.append(quad)


def _symbol(reading: Reading) -> Symbol:
    return symbol_from_record(
        reading.record, quad=reading.quad(), landmarks=reading.landmarks(), inverted=reading.inverted
    )


def _reading_order(symbol: Symbol) -> tuple[float, float]:
    assert symbol.quad is not None
    x, y = symbol.quad.mean(0)
    return float(y), float(x)


def _whole(name: str, value: int, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ArgumentTypeError(f"{name} must be a whole number of at least {least}, got {value!r}")
    if value < least:
        raise InvalidArgumentError(f"{name} must be a whole number of at least {least}, got {value}")
    return int(value)


def _positive(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ArgumentTypeError(f"{name} must be a number above 0, got {value!r}")
    if not 0 < value < float("inf"):
        raise InvalidArgumentError(f"{name} must be a finite number above 0, got {value}")
    return float(value)


def _checked_quad(quad: npt.ArrayLike) -> npt.NDArray[np.float64]:
    try:
        corners = np.asarray(quad, np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"quad must be an array of 4 points (x, y), got {quad!r}") from error
    if corners.shape != (4, 2):
        raise InvalidArgumentError(f"quad must have shape (4, 2), got {corners.shape}")
    if not np.isfinite(corners).all():
        raise InvalidArgumentError("quad must hold finite coordinates, got NaN or infinity")
    if np.abs(corners).max() > FARTHEST:
        raise InvalidArgumentError(f"quad must lie within {FARTHEST:.0e} pixels, got {np.abs(corners).max():g}")
    ahead, after = np.roll(corners, -1, 0) - corners, np.roll(corners, -2, 0) - np.roll(corners, -1, 0)
    turns = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    if not ((turns > 0).all() or (turns < 0).all()):
        raise InvalidArgumentError(
            f"quad must be a convex quadrilateral with its corners in order, got {corners.tolist()}"
        )
    return corners if turns[0] > 0 else corners[::-1].copy()
