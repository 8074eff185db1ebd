"""The scanner: the one place that knows every stage, from a picture to its symbols."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from . import _core
from .cascade import Boxes, CascadeSettings, Detection, detect_boxes
from .errors import ArgumentTypeError, InvalidArgumentError
from .models import load_models
from .pictures import ImageLike, Picture, load_picture
from .reading import Candidate, Reading, candidates_from_finders, corners_in_square, read, straighten
from .stopwatch import Stopwatch
from .symbol import Symbol, symbol_from_record

__all__ = ["Scanner"]

FloatArray = npt.NDArray[np.float32]

SMALLEST_SYMBOL = 21  # modules; below one pixel a module nothing can be read
MANY = 6  # codes read in the first round from which a second, finer one is worth its time: pictures of sixty codes
SCORE = 0.35  # mean correlation of finder and timing patterns below which no candidate ever decoded
PATIENCE_MS = 400.0  # the search for what the first round missed ends here, so that no picture takes a second
QUAD_CANDIDATES = 6


class Scanner:
    """Finds and reads the QR codes of pictures; make one and keep it.

    Parameters
    ----------
    threads : int, default 1
        Threads that one network call may use, and pictures that `decode_many` works on at a time.
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
        self._models = load_models(models, threads=threads, providers=providers)
        self._last = threading.local()

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
        stopwatch = Stopwatch(self._budget_ms)
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
        stopwatch = Stopwatch(self._budget_ms)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        found: list[Detection] = []
        if min(picture.shape[:2]) >= SMALLEST_SYMBOL:
            boxes = self._boxes(picture, CascadeSettings(), stopwatch)
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
        stopwatch = Stopwatch(self._budget_ms)
        with stopwatch.stage("load"):
            picture = load_picture(image)
        corners = _checked_quad(quad)
        reading = None
        if min(picture.shape[:2]) > 0:
            reading = read(picture, self._candidates_in_quad(picture, corners, stopwatch), self._models, stopwatch)
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
            for image in images:
                yield self.decode(image)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            yield from pool.map(self.decode, images)

    # The search ------------------------------------------------------------------------------------------------

    def _search(self, picture: Picture, stopwatch: Stopwatch) -> list[Reading]:
        found = _Found(self._max_symbols)
        if min(picture.shape[:2]) < SMALLEST_SYMBOL:
            return found.readings
        boxes = self._boxes(picture, CascadeSettings(), stopwatch)
        self._read_boxes(picture, boxes, found, stopwatch)
        if found.complete or stopwatch.expired():
            return found.readings
        if len(found.readings) >= MANY:
            finer = CascadeSettings(limit=1200, top=120, proposals=600, candidates=300)
            boxes = self._boxes(picture, finer, stopwatch)
            self._read_boxes(picture, boxes, found, stopwatch)
        elif not found.readings:
            self._look_closer(picture, boxes, found, stopwatch)
        return found.readings

    def _boxes(self, picture: Picture, settings: CascadeSettings, stopwatch: Stopwatch) -> Boxes:
        # A code of min_size pixels has to fill P-Net's window of 12 pixels, give or take a level.
        finest = max(picture.shape[:2]) * 12.0 / self._min_size
        settings = replace(settings, limit=max(32, min(settings.limit, int(finest))))
        with stopwatch.stage("pyramid"):
            pyramid = _core.Pyramid(picture, settings.limit)
        return detect_boxes(pyramid, self._models, settings, stopwatch)

    def _read_boxes(self, picture: Picture, boxes: Boxes, found: _Found, stopwatch: Stopwatch) -> None:
        if not len(boxes):
            return
        with stopwatch.stage("lnet"):
            squares = boxes.landmarks[:, [0, 1, 3, 2]].astype(np.float64)
            finders, corners = straighten(picture, squares, self._models)
        for i in range(len(boxes)):
            if found.complete or stopwatch.expired():
                return
            if found.covers(boxes.boxes[i]):
                continue
            candidates = self._refined(picture, corners_in_square(finders[i], corners[i]), stopwatch)
            found.add(read(picture, candidates, self._models, stopwatch))

    def _look_closer(self, picture: Picture, boxes: Boxes, found: _Found, stopwatch: Stopwatch) -> None:
        """Search finder patterns in the pixels: in each box that was not read, then in the whole picture."""
        height, width = picture.shape[:2]
        regions = [*boxes.boxes[:8], np.array([0, 0, width, height], np.float32)]
        for region in regions:
            if found.complete or stopwatch.expired() or stopwatch.elapsed() * 1e3 > PATIENCE_MS:
                return
            with stopwatch.stage("finder search"):
                patterns = _core.find_finder_patterns(picture, region)
                triples = _core.finder_triples(*patterns, 4)
                corners = [_core.corners_for_triple(patterns[0], patterns[1], triple) for triple in triples]
            found.add(read(picture, self._refined(picture, corners, stopwatch), self._models, stopwatch))

    def _refined(
        self, picture: Picture, corners: Iterable[npt.NDArray[np.float64]], stopwatch: Stopwatch
    ) -> list[Candidate]:
        with stopwatch.stage("refine"):
            candidates = [c for turn in corners for c in candidates_from_finders(picture, turn)]
        return sorted((c for c in candidates if c.score > SCORE), key=lambda c: -c.score)[:4]

    def _candidates_in_quad(
        self, picture: Picture, quad: npt.NDArray[np.float64], stopwatch: Stopwatch
    ) -> list[Candidate]:
        with stopwatch.stage("refine"):
            ranked = []
            for turn in range(4):
                corners = np.roll(quad, -turn, axis=0)
                for size in range(21, 178, 4):
                    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float64)
                    homography = _core.homography(square, corners)
                    ranked.append((abs(_core.pattern_score(picture, homography, size)), size, homography))
            ranked.sort(key=lambda item: -item[0])
            candidates = []
            for _, size, homography in ranked[:QUAD_CANDIDATES]:
                refined, score, polarity = _core.refine_homography(picture, homography, size)
                candidates.append(Candidate(refined, size, float(score), polarity < 0))
        return sorted(candidates, key=lambda c: -c.score)

    def _record(self, stopwatch: Stopwatch) -> None:
        timings = {name: seconds * 1e3 for name, seconds in stopwatch.seconds.items()}
        timings["total"] = stopwatch.elapsed() * 1e3
        self._last.timings = timings


