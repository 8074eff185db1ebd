"""The search: one plan of steps, one loop over it, one memory of what was tried, one trace of what was seen.

A step says what it looks at, how, and when that is worth its cost. The loop in `run` is the only control flow;
`PLAN`, `DETECT_PLAN` and `QUAD_PLAN` are all the policy there is.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core
from ._core import SymbolReading, SymbolRecord
from .account import Account
from .candidates import Candidate, by_correlation, by_landmarks, by_pairs, seeming_size, straighten
from .cascade import WINDOW, CascadeBoxes, CascadeSettings, Detection, changed, detect_boxes, next_boxes
from .pictures import Picture
from .reading import attempt_by_levels, read
from .results import ENDLESS, Results
from .settings import EFFORTS, METHODS, SearchSettings, Settings
from .trace import Trace, same_place

if TYPE_CHECKING:
    from .models import Models

__all__ = ["DETECT_PLAN", "PLAN", "QUAD_PLAN", "Place", "Search", "Step", "around", "run"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]
Effort = Literal["quick", "thorough"]
Light = Literal["plain", "even", "deep"]
Smallest = Literal["coarse", "fine", "any"]  # code that a cascade looks for
Look = Callable[["Search", "Place"], None]

REACH = 8  # sides of a finder pattern about its centre: symbols of up to 56 modules lie within it
ALIKE = 2.0  # times as large as one another, at most: finder patterns whose symbols the cascade sees in one look
SMALLEST = 21  # modules along a symbol's side; and pixels of a squeezed picture's, at least
LEAST_SIDE = 3  # sides of a finder pattern along a symbol's side, at least: 21 modules
REGISTRATION_SAMPLES = 5e4  # grey values visited to register a grid, and to sample it
CORRELATION_SAMPLES = 1e6  # the same for all turns and sizes of a square
EVEN_SAMPLES = 0.6  # the same to even the illumination of a view, a pixel
EVEN_SIDE = 900.0  # pixels of such a view's longer side, at most
DEEP = np.array([round(255 * (v / 255) ** 2) for v in range(256)], np.uint8)  # a curve that draws light tones apart
FINDERS_SHARE = 0.5  # of the work that finder patterns in vain may take from what comes after them
ROUNDS = 3  # of L-Net at the corners of a square whose finder patterns may be small: the second has most, a third some
CHECKED = 2**0.5  # times the first cascade's least code that of a check: 91 blurred codes of 240 were read, 93 without
LIKELIEST = 2  # grids of one square that are kept to be read
UNSTRETCHED = np.ones(2, np.float32)
WIDE = {"proposals": 300, "candidates": 40, "r_threshold": 0.05, "sure": 0.2}  # of the cascade where time is no matter


@dataclass(slots=True, eq=False)
class Place:
    """Somewhere in the picture that may hold a symbol.

    Attributes
    ----------
    box : ndarray of float32, shape (4,)
        x1, y1, x2, y2 of what is seen of it.
    square : ndarray of float64, shape (4, 2), or None
        Its landmarks' square: three finder patterns' centres and the fourth point, in any turn, clockwise.
    inset : float
        Modules that the square lies inside the symbol's outer corners.
    score : float
        O-Net's probability of a code, or the correlation of its function patterns.
    candidate : Candidate or None
        The grid that finder patterns gave.
    light : {"plain", "even", "deep"}
        The light that it was found in: as it is, in even illumination, or with light tones drawn apart.
    """

    box: FloatArray
    score: float
    square: DoubleArray | None = None
    inset: float = 3.5
    candidate: Candidate | None = None
    light: Light = "plain"
    views: dict[Light, _core.MipMap] = field(default_factory=dict)
    seen: dict[Light, _core.SeenCorners] = field(default_factory=dict)  # what L-Net saw at its corners, likewise
    tried: set[Look] = field(default_factory=set)
    _quad: FloatArray | None = None

    @property
    def quad(self) -> FloatArray:
        """Corners of the place, for the trace."""
        if self._quad is None:
            if self.candidate is not None:
                self._quad = self.candidate.corners().astype(np.float32)
            elif self.square is not None:
                self._quad = self.square.astype(np.float32)
            else:
                self._quad = corners_of(self.box)
        return self._quad


class Search:
    """One search of one picture: what is known so far."""

    def __init__(
        self,
        picture: Picture,
        models: Callable[[], Models],
        *,
        results: Results,
        effort: str = "balanced",
        methods: Collection[str] = METHODS,
        min_size: float = 21.0,
        budget_ms: float | None = None,
        settings: Settings | None = None,
        stages: _core.StageSettings | None = None,
        found: _core.FinderSearch | None = None,
        started: float | None = None,
    ) -> None:
        self.picture = picture
        self.effort = effort
        self.methods = frozenset(methods)
        self.min_size = min_size
        settings = settings or Settings()
        self.settings = settings.search
        self.stages = stages or settings.stages()
        self.cascade = settings.cascade
        self.found = found  # what finder patterns showed in the whole picture, where that was searched already
        self.results = results
        self.trace = Trace(settings=settings)
        pixels = picture.shape[0] * picture.shape[1]
        times = float("inf") if effort == "thorough" else 1.0
        self.account = Account(
            times * (self.settings.samples + self.settings.samples_a_pixel * pixels),
            times * (self.settings.macs + self.settings.macs_a_pixel * pixels),
            budget_ms,
            started,
        )
        self.unread: list[Place] = []  # that finder patterns showed
        self.boxes: list[Place] = []  # that the cascade showed
        self.detections: list[Detection] = []  # all boxes that were looked at
        self.without_message: list[FloatArray] = []  # corners of symbols whose modules are beyond doubt and no message
        self.ungrouped: DoubleArray = np.zeros((0, 4, 2))  # finder patterns of no symbol
        height, width = picture.shape[:2]
        self.all = Place(np.array([0, 0, width, height], np.float32), 1.0)
        self.blank = False  # whether so little showed that finder patterns were searched no further
        self.views: dict[Light, _core.MipMap] = {}  # of the whole picture, those that were made; `view` makes them
        self.whole: _core.Cascade | None = None  # the cascade on the whole picture, as far as it went
        self._models = models

    @functools.cached_property
    def _tried(self) -> _core.TriedPlaces:
        return _core.TriedPlaces(self.settings.same)

    @property
    def models(self) -> Models:
        """The networks, loaded when they are first needed."""
        return self._models()

    @property
    def by_networks(self) -> bool:
        """Whether it may ask the networks."""
        return self.effort != "quick" and self.methods >= NETWORKS

    @property
    def over(self) -> bool:
        """Whether nothing more is wanted or there is no time for it."""
        return self.results.complete or self.account.expired()

    def least(self, smallest: Smallest) -> float:
        """Give the side in pixels of the smallest code that a cascade looks for."""
        longer = float(max(self.picture.shape[:2]))
        any_code = smallest_for_networks(self.effort, self.methods, self.min_size, self.settings)
        fine = max(any_code, self.settings.fine * longer)
        if self.effort == "thorough":
            fine = _or_all(fine, any_code)
        coarse = _or_all(max(fine, self.settings.coarse * longer), fine)
        return {"coarse": coarse, "fine": fine, "any": any_code}[smallest]

    def view(self, light: Light = "plain") -> _core.MipMap:
        """Return the picture's pixels in grey and coarser, in a light."""
        if light not in self.views:
            plain = self.views.get("plain") or self._whole_view(self.picture)
            self.views["plain"] = plain
            if light == "even":
                with self.trace.stage("view"):
                    self.views[light] = plain.with_light_levelled(self.settings.light)
                height, width = self.picture.shape[:2]
                self.account.spend(samples=even_samples(height, width))
            elif light == "deep":
                self.views[light] = self._whole_view(DEEP[self.picture])
                self.account.spend(samples=float(self.picture.size))
        return self.views[light]

    def _whole_view(self, picture: Picture) -> _core.MipMap:
        height, width = picture.shape[:2]
        with self.trace.stage("view"):
            return _core.MipMap(picture, np.array([0, 0, width, height], np.float32))

    def view_of(self, place: Place, light: Light) -> _core.MipMap:
        """Return a place's pixels; illumination is evened over a window of the place."""
        if light != "even":
            return self.view(light)
        if light not in place.views:
            with self.trace.stage("view"):
                place.views[light] = self.view().with_light_levelled(self.settings.light, place.box)
            height, width = self.picture.shape[:2]
            x1, y1, x2, y2 = place.box.tolist()
            self.account.spend(samples=even_samples(min(y2, height) - max(y1, 0.0), min(x2, width) - max(x1, 0.0)))
        return place.views[light]

    def corners_seen(self, place: Place, light: Light, rounds: int = 1) -> _core.SeenCorners:
        """Return what L-Net sees at the corners of a place's square; in further rounds it looks closer."""
        if light not in place.seen or (rounds > 1 and place.seen[light].reached_by(3) < self.settings.doubted):
            assert place.square is not None
            with self.trace.stage("lnet"):
                view, lnet = self.view_of(place, light), self.models.lnet
                least, known = self.settings.hinted if rounds == 1 else 0.0, place.seen.get(light)
                place.seen[light], patches = straighten(view, place.square, lnet, self.stages, least, rounds, known)
            self.account.spend(macs=patches * self.models.lnet.macs)
        return place.seen[light]

    def seeming_size(self, place: Place) -> float | None:
        """Return the modules a side that the finder patterns tell that L-Net saw at a place's corners, if any."""
        assert place.square is not None
        for seen in place.seen.values():
            if (size := seeming_size(seen, place.square, place.inset, self.settings.doubted)) is not None:
                return size
        return None

    def read(self, view: _core.MipMap, candidate: Candidate, effort: Effort, light: Light) -> SymbolReading | None:
        """Read a grid by grey values and by the network, unless one all but the same was with as much effort."""
        if not self._tried.add(candidate, light, effort):
            return None
        reader = read(
            view, candidate, self.models.densenet, self.stages, self.account, self.trace, patient=effort == "thorough"
        )
        if reader.has_no_message:
            self.without_message.append(candidate.corners().astype(np.float32))
        return reader.reading

    def recognise(
        self,
        view: _core.MipMap,
        candidate: Candidate,
        known: Sequence[SymbolRecord],
        effort: Effort,
        light: Light,
        *,
        once: bool = False,
    ) -> SymbolReading | None:
        """Read a grid, or recognise a symbol of an earlier picture on it; where told so the network is asked once."""
        self._tried.add(candidate, light, effort)
        densenet, patient = self.models.densenet if self.by_networks else None, effort == "thorough"
        reader = read(
            view, candidate, densenet, self.stages, self.account, self.trace, patient=patient, known=known, once=once
        )
        return reader.reading

    def first_read(
        self, view: _core.MipMap, candidates: Iterator[Candidate], effort: Effort, light: Light, stage: str
    ) -> tuple[SymbolReading | None, int]:
        """Return the first reading of candidates that come likeliest first, and how many were asked for.

        Each is registered when it is asked for, which is timed under a stage's name.
        """
        for number in itertools.count():
            with self.trace.stage(stage):
                candidate = next(candidates, None)
            if candidate is None:
                return None, number
            reading = self.read(view, candidate, effort, light)
            if reading is not None or self.account.late() or self.has_no_message_at(candidate.corners()):
                return reading, number + 1
        raise AssertionError("a count has no end")

    def has_read_at(self, corners: npt.NDArray[Any]) -> bool:
        """Whether the middle of corners lies in a symbol that was read."""
        return bool(self.results.readings) and self.results.holds(corners.mean(0))

    def has_no_message_at(self, quad: npt.NDArray[Any]) -> bool:
        """Whether a symbol was seen at corners whose modules are beyond doubt and no message."""
        return bool(self.without_message) and any(same_place(quad, other) for other in self.without_message)

    def is_settled(self, place: Place) -> bool:
        """Whether nothing more is to be found out at a place."""
        return self.has_read_at(place.quad) or self.has_no_message_at(place.quad)

    def take(self, place: Place, reading: SymbolReading | None, why: str) -> None:
        """Record what became of a look at a place."""
        if reading is None:
            self.trace.look(why, place.quad)
        elif self.results.add(reading):
            self.account.allow(macs=self.settings.macs_a_symbol)
            self.trace.read([reading], self.results.quads[-1:])
        else:
            self.trace.look("read before", reading.quad)


