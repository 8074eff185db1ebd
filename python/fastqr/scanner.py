"""The scanner: the one place that knows every stage, from a picture to its symbols."""

from __future__ import annotations

import copy
import functools
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from . import _core, costs
from ._core import SymbolReading as Reading
from .cascade import COARSE, Boxes, CascadeSettings, Detection, detect_boxes
from .errors import ArgumentTypeError, InvalidArgumentError
from .models import load_models
from .pictures import ImageLike, Picture, load_picture
from .sites import CONFIRMED, DOUBTED, LIGHT, UNSURE, Found, Site, around_points, overlaps
from .stopwatch import Stopwatch
from .symbol import Symbol, symbol_from_record

__all__ = ["Scanner"]

DoubleArray = npt.NDArray[np.float64]
Unread = tuple[Site, DoubleArray]  # a place, and the square of its landmarks, 4x2

SMALLEST_SYMBOL = 21  # modules; below one pixel a module nothing can be read
PATIENCE = 30.0  # ms as `costs` counts them, after which what costs much and seldom reads anything is not begun
ROOM = 0.1  # share of a picture beyond which its codes leave no room for others that matter
GLANCE = CascadeSettings(top=6, proposals=24, candidates=6, o_threshold=0.8)  # where all that was seen is read
LEVELLED = CascadeSettings(o_threshold=0.5)  # in level light texture looks more like codes, and codes more so
LIKELIEST = 3  # boxes of the coarse levels that are looked at with patience before all levels
PATIENT_BOXES = 8  # boxes that were not read at once and are looked at in every way
PATIENT_BOXES_MORE = 3  # where other codes of the picture were read: most other boxes are none then
LIKELY = 0.8  # O-Net's score of a box that is worth patience: texture's boxes seldom have it
UNLIKELY_BOXES = 3  # boxes of less that are looked at all the same
MOST_THREADS = 1024  # each network makes as many
FARTHEST = 1e6  # pixels from the picture's corner in which a quad may lie: no picture is as large
READ_AHEAD = 2  # pictures a thread that are taken before the consumer has asked for them


