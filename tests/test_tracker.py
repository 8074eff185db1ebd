"""Codes followed through moving scenes: what is read, where, and how much work a frame is."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import fastqr
from conftest import Picture, code_modules, code_picture, place, quad_of, symbol_quad, texts, textured
from fastqr import _core
from fastqr.demo import DEMO_TEXTS
from fastqr.results import Results
from fastqr.search import Place, Search
from fastqr.tracker import SHARE, _Track

ONE, TWO = "the first code", "the second one"
HEIGHT, WIDTH = 300, 420
Quad = npt.NDArray[np.float64]


def frame_of(*codes: tuple[str, Quad], size: tuple[int, int] = (HEIGHT, WIDTH)) -> Picture:
    frame = textured(*size, seed=1)
    for text, quad in codes:
        frame = place(frame, code_picture(text, scale=4), quad)
    return frame


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

    def __init__(self, *, budget_ms: float | None = None) -> None:
        super().__init__(budget_ms=budget_ms)
        self.searches: list[Search] = []

    def _search_of(self, picture: Picture, results: Results) -> Search:
        self.searches.append(super()._search_of(picture, results))
        return self.searches[-1]

    @property
    def macs(self) -> float:
        """What the networks did in the last frame."""
        return self.searches[-1].account.macs

    def work(self, picture: Picture) -> Work:
        """Grey values visited in the last frame, the picture's own too, and what the networks did."""
        return Work(self.searches[-1].account.samples + picture.size, self.macs)


class Work(NamedTuple):
    samples: float
    macs: float

    def within(self, share: float, other: Work) -> bool:
        return self.samples <= share * other.samples and self.macs <= share * other.macs


@pytest.fixture(scope="module")
def watched() -> Watched:
    return Watched()


def full_work(watched: Watched, frame: Picture) -> Work:
    watched.decode(frame)
    return watched.work(frame)


def with_something_unread(frame: Picture) -> Picture:
    """A full search of the frame does all that it can."""
    return tiled(frame, [coin_tosses(0)], 1)