# What a step looks at -------------------------------------------------------------------------------------------------


def whole(search: Search) -> list[Place]:
    """Give the whole picture."""
    return [search.all]


def whole_with_finders(search: Search) -> list[Place]:
    """Give the whole picture, where a finder pattern shows that belongs to no symbol."""
    return [search.all] if not search.results.explain(search.ungrouped.mean(1)).all() else []


def unread_places(search: Search) -> Iterator[Place]:
    """Give what finder patterns showed and is not read, best first."""
    for place in search.unread:
        if not search.is_settled(place):
            yield place


def unread_boxes(search: Search) -> Iterator[Place]:
    """Give boxes in which nothing is read, best first; those of which the cascade is unsure while work is left."""
    for place in search.boxes:
        if place.score <= search.settings.likely and search.account.spent(search.settings.doubtful):
            return
        if not search.is_settled(place):
            yield place


def boxes_in_a_blank(search: Search) -> Iterator[Place]:
    """Give boxes that show three finder patterns to L-Net, where a search for them had nothing to go by."""
    if search.blank:
        yield from (place for place in unread_boxes(search) if _shows(place, 3, search.settings.doubted))


def sure_boxes(search: Search) -> Iterator[Place]:
    """Give boxes that the cascade is sure of, whatever their corners show: finder patterns may be broken or covered."""
    return (place for place in unread_boxes(search) if place.score > search.settings.likely)


