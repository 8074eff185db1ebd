"""What the public API promises: results, reuse, options, and an error that names what was wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import io
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import fastqr
from conftest import (
    Picture,
    code_modules,
    code_picture,
    place,
    quad_of,
    strided_views,
    symbol_quad,
    texts,
    textured,
    within,
)
from fastqr.models import MODEL_NAMES, SHIPPED, models_folder
from fastqr.options import Effort
from fastqr.settings import EFFORTS

LEFT, RIGHT = "the left one", "THE RIGHT ONE"
SHAPE = (360, 640)


@pytest.fixture(scope="module")
def outlines() -> dict[str, npt.NDArray[np.float64]]:
    """Corners of the two codes of the scene with their quiet zones, as their text is read."""
    return {LEFT: quad_of((160, 190), 230, degrees=20), RIGHT: quad_of((460, 170), 220, degrees=-115, tilt=0.05)}


@pytest.fixture(scope="module")
def scene(outlines: dict[str, npt.NDArray[np.float64]]) -> Picture:
    """A grey picture with two codes; grey, so that files and PIL images hold exactly the same."""
    picture = textured(*SHAPE)
    for text, outline in outlines.items():
        picture = place(picture, code_picture(text, error="m", version=3, boost_error=False), outline)
    return picture


@pytest.fixture(scope="module")
def quads(outlines: dict[str, npt.NDArray[np.float64]]) -> dict[str, npt.NDArray[np.float64]]:
    """True outer corners of the two codes."""
    return {text: symbol_quad(outline, 29) for text, outline in outlines.items()}


def facts(symbols: list[fastqr.Symbol]) -> list[tuple[object, ...]]:
    """All that a symbol says, in a form that compares."""
    return [tuple(v.tolist() if isinstance(v, np.ndarray) else v for v in _values(symbol)) for symbol in symbols]


def _values(symbol: fastqr.Symbol) -> Iterator[object]:
    return (getattr(symbol, field.name) for field in dataclasses.fields(symbol))


# Results ----------------------------------------------------------------------------------------------------------


def test_a_symbol_says_all_about_itself(
    scanner: fastqr.Scanner, scene: Picture, quads: dict[str, npt.NDArray[np.float64]]
) -> None:
    symbols = scanner.decode(scene)
    assert texts(symbols) == sorted([LEFT, RIGHT])
    for symbol in symbols:
        assert symbol.data == symbol.text.encode()
        assert (symbol.version, symbol.ec_level) == (3, "M")
        assert 0 <= symbol.mask <= 7
        assert "".join(segment.text for segment in symbol.segments) == symbol.text
        assert symbol.symbology_identifier == "]Q1"
        assert symbol.structured_append is None
        assert 0 < symbol.confidence <= 1
        assert symbol.corrected_codewords >= 0
        assert symbol.erased_codewords >= 0
        assert not symbol.inverted
        assert not symbol.mirrored
        np.testing.assert_array_equal(
            symbol.modules, code_modules(symbol.text, error="m", version=3, boost_error=False)
        )
        assert symbol.quad is not None
        assert symbol.landmarks is not None
        assert (symbol.quad.dtype, symbol.quad.shape) == (np.float32, (4, 2))
        assert (symbol.landmarks.dtype, symbol.landmarks.shape) == (np.float32, (5, 2))


def test_a_quad_starts_top_left_as_the_symbol_is_read_and_goes_round_clockwise(
    scanner: fastqr.Scanner, scene: Picture, quads: dict[str, npt.NDArray[np.float64]]
) -> None:
    for symbol in scanner.decode(scene):
        truth = quads[symbol.text]
        module = np.linalg.norm(truth[1] - truth[0]) / 29
        assert np.abs(symbol.quad - truth).max() < 0.6 * module
        to_picture = cv2.getPerspectiveTransform(
            np.array([[0, 0], [29, 0], [29, 29], [0, 29]], np.float32), truth.astype(np.float32)
        )
        places = np.array([[[3.5, 3.5], [25.5, 3.5], [3.5, 25.5], [25.5, 25.5], [14.5, 14.5]]])
        landmarks = cv2.perspectiveTransform(places, to_picture)[0]
        assert np.abs(symbol.landmarks - landmarks).max() < 0.6 * module


def test_symbols_come_top_to_bottom_then_left_to_right(scanner: fastqr.Scanner, scene: Picture) -> None:
    centres = [symbol.quad.mean(0) for symbol in scanner.decode(np.vstack([scene, scene]))]
    assert len(centres) == 4
    assert centres == sorted(centres, key=lambda c: (c[1], c[0])) or np.all(np.diff([c[1] for c in centres]) >= 0)


def test_a_detection_says_where_a_code_may_be(
    scanner: fastqr.Scanner, scene: Picture, quads: dict[str, npt.NDArray[np.float64]]
) -> None:
    detections = scanner.detect(scene)
    assert [d.score for d in detections] == sorted((d.score for d in detections), reverse=True)
    for detection in detections:
        assert (detection.box.dtype, detection.box.shape) == (np.float32, (4,))
        assert (detection.landmarks.dtype, detection.landmarks.shape) == (np.float32, (5, 2))
        assert isinstance(detection.score, float)
        assert 0 <= detection.score <= 1
    for truth in quads.values():
        low, high = truth.min(0), truth.max(0)
        overlaps = [iou(d.box, np.concatenate([low, high])) for d in detections]
        assert max(overlaps) > 0.6


def iou(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    common = float(sides.prod())
    return common / (float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - common)


def test_results_cannot_be_changed(scanner: fastqr.Scanner, scene: Picture) -> None:
    symbol, detection = scanner.decode(scene)[0], scanner.detect(scene)[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        symbol.text = "another"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        detection.score = 1.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        symbol.segments[0].data = b""  # type: ignore[misc]


def test_results_have_a_short_readable_form(scanner: fastqr.Scanner, scene: Picture) -> None:
    text = repr(scanner.decode(scene)[0])
    assert LEFT in text or RIGHT in text
    assert len(text) < 500


# Pictures ---------------------------------------------------------------------------------------------------------


def test_arrays_paths_bytes_and_pil_images_read_alike(scanner: fastqr.Scanner, scene: Picture, tmp_path: Path) -> None:
    path = tmp_path / "scene.png"
    assert cv2.imwrite(str(path), scene)
    expected = facts(scanner.decode(scene))
    assert len(expected) == 2
    for image in (path, str(path), path.read_bytes(), Image.fromarray(scene), scene[:, :, None]):
        assert facts(scanner.decode(image)) == expected


def test_bgr_reads_as_grey(scanner: fastqr.Scanner, scene: Picture) -> None:
    assert texts(scanner.decode(cv2.cvtColor(scene, cv2.COLOR_GRAY2BGR))) == sorted([LEFT, RIGHT])


def test_views_of_any_strides_read_alike(scanner: fastqr.Scanner, scene: Picture) -> None:
    expected = facts(scanner.decode(scene))
    for name, view in strided_views(scene).items():
        assert facts(scanner.decode(view)) == expected, name


def test_the_picture_is_left_as_it_was(scanner: fastqr.Scanner, scene: Picture) -> None:
    before = scene.copy()
    scanner.decode(scene)
    scanner.detect(scene)
    np.testing.assert_array_equal(scene, before)


@pytest.mark.parametrize(
    "shape", [(0, 0), (0, 100), (1, 1), (1, 1000), (1000, 1), (2, 3000, 3), (20, 20), (21, 21), (25, 4000)]
)
@pytest.mark.parametrize("value", [0, 255])
def test_pictures_too_small_for_a_code_hold_none(scanner: fastqr.Scanner, shape: tuple[int, ...], value: int) -> None:
    picture = np.full(shape, value, np.uint8)
    assert scanner.decode(picture) == []
    assert scanner.detect(picture) == []


@pytest.mark.parametrize("shape", [(25, 60_000), (60_000, 25), (100, 100_000, 3), (24, 1 << 20), (30, 1600 * 5)])
def test_a_strip_of_any_length_is_searched(scanner: fastqr.Scanner, shape: tuple[int, ...]) -> None:
    strip = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    assert scanner.decode(strip) == []
    assert all(0 <= found.score <= 1 for found in scanner.detect(strip))


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (
            np.full((50, 50), np.nan),
            fastqr.InvalidImageError,
            "image must be bool, or hold numbers .* got float64 of nan",
        ),
        (np.zeros((50, 50), complex), fastqr.InvalidImageError, "got dtype complex128"),
        (np.zeros((1, 50, 50, 3), np.uint8), fastqr.InvalidImageError, r"got \(1, 50, 50, 3\)"),
        (np.zeros((50, 50, 5), np.uint8), fastqr.InvalidImageError, r"got \(50, 50, 5\)"),
        (np.zeros(50, np.uint8), fastqr.InvalidImageError, r"got \(50,\)"),
        ("absent.png", fastqr.InvalidImageError, r"'absent\.png' cannot be read: No such file"),
        (b"no picture", fastqr.InvalidImageError, "image bytes is not a picture"),
        (b"", fastqr.InvalidImageError, "image bytes is empty"),
        (None, fastqr.ArgumentTypeError, "image must be .* got NoneType"),
        ([[0, 1], [1, 0]], fastqr.ArgumentTypeError, "image must be .* got list"),
    ],
)
def test_what_is_no_picture_is_an_error_from_every_entrance(
    scanner: fastqr.Scanner, image: object, error: type[Exception], message: str
) -> None:
    entrances: list[Callable[[object], object]] = [
        scanner.decode,  # type: ignore[list-item]
        scanner.detect,  # type: ignore[list-item]
        lambda i: scanner.decode_quad(i, [[0, 0], [9, 0], [9, 9], [0, 9]]),  # type: ignore[arg-type]
        lambda i: list(scanner.decode_many([i])),  # type: ignore[list-item]
    ]
    for entrance in entrances:
        with pytest.raises(error, match=message) as caught:
            entrance(image)
        assert isinstance(caught.value, fastqr.FastQRError)


# Reuse ------------------------------------------------------------------------------------------------------------


def test_one_scanner_serves_eight_threads_with_the_same_results(scanner: fastqr.Scanner, scene: Picture) -> None:
    pictures = [scene, scene[:, ::-1], np.ascontiguousarray(scene.T), 255 - scene]
    expected = [facts(scanner.decode(picture)) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda i: facts(scanner.decode(pictures[i % 4])), range(16)))
    assert got == [expected[i % 4] for i in range(16)]


def test_timings_belong_to_the_thread_that_called(scanner: fastqr.Scanner, scene: Picture) -> None:
    scanner.decode(scene)
    mine = scanner.timings
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: scanner.timings).result() == {}
        pool.submit(scanner.decode, scene[:50, :50]).result()
    assert scanner.timings == mine


def test_timings_name_the_stages_and_their_total(
    scanner: fastqr.Scanner, scene: Picture, outlines: dict[str, npt.NDArray[np.float64]]
) -> None:
    # One finder pattern alone leads nowhere, so the networks look too.
    hurt = scene.copy()
    for corner in (0, 1):
        middle = outlines[LEFT][corner] + 0.2 * (outlines[LEFT][(corner + 2) % 4] - outlines[LEFT][corner])
        cv2.circle(hurt, tuple(int(v) for v in middle), 20, 128, -1)
    scanner.decode(hurt)
    timings = scanner.timings
    assert {"load", "finder patterns", "pyramid", "pnet", "rnet", "onet", "lnet", "total"} <= timings.keys()
    assert all(value >= 0 for value in timings.values())
    assert timings["total"] >= max(value for name, value in timings.items() if name != "total")
    timings["total"] = -1
    assert scanner.timings["total"] > 0  # a copy was handed out


@pytest.mark.parametrize("threads", [1, 3])
def test_many_pictures_are_read_in_their_order(scene: Picture, threads: int) -> None:
    left, right, nothing = scene[:, :310], scene[:, 310:], np.full((200, 200), 128, np.uint8)
    results = fastqr.Scanner(threads=threads).decode_many(iter([left, nothing, right, scene, left]))
    assert [texts(symbols) for symbols in results] == [[LEFT], [], [RIGHT], sorted([LEFT, RIGHT]), [LEFT]]


@pytest.mark.parametrize("threads", [1, 2])
def test_pictures_are_taken_no_more_than_a_few_ahead_of_what_was_asked_for(threads: int) -> None:
    taken = 0

    def endless() -> Iterator[Picture]:
        nonlocal taken
        while True:
            taken += 1
            yield np.full((40, 40), 99, np.uint8)

    results = fastqr.Scanner(threads=threads).decode_many(endless())
    assert taken == 0
    for number in range(1, 8):
        assert next(results) == []
        assert number <= taken <= number + 2 * threads
    results.close()  # type: ignore[attr-defined]


def test_a_picture_that_fails_among_many_fails_in_its_turn() -> None:
    good = np.full((40, 40), 99, np.uint8)
    results = fastqr.Scanner(threads=2).decode_many([good, good, good.astype(complex), good])
    assert [next(results), next(results)] == [[], []]
    with pytest.raises(fastqr.InvalidImageError):
        next(results)
    assert list(results) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_pictures_that_fail_may_be_given_in_their_place(scene: Picture, threads: int, tmp_path: Path) -> None:
    pictures = [scene[:, :310], tmp_path / "absent.png", None, scene[:, 310:]]
    scanner = fastqr.Scanner(threads=threads)
    first, missing, none, last = scanner.decode_many(pictures, on_error="return")  # type: ignore[list-item]
    assert isinstance(missing, fastqr.InvalidImageError)
    assert "absent.png' cannot be read" in str(missing)
    assert isinstance(none, fastqr.ArgumentTypeError)
    assert isinstance(first, list)
    assert isinstance(last, list)
    assert [texts(first), texts(last)] == [[LEFT], [RIGHT]]


def test_other_errors_are_no_picture_s_and_end_the_series(scene: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> object:
        raise fastqr.ModelError("a network is damaged")

    scanner = fastqr.Scanner()
    monkeypatch.setattr(scanner, "decode", fail)
    with pytest.raises(fastqr.ModelError):
        list(scanner.decode_many([scene], on_error="return"))


@pytest.mark.parametrize(
    "images",
    [
        "picture.png",
        Path("picture.png"),
        b"bytes",
        bytearray(),
        memoryview(b""),
        np.zeros((40, 40), np.uint8),
        np.zeros((40, 40, 3), np.uint8),
        Image.new("L", (40, 40)),
        io.BytesIO(),
    ],
)
def test_one_picture_is_no_series(scanner: fastqr.Scanner, images: object) -> None:
    with pytest.raises(fastqr.ArgumentTypeError, match=r"images must be .*, got one of type .*: pass \[image\]"):
        scanner.decode_many(images)  # type: ignore[call-overload]
    with pytest.raises(fastqr.ArgumentTypeError, match=r"pass \[image\]"):
        fastqr.decode_many(images)  # type: ignore[call-overload]


def test_a_batch_is_a_series(scene: Picture) -> None:
    batch = np.stack([scene, scene[:, ::-1]])[:, :, :, None]
    assert [texts(symbols) for symbols in fastqr.decode_many(batch, effort="quick")] == [sorted([LEFT, RIGHT])] * 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"images": 5}, fastqr.ArgumentTypeError, "images must be an iterable of pictures, got int"),
        ({"images": [], "on_error": "skip"}, fastqr.InvalidArgumentError, "on_error must be .*, got 'skip'"),
        ({"images": [], "on_error": None}, fastqr.ArgumentTypeError, "on_error must be 'raise' or 'return', got None"),
    ],
)
def test_arguments_of_a_series_are_checked_at_once(
    arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fastqr.Scanner().decode_many(**arguments)  # type: ignore[call-overload]


def test_pictures_side_by_side_use_one_thread_each_in_the_networks() -> None:
    scanner = fastqr.Scanner(threads=2)
    single = scanner._with_one_thread_a_call()
    threads = [s._networks().pnet._session.get_session_options().intra_op_num_threads for s in (scanner, single)]
    assert threads == [2, 1]
    assert single._networks() is scanner._with_one_thread_a_call()._networks()


def test_a_coarser_scanner_shares_the_networks_and_passes_over_smaller_codes(scanner: fastqr.Scanner) -> None:
    picture = place(textured(600, 600), code_picture("small"), quad_of((300, 300), 70))
    coarse = scanner.coarser(300)
    assert coarse._networks is scanner._networks
    assert [len(s.detect(picture)) for s in (scanner, coarse, scanner.coarser(1))] == [1, 0, 1]
    with pytest.raises(fastqr.InvalidArgumentError, match="min_size"):
        scanner.coarser(0)


def test_functions_of_the_module_share_scanners_and_read_as_those_do(
    scanner: fastqr.Scanner, scene: Picture, quads: dict[str, npt.NDArray[np.float64]]
) -> None:
    assert facts(fastqr.decode(scene)) == facts(scanner.decode(scene))
    assert len(fastqr.decode(scene, max_symbols=1)) == 1
    assert [d.box.tolist() for d in fastqr.detect(scene)] == [d.box.tolist() for d in scanner.detect(scene)]
    symbol = fastqr.decode_quad(scene, quads[LEFT])
    assert symbol is not None
    assert symbol.text == LEFT


# Options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 5])
def test_no_more_symbols_are_read_than_asked_for(scene: Picture, most: int) -> None:
    assert len(fastqr.Scanner(max_symbols=most).decode(scene)) == min(most, 2)


def test_a_budget_that_is_used_up_ends_the_search_without_an_error(scene: Picture) -> None:
    scanner = fastqr.Scanner(budget_ms=1e-6)
    assert scanner.decode(scene) == []
    assert scanner.timings.keys() <= {"load", "total"}
    assert texts(fastqr.Scanner(budget_ms=1e6).decode(scene)) == sorted([LEFT, RIGHT])


def test_a_budget_ends_the_search_of_a_picture_that_goes_on_for_ever() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (1500, 2000), np.uint8)
    scanner = fastqr.Scanner(budget_ms=1.0)
    assert scanner.decode(noise) == []
    # One look at the pixels, which takes longer than that, and not a network after it.
    assert scanner.timings.keys() <= {"load", "finder patterns", "total"}


def test_a_clean_code_is_read_by_its_finder_patterns_alone(scanner: fastqr.Scanner) -> None:
    for picture in (code_picture("alone"), code_picture("alone", scale=1), code_picture("alone", version=20, scale=3)):
        assert texts(scanner.decode(picture)) == ["alone"]
        assert scanner.timings.keys() == {"load", "finder patterns", "total"}


def test_as_many_symbols_as_are_wanted_end_the_search_before_the_networks() -> None:
    picture = place(textured(900, 1600), code_picture("one of them", scale=4), quad_of((500, 400), 180, degrees=12))
    for wanted in (1, 2):
        scanner = fastqr.Scanner(max_symbols=wanted)
        assert texts(scanner.decode(picture)) == ["one of them"]
        assert wanted == 2 or "pnet" not in scanner.timings


@pytest.mark.parametrize("shape", [(60, 80), (480, 640), (700, 500, 3)])
def test_pictures_of_nothing_hold_nothing(scanner: fastqr.Scanner, shape: tuple[int, ...]) -> None:
    for level in (0, 128, 255):
        assert scanner.decode(np.full(shape, level, np.uint8)) == []
    rng = np.random.default_rng(11)
    assert scanner.decode(rng.integers(0, 256, shape, np.uint8)) == []
    assert scanner.decode(np.where(rng.random(shape) < 0.5, 0, 255).astype(np.uint8)) == []


def test_a_code_in_a_frame_of_twelve_megapixels_is_read_and_placed(scanner: fastqr.Scanner) -> None:
    frame = np.full((3000, 4000), 170, np.uint8)
    code = code_picture("in a large frame", scale=9)
    frame[1400 : 1400 + len(code), 2500 : 2500 + len(code)] = code
    (symbol,) = scanner.decode(frame)
    assert symbol.text == "in a large frame"
    low, high = 36, len(code) - 36
    truth = np.array([[low, low], [high, low], [high, high], [low, high]]) + np.array([2500, 1400])
    assert np.abs(symbol.quad - truth).max() < 0.5 * 9


def test_codes_below_the_smallest_size_are_not_looked_for(scene: Picture) -> None:
    assert texts(fastqr.Scanner(min_size=100).decode(scene)) == sorted([LEFT, RIGHT])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"threads": 0}, fastqr.InvalidArgumentError, "threads must be a whole number from 1 to 1024, got 0"),
        ({"threads": 10**9}, fastqr.InvalidArgumentError, "threads must be a whole number from 1 to 1024, got 10+"),
        ({"threads": 1.5}, fastqr.ArgumentTypeError, "threads must be a whole number"),
        ({"threads": True}, fastqr.ArgumentTypeError, "threads must be a whole number"),
        ({"max_symbols": 0}, fastqr.InvalidArgumentError, "max_symbols must be a whole number of at least 1, got 0"),
        ({"max_symbols": "1"}, fastqr.ArgumentTypeError, "max_symbols must be a whole number"),
        ({"min_size": 0}, fastqr.InvalidArgumentError, "min_size must be a finite number above 0, got 0"),
        ({"min_size": float("nan")}, fastqr.InvalidArgumentError, "min_size must be a finite number above 0"),
        ({"min_size": None}, fastqr.ArgumentTypeError, "min_size must be a number above 0"),
        ({"budget_ms": -1}, fastqr.InvalidArgumentError, "budget_ms must be a finite number above 0, got -1"),
        ({"budget_ms": "10"}, fastqr.ArgumentTypeError, "budget_ms must be a number above 0"),
        ({"max_bytes": 0}, fastqr.InvalidArgumentError, "max_bytes must be a whole number of at least 1, got 0"),
        (
            {"max_bytes": 1e9},
            fastqr.ArgumentTypeError,
            "max_bytes must be a whole number of at least 1, got 1000000000.0",
        ),
        ({"min_size": 10**400}, fastqr.InvalidArgumentError, "min_size must be a finite number above 0, got 10+"),
        ({"min_size": np.ones(1)}, fastqr.ArgumentTypeError, "min_size must be a number above 0"),
        ({"providers": ("NoSuchProvider",)}, fastqr.InvalidArgumentError, "providers .* 'NoSuchProvider'"),
        ({"providers": ()}, fastqr.InvalidArgumentError, "providers"),
        ({"providers": "CPUExecutionProvider"}, fastqr.ArgumentTypeError, "providers"),
        ({"providers": None}, fastqr.ArgumentTypeError, "providers must be a sequence of names, got None"),
        ({"preload": 1}, fastqr.ArgumentTypeError, "preload must be True or False, got 1"),
        ({"models": 5}, fastqr.ArgumentTypeError, "models must be a path, got 5"),
    ],
)
def test_options_are_checked(options: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fastqr.Scanner(**options)  # type: ignore[arg-type]
    with pytest.raises(error, match=message):
        fastqr.decode(np.zeros((50, 50), np.uint8), **options)


@pytest.mark.parametrize(
    "options", [{"max_symbols": 10**30}, {"min_size": 5e-324}, {"min_size": np.float32(9)}, {"budget_ms": 1e308}]
)
def test_options_may_be_as_large_or_small_as_numbers_are(options: dict[str, float], scene: Picture) -> None:
    assert texts(fastqr.Scanner(**options).decode(scene)) == sorted([LEFT, RIGHT])  # type: ignore[arg-type]


def test_an_option_of_another_type_is_not_taken_for_one_that_is_equal() -> None:
    nothing = np.zeros((50, 50), np.uint8)
    assert fastqr.decode(nothing, threads=1) == []
    with pytest.raises(fastqr.ArgumentTypeError, match="threads must be a whole number"):
        fastqr.decode(nothing, threads=True)


def test_functions_of_the_module_keep_few_scanners(scene: Picture) -> None:
    for number in range(10):
        assert fastqr.decode(scene[:50], max_symbols=100 + number) == []
    assert len(fastqr._scanners) <= 8
    assert fastqr._scanner({"max_symbols": 109}) is fastqr._scanner({"max_symbols": 109})


def test_the_typed_options_are_those_of_a_scanner() -> None:
    parameters = inspect.signature(fastqr.Scanner).parameters
    assert fastqr.ScannerOptions.__annotations__.keys() == parameters.keys()
    assert typing.get_args(Effort) == EFFORTS
    for function in (fastqr.decode, fastqr.detect, fastqr.decode_quad, fastqr.decode_many):
        assert inspect.signature(function).parameters["options"].annotation == "Unpack[ScannerOptions]"


def test_options_are_named_and_known() -> None:
    with pytest.raises(TypeError):
        fastqr.Scanner(2)  # type: ignore[misc]
    with pytest.raises(TypeError, match="thread"):
        fastqr.Scanner(thread=2)  # type: ignore[call-arg]


# A code whose corners are known -----------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("text", [LEFT, RIGHT])
@pytest.mark.parametrize("clockwise", [True, False])
def test_corners_may_start_anywhere_and_go_either_way(
    scanner: fastqr.Scanner,
    scene: Picture,
    quads: dict[str, npt.NDArray[np.float64]],
    turn: int,
    text: str,
    clockwise: bool,
) -> None:
    given = np.roll(quads[text] if clockwise else quads[text][::-1], turn, axis=0)
    for quad in (given, given.astype(np.float32), given.tolist()):
        symbol = scanner.decode_quad(scene, quad)
        assert symbol is not None
        assert symbol.text == text
        assert np.abs(symbol.quad - quads[text]).max() < 4


def test_a_plain_code_at_known_corners_needs_no_network(
    scanner: fastqr.Scanner, scene: Picture, quads: dict[str, npt.NDArray[np.float64]]
) -> None:
    for text in (LEFT, RIGHT):
        symbol = scanner.decode_quad(scene, quads[text])
        assert symbol is not None
        assert symbol.text == text
        assert "finder patterns" in scanner.timings
        assert not {"lnet", "densenet"} & set(scanner.timings)


def test_corners_about_nothing_read_nothing(scanner: fastqr.Scanner, scene: Picture) -> None:
    flat = np.full((100, 100), 128, np.uint8)
    assert scanner.decode_quad(flat, [[10, 10], [90, 10], [90, 90], [10, 90]]) is None
    assert scanner.decode_quad(scene, [[5000, 10], [5100, 10], [5100, 90], [5000, 90]]) is None
    assert scanner.decode_quad(np.zeros((0, 0), np.uint8), [[0, 0], [9, 0], [9, 9], [0, 9]]) is None
    assert scanner.decode_quad(np.zeros((1, 1), np.uint8), [[0, 0], [1, 0], [1, 1], [0, 1]]) is None


@pytest.mark.parametrize("side", [1e-9, 1e-3, 3, 9e5])
def test_corners_of_any_size_are_no_failure(scanner: fastqr.Scanner, scene: Picture, side: float) -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * side
    symbol = scanner.decode_quad(scene, square + 50)
    assert symbol is None or symbol.text in (LEFT, RIGHT)


@pytest.mark.parametrize("side", [2e6, 1e30, 1e300])
def test_corners_beyond_every_picture_are_named(scanner: fastqr.Scanner, scene: Picture, side: float) -> None:
    with pytest.raises(fastqr.InvalidArgumentError, match="quad must"):
        scanner.decode_quad(scene, np.array([[0, 0], [side, 0], [side, side], [0, side]]))


def test_a_neighbour_is_not_read_instead_of_what_the_corners_enclose(scanner: fastqr.Scanner) -> None:
    picture = place(textured(300, 500), code_picture("next door"), quad_of((340, 150), 90))
    blank = [[60, 50], [260, 50], [260, 250], [60, 250]]
    assert texts(scanner.decode(picture)) == ["next door"]
    assert scanner.decode_quad(picture, blank) is None


@pytest.mark.parametrize(
    ("quad", "error", "message"),
    [
        ([[0, 0], [9, 0], [9, 9]], fastqr.InvalidArgumentError, r"quad must have shape \(4, 2\), got \(3, 2\)"),
        (np.zeros((4, 3)), fastqr.InvalidArgumentError, r"quad must have shape \(4, 2\), got \(4, 3\)"),
        ([[0, 0], [9, 0], [9, np.nan], [0, 9]], fastqr.InvalidArgumentError, "quad must hold finite coordinates"),
        ([[0, 0], [9, 0], [np.inf, 9], [0, 9]], fastqr.InvalidArgumentError, "quad must hold finite coordinates"),
        (np.ones((4, 2)), fastqr.InvalidArgumentError, "quad must be a convex quadrilateral"),
        ([[0, 0], [3, 3], [6, 6], [9, 9]], fastqr.InvalidArgumentError, "quad must be a convex quadrilateral"),
        ([[0, 0], [9, 9], [9, 0], [0, 9]], fastqr.InvalidArgumentError, "quad must be a convex quadrilateral"),
        ("corners", fastqr.ArgumentTypeError, "quad must be an array of 4 points"),
        (None, fastqr.FastQRError, "quad must"),
        ([[0, 0], [9, 0], [9, 9], [0]], fastqr.ArgumentTypeError, "quad must be an array of 4 points"),
        (np.zeros((4, 2), complex), fastqr.ArgumentTypeError, "quad must be an array of 4 points"),
        ([[10**400, 0], [9, 0], [9, 9], [0, 9]], fastqr.ArgumentTypeError, "quad must be an array of 4 points"),
    ],
)
def test_corners_that_are_none_are_named(
    scanner: fastqr.Scanner, scene: Picture, quad: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        scanner.decode_quad(scene, quad)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "quad",
    [
        [[0, -2e-37], [1, 0], [1, 1], [0, 0]],
        [[0, -1], [0, 0], [1, 1], [84328, 0]],
        [[0, 0], [1, 0], [1, 1e-9], [0, 1e-9]],
    ],
)
def test_corners_of_all_but_a_line_read_nothing(scanner: fastqr.Scanner, scene: Picture, quad: npt.ArrayLike) -> None:
    assert scanner.decode_quad(scene, quad) is None


# Networks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A copy of the shipped networks."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("manifest.json", *(f"{net}.onnx" for net in MODEL_NAMES)):
        shutil.copy(models_folder() / name, folder)
    return folder


def rewrite(folder: Path, change: Callable[[dict[str, dict[str, object]]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest["models"])
    path.write_text(json.dumps(manifest))


def test_networks_may_come_from_another_folder(models: Path, scanner: fastqr.Scanner, scene: Picture) -> None:
    for folder in (models, str(models)):
        assert facts(fastqr.Scanner(models=folder).decode(scene)) == facts(scanner.decode(scene))


def test_the_shipped_networks_fit_the_wheel_and_the_manifest() -> None:
    entries = json.loads((models_folder() / "manifest.json").read_text())["models"]
    assert set(entries) == set(MODEL_NAMES)
    total = 0
    for name, entry in entries.items():
        content = (models_folder() / entry["file"]).read_bytes()
        total += len(content)
        assert hashlib.sha256(content).hexdigest() == entry["sha256"] == SHIPPED[name], name
        assert {"command", "seed", "steps", "seconds", "scores", "inputs", "outputs", "normalisation"} <= entry.keys()
        # Whoever retrains has other folders: nothing of the machine that trained belongs there.
        assert not any(Path(word).is_absolute() for word in shlex.split(entry["command"])), entry["command"]
    assert total < 8e6


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_missing_network_is_named(models: Path, name: str) -> None:
    (models / f"{name}.onnx").unlink()
    with pytest.raises(fastqr.ModelError, match=rf"model file '.*{name}\.onnx' cannot be read: No such file"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_damaged_network_is_named(models: Path, name: str) -> None:
    path = models / f"{name}.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(fastqr.ModelError, match=rf"model file '.*{name}\.onnx' is damaged or another one: its SHA-256"):
        fastqr.Scanner(models=models)


def test_a_shipped_network_is_known_by_the_package_and_not_by_its_manifest(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastqr.models.models_folder", lambda: models)
    fastqr.Scanner(preload=True)
    shutil.copy(models / "pnet.onnx", models / "rnet.onnx")  # a network, and the manifest says that it is the one
    digest = hashlib.sha256((models / "rnet.onnx").read_bytes()).hexdigest()
    rewrite(models, lambda entries: entries["rnet"].update(sha256=digest))
    with pytest.raises(fastqr.ModelError, match=r"model file '.*rnet\.onnx' is damaged or another one"):
        fastqr.Scanner(preload=True)


def test_a_manifest_need_not_know_the_checksum_of_a_users_network(models: Path, scene: Picture) -> None:
    rewrite(models, lambda entries: [entry.pop("sha256") for entry in entries.values()])
    assert fastqr.Scanner(models=models).decode(scene)


@pytest.mark.parametrize("sha256", [5, [], True, "", "not hex"])
def test_a_checksum_that_is_none_is_no_checksum_to_pass(models: Path, sha256: object) -> None:
    rewrite(models, lambda entries: entries["onet"].update(sha256=sha256))
    with pytest.raises(fastqr.ModelError, match=r"onet"):
        fastqr.Scanner(models=models)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(("name", "what"), [("pnet.onnx", "model file"), ("manifest.json", "model manifest")])
def test_a_pipe_in_a_models_folder_is_named_and_not_waited_for(models: Path, name: str, what: str) -> None:
    (models / name).unlink()
    os.mkfifo(models / name)
    (error,) = within(20, lambda: fastqr.Scanner(models=models))
    assert isinstance(error, fastqr.ModelError)
    assert str(error) == f"{what} {str(models / name)!r} cannot be read: it is a named pipe and no file"


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_a_models_folder_may_have_a_name_of_any_bytes(models: Path) -> None:
    fastqr.Scanner(models=models.rename(models.with_name("mod\udce9ls")))


def test_a_file_that_is_no_network_is_named(models: Path) -> None:
    content = b"not a network"
    (models / "rnet.onnx").write_bytes(content)
    rewrite(models, lambda entries: entries["rnet"].update(sha256=hashlib.sha256(content).hexdigest()))
    with pytest.raises(fastqr.ModelError, match=r"model file '.*rnet\.onnx' cannot be loaded"):
        fastqr.Scanner(models=models)


def put(folder: Path, name: str, content: bytes) -> None:
    """Another file in a network's place, with the checksum that belongs to it."""
    (folder / f"{name}.onnx").write_bytes(content)
    rewrite(folder, lambda entries: entries[name].update(sha256=hashlib.sha256(content).hexdigest()))


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(MODEL_NAMES, 2)))
def test_a_network_of_other_shapes_is_named(models: Path, name: str, other: str) -> None:
    put(models, name, (models_folder() / f"{other}.onnx").read_bytes())
    with pytest.raises(fastqr.ModelError, match=rf"{name}\.onnx' is no '{name}': its (inputs|outputs) must be float32"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_network_that_ends_early_is_named(models: Path, share: float) -> None:
    content = (models / "onet.onnx").read_bytes()
    put(models, "onet", content[: int(share * len(content))])
    with pytest.raises(fastqr.ModelError, match=r"onet\.onnx' (cannot be loaded|is no 'onet')"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize("name", [b"image", b"probability"])
def test_a_network_whose_names_are_damaged_is_named(models: Path, name: bytes) -> None:
    content = (models / "rnet.onnx").read_bytes()
    assert name in content
    put(models, "rnet", content.replace(name, b"\xff" * len(name)))
    with pytest.raises(fastqr.ModelError, match=r"rnet\.onnx' is damaged: .* must have names in UTF-8, got b"):
        fastqr.Scanner(models=models)


def test_a_network_that_cannot_be_run_is_named(scanner: fastqr.Scanner) -> None:
    with pytest.raises(fastqr.ModelError, match="model 'rnet' cannot be run"):
        scanner._networks().rnet(np.zeros((1, 1, 23, 24), np.float32))


def test_a_file_name_that_is_none_is_an_error(models: Path) -> None:
    rewrite(models, lambda entries: entries["pnet"].update(file="p\0net.onnx"))
    with pytest.raises(fastqr.ModelError, match=r"model file .* cannot be read"):
        fastqr.Scanner(models=models)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no file here never ends")
@pytest.mark.parametrize("file", ["manifest.json", "rnet.onnx"])
def test_a_device_is_no_model(models: Path, file: str) -> None:
    (models / file).unlink()
    (models / file).symlink_to("/dev/zero")
    with pytest.raises(fastqr.ModelError, match=f"{file}' cannot be read: it is a device and no file"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize("file", ["manifest.json", "rnet.onnx"])
def test_a_file_far_larger_than_any_model_is_none(models: Path, file: str) -> None:
    with (models / file).open("r+b") as sparse:
        sparse.truncate((64 << 20) + 1)
    with pytest.raises(fastqr.ModelError, match=f"{file}' is none: it has more than"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize("file", ["manifest.json", "rnet.onnx"])
def test_a_link_in_a_circle_is_named(models: Path, file: str) -> None:
    (models / file).unlink()
    (models / file).symlink_to(models / "round")
    (models / "round").symlink_to(models / file)
    with pytest.raises(fastqr.ModelError, match=f"{file}' cannot be read"):
        fastqr.Scanner(models=models)


def test_a_network_without_an_entry_is_named(models: Path) -> None:
    rewrite(models, lambda entries: entries.pop("onet"))
    with pytest.raises(fastqr.ModelError, match="has no entry for 'onet'"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize("entry", [None, 5, [], {}, {"file": 7}])
def test_an_entry_that_says_nothing_counts_as_none(models: Path, entry: object) -> None:
    rewrite(models, lambda entries: entries.update(lnet=entry))  # type: ignore[call-overload]
    with pytest.raises(fastqr.ModelError, match="has no entry for 'lnet'"):
        fastqr.Scanner(models=models)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"{", "is damaged"),
        (b"\xff\xfe", "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b"9" * 10_000, "is damaged"),
        (b"[]", "has no object 'models'"),
        (b'{"models": []}', "has no object 'models'"),
    ],
)
def test_a_damaged_manifest_is_named(models: Path, content: bytes, message: str) -> None:
    (models / "manifest.json").write_bytes(content)
    with pytest.raises(fastqr.ModelError, match=message) as caught:
        fastqr.Scanner(models=models)
    assert "manifest.json" in str(caught.value)


def test_a_folder_without_networks_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(fastqr.ModelError, match=r"model manifest '.*manifest\.json' cannot be read") as caught:
            fastqr.Scanner(models=folder)
        assert isinstance(caught.value, OSError)


# The rest of the surface ------------------------------------------------------------------------------------------


def test_build_info_says_what_is_installed() -> None:
    info = fastqr.build_info()
    assert info["version"] == fastqr.__version__
    assert {"compiler", "build_type", "numpy", "onnxruntime", "opencv"} <= info.keys()
    assert all(isinstance(info[key], str) and info[key] for key in ("compiler", "build_type"))
    assert set(info["models"]) == set(MODEL_NAMES)
    assert json.loads(json.dumps(info)) == info


def test_everything_public_exists_and_is_documented() -> None:
    for name in fastqr.__all__:
        thing = getattr(fastqr, name)
        assert name == "__version__" or (thing.__doc__ or "").strip(), name


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (fastqr.InvalidArgumentError, ValueError),
        (fastqr.ArgumentTypeError, TypeError),
        (fastqr.InvalidImageError, ValueError),
        (fastqr.UndecodableError, ValueError),
        (fastqr.ModelError, OSError),
    ],
)
def test_errors_are_what_python_users_expect(error: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error, fastqr.FastQRError)
    assert issubclass(error, builtin)


def test_the_demo_scene_is_the_same_each_time() -> None:
    scene = fastqr.demo_scene()
    assert (scene.dtype, scene.shape) == (np.uint8, (640, 960, 3))
    np.testing.assert_array_equal(scene, fastqr.demo_scene())
    assert (scene != fastqr.demo_scene(seed=8)).any()


def test_bytes_may_come_from_a_stream(scanner: fastqr.Scanner, scene: Picture) -> None:
    stream = io.BytesIO()
    Image.fromarray(scene).save(stream, "PNG")
    for content in (stream.getvalue(), bytearray(stream.getvalue()), stream.getbuffer()):
        assert texts(scanner.decode(content)) == sorted([LEFT, RIGHT])


def test_detections_are_values(scanner: fastqr.Scanner, scene: Picture) -> None:
    first, again = scanner.detect(scene)[0], scanner.detect(scene)[0]
    assert first == again
    assert len({first, again}) == 1
    assert first != dataclasses.replace(first, score=first.score / 2)
    assert first != dataclasses.replace(first, box=first.box + 1)
    assert first != "another"
    plain = first.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert np.shape(plain["landmarks"]) == (5, 2)
    assert plain["box"] == pytest.approx(first.box.tolist(), abs=0.01)


def test_names_that_scans_do_without_are_loaded_when_they_are_asked_for() -> None:
    later = ("tracker", "video", "appearances", "demo", "structured_append", "content")
    code = f"import sys, fastqr; print([m for m in {later} if 'fastqr.' + m in sys.modules]); "
    code += "print(all(hasattr(fastqr, name) and name in dir(fastqr) for name in [*fastqr.__all__, 'content']))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == ["[]", "True"]
    with pytest.raises(AttributeError, match="'fastqr' has no attribute 'scanners'"):
        fastqr.scanners  # type: ignore[attr-defined]  # noqa: B018
