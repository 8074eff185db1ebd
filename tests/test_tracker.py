"""Codes followed through moving scenes: what is read, where, and how much work a frame is."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import fastqr
from conftest import Picture, code_modules, code_picture, place, quad_of, symbol_quad, texts, textured
from fastqr import _core, search
from fastqr.appearances import PATH, Track
from fastqr.demo import DEMO_TEXTS
from fastqr.results import Results
from fastqr.search import PLAN, Search
from fastqr.settings import METHODS, SearchSettings
from fastqr.sweep import _tiles, parts_of_a_full_search

ONE, TWO = "the first code", "the second one"
HEIGHT, WIDTH = 300, 420
MACS_OF_A_PART = 9e7  # a millisecond or so
Quad = npt.NDArray[np.float64]


def frame_of(*codes: tuple[str, Quad], size: tuple[int, int] = (HEIGHT, WIDTH)) -> Picture:
    frame = textured(*size, seed=1)
    for text, quad in codes:
        frame = place(frame, code_picture(text, scale=4), quad)
    return frame


def noisy(frame: Picture, seed: int, deviation: float = 3) -> Picture:
    noise = np.random.default_rng(seed).normal(0, deviation, frame.shape)
    return np.clip(frame + noise, 0, 255).round().astype(np.uint8)


def shaken(frame: Picture, pixels: int) -> Picture:
    """The frame as a camera sees it that moves by so many pixels to the side."""
    return np.asarray(cv2.filter2D(frame, -1, np.full((1, pixels), 1 / pixels)), np.uint8)


def coin_tosses(seed: int, *, scale: int = 3, version: int = 1) -> Picture:
    """Function patterns of a symbol, and nothing that means anything between them."""
    modules = code_modules("", version=version)
    free = np.asarray(_core.function_patterns(len(modules))) == 0
    modules[free] = np.random.default_rng(seed).integers(0, 2, int(free.sum())) == 1
    return np.kron(np.where(np.pad(modules, 4), 0, 255).astype(np.uint8), np.ones((scale, scale), np.uint8))


def tiled(frame: Picture, codes: list[Picture], columns: int) -> Picture:
    """The frame with codes laid onto it from its top left, row by row."""
    frame = frame.copy()
    for number, code in enumerate(codes):
        y, x = (code.shape[0] * k for k in divmod(number, columns))
        frame[y : y + code.shape[0], x : x + code.shape[1]] = code
    return frame


class Watched(fastqr.Scanner):
    """A scanner that keeps its searches."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.searches: list[Search] = []

    def _search_of(self, picture: Picture, results: Results, *begun: Any) -> Search:
        self.searches.append(super()._search_of(picture, results, *begun))
        return self.searches[-1]

    @property
    def work(self) -> Work:
        """Grey values visited in the last frame beyond its own, and what the networks did."""
        return Work(self.searches[-1].account.samples, self.searches[-1].account.macs)

    @property
    def steps(self) -> list[str]:
        """The steps that the last frame took."""
        return [step.name for step in self.searches[-1].trace.steps if step.skipped is None]


class Work(NamedTuple):
    samples: float
    macs: float


@pytest.fixture(scope="module")
def watched() -> Watched:
    return Watched()


# What is read, and what it is called ----------------------------------------------------------------------------------