def boxes_with_finders(search: Search) -> Iterator[Place]:
    """Give boxes that the cascade is sure of and that show two finder patterns at least."""
    return (place for place in sure_boxes(search) if _shows(place, 2, search.settings.confirmed))


def boxes_with_a_finder(search: Search) -> Iterator[Place]:
    """Give boxes that the cascade is sure of and that show a finder pattern, as a code half in a shadow does."""
    least = 0.0 if search.effort == "thorough" else search.settings.confirmed
    return (place for place in sure_boxes(search) if _shows(place, 1, least))


def boxes_in_doubt(search: Search) -> Iterator[Place]:
    """Give those of them that show no three finder patterns: their squares may be wrong."""
    return (place for place in boxes_with_a_finder(search) if not _shows(place, 3, search.settings.confirmed))


def boxes_with_two_finders(search: Search) -> Iterator[Place]:
    """Give boxes that the cascade is sure of and that show two finder patterns but no third one."""
    return (place for place in boxes_in_doubt(search) if _shows(place, 2, search.settings.confirmed))


def boxes_of_even_light(search: Search) -> Iterator[Place]:
    """Give boxes that the cascade saw in even light."""
    return (place for place in unread_boxes(search) if place.light == "even")


def around_finders(search: Search, wanted: Callable[[DoubleArray], bool] = lambda _: True) -> Iterator[Place]:
    """Give the surroundings of finder patterns that belong to no symbol yet: as far as a symbol of theirs may reach.

    Text and texture have many such patterns side by side: what one's surroundings show is not looked at for another.
    Those that are not wanted are as if they were not there.
    """
    given: list[tuple[DoubleArray, float]] = []
    vain, allowance = 0.0, search.settings.surroundings * search.account.macs
    for quad in search.ungrouped[~search.results.explain(search.ungrouped.mean(1))]:
        centre, side = quad.mean(0), float(np.ptp(quad, axis=0).max())
        if not wanted(quad) or any(_is_covered(centre, side, *other) for other in given):
            continue
        given.append((centre, side))
        reach, known, spent = REACH * side, len(search.boxes), search.account.macs
        yield Place(np.concatenate([centre - reach, centre + reach]).astype(np.float32), side)
        vain += search.account.macs - spent if len(search.boxes) == known else 0.0
        if search.effort != "thorough" and vain > allowance:
            return