def test_a_moving_code_is_read_in_every_frame_and_its_search_ends_there(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for number in range(6):
        outer = quad_of((110 + 30 * number, 160 + 6 * number), 120 + 4 * number, degrees=5 * number)
        frame = with_something_unread(frame_of((ONE, outer)))
        (symbol,) = tracker.decode(frame)
        work = watched.work(frame)
        assert symbol.text == ONE
        assert symbol.quad is not None
        assert symbol.landmarks is not None
        expected = symbol_quad(outer, 17 + 4 * symbol.version)
        np.testing.assert_allclose(symbol.quad, expected, atol=1.5)
        np.testing.assert_allclose(symbol.landmarks[4], symbol.quad.mean(0), atol=3)
        full = full_work(watched, frame)
        assert work == full if number == 0 else work.macs == 0 < full.macs


def test_two_codes_are_followed_apart_and_come_in_reading_order(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for number in range(4):
        low = (TWO, quad_of((300 - 12 * number, 210), 110, degrees=30))
        high = (ONE, quad_of((150 + 12 * number, 90), 110))
        frame = with_something_unread(frame_of(low, high))
        assert [symbol.text for symbol in tracker.decode(frame)] == [ONE, TWO]
        assert number == 0 or watched.macs == 0 < full_work(watched, frame).macs


def test_two_codes_that_say_the_same_stay_two(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for number in range(4):
        x = 110 + 5 * number
        frame = frame_of((ONE, quad_of((x, 140), 110)), (ONE, quad_of((x + 125, 140), 110)))
        assert texts(tracker.decode(frame)) == [ONE, ONE]


def test_a_code_that_enters_is_read_at_once_where_it_is_plain_to_see(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    known, new = (ONE, quad_of((100, 100), 110)), (TWO, quad_of((320, 200), 110))
    assert texts(tracker.decode(frame_of(known))) == [ONE]
    assert texts(tracker.decode(frame_of(known, new))) == [ONE, TWO]


def test_a_code_that_enters_and_is_hard_to_see_is_found_by_the_next_full_search(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=3)
    alone = frame_of((ONE, quad_of((100, 100), 110)))
    assert texts(tracker.decode(alone)) == [ONE]
    torn = code_picture(TWO, scale=4, error="h")
    torn[16:44, 16:44] = 255  # a finder pattern
    both = place(alone, torn, quad_of((320, 200), 110))
    assert texts(watched.decode(both)) == [ONE, TWO]
    read = [texts(tracker.decode(both)) for _ in range(3)]
    assert read == [[ONE], [ONE], [ONE, TWO]]


def test_a_code_that_leaves_is_not_returned_any_more_and_asks_for_one_full_search(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    stays = (ONE, quad_of((180, 120), 110))
    assert texts(tracker.decode(frame_of(stays, (TWO, quad_of((320, 200), 110))))) == [ONE, TWO]
    alone = with_something_unread(frame_of(stays))
    full = full_work(watched, alone)
    work = []
    for _ in range(3):
        assert texts(tracker.decode(alone)) == [ONE]
        work.append(watched.work(alone))
    assert full.macs <= work[0].macs
    assert work[0].within(1 + SHARE, full)
    assert max(each.macs for each in work[1:]) == 0 < full.macs


def test_a_code_that_jumps_is_found_in_the_same_frame(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for centre in ((90, 100), (330, 200)):
        assert texts(tracker.decode(frame_of((ONE, quad_of(centre, 110))))) == [ONE]


def blurred_among(others: int) -> Picture:
    """A code that only the networks read, and others that are none."""
    frame = tiled(np.full((480, 640), 200, np.uint8), [coin_tosses(seed) for seed in range(others)], 4)
    code = cv2.GaussianBlur(code_picture("blurred", scale=8), (0, 0), 5)
    frame[200 : 200 + len(code), 380 : 380 + len(code)] = code
    return frame


def test_a_code_that_the_search_did_not_read_is_looked_for_where_it_was(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    assert texts(tracker.decode(blurred_among(0))) == ["blurred"]
    crowded = blurred_among(12)
    assert watched.decode(crowded) == []
    full = watched.work(crowded)
    assert texts(tracker.decode(crowded)) == ["blurred"]
    assert full.macs < watched.macs
    assert watched.work(crowded).within(1 + SHARE, full)


def test_a_payload_is_never_carried_over(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    where = quad_of((200, 150), 120)
    assert texts(tracker.decode(frame_of((ONE, where)))) == [ONE]
    assert texts(tracker.decode(frame_of((TWO, where)))) == [TWO]
    assert tracker.decode(frame_of()) == []


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
        "blank": np.full((height, width), 200, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 256, (height, width), np.uint8),
        "texture": textured(height, width),
        "100 coin tosses": tiled(white, tosses, 10),
        "one large coin toss": large,
        "all but some": one_less,
        "the same": hundred_codes(height, width),
    }


@pytest.mark.parametrize(
    ("size", "full_every"),
    [
        ((480, 640), 100),
        pytest.param((480, 640), 1, marks=pytest.mark.slow),
        pytest.param((1080, 1920), 100, marks=pytest.mark.slow),
    ],
)
def test_a_frame_costs_at_most_a_share_more_than_a_full_search(
    watched: Watched, size: tuple[int, int], full_every: int
) -> None:
    tracker = fastqr.Tracker(watched, full_every=full_every)
    codes = hundred_codes(*size)
    for name, frame in next_frames(*size).items():
        tracker.reset()
        assert len(tracker.decode(codes)) == 100
        read = texts(tracker.decode(frame))
        work = watched.work(frame)
        assert set(texts(watched.decode(frame))) <= set(read), name
        assert work.within(1 + SHARE, watched.work(frame)), name


def test_known_places_are_looked_at_while_the_budget_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Place] = []

    def last_look(search: Search, place: Place) -> None:
        looks.append(place)
        monkeypatch.setattr(search.account, "_deadline", 0.0)

    watched = Watched(budget_ms=1e6)
    tracker = fastqr.Tracker(watched)
    assert len(tracker.decode(hundred_codes(480, 640))) == 100
    monkeypatch.setattr(fastqr.tracker, "KNOWN_SQUARE", last_look)
    assert tracker.decode(next_frames(480, 640)["100 coin tosses"]) == []
    assert len(looks) == 1  # and there was work left for more
    assert len(watched.searches) == 2  # one account a frame


def test_a_budget_that_is_used_up_ends_a_frame() -> None:
    watched = Watched(budget_ms=1e-6)
    tracker = fastqr.Tracker(watched)
    tracker._tracks = _tracks_of(hundred_codes(480, 640))
    tracker._shape = (480, 640)
    assert tracker.decode(hundred_codes(480, 640)) == []
    assert watched.macs == 0


def _tracks_of(frame: Picture) -> list[_Track]:
    tracker = fastqr.Tracker()
    assert tracker.decode(frame)
    return list(tracker._tracks)


def test_every_so_many_frames_and_those_without_a_known_code_are_searched_to_the_end(watched: Watched) -> None:
    for every, codes in ((1, [(ONE, quad_of((200, 150), 120))]), (3, [(ONE, quad_of((200, 150), 120))]), (3, [])):
        tracker = fastqr.Tracker(watched, full_every=every)
        frame = with_something_unread(frame_of(*codes))
        full = full_work(watched, frame)
        for number in range(5):
            assert texts(tracker.decode(frame)) == [ONE] * len(codes)
            to_the_end = number % every == 0 or not codes
            assert watched.work(frame) == full if to_the_end else watched.macs == 0 < full.macs


def test_a_frame_of_another_size_or_kind_begins_anew(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for size in ((HEIGHT, WIDTH), (260, 300)):
        frame = with_something_unread(frame_of((ONE, quad_of((180, 150), 120)), size=size))
        full = full_work(watched, frame)
        for number in range(2):
            assert texts(tracker.decode(frame)) == [ONE]
            assert watched.work(frame) == full if number == 0 else watched.macs == 0 < full.macs
    assert tracker.decode(frame_of(size=(60, 50))) == []
    assert tracker.decode(frame_of(size=(15, 50))) == []
    grey = frame_of((ONE, quad_of((152, 130), 120)))
    assert texts(tracker.decode(grey)) == [ONE]
    assert texts(tracker.decode(np.repeat(grey[..., None], 3, axis=2))) == [ONE]


def test_reset_forgets(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    frame = with_something_unread(frame_of((ONE, quad_of((200, 150), 120))))
    full = full_work(watched, frame)
    tracker.decode(frame)
    tracker.reset()
    assert texts(tracker.decode(frame)) == [ONE]
    assert watched.work(frame) == full


def test_a_limit_of_symbols_holds_for_a_frame() -> None:
    tracker = fastqr.Tracker(fastqr.Scanner(max_symbols=1))
    frame = frame_of((ONE, quad_of((100, 100), 110)), (TWO, quad_of((300, 200), 110)))
    assert [len(tracker.decode(frame)) for _ in range(3)] == [1, 1, 1]


def test_the_demo_scene_is_followed_while_the_camera_pans(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    scene = fastqr.demo_scene(width=1000)
    read = [texts(tracker.decode(scene[:, 8 * number : 8 * number + 960])) for number in range(4)]
    assert all(set(found) <= set(DEMO_TEXTS) for found in read)
    assert min(map(len, read)) >= len(DEMO_TEXTS) - 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"full_every": 0}, fastqr.InvalidArgumentError, "full_every must be a whole number of at least 1, got 0"),
        ({"full_every": 2.5}, fastqr.ArgumentTypeError, "full_every must be a whole number"),
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
