"""Codes from frame to frame: each frame is read the plain way, known codes are followed, a full search is spread."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from ._core import ReadSettings, SymbolReading, SymbolRecord
from .appearances import Appearance, Track, key_of
from .arrays import ArrayImage, checked_array
from .candidates import Candidate
from .cascade import WINDOW
from .errors import ArgumentTypeError
from .quads import areas, inside_quads
from .results import Results
from .scanner import SMALLEST_SYMBOL, Scanner, _positive, _whole
from .search import (
    BOTH,
    BY_FINDERS,
    LEAST_SIDE,
    LIKELIEST,
    NETWORKS,
    NONE,
    REACH,
    REGISTRATION_SAMPLES,
    Effort,
    Place,
    Search,
    Step,
    around,
    around_finders,
    by_cascade_nearby,
    by_finder_patterns_once,
    corners_of,
    grids_by_corners,
    run,
    unread_boxes,
    unread_places,
    whole,
)
from .sweep import WINDOWS, parts_of_a_full_search
from .symbol import Symbol
from .trace import same_place

__all__ = ["Tracker"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

SEEN = (
    0.35  # correlation of function patterns from which a known code's are found: of 700 places 5 of 21 modules had it
)
SOON = 1  # frames for which a box that the cascade is sure of rests: such a one is likely a code that moves or blurs
VERSIONED = 45 - 8  # modules from which a symbol may turn out to name its version
GROWTH = 8  # modules, two versions: by so much it may be larger than it looks
PLACES = 2  # of those where a known code may be that a frame looks at
SAMPLES_A_MODULE = 24  # grey values that one reading of a grid visits
EARLY = 5  # a part is seen up to a fifth of a round early
CALLS = 6  # of networks in a look about a finder pattern: four levels of P-Net, R-Net and O-Net
CALL = 9e6  # multiply-accumulates in the time that a network's first call in a frame takes beyond its own: 0.3 ms
FINDER = 7  # modules of a finder pattern's side
LEAST_ALIKE = 0.7  # of two finder patterns' sides, the smaller to the larger, where they may be the same
SWAY = 5.0  # modules by which a code's finder patterns may move apart from one another between two frames
FINDER_RESTS = 8  # frames for which the surroundings of a finder pattern rest
WAIT = 3  # frames for which a box waits to be looked at; one of which the cascade is not sure waits for one
MOST_WAITING = 8
REMEMBERED = 16  # codes that left and would be recognised
SMALL = 29 + 4  # modules of a grid that a box most likely holds: version 3, with its margin
LOOKS_OF_LNET = 4  # corners of a square

PLAIN = Step("finder patterns", whole, by_finder_patterns_once, effort="quick", needs=BY_FINDERS)
# About a finder pattern: a second code was read in 1 of 1,500 frames, none of 2,037 in films needed more windows.
ONE_CODE = {**WINDOWS, "proposals": 8, "candidates": 1}
NEARBY = by_cascade_nearby(**ONE_CODE)


class Tracker:
    """Reads and follows the codes of a video, frame by frame; make one for each video or camera.

    Each frame is read the plain way, which finds what shows its finder patterns. A code that was read before and is
    not read so is looked for where its motion takes it, and where finder patterns lie that may be its own. What is
    harder to find is searched for as `Scanner.decode` does it, but in parts, scales and tiles in turn, one or a few a
    frame: no frame takes much longer than the others.

    Parameters
    ----------
    scanner : Scanner, optional
        What reads; its options hold for every frame. One with default options is made where none is given.
    full_every : int, default 60
        Within so many frames every scale and tile is searched once with the networks; 1 searches all in every frame.
    share : float, default 0.2
        Of a full search's work, what a frame may spend on places: known codes that were not read the plain way, and
        what the search in parts came upon. A place that takes more by itself is read the plain way only.
    margin : float, default 0.5
        How far from its expected place a code still is the one of the frames before, in sides of the box about it.
    keep : int, default 10
        Frames that a code may stay unseen before its appearance ends.

    Raises
    ------
    InvalidArgumentError, ArgumentTypeError
        An option's value or type is not accepted.

    Notes
    -----
    What is returned was seen in that very frame: its modules were decoded, or, where they are too uncertain for that,
    they speak for a message that was read in an earlier frame, and against every other one, by 36 bits.

    Work is counted, not timed, so the same frames give the same results on any machine. A frame costs the plain path,
    `share`, and at most one part of a full search (more where `full_every` is smaller than the number of parts), which
    waits for a frame in which there is nothing else to look at. The scanner's `budget_ms` and `max_symbols` hold
    for a frame. A tracker belongs to one thread at a time; trackers may share a scanner.

    Examples
    --------
    >>> import fastqr
    >>> tracker = fastqr.Tracker()
    >>> frame = fastqr.demo_scene()
    >>> len(tracker.decode(frame)), len(tracker.decode(frame[:, 2:]))  # doctest: +SKIP
    (5, 5)
    >>> [(code.id, code.state) for code in tracker.appearances]  # doctest: +SKIP
    [(1, 'decoded'), (2, 'decoded'), (3, 'decoded'), (4, 'decoded'), (5, 'decoded')]
    """

    def __init__(
        self,
        scanner: Scanner | None = None,
        *,
        full_every: int = 60,
        share: float = 0.2,
        margin: float = 0.5,
        keep: int = 10,
    ) -> None:
        if scanner is not None and not isinstance(scanner, Scanner):
            raise ArgumentTypeError(f"scanner must be a Scanner or None, got {type(scanner).__name__}")
        self._full_every = _whole("full_every", full_every, 1)
        self._share = _positive("share", share)
        self._margin = _positive("margin", margin)
        self._keep = _whole("keep", keep, 0)
        self._scanner = Scanner() if scanner is None else scanner
        settings = self._scanner.settings
        # What L-Net sees at the corners of a box is registered: a second look, from nearer, and a second size are
        # seldom worth their cost.
        read = ReadSettings(**{**settings.read.to_dict(), "corner_looks": 1, "corner_sizes": 1})
        self._stages = dataclasses.replace(settings, read=read).stages()
        if self._scanner.effort != "quick" and set(self._scanner.methods) >= NETWORKS:
            self._scanner.warm_up()  # or some frame would wait for it
        self._number = -1  # of the last frame
        self._named = 0  # tracks so far
        self._tracks: list[Track] = []
        self._ended: list[Track] = []
        self._left: dict[tuple[int, bytes], SymbolRecord] = {}  # codes that left, the last ones last
        self._begin(())

    def reset(self) -> None:
        """End all appearances, as before a cut; a frame of another size does it by itself."""
        for track in list(self._tracks):
            self._end(track)
        self._begin(())

    def _begin(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._parts: list[Step] = []
        if shape and min(shape) >= SMALLEST_SYMBOL:
            scanner = self._scanner
            self._parts = parts_of_a_full_search(
                shape, scanner.effort, scanner.methods, scanner.min_size, scanner.settings.search
            )
        self._turn = self._seen = 0  # frames, and parts that they saw
        self._waiting: dict[Place, int] = {}  # boxes that are still to be looked at, until which frame
        self._resting: list[_Rest] = []

    @property
    def appearances(self) -> list[Appearance]:
        """Codes that the last frame shows, or that are expected in it, in the order in which they entered."""
        return [track.appearance() for track in self._tracks]

    @property
    def ended(self) -> list[Appearance]:
        """Appearances that ended with the last frame, as the last frame that showed them did."""
        return [track.appearance(ended=True) for track in self._ended]

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
        self._number += 1
        self._ended = []
        if picture.shape[:2] != self._shape:
            self.reset()
            self._begin(picture.shape[:2])
        results = _Frame(self._scanner.max_symbols, self._tracks, self._number, self._margin)
        search = self._scanner._search_of(picture, results)
        if min(picture.shape[:2]) >= SMALLEST_SYMBOL:
            self._search(search, results)
        self._follow(results)
        return self._scanner._symbols(search)

    # One frame --------------------------------------------------------------------------------------------------

    def _search(self, search: Search, results: _Frame) -> None:
        run(search, [PLAIN])
        work = _Work(search, self._share)
        places: dict[Place, Track] = {}

        def look_for(search: Search, place: Place) -> None:
            _look_for(search, place, places[place], results)

        def read_grid(search: Search, place: Place) -> None:
            assert place.candidate is not None
            effort: Effort = "thorough" if place.score > search.settings.promising else "quick"
            view = search.view_of(place, place.light)
            reading = search.recognise(view, place.candidate, records, effort, place.light)
            search.take(place, reading, "not read by the network")

        def read_box(search: Search, place: Place) -> None:
            for grid in grids_by_corners(search, place, self._stages):
                search.unread.append(grid)
                if work.covers(*_grid_cost(search, grid)):
                    grid.tried.add(read_grid)
                    read_grid(search, grid)
                if search.results.holds(place.quad.mean(0)) or not work.covers(REGISTRATION_SAMPLES, 0.0):
                    break

        records = [*(track.reading.record for track in results.lost), *self._left.values()]
        if results.lost:
            known = Step(
                "known codes", lambda search: self._known(search, results, places), look_for, effort="quick", needs=NONE
            )
            work.spend(known, _known_cost)
        if len(search.ungrouped):
            work.spend(Step("about finder patterns", self._finders, NEARBY, needs=BOTH), _finder_cost)
        if search.boxes or self._waiting:
            work.spend(Step("boxes", self._boxes, read_box), _box_cost)
        if search.unread:
            work.spend(Step("grids", self._grids, read_grid), _grid_cost)
        work.apart(self._due(calm=work.untouched))
        self._remember(search)
        self._wait(search)

    def _known(self, search: Search, results: _Frame, places: dict[Place, Track]) -> Iterator[Place]:
        """Give where known codes are expected that were not read; the ones that were seen longest ago come last."""
        height, width = self._shape
        for track in sorted(results.lost, key=lambda track: -track.last):
            expected = track.expected(self._number)
            for quad in itertools.islice(_where(expected, search.ungrouped, track, self._margin), PLACES):
                x, y = quad.mean(0)
                if 0 <= x < width and 0 <= y < height and not results.holds(quad.mean(0)) and track not in results.seen:
                    homography = _core.homography(_corners(track.reading.size), _as_shown(quad, track))
                    candidate = Candidate(homography, track.reading.size, 1.0, track.reading.inverted)
                    place = Place(around(quad, search.settings.margin), 1.0, candidate=candidate)
                    places[place] = track
                    yield place

    def _due(self, *, calm: bool) -> list[Step]:
        """Give the parts of the full search that this frame sees.

        A frame in which there was nothing else to look at sees its part early, so that another one need not.
        """
        self._turn += 1
        early = self._full_every // EARLY
        count, period = len(self._parts), self._full_every - early
        due, most = (turn * count // period for turn in (self._turn, self._turn + early))
        begin, self._seen = self._seen, max(due, min(most, self._seen + 1) if calm else self._seen)
        return [self._parts[number % count] for number in range(begin, self._seen)]

    def _finders(self, search: Search) -> Iterator[Place]:
        """Give the surroundings of finder patterns of no symbol and no box, but for those that rest."""

        def wanted(finder: DoubleArray) -> bool:
            centre = finder.mean(0)
            in_a_box = any((box.box[:2] <= centre).all() and (centre <= box.box[2:]).all() for box in search.boxes)
            return not in_a_box and not self._rests(finder.astype(np.float32))

        for place in around_finders(search, wanted):
            centre, reach = (place.box[:2] + place.box[2:]) / 2, (place.box[2:] - place.box[:2]) / 2
            self._rest(
                corners_of(np.concatenate([centre - reach / REACH / 2, centre + reach / REACH / 2])), FINDER_RESTS
            )
            yield place

    def _boxes(self, search: Search) -> Iterator[Place]:
        """Give boxes of this frame and those that wait, but for those where lately nothing was read.

        Of those of which the cascade is not sure a frame looks at one.
        """
        search.boxes = sorted([*search.boxes, *self._waiting], key=lambda place: -place.score)
        for place in unread_boxes(search):
            sure = _sure(search, place)
            if not self._rests(place.quad, sure=sure):
                yield place
                if not sure:
                    return

    def _wait(self, search: Search) -> None:
        """Let boxes wait that were not looked at: the last part's, those that rest, those that no work was left for."""
        left: dict[Place, int] = {}
        for place in search.boxes:
            until = self._waiting.get(place, self._number + (WAIT if _sure(search, place) else 1))
            if not place.tried and until > self._number and len(left) < MOST_WAITING:
                left[Place(place.box, place.score, place.square, light=place.light)] = until
        self._waiting = left

    def _grids(self, search: Search) -> Iterator[Place]:
        """Give grids that were not read, likeliest first, but for those where lately nothing was read."""
        search.unread.sort(key=lambda place: -place.score)
        return (place for place in unread_places(search) if not self._rests(place.quad))

    def _rests(self, quad: FloatArray, *, sure: bool = False) -> bool:
        """Whether nothing was read there within the last frames; of sure boxes, whether one of them was not."""
        return any((rest.sure or not sure) and same_place(quad, rest.quad) for rest in self._resting)

    def _rest(self, quad: FloatArray, frames: int, *, sure: bool = False) -> None:
        self._resting.append(_Rest(self._number + frames, quad, sure))

    def _remember(self, search: Search) -> None:
        """Let what was looked at in vain rest for as many frames as a full search takes."""
        self._resting = [rest for rest in self._resting if rest.until > self._number]
        waiting = [place.quad for place in search.unread if not place.tried]  # grids that no work was left for
        for place in [*search.unread, *search.boxes]:
            quad, sure = place.quad, _sure(search, place)
            unread = bool(place.tried) and not search.results.holds(quad.mean(0))
            if unread and not any(same_place(quad, other) for other in waiting) and not self._rests(quad, sure=sure):
                self._rest(quad, SOON if sure else self._full_every, sure=sure)

    def _follow(self, results: _Frame) -> None:
        """Take what the frame shows of each known code, and begin to follow new ones."""
        for reading, track in zip(results.readings, results.tracks, strict=True):
            if track is not None:
                track.read(self._number, reading)
            else:
                self._named += 1
                self._tracks.append(Track(self._named, self._number, reading))
        for track in results.lost:
            if track in results.seen:
                track.see(self._number, results.seen[track])
            else:
                track.miss()
        height, width = self._shape
        for track in results.lost:
            x, y = track.expected(self._number).mean(0)
            gone = track.missed > self._keep or not (0 <= x < width and 0 <= y < height)
            if track.missed and (gone or results.holds(np.array([x, y]))):
                self._end(track)

    def _end(self, track: Track) -> None:
        self._tracks.remove(track)
        self._ended.append(track)
        self._left.pop(track.key, None)
        self._left[track.key] = track.reading.record
        if len(self._left) > REMEMBERED:
            del self._left[next(iter(self._left))]