# How a step looks -----------------------------------------------------------------------------------------------------


def by_finder_patterns(search: Search, place: Place) -> None:
    """Search the whole picture for finder patterns, and read the symbols that they span."""
    pixels = search.views.get("plain", search.picture)
    blank_too = worth_searching_blanks(search.effort, search.methods)
    found = _take_finder_search(search, pixels, place, "plain", blank_too=blank_too, found=search.found)
    search.views["plain"], search.ungrouped, search.blank = found.view, found.ungrouped, found.blank


def by_finder_patterns_once(search: Search, place: Place) -> None:
    """Search the whole picture for finder patterns, and what is missing no second time."""
    pixels = search.views.get("plain", search.picture)
    found = _take_finder_search(search, pixels, place, "plain", again=False)
    search.views["plain"], search.ungrouped = found.view, found.ungrouped


def by_finder_patterns_again(search: Search, place: Place) -> None:
    """Search a part of the picture for finder patterns, and what is missing there a second time, with more work."""
    with search.trace.stage("view"):
        view = _core.MipMap(search.picture, place.box)
    search.ungrouped = _take_finder_search(search, view, place, "plain", again=True).ungrouped


def by_finder_patterns_in_box(search: Search, place: Place) -> None:
    """Do the same in a box; about finder patterns of no symbol the cascade has looked already."""
    with search.trace.stage("view"):
        view = _core.MipMap(search.picture, place.box)
    _take_finder_search(search, view, place, "plain", again=True)


def by_finder_patterns_at_square(search: Search, place: Place) -> None:
    """Search about a square for finder patterns, and take the symbol that lies there, whatever else is read beside."""
    assert place.square is not None
    square = place.square.astype(np.float32)
    with search.trace.stage("view"):
        view = _core.MipMap(search.picture, place.box)
    account = search.account
    with search.trace.stage("finder patterns"):
        found = _core.search_finder_patterns(
            view, ENDLESS, account.samples_left, account.left_ms(), True, search.stages, True
        )
    account.spend(samples=min(found.work, FINDERS_SHARE * account.allowed_samples))
    read = (reading for reading in found.readings if same_place(square, reading.quad))
    search.take(place, next(read, None), "not read on finder patterns")


def by_finder_patterns_in_even_light(search: Search, place: Place) -> None:
    """Search a place for finder patterns as if there were no shadows and no glare."""
    _take_finder_search(search, search.view_of(place, "even"), place, "even")


def by_network(effort: Effort) -> Look:
    """Read the grid that finder patterns gave with the DenseNet."""

    def look(search: Search, place: Place) -> None:
        assert place.candidate is not None
        wanted: Effort = "thorough" if place.score > search.settings.promising else effort
        reading = search.read(search.view_of(place, place.light), place.candidate, wanted, place.light)
        search.take(place, reading, "not read by the network")

    return look


def by_cascade(smallest: Smallest) -> Look:
    """Let the cascade find boxes of codes, the smallest of them a share of the picture's longer side, or any.

    Levels that were seen are not seen again: each such step goes on where the one before it ended.
    """

    def look(search: Search, place: Place) -> None:
        least, known = search.least(smallest), search.results.quads
        with search.trace.stage("pyramid"):
            if search.whole is None:
                settings = changed(search.cascade, **WIDE) if search.effort == "thorough" else search.cascade
                search.whole = _core.Cascade(search.view(), settings, least=least, known=known)
            else:
                search.whole.extend(least, known)
        _take_boxes(search, next_boxes(search.whole, search.models, search.account, search.trace), place)

    return look


def checking(search: Search) -> CascadeSettings:
    """Give settings of a cascade whose windows cost no more than a check may: a ninth for R-Net, the rest for O-Net."""
    macs, models = search.settings.check_macs, search.models
    return changed(
        search.cascade,
        proposals=max(1, round(macs / 9 / models.rnet.macs)),
        candidates=max(1, round(macs * 8 / 9 / models.onet.macs)),
        o_threshold=search.settings.likely,
        sure=1.0,
    )


def by_check(search: Search, place: Place) -> None:
    """Let the cascade see what is large, and give what it is sure of."""
    least = CHECKED * search.least("coarse")
    _take_boxes(search, _boxes_in(search, search.view(), least, checking(search)), place)


def by_cascade_in_even_light(search: Search, place: Place) -> None:
    """Let the cascade see a place again without its shadows, which move the landmarks of a code half in one."""
    view = search.view_of(place, "even")
    least = float((place.box[2:] - place.box[:2]).max()) / 3
    _take_boxes(search, _boxes_in(search, view, least, search.cascade), place, light="even")


def by_cascade_between(least: float, most: float, **counts: float) -> Look:
    """Let the cascade find boxes of codes of some sides in pixels in a part of the picture; `counts` are settings."""

    def look(search: Search, place: Place) -> None:
        with search.trace.stage("view"):
            view = _core.MipMap(search.picture, place.box, finest_pixel(least))
        _take_boxes(search, _boxes_in(search, view, least, changed(search.cascade, **counts), most=most), place)

    return look


