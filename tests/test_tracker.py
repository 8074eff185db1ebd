"""Codes followed through moving scenes: what is read, where, and how much of a frame is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

import fastqr
from conftest import Picture, code_picture, place, quad_of, symbol_quad, texts, textured
from fastqr.demo import DEMO_TEXTS

ONE, TWO = "the first code", "the second one"
HEIGHT, WIDTH = 300, 420
Quad = npt.NDArray[np.float64]


def frame_of(*codes: tuple[str, Quad], size: tuple[int, int] = (HEIGHT, WIDTH)) -> Picture:
    frame = textured(*size, seed=1)
    for text, quad in codes:
        frame = place(frame, code_picture(text, scale=4), quad)
    return frame


class Watched(fastqr.Scanner):
    """A scanner that notes the shape of every picture that is searched, by itself or by those made from it."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[int, ...]] = []
        self.views: list[Picture] = []

    def decode(self, image: Picture) -> list[fastqr.Symbol]:  # type: ignore[override]
        self.looks.append(image.shape[:2])
        self.views.append(image)
        return super().decode(image)

    def full(self, size: Sequence[int] = (HEIGHT, WIDTH)) -> int:
        return self.looks.count(tuple(size))


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_moving_code_is_read_in_every_frame_and_searched_for_near_its_place(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for number in range(6):
        outer = quad_of((110 + 30 * number, 140 + 6 * number), 120 + 4 * number, degrees=5 * number)
        frame = frame_of((ONE, outer))
        (symbol,) = tracker.decode(frame)
        assert symbol.text == ONE
        assert symbol.quad is not None
        assert symbol.landmarks is not None
        expected = symbol_quad(outer, 17 + 4 * symbol.version)
        np.testing.assert_allclose(symbol.quad, expected, atol=1.5)
        np.testing.assert_allclose(symbol.landmarks[4], symbol.quad.mean(0), atol=3)
        assert np.shares_memory(watched.views[-1], frame)
    assert watched.full() == 1
    assert len(watched.looks) == 6


def test_two_codes_are_followed_apart_and_come_in_reading_order(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for number in range(4):
        low = (TWO, quad_of((300 - 12 * number, 210), 110, degrees=30))
        high = (ONE, quad_of((100 + 12 * number, 90), 110))
        assert [symbol.text for symbol in tracker.decode(frame_of(low, high))] == [ONE, TWO]
    assert watched.full() == 1


def test_two_codes_that_say_the_same_stay_two(scanner: fastqr.Scanner) -> None:
    tracker = fastqr.Tracker(scanner, full_every=100)
    for number in range(4):
        x = 110 + 5 * number
        frame = frame_of((ONE, quad_of((x, 140), 110)), (ONE, quad_of((x + 125, 140), 110)))
        assert texts(tracker.decode(frame)) == [ONE, ONE]


def test_a_code_that_enters_is_found_by_the_next_full_search(scanner: fastqr.Scanner) -> None:
    tracker = fastqr.Tracker(scanner, full_every=3)
    known, new = (ONE, quad_of((100, 100), 110)), (TWO, quad_of((320, 200), 110))
    assert texts(tracker.decode(frame_of(known))) == [ONE]
    both = frame_of(known, new)
    read = [texts(tracker.decode(both)) for _ in range(4)]
    assert read == [[ONE], [ONE], [ONE, TWO], [ONE, TWO]]


def test_a_code_that_leaves_is_not_returned_any_more_and_asks_for_one_full_search(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    stays = (ONE, quad_of((100, 100), 110))
    assert texts(tracker.decode(frame_of(stays, (TWO, quad_of((320, 200), 110))))) == [ONE, TWO]
    alone = frame_of(stays)
    assert [texts(tracker.decode(alone)) for _ in range(3)] == [[ONE]] * 3
    assert watched.full() == 2


def test_a_code_that_jumps_is_found_in_the_same_frame(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for centre in ((90, 100), (330, 200)):
        assert texts(tracker.decode(frame_of((ONE, quad_of(centre, 110))))) == [ONE]
    assert watched.full() == 2


def test_a_payload_is_never_carried_over(scanner: fastqr.Scanner) -> None:
    tracker = fastqr.Tracker(scanner)
    where = quad_of((200, 150), 120)
    assert texts(tracker.decode(frame_of((ONE, where)))) == [ONE]
    assert texts(tracker.decode(frame_of((TWO, where)))) == [TWO]
    assert tracker.decode(frame_of()) == []


def test_frames_without_a_code_are_searched_whole(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched)
    assert [tracker.decode(frame_of()) for _ in range(2)] == [[], []]
    assert watched.full() == 2


def test_every_frame_is_searched_whole_where_that_is_asked_for(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=1)
    frame = frame_of((ONE, quad_of((200, 150), 120)))
    assert [texts(tracker.decode(frame)) for _ in range(3)] == [[ONE]] * 3
    assert watched.looks == [(HEIGHT, WIDTH)] * 3


def test_a_frame_of_another_size_or_kind_begins_anew(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    for size in ((HEIGHT, WIDTH), (260, 300), (60, 50)):
        frame = frame_of(*[(ONE, quad_of((150, 130), 120))] * (size[0] > 100), size=size)
        assert texts(tracker.decode(frame)) == [ONE] * (size[0] > 100)
        assert watched.full(size) == 1
    tracker.decode(frame_of((ONE, quad_of((150, 130), 120))))
    grey = frame_of((ONE, quad_of((152, 130), 120)))
    assert texts(tracker.decode(np.repeat(grey[..., None], 3, axis=2))) == [ONE]
    assert watched.full() == 2


def test_reset_forgets(watched: Watched) -> None:
    tracker = fastqr.Tracker(watched, full_every=100)
    frame = frame_of((ONE, quad_of((200, 150), 120)))
    tracker.decode(frame)
    tracker.reset()
    assert texts(tracker.decode(frame)) == [ONE]
    assert watched.full() == 2


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
        ("frame.png", fastqr.ArgumentTypeError, "frame must be a uint8 array .*, got str"),
        (np.zeros((30, 30), np.float32), fastqr.InvalidImageError, "frame must have dtype uint8, got float32"),
        (np.zeros((30, 30, 4), np.uint8), fastqr.InvalidImageError, "frame must have shape .*, got"),
    ],
)
def test_frames_that_are_not_accepted_are_named(
    scanner: fastqr.Scanner, frame: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fastqr.Tracker(scanner).decode(frame)  # type: ignore[arg-type]