class _Rest(NamedTuple):
    """A place where nothing was read, and until which frame it is not looked at again."""

    until: int
    quad: FloatArray
    sure: bool


def _sure(search: Search, place: Place) -> bool:
    """Whether a place is a box of which the cascade is sure."""
    return place.candidate is None and place.score > search.settings.likely


class _Frame(Results):
    """What has been read so far in a frame, and which codes of the frames before have not been.

    Parameters
    ----------
    wanted : int or None
        How many symbols end a search.
    known : sequence of Track
        Codes of the frames before.
    number : int
        Of the frame.
    margin : float
        How far from its expected place a code may be, in sides of the box about it.
    """

    def __init__(self, wanted: int | None, known: Sequence[Track], number: int, margin: float) -> None:
        super().__init__(wanted)
        self.lost = dict.fromkeys(known)  # an ordered set
        self.seen: dict[Track, FloatArray] = {}  # where their patterns were found
        self.tracks: list[Track | None] = []  # of each reading
        self._number, self._margin = number, margin

    def explain(self, points: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Tell which of K points, K×2, lie in a symbol that was read, or in a known code that is seen and was not."""
        explained = super().explain(points)
        if self.seen:
            explained |= inside_quads(points.astype(np.float32), np.array(list(self.seen.values())))
        return explained

    def extend(self, readings: list[SymbolReading]) -> None:
        """Keep readings of one search, which gives each symbol once."""
        super().extend(readings)
        self._match()

    def add(self, reading: SymbolReading) -> bool:
        """Keep a reading unless its symbol was read already; tell whether it is new."""
        new = super().add(reading)
        self._match()
        return new

    def _match(self) -> None:
        """Tell which known codes the new readings are: those of the same message that are nearest."""
        first = len(self.tracks)
        self.tracks += [None] * (len(self.readings) - first)
        pairs = []
        for number, reading in enumerate(self.readings[first:], first):
            key, quad = key_of(reading), self.quads[number]
            for track in self.lost:
                if track.key == key:
                    distance = float(np.abs(quad.mean(0) - track.expected(self._number).mean(0)).max())
                    if distance <= self._margin * float(np.ptp(quad, axis=0).max()):
                        pairs.append((distance, number, track))
        for _, number, track in sorted(pairs, key=lambda pair: pair[:2]):
            if track in self.lost and self.tracks[number] is None:
                self.tracks[number] = track
                del self.lost[track]


def _where(expected: FloatArray, finders: DoubleArray, track: Track, margin: float) -> Iterator[FloatArray]:
    """Give where a known code may be: with finder patterns that are seen, where its motion takes it, where it was.

    A registration finds a code within a module, so nearer places are one. The corners of a code at rest seem to move
    where something covers its patterns.
    """
    module = float(np.linalg.norm(track.measured[1] - track.measured[0])) / track.reading.size
    moved = _moved_with(finders, expected, track.reading.size, margin)
    if moved is not None and np.abs(moved - expected).max() > module:
        yield moved
    rested = np.abs(track.measured - expected).max() > module
    if not rested or track.missed % 2 == 0:
        yield expected
    if rested and (track.missed == 0 or track.missed % 2):
        yield track.measured


def _as_shown(quad: FloatArray, track: Track) -> FloatArray:
    """Give corners as read for those of the lattice, or back: a mirrored one lies as the picture shows it."""
    return quad[[0, 3, 2, 1]] if track.reading.record.mirrored else quad


def _moved_with(finders: DoubleArray, expected: FloatArray, size: int, margin: float) -> FloatArray | None:
    """Give where a code lies if finder patterns of no symbol, seen near those that it is expected with, are its own.

    Of the moves that take one onto another the one that brings most together counts, then the shortest.
    """
    if not len(finders):
        return None
    own = _finders_of(size, expected)
    module = float(areas(expected[None])[0]) ** 0.5 / size
    modules = np.sqrt(areas(finders.astype(np.float32))) / FINDER
    centres = finders.mean(1)[[_alike(module, of) for of in modules.tolist()]]
    steps = centres[:, None] - own
    reach = margin * float(np.ptp(expected, axis=0).max())
    near = (np.abs(steps).max(2) <= reach + SWAY * module).any(1)
    centres, steps = centres[near], steps[near]
    moves = steps[np.abs(steps).max(2) <= reach]
    if not len(moves):
        return None
    # Of each pattern seen from each of its own after each move.
    distances = np.abs(steps - moves[:, None, None]).max(3)
    paired = distances.min(1) < SWAY * module
    likeliest = np.lexsort((np.abs(moves).max(1), -paired.sum(1)))[0]
    of = np.flatnonzero(paired[likeliest])
    seen = distances[likeliest][:, of].argmin(0)
    return _similar(own[of], centres[seen], expected)


def _finders_of(size: int, quad: FloatArray) -> DoubleArray:
    """Give the centres of a code's finder patterns."""
    near, far = FINDER / 2, size - FINDER / 2
    places = np.array([[near, near, 1], [far, near, 1], [near, far, 1]]) @ _core.homography(_corners(size), quad).T
    return np.asarray(places[:, :2] / places[:, 2:])


def _similar(points: DoubleArray, moved: DoubleArray, quad: FloatArray) -> FloatArray:
    """Move a quad as points were: with their mean, and turned and scaled with them where there are several."""
    before, after, corners = (places @ np.array([1, 1j]) for places in (points, moved, quad))
    apart = before - before.mean()
    turn = np.vdot(apart, after) / np.vdot(apart, apart) if len(points) > 1 else 1.0
    corners = (corners - before.mean()) * turn + after.mean()
    return np.stack([corners.real, corners.imag], 1).astype(np.float32)


def _alike(a: float, b: float) -> bool:
    """Whether two finder patterns of these sides may be the same one."""
    return LEAST_ALIKE * max(a, b) < min(a, b)


def _look_for(search: Search, place: Place, track: Track, results: _Frame) -> None:
    """Register a known code's patterns near where it is expected, and read or recognise it there."""
    assert place.candidate is not None
    view, size = search.view(), place.candidate.size
    with search.trace.stage("registration"):
        homography, score, polarity = _core.refine_homography(view, place.candidate.homography, size)
    search.account.spend(samples=REGISTRATION_SAMPLES)
    if score < SEEN or (polarity < 0) != place.candidate.inverted:
        search.trace.look("not found where it is expected", place.quad, score=round(score, 3))
        return
    place.candidate = Candidate(homography, size, score, place.candidate.inverted)
    reading = search.recognise(view, place.candidate, [track.reading.record], "quick", "plain", once=True)
    if reading is None:
        results.seen[track] = _as_shown(place.quad, track)
    search.take(place, reading, "found where it is expected, not read")


def _known_cost(search: Search, place: Place) -> tuple[float, float]:
    """Give the grey values and multiply-accumulates of registering a known code and of reading it once."""
    samples, macs = _grid_cost(search, place)
    return samples + REGISTRATION_SAMPLES, macs


def _grid_cost(search: Search, place: Place) -> tuple[float, float]:
    """Give the same of one reading of a grid with the DenseNet."""
    assert place.candidate is not None
    size = place.candidate.size + (GROWTH if place.candidate.size >= VERSIONED else 0)
    macs = search.models.densenet.macs * (size + 4) ** 2 if search.by_networks else 0.0
    return SAMPLES_A_MODULE * size**2, macs


def _box_cost(search: Search, place: Place) -> tuple[float, float]:
    """Give the same of L-Net's looks at a square's corners and of registering what they span, and of a small grid."""
    macs = LOOKS_OF_LNET * search.models.lnet.macs + search.models.densenet.macs * SMALL**2
    return LIKELIEST * REGISTRATION_SAMPLES, macs


def _finder_cost(search: Search, _: Place) -> tuple[float, float]:
    """Give the same of the cascade's look about a finder pattern."""
    models = search.models
    pixels = 2 * (2 * REACH / LEAST_SIDE * 2**0.25 * WINDOW) ** 2  # of the finest level, and of all coarser ones
    windows = ONE_CODE["proposals"] * models.rnet.macs + ONE_CODE["candidates"] * models.onet.macs
    return 0.0, pixels * models.pnet.macs + windows + CALLS * CALL


class _Work:
    """What a frame may spend on places: a share of a full search's work, beyond the plain path and the due parts.

    Grey values and multiply-accumulates are shares of what a full search may take of either, and add up.
    """

    def __init__(self, search: Search, share: float) -> None:
        settings, pixels = search.settings, search.picture.shape[0] * search.picture.shape[1]
        self._search, account = search, search.account
        self._samples = settings.samples + settings.samples_a_pixel * pixels
        self._macs = settings.macs + settings.macs_a_pixel * pixels
        self._begun = account.samples, account.macs
        self._share = share

    def spend(self, step: Step, cost: Callable[[Search, Place], tuple[float, float]]) -> None:
        """Take a step as far as it is paid for; a place that may cost more than is left is passed over.

        What a place may cost is charged, whether it did or not: frames would differ more otherwise.
        """

        def affordable(search: Search) -> Iterator[Place]:
            for place in step.places(search):
                samples, macs = cost(search, place)
                if self.covers(samples, macs):
                    account = search.account
                    least = account.samples + samples, account.macs + macs
                    yield place
                    account.spend(max(0.0, least[0] - account.samples), max(0.0, least[1] - account.macs))

        self._unbounded()
        run(self._search, [Step(step.name, affordable, step.look, step.when, step.effort, step.needs)])

    def covers(self, samples: float, macs: float) -> bool:
        """Whether so much is left; within what it is for, nothing further is begun that would cost as much again."""
        account = self._search.account
        left = self._share - self._spent() - samples / self._samples - macs / self._macs
        account.allowed_samples = account.samples + left * self._samples
        account.allowed_macs = account.macs + left * self._macs
        return bool(left > 0)

    def _spent(self) -> float:
        samples, macs = self._begun
        account = self._search.account
        return float((account.samples - samples) / self._samples + (account.macs - macs) / self._macs)

    @property
    def untouched(self) -> bool:
        """Whether nothing was spent."""
        return self._begun == (self._search.account.samples, self._search.account.macs)

    def apart(self, steps: Sequence[Step]) -> None:
        """Take steps that are not paid for from the share."""
        account = self._search.account
        samples, macs = account.samples, account.macs
        self._unbounded()
        run(self._search, steps)
        self._begun = self._begun[0] + account.samples - samples, self._begun[1] + account.macs - macs

    def _unbounded(self) -> None:
        self._search.account.allowed_samples = self._search.account.allowed_macs = float("inf")


def _corners(size: int) -> npt.NDArray[np.float64]:
    return np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float64)