def by_cascade_nearby(**counts: float) -> Look:
    """Let the cascade look about a finder pattern, for symbols that it may belong to and that lie within the place."""

    def look(search: Search, place: Place) -> None:
        most = float(place.box[2] - place.box[0]) / 2
        least = LEAST_SIDE * most / REACH
        with search.trace.stage("view"):
            view = _core.MipMap(search.picture, place.box, finest_pixel(least))
        settings = changed(search.cascade, **counts) if counts else search.cascade
        _take_boxes(search, _boxes_in(search, view, least, settings, most=most), place)

    return look


def by_cascade_on_tilted(axis: Literal["across", "down"]) -> Look:
    """Let the cascade see the picture squeezed along one axis, which a steeply tilted code is seen upright in."""

    def look(search: Search, place: Place) -> None:
        height, width = search.picture.shape[:2]
        across, down = (search.settings.tilt, 1.0) if axis == "across" else (1.0, search.settings.tilt)
        shape = max(SMALLEST, round(width * across)), max(SMALLEST, round(height * down))
        with search.trace.stage("view"):
            squeezed = _core.area_resize(search.picture, shape[1], shape[0])
            view = _core.MipMap(squeezed, np.array([0, 0, *shape], np.float32))
        search.account.spend(samples=float(height * width))
        stretch = np.array([width / shape[0], height / shape[1]], np.float32)
        least = max(search.min_size, search.settings.fine * max(shape))
        _take_boxes(search, _boxes_in(search, view, least, search.cascade, stretch), place, stretch)

    return look


def _boxes_in(
    search: Search,
    view: _core.MipMap,
    least: float,
    settings: CascadeSettings,
    stretch: FloatArray = UNSTRETCHED,
    most: float | None = None,
) -> CascadeBoxes:
    """Run the cascade on a view of its own, whose coordinates, times `stretch`, are the picture's."""
    known = search.results.quads / stretch
    return detect_boxes(view, search.models, settings, search.account, search.trace, known, least=least, most=most)


def _take_boxes(
    search: Search, found: CascadeBoxes, place: Place, stretch: FloatArray = UNSTRETCHED, light: Light = "plain"
) -> None:
    """Make places of what the cascade saw."""
    if not len(found.scores):
        search.trace.look("0 boxes", place.quad, scores=[])
        return
    fresh, stretched = [], np.concatenate([stretch, stretch])
    for box, score, landmarks in zip(found.boxes, found.scores, found.landmarks, strict=True):
        detection = Detection(box * stretched, float(score), landmarks * stretch)
        if search.trace.detail:
            search.trace.mark("box", corners_of(detection.box), detection.score)
            search.trace.mark("landmarks", detection.landmarks, detection.score)
        search.detections.append(detection)
        square = detection.landmarks[[0, 1, 3, 2]].astype(np.float64)
        seen = around(np.concatenate([square, detection.box.reshape(2, 2)]), search.settings.margin)
        known = any(_is_same(seen, place.box, search.settings) for place in search.boxes)
        if overlaps(seen, search.picture) and not known:
            fresh.append(Place(seen, float(score), square, light=light))
    search.boxes = sorted([*search.boxes, *fresh], key=lambda p: -p.score)
    search.trace.look(f"{len(fresh)} boxes", place.quad, scores=[round(p.score, 3) for p in fresh])


def _take_finder_search(
    search: Search,
    pixels: Picture | _core.MipMap,
    place: Place,
    light: Light,
    *,
    again: bool | None = None,
    blank_too: bool = True,
    found: _core.FinderSearch | None = None,
) -> _core.FinderSearch:
    """Search pixels for finder patterns, and take what they show."""
    account = search.account
    if again is None:
        x1, y1, x2, y2 = place.box.tolist()
        again = worth_searching_again(search.effort, (x2 - x1) * (y2 - y1), search.settings)
    if found is None:
        with search.trace.stage("finder patterns"):
            found = _core.search_finder_patterns(
                pixels,
                search.results.missing,
                max(0.0, account.samples_left - REGISTRATION_SAMPLES),  # what it shows is still to be read
                account.left_ms(),
                again,
                search.stages,
                blank_too,
            )
    view, readings = found.view, found.readings
    account.spend(samples=min(found.work, FINDERS_SHARE * account.allowed_samples))
    account.allow(macs=search.settings.macs_a_symbol * len(readings))
    known = len(search.results.readings)
    search.results.extend(readings)
    search.trace.read(search.results.readings[known:], search.results.quads[known:])
    if search.trace.detail:
        for quad in found.credible:
            search.trace.mark("finder pattern", quad)
        for look in search.trace.steps[-1].looks:
            if look.reading is not None and not look.attempts:
                nodes, size, inverted = look.reading.nodes, look.reading.size, look.reading.inverted
                look.attempts = [attempt_by_levels(view, nodes, size, inverted, look.reading)]
    for seen in found.unread:
        corners = seen.corners()
        box = around(corners, search.settings.margin)
        search.unread.append(Place(box, seen.score, candidate=seen, light=light, views=place.views))
        if search.trace.detail:
            nodes = _core.homography_lattice(seen.homography, seen.size)
            search.trace.attempt(attempt_by_levels(view, nodes, seen.size, seen.inverted))
        search.trace.look("seen, not read by grey values", corners.astype(np.float32), score=round(seen.score, 3))
    if found.exhausted:
        search.trace.look("ended early: the work or the time is used up")
    return found


