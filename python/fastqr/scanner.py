"""The scanner: the one place that knows every stage, from a picture to its symbols."""

from __future__ import annotations

import copy
import dataclasses
import functools
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from ._core import FinderSearch, nms, search_finder_patterns
from .cascade import Detection
from .errors import ArgumentTypeError, InvalidArgumentError, InvalidImageError
from .lazy_models import CPU, LazyModels
from .many import OnError, in_order, several
from .options import Effort
from .pictures import MAX_BYTES, ImageLike, Picture, load_picture
from .results import ENDLESS, Results
from .search import (
    DETECT_PLAN,
    PLAN,
    QUAD_PLAN,
    Place,
    Search,
    Step,
    around,
    leaves_nothing,
    overlaps,
    run,
    worth_searching_again,
    worth_searching_blanks,
)
from .settings import EFFORTS, METHODS, Settings
from .symbol import Symbol, symbol_from_record
from .text import checked_encodings
from .trace import Trace

__all__ = ["Scanner"]

SMALLEST_SYMBOL = 21  # modules; below one pixel a module nothing can be read
MOST_THREADS = 1024  # each network makes as many
FARTHEST = 1e6  # pixels from the picture's corner in which a quad may lie: no picture is as large
SAME_BOX = 0.5  # intersection over union from which two boxes show one code