@dataclass(slots=True)
class _Found:
    """What has been read so far in one picture."""

    wanted: int | None
    readings: list[Reading] = field(default_factory=list)
    quads: list[FloatArray] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.wanted is not None and len(self.readings) >= self.wanted

    def covers(self, box: FloatArray) -> bool:
        """Whether the centre of a box lies in a symbol that was read: a code nested in a code is none."""
        centre = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
        return any(_inside(quad, centre) for quad in self.quads)

    def add(self, reading: Reading | None) -> None:
        if reading is None:
            return
        quad = reading.quad()
        centre = quad.mean(0)
        if any(_inside(other, centre) or _inside(quad, other.mean(0)) for other in self.quads):
            return
        self.readings.append(reading)
        self.quads.append(quad)


def _inside(quad: FloatArray, point: Sequence[float] | FloatArray) -> bool:
    return cv2.pointPolygonTest(quad.reshape(-1, 1, 2), (float(point[0]), float(point[1])), False) >= 0


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
    ahead, after = np.roll(corners, -1, 0) - corners, np.roll(corners, -2, 0) - np.roll(corners, -1, 0)
    turns = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    if not ((turns > 0).all() or (turns < 0).all()):
        raise InvalidArgumentError(f"quad must be a convex quadrilateral with its corners in order, got {corners.tolist()}")
    return corners if turns[0] > 0 else corners[::-1].copy()