def grids_by_corners(search: Search, place: Place, stages: _core.StageSettings) -> Iterator[Place]:
    """Find the finder patterns' corners with L-Net, and give the likeliest grids that they span, one by one.

    Two finder patterns do where L-Net is sure of them and of no third one, and the cascade of the place.
    """
    assert place.square is not None
    view, settings, lnet = search.view_of(place, place.light), search.settings, search.models.lnet
    with search.trace.stage("lnet"):
        seen, patches = straighten(view, place.square, lnet, stages, settings.hinted)
    search.account.spend(macs=patches * lnet.macs)
    two = seen.reached_by(2) >= settings.confirmed > seen.reached_by(3) and place.score > settings.likely
    if two:
        candidates = by_pairs(view, seen, settings.doubted, stages)
    elif seen.reached_by(3) >= settings.unsure:
        candidates = by_landmarks(view, seen, settings.unsure, stages, turns=1)  # no second one was read of 23 in films
    else:
        search.trace.look("0 grids", place.quad)
        return
    count = 0
    while count < LIKELIEST:
        search.account.spend(samples=REGISTRATION_SAMPLES)
        with search.trace.stage("lnet"):
            candidate = next(candidates, None)
        if candidate is None:
            break
        count += 1
        box = around(candidate.corners(), search.settings.margin)
        yield Place(box, candidate.score, candidate=candidate, light=place.light, views=place.views)
    search.trace.look(f"{count} grids", place.quad)


def by_corners(least: str, effort: Effort, light: Light | None = None, rounds: int = 1) -> Look:
    """Find the finder patterns' corners with L-Net, and read the grids that they span."""

    def look(search: Search, place: Place) -> None:
        seen_in = place.light if light is None else light
        view = search.view_of(place, seen_in)
        seen = search.corners_seen(place, seen_in, rounds)
        if search.trace.detail:
            for corner, probability in zip(seen.corners, seen.finder, strict=True):
                search.trace.mark("corner", corner, float(probability))
        search.account.spend(samples=REGISTRATION_SAMPLES)
        rolled = effort == "thorough"
        candidates = by_landmarks(view, seen, getattr(search.settings, least), search.stages, rolled=rolled)
        reading, tried = search.first_read(view, candidates, effort, seen_in, "lnet")
        why = "not read on the corners that L-Net gave" if tried else "too few finder patterns at its corners"
        search.take(place, reading, why)

    return look


def by_two_finders(search: Search, place: Place) -> None:
    """Read what two of the finder patterns at a place's corners span, in the light that shows them best."""
    light = max(place.seen, key=lambda light: place.seen[light].reached_by(2))
    view = search.view_of(place, light)
    search.account.spend(samples=REGISTRATION_SAMPLES)
    candidates = by_pairs(view, place.seen[light], search.settings.doubted, search.stages)
    reading, _ = search.first_read(view, candidates, "thorough", light, "registration")
    search.take(place, reading, "not read on two finder patterns")


def by_turns_and_sizes(light: Light | None = None) -> Look:
    """Try all turns and sizes of a place's square, ranked by how well the function patterns agree.

    By default in the light that it was seen in last.
    """

    def look(search: Search, place: Place) -> None:
        assert place.square is not None
        seen_in = light or ("even" if "even" in place.views else place.light)
        view = search.view_of(place, seen_in)
        search.account.spend(samples=CORRELATION_SAMPLES)
        with search.trace.stage("correlation"):
            candidates = by_correlation(view, place.square, place.inset, search.stages, search.seeming_size(place))
        reading, _ = search.first_read(view, candidates, "thorough", seen_in, "correlation")
        search.take(place, reading, "not read in any turn or size")

    return look


# When a step is worth its cost ----------------------------------------------------------------------------------------


def always(_: Search) -> bool:
    """Say yes in any case."""
    return True


def nothing_read(search: Search) -> bool:
    """Tell whether nothing has been read."""
    return not search.results.readings


def unexplained(search: Search) -> bool:
    """Tell whether nothing was read, something shows a symbol's patterns and is not read, or the check read more.

    Without a search for finder patterns nobody knows what shows.
    """
    return (
        not search.results.readings
        or "finder_patterns" not in search.methods
        or any(True for _ in unread_places(search))
        or (len(search.ungrouped) > 0 and not bool(search.results.explain(search.ungrouped.mean(1)).all()))
        or any(look.outcome == "read" for look in search.trace.looks("boxes of the check"))
    )


def all_explained(search: Search) -> bool:
    """Tell whether all that shows is read and leaves room for more, and a check costs little beside the picture."""
    if not _worth_a_check(search.picture, search.settings) or unexplained(search):
        return False
    height, width = search.picture.shape[:2]
    return bool(search.results.area() < search.settings.room * height * width)


# The plan -------------------------------------------------------------------------------------------------------------