def test_a_moving_code_is_read_in_every_frame_and_is_the_same_code(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number in range(6):
        outer = quad_of((110 + 30 * number, 160 + 6 * number), 120 + 4 * number, degrees=5 * number)
        (symbol,) = tracker.decode(frame_of((ONE, outer)))
        assert symbol.text == ONE
        assert symbol.quad is not None
        assert symbol.landmarks is not None
        expected = symbol_quad(outer, 17 + 4 * symbol.version)
        np.testing.assert_allclose(symbol.quad, expected, atol=1.5)
        np.testing.assert_allclose(symbol.landmarks[4], symbol.quad.mean(0), atol=3)
        (code,) = tracker.appearances
        assert (code.id, code.state, code.first, code.last, code.symbol.text) == (1, "decoded", 0, number, ONE)
        assert code.read
        assert code.seen
        np.testing.assert_array_equal(code.measured, symbol.quad)
        np.testing.assert_allclose(code.quad, expected, atol=6)
        assert code.path.shape == (number + 1, 4, 2)
        np.testing.assert_array_equal(code.path[-1], code.quad)
        assert tracker.ended == []


def test_two_codes_are_followed_apart_and_come_in_reading_order(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number in range(4):
        low = (TWO, quad_of((300 - 12 * number, 210), 110, degrees=30))
        high = (ONE, quad_of((150 + 12 * number, 90), 110))
        assert [symbol.text for symbol in tracker.decode(frame_of(low, high))] == [ONE, TWO]
        assert {code.id: code.symbol.text for code in tracker.appearances} == {1: ONE, 2: TWO}


def test_two_codes_that_say_the_same_stay_two(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number in range(4):
        x = 110 + 5 * number
        frame = frame_of((ONE, quad_of((x, 140), 110)), (ONE, quad_of((x + 125, 140), 110)))
        assert texts(tracker.decode(frame)) == [ONE, ONE]
        left, right = tracker.appearances
        assert (left.id, right.id) == (1, 2)
        assert left.quad.mean(0)[0] < right.quad.mean(0)[0] - 100


def test_a_code_that_enters_is_read_at_once_where_it_is_plain_to_see(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    known, new = (ONE, quad_of((100, 100), 110)), (TWO, quad_of((320, 200), 110))
    assert texts(tracker.decode(frame_of(known))) == [ONE]
    assert texts(tracker.decode(frame_of(known, new))) == [ONE, TWO]
    assert [(code.id, code.first) for code in tracker.appearances] == [(1, 0), (2, 1)]


def test_a_code_that_leaves_is_not_returned_any_more_and_its_appearance_ends(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, keep=2)
    both = frame_of((ONE, quad_of((180, 120), 110)), (TWO, quad_of((320, 200), 110)))
    alone = frame_of((ONE, quad_of((180, 120), 110)))
    for _ in range(2):
        assert texts(tracker.decode(both)) == [ONE, TWO]
    ended = []
    for _ in range(4):
        assert texts(tracker.decode(alone)) == [ONE]
        ended.append(tracker.ended)
        if not ended[-1] and len(ended) < 3:
            assert [(code.state, code.measured is None) for code in tracker.appearances] == [
                ("decoded", False),
                ("expected", True),
            ]
    (left,) = ended[2]
    assert ended == [[], [], [left], []]
    assert (left.id, left.symbol.text, left.first, left.last, left.path.shape) == (2, TWO, 0, 1, (2, 4, 2))


def test_a_code_that_is_carried_out_of_the_picture_ends_there(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number in range(9):
        tracker.decode(frame_of((ONE, quad_of((300 + 25 * number, 140), 110))))
    assert tracker.appearances == []


def test_a_code_that_jumps_is_found_in_the_same_frame_and_is_another_one(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number, centre in enumerate(((90, 100), (330, 200))):
        assert texts(tracker.decode(frame_of((ONE, quad_of(centre, 110))))) == [ONE]
        assert [code.id for code in tracker.appearances if code.read] == [number + 1]


def test_a_payload_is_never_carried_over(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    where = quad_of((200, 150), 120)
    assert texts(tracker.decode(frame_of((ONE, where)))) == [ONE]
    assert texts(tracker.decode(frame_of((TWO, where)))) == [TWO]
    assert [(code.id, code.symbol.text) for code in tracker.appearances] == [(2, TWO)]
    assert [code.id for code in tracker.ended] == [1]  # another code stands in its place
    assert tracker.decode(frame_of()) == []


# Known codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_known_code_is_recognised_where_it_is_too_blurred_to_be_decoded_in_passing(
    watched: Watched, mirrored: bool
) -> None:
    tracker, in_passing = fastqr.Tracker(watched), fastqr.Scanner(effort="quick")
    states = []
    for number, blur in enumerate((1, 8, 8, 1)):
        outer = quad_of((160 + 8 * number, 150), 120, degrees=2 * number)
        frame = noisy(shaken(frame_of((ONE, outer)), blur), seed=number, deviation=12)
        frame = np.ascontiguousarray(frame[:, ::-1]) if mirrored else frame
        assert texts(in_passing.decode(frame)) == ([ONE] if blur == 1 else [])
        (symbol,) = tracker.decode(frame)
        assert symbol.text == ONE
        assert symbol.quad is not None
        shown = symbol_quad(outer, 17 + 4 * symbol.version)
        shown = np.stack([WIDTH - shown[:, 0], shown[:, 1]], axis=1) if mirrored else shown
        np.testing.assert_allclose(symbol.quad, shown, atol=5)
        (code,) = tracker.appearances
        assert code.id == 1
        states.append(code.state)
    assert states == ["decoded", "recognised", "recognised", "decoded"]


@pytest.mark.parametrize("mirrored", [False, True])
def test_where_a_code_says_nothing_any_more_its_corners_are_followed(watched: Watched, mirrored: bool) -> None:
    tracker = fastqr.Tracker(watched)
    states = []
    for number, blur in enumerate((1, 1, 16, 16, 1)):
        outer = quad_of((160 + 4 * number, 150), 120)
        frame = noisy(shaken(frame_of((ONE, outer)), blur), seed=number)
        read = tracker.decode(np.ascontiguousarray(frame[:, ::-1]) if mirrored else frame)
        assert texts(read) == ([ONE] if blur == 1 else [])
        (code,) = tracker.appearances
        assert (code.id, code.seen, code.read) == (1, True, blur == 1)
        assert code.measured is not None
        shown = symbol_quad(outer, 25)
        shown = np.stack([WIDTH - shown[:, 0], shown[:, 1]], axis=1) if mirrored else shown
        np.testing.assert_allclose(code.measured, shown, atol=10)
        states.append(code.state)
    assert states == ["decoded", "decoded", "seen", "seen", "decoded"]


def test_another_message_in_the_place_of_a_known_one_is_never_taken_for_it(watched: Watched) -> None:
    known, sibling = "https://example.org/item/41", "https://example.org/item/42"
    where = quad_of((210, 150), 140, degrees=10)
    sharp, other = frame_of((known, where)), frame_of((sibling, where))
    outcomes: Counter[str] = Counter()
    for blur, seed in itertools.product(range(3, 15, 2), range(3)):
        for frame in (shaken(other, blur), cv2.GaussianBlur(other, (0, 0), blur / 3)):
            tracker = fastqr.Tracker(watched)
            tracker.decode(sharp)
            read = texts(tracker.decode(noisy(np.asarray(frame, np.uint8), seed, 5)))
            assert known not in read
            outcomes.update(read or ["nothing"])
    assert set(outcomes) == {sibling, "nothing"}  # some of both, so that it was put to the test


@pytest.mark.parametrize(("x", "y", "turn"), [(25, -14, 0), (-24, 10, 8), (0, 22, -12)])
def test_a_code_that_moved_unforeseen_is_found_with_finder_patterns_of_no_other(
    x: float, y: float, turn: float
) -> None:
    tracker = fastqr.Tracker(fastqr.Scanner(methods=("finder_patterns",)))
    ground, moved = textured(HEIGHT, WIDTH, seed=1), quad_of((200 + x, 150 + y), 120, degrees=20 + turn)
    whole = place(ground, code_picture(TWO, scale=4, error="h"), quad_of((200, 150), 120, degrees=20))
    assert texts(tracker.decode(whole)) == [TWO]
    tracker.decode(place(ground, torn_code(TWO), moved))  # without its first finder pattern
    (code,) = tracker.appearances
    assert (code.id, code.seen) == (1, True)
    assert code.measured is not None
    np.testing.assert_allclose(code.measured[1:], symbol_quad(moved, 25)[1:], atol=4)


def test_a_code_that_is_missed_again_is_looked_for_in_one_place_a_frame(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number in range(3):
        tracker.decode(frame_of((ONE, quad_of((130 + 20 * number, 150), 120))))
    looks = []
    for _ in range(4):
        tracker.decode(frame_of())
        looks.append(len(watched.searches[-1].trace.looks("known codes")))
    assert looks == [2, 1, 1, 1]


def test_what_is_about_a_finder_pattern_is_looked_at_once_and_again_when_another_comes(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    finder = code_picture("A", scale=4, version=1, border=1)[: 9 * 4, : 9 * 4]
    frame = textured(HEIGHT, WIDTH, seed=1)
    looks = []
    for x, y in ((60, 60), (150, 85), (240, 60)):
        for again in range(2):
            frame[y : y + 36, x : x + 36] = finder
            tracker.decode(noisy(frame, again))
            looks.append(len(watched.searches[-1].trace.looks("about finder patterns")))
    assert looks == [1, 0] * 3
    fastqr.Tracker(watched).decode(frame)
    assert len(watched.searches[-1].ungrouped) == 3
    assert len(watched.searches[-1].trace.looks("about finder patterns")) == 1


def test_a_code_that_comes_back_is_recognised_and_is_a_new_appearance(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, keep=1)
    where = quad_of((200, 150), 120)
    tracker.decode(frame_of((ONE, where)))
    for _ in range(3):
        assert tracker.decode(frame_of()) == []
    hidden = noisy(shaken(frame_of((ONE, where)), 9), seed=1, deviation=60)
    assert watched.decode(hidden) == []
    for _ in range(3 * 60):
        if tracker.decode(hidden):
            break
    assert [(code.id, code.state, code.symbol.text) for code in tracker.appearances] == [(2, "recognised", ONE)]


def test_corners_are_smoothed_where_a_code_rests_and_keep_up_where_it_moves() -> None:
    reading_quads = []
    random = np.random.default_rng(5)

    class Reading:
        size = 25
        recognised = False

        def __init__(self, quad: Quad) -> None:
            self.quad = quad.astype(np.float32)
            self.record = type("Record", (), {"segments": [("byte", None, b"x")]})()

    square = quad_of((200, 200), 100)
    track = Track(1, 0, Reading(square))  # type: ignore[arg-type]
    smooth = []
    for frame in range(1, 200):
        moved = square + (0 if frame < 100 else 4 * (frame - 99))
        reading_quads.append(moved + random.normal(0, 0.3, (4, 2)))
        track.read(frame, Reading(reading_quads[-1]))  # type: ignore[arg-type]
        smooth.append(track._path[track._length - 1] - moved)
    resting, moving = np.array(smooth[20:98]), np.array(smooth[105:])
    assert resting.std() < 0.23 < 0.28 < (np.array(reading_quads[20:98]) - square).std()
    assert abs(moving.mean()) < 0.2
    assert moving.std() < 0.4


def test_a_path_is_kept_for_the_last_frames_only_and_what_was_given_stays_as_it_was() -> None:
    tracker = fastqr.Tracker(fastqr.Scanner(effort="quick"))
    tracker.decode(code_picture(ONE))
    (track,) = tracker._tracks
    before = track.appearance().path
    kept = before.copy()
    for _ in range(3 * PATH):
        track.miss()
    np.testing.assert_array_equal(before, kept)
    assert track.appearance().path.shape == (PATH, 4, 2)
    assert len(track._path) <= 2 * PATH


# Work -----------------------------------------------------------------------------------------------------------------


def hundred_codes(height: int, width: int) -> Picture:
    codes = [code_picture(f"c{k:03d}", scale=min(height, width) // 290, version=1) for k in range(100)]
    return tiled(np.full((height, width), 255, np.uint8), codes, 10)


def next_frames(height: int, width: int) -> dict[str, Picture]:
    white = np.full((height, width), 255, np.uint8)
    tosses = [coin_tosses(seed, scale=min(height, width) // 290) for seed in range(100)]
    large = tiled(white, [coin_tosses(0, scale=2, version=40)], 1)
    one_less = hundred_codes(height, width)
    side = len(tosses[0])
    one_less[-height // 10 :] = one_less[:side, :side] = 255
    return {
        "noise": np.random.default_rng(1).integers(0, 256, (height, width), np.uint8),
        "texture": textured(height, width),
        "100 coin tosses": tiled(white, tosses, 10),
        "one large coin toss": large,
        "blurred": np.asarray(cv2.GaussianBlur(hundred_codes(height, width), (0, 0), 2.5), np.uint8),
        "all but some": one_less,
    }


@pytest.mark.parametrize(
    ("size", "full_every"),
    [
        ((480, 640), 60),
        pytest.param((480, 640), 3, marks=pytest.mark.slow),
        pytest.param((1080, 1920), 60, marks=pytest.mark.slow),
    ],
)
def test_a_frame_costs_the_plain_path_and_a_share_of_a_full_search(
    watched: Watched, size: tuple[int, int], full_every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = 0.2
    quick = Watched(effort="quick")
    codes = hundred_codes(*size)
    settings, pixels = SearchSettings(), size[0] * size[1]
    full = Work(settings.samples + settings.samples_a_pixel * pixels, settings.macs + settings.macs_a_pixel * pixels)
    due = -(-len(parts_of_a_full_search(size, "balanced", METHODS, 21)) // (full_every - full_every // 5))
    for name, frame in next_frames(*size).items():
        tracker = fastqr.Tracker(watched, share=share, full_every=full_every)
        assert len(tracker.decode(codes)) == 100
        with monkeypatch.context() as patched:
            patched.setattr(search, "FINDERS_SHARE", np.inf)  # what was visited, not what is charged for it
            quick._searched(frame, PLAN)  # a scanner makes no search of a clean frame
        for number in range(4):
            read = texts(tracker.decode(frame))
            again = any(step.startswith("finder patterns again") for step in watched.steps)
            macs = watched.work.macs - due * MACS_OF_A_PART
            samples = watched.work.samples - (1 + again) * quick.work.samples - due * 5e5
            assert max(macs, 0) / full.macs + max(samples, 0) / full.samples <= share, (name, number)
        assert name != "all but some" or len(read) >= 88


def test_every_part_of_a_full_search_is_seen_within_so_many_frames(watched: Watched) -> None:
    names = [part.name for part in parts_of_a_full_search((480, 640), "balanced", METHODS, 21)]
    assert len(names) > 9
    random = np.random.default_rng(4)
    for every, busy in itertools.product((1, 3, 5, 32, 60), (0.0, 0.5, 0.9, 1.0)):
        tracker = fastqr.Tracker(watched, full_every=every)
        tracker._begin((480, 640))
        last = dict.fromkeys(names, -1)
        most = 0
        for frame in range(4 * every + 3):
            parts = [part.name for part in tracker._due(calm=random.random() >= busy)]
            most = max(most, len(parts))
            for name in parts:
                last[name] = frame
            assert frame - min(last.values()) <= every, (every, busy)
        assert most <= -(-len(names) // (every - every // 5))


def test_a_part_waits_for_a_frame_in_which_the_networks_have_nothing_to_do(watched: Watched) -> None:
    where = quad_of((200, 150), 120)
    tracker = fastqr.Tracker(watched, full_every=40)
    parts = {part.name for part in parts_of_a_full_search((HEIGHT, WIDTH), "balanced", METHODS, 21)}
    tracker.decode(frame_of((ONE, where)))
    assert parts & set(watched.steps)
    for number in range(4):
        tracker.decode(noisy(shaken(frame_of((ONE, where)), 16), seed=number))  # the network is asked what it says
        assert watched.work.macs > 0
        assert not parts & set(watched.steps)
    tracker.decode(frame_of((ONE, where)))
    assert parts & set(watched.steps)


def test_tiles_show_every_code_whole_that_is_no_larger_than_they_overlap() -> None:
    random = np.random.default_rng(2)
    for height, width, pixels, side in ((480, 640, 4e4, 40), (1080, 1920, 9e4, 68), (300, 3000, 5e4, 31)):
        tiles = np.array(_tiles(height, width, pixels, side))
        assert len(tiles) > 5
        corners = random.uniform(0, 1, (2000, 2)) * [width - side, height - side]
        whole = (tiles[:, None, :2] <= corners).all(2) & (corners + side <= tiles[:, None, 2:]).all(2)
        assert whole.any(0).all()


def test_scales_follow_each_other_without_a_gap() -> None:
    def bands(effort: str, min_size: float) -> list[tuple[float, float]]:
        parts = parts_of_a_full_search((720, 1280), effort, METHODS, min_size)
        words = [part.name.split() for part in parts if part.name.startswith("cascade")]
        return sorted({(float(word[1]), float(word[3])) for word in words})

    for (effort, min_size), least in {("balanced", 16): 32, ("balanced", 100): 100, ("thorough", 16): 16}.items():
        scales = bands(effort, min_size)
        assert scales[0][0] == least
        assert scales[-1][1] == 1280
        assert all(before[1] == after[0] for before, after in itertools.pairwise(scales))


def torn_code(text: str) -> Picture:
    torn = code_picture(text, scale=4, error="h")
    torn[16:44, 16:44] = 255  # a finder pattern
    torn[40:44, 44:-44] = torn[44:-44, 40:44] = 255  # and the timing patterns
    return torn


def torn_among_others() -> Picture:
    frame = frame_of((ONE, quad_of((100, 100), 110)), size=(480, 640))
    return place(frame, torn_code(TWO), quad_of((320, 330), 100, degrees=12))


def blurred() -> Picture:
    return noisy(shaken(frame_of((ONE, quad_of((200, 150), 100))), 7), seed=1)


@pytest.mark.parametrize("picture", [torn_among_others, blurred])
def test_a_code_that_only_the_networks_read_is_read_within_a_round(
    watched: Watched, picture: Callable[[], Picture]
) -> None:
    frame, every = picture(), 12
    full = texts(watched.decode(frame))
    tracker = fastqr.Tracker(watched, full_every=every, share=1)
    read = [texts(tracker.decode(frame)) for _ in range(every + 5)]
    assert len(texts(fastqr.Scanner(effort="quick").decode(frame))) < len(full)  # the networks are needed
    assert full in read[: every + 4]  # a box that rests, because it was looked at in vain, waits for three frames
    assert read[-1] == full  # and is known from then on


def test_a_budget_that_is_used_up_ends_a_frame() -> None:
    watched = Watched(budget_ms=1e-6)
    tracker = fastqr.Tracker(watched)
    assert tracker.decode(hundred_codes(480, 640)) == []
    assert watched.work.macs == 0


def test_a_limit_of_symbols_holds_for_a_frame() -> None:
    tracker = fastqr.Tracker(fastqr.Scanner(max_symbols=1))
    frame = frame_of((ONE, quad_of((100, 100), 110)), (TWO, quad_of((300, 200), 110)))
    assert [len(tracker.decode(frame)) for _ in range(3)] == [1, 1, 1]


def test_a_quick_search_follows_codes_without_the_networks() -> None:
    scanner = fastqr.Scanner(effort="quick")
    tracker = fastqr.Tracker(scanner)
    where = quad_of((200, 150), 120)
    tracker.decode(frame_of((ONE, where)))
    tracker.decode(noisy(shaken(frame_of((ONE, where)), 9), seed=1))
    assert [(code.id, code.seen) for code in tracker.appearances] == [(1, True)]
    assert scanner._networks._models is None


def test_others_have_their_networks_before_the_first_frame() -> None:
    scanner = fastqr.Scanner()
    assert scanner._networks._models is None
    fastqr.Tracker(scanner)
    assert scanner._networks._models is not None


# Cuts and options -----------------------------------------------------------------------------------------------------


def test_a_frame_of_another_size_or_kind_begins_anew(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    for number, size in enumerate(((HEIGHT, WIDTH), (260, 300))):
        for _ in range(2):
            assert texts(tracker.decode(frame_of((ONE, quad_of((180, 150), 120)), size=size))) == [ONE]
            assert [code.id for code in tracker.appearances] == [number + 1]
    assert tracker.decode(frame_of(size=(60, 50))) == []
    assert [(code.id, code.first, code.last) for code in tracker.ended] == [(2, 2, 3)]
    assert tracker.decode(frame_of(size=(15, 50))) == []
    grey = frame_of((ONE, quad_of((152, 130), 120)))
    assert texts(tracker.decode(grey)) == [ONE]
    assert texts(tracker.decode(np.repeat(grey[..., None], 3, axis=2))) == [ONE]
    assert [code.id for code in tracker.appearances] == [3]


def test_reset_ends_what_was_followed(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    frame = frame_of((ONE, quad_of((200, 150), 120)))
    tracker.decode(frame)
    tracker.reset()
    assert tracker.appearances == []
    assert [code.id for code in tracker.ended] == [1]
    assert texts(tracker.decode(frame)) == [ONE]
    assert [(code.id, code.first) for code in tracker.appearances] == [(2, 1)]


def test_the_same_frames_give_the_same_results(watched: Watched) -> None:
    frames = [noisy(shaken(frame_of((ONE, quad_of((100 + 9 * k, 150), 100 - 5 * k))), 1 + k), k) for k in range(10)]

    def followed() -> list[object]:
        tracker = fastqr.Tracker(watched)
        return [(tracker.decode(frame), [code.quad.tolist() for code in tracker.appearances]) for frame in frames]

    assert followed() == followed()


def test_the_demo_scene_is_followed_while_the_camera_pans(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=6, share=0.5)
    scene = fastqr.demo_scene(width=1000)
    read = [texts(tracker.decode(scene[:, 4 * number : 4 * number + 960])) for number in range(12)]
    assert all(set(found) <= set(DEMO_TEXTS) for found in read)
    assert min(map(len, read[6:])) >= len(DEMO_TEXTS) - 1
    assert len({code.id for code in tracker.appearances}) <= len(DEMO_TEXTS) + 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"full_every": 0}, fastqr.InvalidArgumentError, "full_every must be a whole number of at least 1, got 0"),
        ({"full_every": 2.5}, fastqr.ArgumentTypeError, "full_every must be a whole number"),
        ({"share": 0}, fastqr.InvalidArgumentError, "share must be a finite number above 0, got 0"),
        ({"keep": -1}, fastqr.InvalidArgumentError, "keep must be a whole number of at least 0, got -1"),
        ({"margin": 0}, fastqr.InvalidArgumentError, "margin must be a finite number above 0, got 0"),
        ({"margin": "wide"}, fastqr.ArgumentTypeError, "margin must be a number above 0, got 'wide'"),
        ({"scanner": "mine"}, fastqr.ArgumentTypeError, "scanner must be a Scanner or None, got str"),
    ],
)
def test_options_that_are_not_accepted_are_named(
    options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fastqr.Tracker(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frame", "error", "message"),
    [
        ("frame.png", fastqr.ArgumentTypeError, "frame must be an array, got str"),
        (np.zeros((30, 30), complex), fastqr.InvalidImageError, "frame must be bool, .* got dtype complex128"),
        (np.zeros((30, 30, 5), np.uint8), fastqr.InvalidImageError, "frame must have shape .*, got"),
    ],
)
def test_frames_that_are_not_accepted_are_named(
    watched: Watched, frame: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fastqr.Tracker(watched).decode(frame)  # type: ignore[arg-type]