class Scanner:
    """Finds and reads the QR codes of pictures; make one and keep it.

    Parameters
    ----------
    effort : {"balanced", "quick", "thorough"}
        How far a search goes: "quick" reads what shows its finder patterns, without a network; "balanced" adds the
        networks where something is unexplained; "thorough" leaves no place and no method out, and may take a second.
    methods : collection of {"finder_patterns", "networks"}, default both
        How codes are looked for: the networks alone find and read codes without a search for finder patterns, and
        finder patterns alone are read by grey values. One of them shows what the other is for.
    threads : int, default 1
        Threads that one network call may use, at most 1024; in `decode_many` pictures at a time, with one thread a
        call.
    min_size : float, default 21
        Smallest side of a code in pixels that the networks look for; a larger one saves time. At 21 the smallest
        symbol has one pixel a module, below which none is read.
    max_symbols : int, optional
        Stop after so many symbols.
    budget_ms : float, optional
        Stop the search after so many milliseconds and return what was read.
    max_bytes : int, default 2**30
        Memory that reading and decoding a file, or converting a PIL image, may take; a larger one is an
        `InvalidImageError`, raised on what its header says and before that memory is taken.
    encodings : sequence of str, optional
        Character sets to expect, by Python's names, where a symbol names none: those that decode its bytes are weighed,
        UTF-8 first. Where none does, and by default, it is the likeliest of all sets in use.
    providers : sequence of str
        ONNX Runtime's execution providers, best first.
    models : path, optional
        A folder of networks to use instead of the shipped ones.
    preload : bool, default False
        Load the networks at once and not when a picture first needs them, as `warm_up` does. Networks whose `providers`
        or `models` are given are loaded at once in any case, so that a mistake is told where it was made.
    settings : Settings, optional
        Values of the search and its stages other than the usual ones, for studies; see `fastqr.settings`.

    Raises
    ------
    InvalidArgumentError, ArgumentTypeError
        An option's value or type is not accepted.
    ModelError
        A network's file is missing or damaged. Where networks are not loaded at once, the call that needs them says so.

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
        effort: Effort = "balanced",
        methods: Collection[str] = METHODS,
        threads: int = 1,
        min_size: float = 21.0,
        max_symbols: int | None = None,
        budget_ms: float | None = None,
        max_bytes: int = MAX_BYTES,
        encodings: Sequence[str] = (),
        providers: Sequence[str] = CPU,
        models: str | os.PathLike[str] | None = None,
        preload: bool = False,
        settings: Settings | None = None,
    ) -> None:
        self._effort = _among("effort", effort, EFFORTS)
        self._methods = _some_of("methods", methods, METHODS)
        self._threads = _whole("threads", threads, 1, MOST_THREADS)
        self._min_size = _positive("min_size", min_size)
        self._max_symbols = None if max_symbols is None else _whole("max_symbols", max_symbols, 1)
        self._budget_ms = None if budget_ms is None else _positive("budget_ms", budget_ms)
        self._max_bytes = _whole("max_bytes", max_bytes, 1)
        self._encodings = checked_encodings(encodings)
        self._networks = LazyModels(models, threads=self._threads, providers=providers)
        self._networks_of_one_thread = self._networks.of_one_thread()
        self._preload = _yes_or_no("preload", preload)
        self._settings = copy.deepcopy(settings) or Settings()
        self._stages = self._settings.stages()
        self._last = threading.local()
        if preload or not self._networks.are_shipped:
            self.warm_up()

    def __reduce__(self) -> tuple[Callable[[], Scanner], tuple[()]]:
        options: dict[str, Any] = {
            "models": self._networks.folder,
            "providers": self._networks.providers,
            "effort": self._effort,
            "methods": self._methods,
            "threads": self._threads,
            "min_size": self._min_size,
            "max_symbols": self._max_symbols,
            "budget_ms": self._budget_ms,
            "max_bytes": self._max_bytes,
            "encodings": self._encodings,
            "preload": self._preload,
            "settings": self._settings,
        }
        return functools.partial(type(self), **options), ()

    def __copy__(self) -> Scanner:
        """Share the networks, which a copy by way of the options would load again."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def warm_up(self) -> None:
        """Load the networks now, so that the first picture that needs them does not wait some 50 ms for them.

        Raises
        ------
        ModelError
            A network's file is missing or damaged.
        MissingLibraryError
            ONNX Runtime cannot be loaded.
        """
        self._networks()

    @property
    def effort(self) -> str:
        """How far a search goes."""
        return self._effort

    @property
    def settings(self) -> Settings:
        """Values of the search and its stages."""
        return self._settings

    @property
    def methods(self) -> tuple[str, ...]:
        """What it searches by."""
        return self._methods

    @property
    def min_size(self) -> float:
        """Smallest side of a code in pixels that is looked for."""
        return self._min_size

    @property
    def max_symbols(self) -> int | None:
        """How many symbols end a search, where that is limited."""
        return self._max_symbols

    @property
    def max_bytes(self) -> int:
        """Memory that reading and decoding a file may take."""
        return self._max_bytes

    @property
    def timings(self) -> dict[str, float]:
        """Milliseconds that each stage of this thread's last call took, and their ``"total"``."""
        return dict(getattr(self._last, "timings", {}))

    def decode(self, image: ImageLike) -> list[Symbol]:
        """Read every code of a picture.

        Parameters
        ----------
        image : array, PIL.Image.Image, path, bytes, open file or data URL
            uint8, (height, width) grey or (height, width, 3) BGR, any strides, is taken as it is; other arrays are
            converted (`fastqr.arrays`).

        Returns
        -------
        list of Symbol
            Top to bottom, then left to right; empty where nothing is read.

        Raises
        ------
        InvalidImageError, ArgumentTypeError
            The picture cannot be read, or is not of an accepted kind.
        """
        start = time.perf_counter()
        picture = load_picture(image, max_bytes=self._max_bytes)
        loaded = time.perf_counter()
        found = self._first_step(picture)
        stages = {"load": (loaded - start) * 1e3}
        if found is not None:
            stages["finder patterns"] = (time.perf_counter() - loaded) * 1e3
            if self._effort == "quick" or leaves_nothing(found, picture, self._settings.search):
                self._last.timings = {**stages, "total": (time.perf_counter() - loaded) * 1e3}
                return [symbol_from_record(record, self._encodings) for record in found.records]
        search = self._search_of(picture, Results(self._max_symbols), found, loaded)
        search.trace.stages.update(stages)
        if min(picture.shape[:2]) >= SMALLEST_SYMBOL:
            run(search, PLAN)
        return self._symbols(search)

    def explain(self, image: ImageLike) -> Trace:
        """Say what `decode` does with a picture: every step, what it looked at, what became of it and what it cost.

        Parameters
        ----------
        image : picture
            As for `decode`.

        Returns
        -------
        Trace
            ``print(trace)`` is an account in words, ``trace.to_dict()`` one in plain values, ``trace.draw(image)``
            gives pictures of what was seen.
        """
        return self._searched(image, PLAN, detail=True).trace

    def detect(self, image: ImageLike) -> list[Detection]:
        """Run the cascade alone, on what `decode` lets it look at: where codes may be, read or not, best first.

        Parameters
        ----------
        image : picture
            As for `decode`.

        Returns
        -------
        list of Detection
        """
        found = self._searched(image, DETECT_PLAN).detections
        if not found:
            return []
        boxes, scores = np.stack([d.box for d in found]), np.array([d.score for d in found], np.float32)
        return [found[i] for i in nms(boxes, scores, SAME_BOX, "union")]

    def decode_quad(self, image: ImageLike, quad: npt.ArrayLike) -> Symbol | None:
        """Read the one code whose corners the caller knows.

        Parameters
        ----------
        image : picture
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
        corners = _checked_quad(quad)
        search = self._search(image, 1)
        box = around(corners, search.settings.margin)
        if overlaps(box, search.picture):
            place = Place(box, 1.0, corners, inset=0.0)
            run(search, [dataclasses.replace(step, places=lambda _: [place]) for step in QUAD_PLAN])
        symbols = self._symbols(search)
        return symbols[0] if symbols else None

    @overload
    def decode_many(
        self, images: Iterable[ImageLike], *, on_error: Literal["raise"] = "raise"
    ) -> Iterator[list[Symbol]]: ...

    @overload
    def decode_many(
        self, images: Iterable[ImageLike], *, on_error: Literal["return"]
    ) -> Iterator[list[Symbol] | InvalidImageError | ArgumentTypeError]: ...

    def decode_many(
        self, images: Iterable[ImageLike], *, on_error: OnError = "raise"
    ) -> Iterator[list[Symbol] | InvalidImageError | ArgumentTypeError]:
        """Read pictures one after the other, `threads` of them at a time, results in the order of the pictures.

        Parameters
        ----------
        images : iterable of pictures
            Each as for `decode`; also an array of four dimensions, the first of which counts pictures. A few are taken
            ahead of what was asked for.
        on_error : {"raise", "return"}
            What becomes of a picture that cannot be read: its error is raised in its turn, which ends the series, or
            given in its place. Other errors, as of a network's file, are raised in any case.

        Returns
        -------
        iterator of list of Symbol
            With `on_error` "return" also of `InvalidImageError` and `ArgumentTypeError`.

        Raises
        ------
        ArgumentTypeError, InvalidArgumentError
            `images` is one picture, or `on_error` is not accepted.
        """
        pictures = several(images, on_error)
        scanner = self if self._threads == 1 else self._with_one_thread_a_call()
        return in_order(scanner.decode, pictures, self._threads, on_error)

    def _with_one_thread_a_call(self) -> Scanner:
        """Return this scanner with networks of one thread: pictures side by side keep every core busy already."""
        other = copy.copy(self)
        other._networks = self._networks_of_one_thread
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

    def _search(self, image: ImageLike, wanted: int | None) -> Search:
        """Load a picture and begin a search of it."""
        start = time.perf_counter()
        picture = load_picture(image, max_bytes=self._max_bytes)
        search = self._search_of(picture, Results(wanted))
        search.trace.stages["load"] = (time.perf_counter() - start) * 1e3
        return search

    def _first_step(self, picture: Picture) -> FinderSearch | None:
        """Take the first step of `PLAN` before there is a search, unless a search has to begin otherwise.

        Most pictures are clean and need no second step: to make a search of one takes as long as the step itself.
        """
        height, width = picture.shape[:2]
        plain = self._effort != "thorough" and "finder_patterns" in self._methods and self._budget_ms is None
        if not plain or min(height, width) < SMALLEST_SYMBOL:
            return None
        settings = self._settings.search
        return search_finder_patterns(
            picture,
            min(self._max_symbols or ENDLESS, ENDLESS),
            settings.samples + settings.samples_a_pixel * height * width,
            float("inf"),
            worth_searching_again(self._effort, height * width, settings),
            self._stages,
            worth_searching_blanks(self._effort, self._methods),
        )

    def _search_of(
        self, picture: Picture, results: Results, found: FinderSearch | None = None, started: float | None = None
    ) -> Search:
        """Begin a search of a picture that is loaded, or go on with one after its first step."""
        return Search(
            picture,
            self._networks,
            results=results,
            effort=self._effort,
            methods=self._methods,
            min_size=self._min_size,
            budget_ms=self._budget_ms,
            settings=self._settings,
            stages=self._stages,
            found=found,
            started=started,
        )

    def _searched(self, image: ImageLike, plan: Iterable[Step], *, detail: bool = False) -> Search:
        """Search a picture by a plan; one too small for any symbol is not searched."""
        search = self._search(image, self._max_symbols)
        search.trace.detail, search.trace.shape = detail, search.picture.shape[:2]
        if min(search.picture.shape[:2]) >= SMALLEST_SYMBOL:
            run(search, plan)
        self._record(search)
        return search

    def _symbols(self, search: Search) -> list[Symbol]:
        """Give what a search has read, in reading order."""
        self._record(search)
        readings = search.results.in_reading_order()
        return [symbol_from_record(reading.record, self._encodings) for reading in readings]

    def _record(self, search: Search) -> None:
        self._last.timings = {**search.trace.stages, "total": search.account.elapsed_ms()}


def _among(name: str, value: str, accepted: Sequence[str]) -> str:
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be one of {', '.join(accepted)}, got {value!r}")
    if value not in accepted:
        raise InvalidArgumentError(f"{name} must be one of {', '.join(accepted)}, got {value!r}")
    return value


def _some_of(name: str, values: Collection[str], accepted: Sequence[str]) -> tuple[str, ...]:
    """Give those of the accepted values that are among some."""
    listed = ", ".join(repr(value) for value in accepted)
    if isinstance(values, str) or not isinstance(values, Collection):
        raise ArgumentTypeError(f"{name} must be a collection of some of {listed}, got {values!r}")
    unknown = [value for value in values if value not in accepted]
    if unknown or not values:
        raise InvalidArgumentError(f"{name} must be some of {listed}, got {unknown[0] if unknown else 'none'!r}")
    return tuple(value for value in accepted if value in values)


def _yes_or_no(name: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise ArgumentTypeError(f"{name} must be True or False, got {value!r}")
    return value


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