BY_FINDERS, NETWORKS, BOTH = frozenset(METHODS[:1]), frozenset(METHODS[1:]), frozenset(METHODS)
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: what it looks at, how, and when that is worth its cost."""

    name: str
    places: Callable[[Search], Iterable[Place]]
    look: Look
    when: Callable[[Search], bool] = always
    effort: str = "balanced"  # from which it is part of the plan
    needs: frozenset[str] = NETWORKS  # methods without which it is not


FINDERS = by_finder_patterns
NETWORK, NETWORK_THOROUGHLY = by_network("quick"), by_network("thorough")
COARSE, FINE, FINEST = by_cascade("coarse"), by_cascade("fine"), by_cascade("any")
NEARBY = by_cascade_nearby()
CORNERS, CORNERS_THOROUGHLY = by_corners("confirmed", "quick"), by_corners("unsure", "thorough")
CORNERS_CLOSELY = by_corners("unsure", "thorough", rounds=ROUNDS)
CORNERS_IN_EVEN_LIGHT = by_corners("unsure", "thorough", "even")
CORNERS_IN_DEEP_LIGHT = by_corners("unsure", "thorough", "deep")
TURNS_AND_SIZES = by_turns_and_sizes()

PLAN = (
    Step("finder patterns", whole, FINDERS, effort="quick", needs=BY_FINDERS),
    Step("network", unread_places, NETWORK, needs=BOTH),
    Step("check", whole, by_check, all_explained),
    Step("boxes of the check", unread_boxes, CORNERS_THOROUGHLY, all_explained),
    Step("cascade, coarse levels", whole, COARSE, unexplained),
    Step("boxes", unread_boxes, CORNERS, unexplained),
    Step("finder patterns of boxes", boxes_in_a_blank, by_finder_patterns_in_box, nothing_read, needs=BOTH),
    Step("network, thoroughly", unread_places, NETWORK_THOROUGHLY, unexplained, needs=BOTH),
    Step("boxes, thoroughly", boxes_with_finders, CORNERS_THOROUGHLY),
    Step("two finder patterns", boxes_with_two_finders, by_two_finders, unexplained),
    Step("boxes of dense symbols", sure_boxes, CORNERS_CLOSELY, nothing_read),
    Step("about finder patterns", around_finders, NEARBY, unexplained, needs=BOTH),
    Step("cascade, fine levels", whole, FINE, unexplained),
    Step("new boxes", unread_boxes, CORNERS, unexplained),
    Step("finder patterns of new boxes", boxes_in_a_blank, by_finder_patterns_in_box, nothing_read, needs=BOTH),
    Step("new boxes, thoroughly", boxes_with_finders, CORNERS_THOROUGHLY, unexplained),
    Step("boxes, even light", boxes_with_finders, CORNERS_IN_EVEN_LIGHT),
    Step("cascade, even light", boxes_in_doubt, by_cascade_in_even_light, nothing_read),
    Step("boxes of even light", boxes_of_even_light, CORNERS_THOROUGHLY, nothing_read),
    Step(
        "finder patterns, even light", boxes_with_a_finder, by_finder_patterns_in_even_light, nothing_read, needs=BOTH
    ),
    Step("network, even light", unread_places, NETWORK_THOROUGHLY, nothing_read, needs=BOTH),
    Step(
        "all finder patterns, even light",
        whole_with_finders,
        by_finder_patterns_in_even_light,
        nothing_read,
        needs=BOTH,
    ),
    Step("network, all in even light", unread_places, NETWORK_THOROUGHLY, nothing_read, needs=BOTH),
    Step("cascade, finest levels", whole, FINEST, effort="thorough"),
    Step("cascade, tilted to the side", whole, by_cascade_on_tilted("down"), effort="thorough"),
    Step("cascade, tilted back", whole, by_cascade_on_tilted("across"), effort="thorough"),
    Step("fine boxes", boxes_with_finders, CORNERS_THOROUGHLY, effort="thorough"),
    Step("fine boxes, even light", unread_boxes, CORNERS_IN_EVEN_LIGHT, effort="thorough"),
    Step("fine boxes, deep light", unread_boxes, CORNERS_IN_DEEP_LIGHT, effort="thorough"),
    Step("finder patterns of all boxes", unread_boxes, by_finder_patterns_in_even_light, effort="thorough", needs=BOTH),
    Step("any finder patterns, even light", whole, by_finder_patterns_in_even_light, effort="thorough", needs=BOTH),
    Step("network, in the end", unread_places, NETWORK_THOROUGHLY, effort="thorough", needs=BOTH),
    Step("all turns and sizes, in the end", unread_boxes, TURNS_AND_SIZES, effort="thorough"),
    Step("the same in plain light", unread_boxes, by_turns_and_sizes("plain"), effort="thorough"),
)

DETECT_PLAN = (  # what `PLAN` lets the cascade look at
    Step("cascade, coarse levels", whole, COARSE, needs=NONE),
    Step("cascade, fine levels", whole, FINE, needs=NONE),
)

QUAD_PLAN = (
    Step("finder patterns", whole, by_finder_patterns_at_square, effort="quick", needs=BY_FINDERS),
    Step("corners", whole, CORNERS_THOROUGHLY, nothing_read, needs=NONE),
    Step("corners of a dense symbol", whole, CORNERS_CLOSELY, nothing_read, needs=NONE),
    Step("corners, even light", whole, CORNERS_IN_EVEN_LIGHT, nothing_read, needs=NONE),
    Step("all turns and sizes", whole, TURNS_AND_SIZES, nothing_read, needs=NONE),
)


def run(search: Search, plan: Iterable[Step]) -> None:
    """Take the steps of a plan one after the other: the only control flow of a search."""
    thorough = search.effort == "thorough"
    beyond = EFFORTS[EFFORTS.index(search.effort) + 1 :]
    over, late = search.over, search.account.late()
    worth: dict[Callable[[Search], bool], bool] = {}  # what the conditions say until something is looked at
    for step in plan:
        if step.effort in beyond or not step.needs <= search.methods:
            continue
        if over:
            break
        free = step.effort == "quick"  # the plain path is bounded by itself
        if step.when not in worth:
            worth[step.when] = step.when(search)
        if not (thorough or worth[step.when]) or (late and not free):
            search.trace.skip(step.name, "the work is used up" if late else "not needed")
            continue
        with search.trace.step(step.name, search.account):
            for place in step.places(search):
                if search.over or (search.account.late() and not free):
                    break
                if step.look not in place.tried:
                    place.tried.add(step.look)
                    known, spent = len(search.results.readings), search.account.macs
                    step.look(search, place)
                    if len(search.results.readings) > known:  # what led to a symbol is not charged
                        search.account.allow(macs=search.account.macs - spent)
                    worth.clear()
        over, late = search.over, search.account.late()
    search.trace.ended = (
        "as many symbols as wanted"
        if search.results.complete
        else "out of time"
        if search.account.expired()
        else "the work is used up"
        if search.account.late()
        else "the plan is done"
    )


def leaves_nothing(found: _core.FinderSearch, picture: Picture, settings: SearchSettings) -> bool:
    """Whether `PLAN` has nothing to do, unless thoroughly, after a search of a whole picture for finder patterns.

    Where it is so, neither `unexplained` nor `all_explained` holds.
    """
    return found.all_read and not _worth_a_check(picture, settings)


def _worth_a_check(picture: Picture, settings: SearchSettings) -> bool:
    """Whether a check costs little beside the picture."""
    return bool(settings.check_macs_a_pixel * picture.shape[0] * picture.shape[1] > settings.check_macs)


def worth_searching_again(effort: str, pixels: float, settings: SearchSettings) -> bool:
    """Whether finder patterns are searched again in pixels where something is missing, with five times the work."""
    return effort == "thorough" or 4 * pixels < settings.samples


def smallest_for_networks(effort: str, methods: Collection[str], min_size: float, settings: SearchSettings) -> float:
    """Give the side in pixels of the smallest code that the cascade looks for.

    Where finder patterns are searched for, too, a code of finer modules is read on what they show or not at all.
    """
    if effort == "thorough" or not set(methods) >= BOTH:
        return min_size
    return max(min_size, SMALLEST * settings.module)


def worth_searching_blanks(effort: str, methods: Collection[str]) -> bool:
    """Whether a picture without finder patterns is searched as far: networks, if asked, tell where that is worth it."""
    return effort != "balanced" or not set(methods) >= NETWORKS


# Geometry of places ---------------------------------------------------------------------------------------------------


def around(points: npt.NDArray[Any], margin: float) -> FloatArray:
    """Give the box of points and a margin about it: alignment and quiet zone may lie outside of a rough square."""
    low, high = points.min(0), points.max(0)
    return np.concatenate([low - margin * (high - low), high + margin * (high - low)]).astype(np.float32)


def corners_of(box: FloatArray) -> FloatArray:
    """Give the corners of a box, clockwise from the top left."""
    x1, y1, x2, y2 = box
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def even_samples(height: float, width: float) -> float:
    """Give the grey values visited to even the illumination of so many of a picture's pixels."""
    return EVEN_SAMPLES * height * width * min(1.0, EVEN_SIDE / max(height, width, SMALLEST)) ** 2


