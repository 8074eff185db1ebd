"""Rendered codes are what they claim to be, and the same for the same seed."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("segno")

from benchmarks.ladders.climb import half_read_at, picture_on
from benchmarks.ladders.degradations import LADDERS, Ladder, scene_on
from benchmarks.ladders.rendering import QUIET, SURROUNDINGS, Scene, random_code, render


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_there_are_fourteen_ladders_from_harmless_to_hopeless() -> None:
    assert len({ladder.name for ladder in LADDERS}) == 14
    for ladder in LADDERS:
        steps = list(ladder.steps)
        assert steps in (sorted(steps), sorted(steps, reverse=True)), ladder.name


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder.name)
def test_a_step_is_the_same_picture_every_time(ladder: Ladder) -> None:
    coarse = dataclasses.replace(ladder, apply=lambda scene, amount, rng: _coarse(ladder.apply(scene, amount, rng)))
    amount = ladder.steps[1]
    (first, text), (second, same_text) = (picture_on(coarse, amount, 1, 0) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert text == same_text
    assert picture_on(coarse, amount, 2, 0)[1] != text, "another seed is another code"


def _coarse(scene: Scene) -> Scene:
    return dataclasses.replace(scene, pixels_per_module=min(scene.pixels_per_module, 1.5))


def test_steps_differ_in_the_amount_alone() -> None:
    occlusion = next(ladder for ladder in LADDERS if ladder.name == "occlusion")
    scenes = [scene_on(occlusion, amount, np.random.default_rng(3)) for amount in occlusion.steps[:2]]
    assert scenes[0].code.text == scenes[1].code.text
    assert scenes[0].degrees == scenes[1].degrees


def test_a_clean_scene_shows_the_symbols_modules(rng: np.random.Generator) -> None:
    code = random_code(rng, 2)
    picture = render(Scene(code, pixels_per_module=4), rng)[..., 0]
    assert picture.shape == (round((25 + 2 * QUIET) * SURROUNDINGS * 4 + 0.5),) * 2
    first = len(picture) / 2 - 25 * 4 / 2
    centres = np.floor(first + 4 * (np.arange(25) + 0.5)).astype(int)
    np.testing.assert_array_equal(picture[np.ix_(centres, centres)] < 128, code.modules)


def test_a_clean_scene_is_read(rng: np.random.Generator) -> None:
    code = random_code(rng, 2)
    assert cv2.QRCodeDetector().detectAndDecode(render(Scene(code, degrees=5), rng))[0] == code.text


def test_tilt_draws_the_far_side_smaller_and_keeps_the_centre(rng: np.random.Generator) -> None:
    code = random_code(rng, 1)
    dark = dataclasses.replace(code, modules=np.ones_like(code.modules))
    covered = render(Scene(dark, pixels_per_module=3, tilt=50), rng)[..., 0] < 60
    widths = covered.sum(1)
    rows = np.flatnonzero(widths)
    assert len(rows) < 0.75 * 21 * 3, "foreshortened"
    assert abs(widths[rows[1]] - widths[rows[-2]]) > 5, "trapezium"
    assert covered[len(covered) // 2, len(covered) // 2]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([1, 1, 0.5, 0.25], 3.0),
        ([1, 1, 0, 0], 2.5),
        ([1, 1, 1, 1], 4.0),
        ([0.4, 0, 0, 0], None),
        ([1, 0, 1, 1], 1.5),
    ],
)
def test_half_read_lies_between_the_last_good_step_and_the_first_bad_one(
    shares: list[float], expected: float | None
) -> None:
    assert half_read_at([1, 2, 3, 4], shares) == expected