class Scanner:
    """Finds and reads the QR codes of pictures; make one and keep it.

    Parameters
    ----------
    threads : int, default 1
        Threads that one network call may use, at most 1024; in `decode_many` pictures at a time, with one thread a
        call.
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
    One scanner may be called from many threads at once. A picture gives the same result each time, however slow or busy
    the machine is, unless `budget_ms` ends the search. A pickled one is made anew from its options where it is
    unpickled, so its networks have to be there too.

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
        self._threads = _whole("threads", threads, 1, MOST_THREADS)
        self._min_size = _positive("min_size", min_size)
        self._max_symbols = None if max_symbols is None else _whole("max_symbols", max_symbols, 1)
        self._budget_ms = None if budget_ms is None else _positive("budget_ms", budget_ms)
        self._load = functools.partial(load_models, models, providers=providers)
        self._models = self._load(threads=self._threads)
        self._models_of_one_thread = self._models if self._threads == 1 else None
        self._last = threading.local()

    def __reduce__(self) -> tuple[Callable[[], Scanner], tuple[()]]:
        options = {
            **self._load.keywords,
            "models": self._load.args[0],
            "threads": self._threads,
            "min_size": self._min_size,
            "max_symbols": self._max_symbols,
            "budget_ms": self._budget_ms,
        }
        return functools.partial(type(self), **options), ()

    def __copy__(self) -> Scanner:
        """Share the networks, which a copy by way of the options would load again."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

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
        stopwatch = Stopwatch(self._budget_ms, PATIENCE)
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
        stopwatch = Stopwatch(self._budget_ms, PATIENCE)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        found: list[Detection] = []
        if min(picture.shape[:2]) >= SMALLEST_SYMBOL:
            with stopwatch.stage("pyramid"):
                pyramid = _core.Pyramid(picture, self._finest(picture))
            boxes = detect_boxes(pyramid, self._models, CascadeSettings(), stopwatch)
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
        stopwatch = Stopwatch(self._budget_ms, PATIENCE)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        corners = _checked_quad(quad)
        reading = None
        box = around_points(corners)
        if overlaps(box, picture):
            site = Site(picture, box, self._models, stopwatch)
            reading = (
                site.by_landmarks(corners, UNSURE) or site.by_correlation(corners, 0.0) or site.by_finder_patterns()
            )
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
        found = Found(self._max_symbols)
        if min(picture.shape[:2]) < SMALLEST_SYMBOL:
            return found.readings
        whole = Site.of_whole(picture, self._models, stopwatch)
        if stopwatch.expired():
            return found.readings
        loose = whole.look_directly(found)
        if found.complete or stopwatch.expired():
            return found.readings
        if found.explains(loose) and not self._glance(whole, found, stopwatch):
            return found.readings
        unread = self._detect(whole, whole.view, COARSE, CascadeSettings(), found, stopwatch)
        whole.look_patiently(found)
        if not found.readings:
            self._read_patiently(unread[:LIKELIEST], found, stopwatch, self._WAYS[:1])
        if not (found.complete or found.explains(loose) or stopwatch.late()):
            with stopwatch.stage("view", costs.LEVELLED_PIXEL * whole.pixels):
                view = whole.view.with_light_levelled(LIGHT)
            unread += self._detect(whole, view, LEVELLED.limit, LEVELLED, found, stopwatch, level=True)
        self._read_patiently(unread, found, stopwatch)
        return found.readings

    def _glance(self, whole: Site, found: Found, stopwatch: Stopwatch) -> bool:
        """Tell whether a picture whose finder patterns are all explained has another code, and read it.

        The coarse levels of a large picture may show a code that lost a finder pattern; a small one has no room for it,
        nor one that its codes fill. Where there is one, there may be more.
        """
        if whole.factor == 1 or found.fill(whole.picture, ROOM):
            return False
        before = len(found.readings)
        self._read_patiently(self._detect(whole, whole.view, COARSE, GLANCE, found, stopwatch), found, stopwatch)
        return len(found.readings) > before

    def _detect(
        self,
        whole: Site,
        view: _core.MipMap,
        limit: int,
        settings: CascadeSettings,
        found: Found,
        stopwatch: Stopwatch,
        *,
        level: bool = False,
    ) -> list[Unread]:
        """Run the cascade on levels of a view of up to a long side, and read each box the quick way."""
        with stopwatch.stage("pyramid"):
            pyramid = _core.Pyramid(view, min(limit, self._finest(whole.picture)))
        boxes = detect_boxes(pyramid, self._models, settings, stopwatch, found.quads)
        return self._read_boxes(whole, boxes, found, stopwatch, level=level)

    def _finest(self, picture: Picture) -> int:
        """Long side of the finest level: a code of min_size pixels fills P-Net's window of 12, give or take a level."""
        return max(32, int(min(CascadeSettings().limit, max(picture.shape[:2]) * 12.0 / self._min_size)))

    def _read_boxes(
        self, whole: Site, boxes: Boxes, found: Found, stopwatch: Stopwatch, *, level: bool
    ) -> list[Unread]:
        """Every box the quick way, so that what is easy to read is read whatever the rest costs; return the others."""
        unread: list[Unread] = []
        worth = int((boxes.scores > LIKELY).sum()) + UNLIKELY_BOXES
        for box, score, landmarks in itertools.islice(
            zip(boxes.boxes, boxes.scores, boxes.landmarks, strict=True), worth
        ):
            if found.complete or stopwatch.late():
                break
            square = landmarks[[0, 1, 3, 2]].astype(np.float64)
            around = around_points(np.concatenate([square, box.reshape(2, 2)]))
            if found.covers(box) or not overlaps(around, whole.picture):
                continue
            site = whole.part(around)
            if level:
                site.level_light()
            reading = site.by_landmarks(square, CONFIRMED)
            found.add(reading)
            if reading is None and score > LIKELY and site.shows_finders(DOUBTED):
                unread.append((site, square))
        return unread

    _WAYS: tuple[Callable[[Site, DoubleArray], Reading | None], ...] = (
        lambda site, square: site.by_landmarks(square, UNSURE),
        lambda site, square: site.by_finder_patterns(),
        lambda site, square: site.in_level_light(square),
        lambda site, square: site.by_correlation(square, 3.5) if site.shows_finders(CONFIRMED) else None,
    )

    def _read_patiently(
        self,
        unread: list[Unread],
        found: Found,
        stopwatch: Stopwatch,
        ways: tuple[Callable[[Site, DoubleArray], Reading | None], ...] = _WAYS,
    ) -> None:
        """Look at what is left in one way after the other, the cheapest first; where others were read only in it."""
        for number, way in enumerate(ways):
            if number > 0 and found.readings:
                return
            for site, square in unread[: PATIENT_BOXES_MORE if found.readings else PATIENT_BOXES]:
                if found.complete or stopwatch.late():
                    return
                if not found.covers(site.box):
                    found.add(way(site, square))

    def _record(self, stopwatch: Stopwatch) -> None:
        timings = {name: seconds * 1e3 for name, seconds in stopwatch.seconds.items()}
        timings["total"] = stopwatch.elapsed() * 1e3
        self._last.timings = timings


def _symbol(reading: Reading) -> Symbol:
    return symbol_from_record(reading.record, quad=reading.quad, landmarks=reading.landmarks, inverted=reading.inverted)


def _reading_order(symbol: Symbol) -> tuple[float, float]:
    assert symbol.quad is not None
    x, y = symbol.quad.mean(0)
    return float(y), float(x)


def _whole(name: str, value: int, least: int, most: int | None = None) -> int:
    accepted = f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}"
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ArgumentTypeError(f"{name} must be {accepted}, got {value!r}")
    if value < least or (most is not None and value > most):
        raise InvalidArgumentError(f"{name} must be {accepted}, got {value}")
    return int(value)


def _positive(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ArgumentTypeError(f"{name} must be a number above 0, got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond all others
        number = float("inf")
    if not 0 < number < float("inf"):
        raise InvalidArgumentError(f"{name} must be a finite number above 0, got {value}")
    return number


def _checked_quad(quad: npt.ArrayLike) -> npt.NDArray[np.float64]:
    try:
        given = np.asarray(quad)
        corners = given.astype(np.float64, casting="unsafe" if given.dtype.kind == "O" else "same_kind")
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentTypeError(f"quad must be an array of 4 points (x, y), got {quad!r:.100}") from error
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