def overlaps(box: FloatArray, picture: Picture) -> bool:
    """Whether a box shows at least a pixel of a picture."""
    height, width = picture.shape[:2]
    if min(height, width) < 1:
        return False
    return bool(box[0] < width - 1 and box[1] < height - 1 and box[2] > 1 and box[3] > 1)


def _or_all(least: float, later: float) -> float:
    """Give the smallest side for one look, or that of the next look where less than an octave would be left for it."""
    return least if least >= 2 * later else later


def _is_covered(centre: DoubleArray, side: float, other: DoubleArray, other_side: float) -> bool:
    """Whether a finder pattern lies well within the surroundings of another one of a like size."""
    alike = side < ALIKE * other_side and other_side < ALIKE * side
    return alike and float(np.abs(centre - other).max()) < REACH / 2 * other_side


def _is_same(box: FloatArray, other: FloatArray, settings: SearchSettings) -> bool:
    """Whether two boxes are about one thing: how much of what they cover they have in common."""
    x1, y1, x2, y2 = np.concatenate([np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])]).tolist()
    common = max(0.0, x2 - x1) * max(0.0, y2 - y1)
    both = sum(float((x[2] - x[0]) * (x[3] - x[1])) for x in (box, other)) - common
    return bool(common > settings.same_box * both)


def finest_pixel(least: float) -> int:
    """Give the pixels of the picture, a power of two, along one of a view that shows the cascade codes of a side."""
    pixel = max(1, int(least / (2 * WINDOW)))
    return 1 << (pixel.bit_length() - 1)


def _shows(place: Place, count: int, least: float) -> bool:
    """Whether L-Net gave so many of a place's corners a probability of `least`, in any light that it saw it in."""
    return any(seen.reached_by(count) >= least for seen in place.seen.values())
