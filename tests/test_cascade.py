"""The cascade between its networks' calls, against the same chain written out in Python."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from conftest import Picture, code_picture, place, quad_of, textured
from fastqr import _core
from fastqr.account import Account
from fastqr.cascade import CascadeSettings, detect_boxes
from fastqr.models import Models, load_models
from fastqr.quads import NO_QUADS
from fastqr.trace import Trace

FloatArray = npt.NDArray[np.float32]
PADDING = 3  # pixels about a level
WINDOW = 12  # pixels that P-Net sees
NO_BOXES = np.zeros((0, 4), np.float32)


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


def view_of(picture: Picture) -> _core.MipMap:
    height, width = picture.shape[:2]
    return _core.MipMap(picture, np.array([0, 0, width, height], np.float32))


# The chain in Python ----------------------------------------------------------------------------------------------


def inside(points: FloatArray, quads: FloatArray) -> npt.NDArray[np.bool_]:
    along = quads[:, (1, 2, 3, 0)] - quads
    off = points[:, None, None] - quads[None]
    side = along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0]
    return np.asarray(np.any(np.all(side >= 0, axis=2) | np.all(side <= 0, axis=2), axis=1), np.bool_)


def proposed(pyramid: _core.Pyramid, models: Models, settings: CascadeSettings, known: FloatArray) -> FloatArray:
    found = [[NO_BOXES], [np.zeros(0, np.float32)], [NO_BOXES]]
    most = 4 * settings.top * (1 + len(known) // 4)
    for i, (scale, shape) in enumerate(zip(pyramid.scales, pyramid.shapes, strict=True)):
        if min(shape) + 2 * PADDING < WINDOW:
            continue
        probability, offsets = models.pnet(pyramid.tensor(i, PADDING))
        boxes, scores, moves = _core.proposals(probability[0, 1], offsets[0], scale, settings.p_threshold, most)
        kept = _core.nms(boxes, scores, 0.5)
        kept = kept[~inside((boxes[kept, :2] + boxes[kept, 2:]) / np.float32(2), known)][: settings.top]
        for list_, values in zip(found, (boxes, scores, moves), strict=True):
            list_.append(values[kept])
    boxes, scores, moves = (np.concatenate(parts) for parts in found)
    boxes = _core.calibrate_boxes(boxes, moves)
    return _core.square_boxes(boxes[_core.nms(boxes, scores, 0.7)[: settings.proposals]])


def refined(pyramid: _core.Pyramid, boxes: FloatArray, models: Models, settings: CascadeSettings) -> FloatArray:
    probability, offsets = models.rnet(pyramid.patches(boxes, 24))
    likely = np.flatnonzero(probability[:, 1] > settings.r_threshold)
    boxes = _core.calibrate_boxes(boxes[likely], offsets[likely])
    return _core.square_boxes(boxes[_core.nms(boxes, probability[likely, 1], 0.7)[: settings.candidates]])


def chain(
    view: _core.MipMap, limit: int, models: Models, settings: CascadeSettings, known: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    pyramid = _core.Pyramid(view, limit)
    boxes = proposed(pyramid, models, settings, known)
    if len(boxes):
        boxes = refined(pyramid, boxes, models, settings)
    if not len(boxes):
        return NO_BOXES, np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32), NO_BOXES
    probability, offsets, heat = models.onet(pyramid.patches(boxes, 48))
    likely = np.flatnonzero(probability[:, 1] > settings.o_threshold)
    scores = probability[likely, 1]
    landmarks, strengths = _core.heatmap_landmarks(heat[likely], boxes[likely])
    boxes = _core.calibrate_boxes(boxes[likely], offsets[likely])
    kept = _core.nms(boxes, scores, 0.5)
    return boxes[kept], scores[kept], landmarks[kept], strengths[kept]


# Pictures ---------------------------------------------------------------------------------------------------------


def scene(seed: int, height: int = 480, width: int = 640, codes: int = 4) -> tuple[Picture, FloatArray]:
    """Codes on texture, in noise, and their outer corners."""
    rng = np.random.default_rng(seed)
    picture = textured(height, width, seed)
    quads = []
    for number in range(codes):
        side = rng.uniform(40, 0.4 * min(height, width))
        centre = rng.uniform(0.6 * side, (width - 0.6 * side, height - 0.6 * side))
        quad = quad_of(tuple(centre), side, degrees=rng.uniform(0, 360), tilt=rng.uniform(0, 0.2))
        picture = place(picture, code_picture(f"scene {seed} {number}"), quad)
        quads.append(quad)
    noisy = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 4, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), np.array(quads, np.float32)


def assert_same_as_the_chain(
    view: _core.MipMap, limit: int, models: Models, settings: CascadeSettings, known: FloatArray
) -> int:
    found = detect_boxes(view, limit, models, settings, Account(), Trace(), known)
    expected = chain(view, limit, models, settings, known)
    for got, wanted in zip((found.boxes, found.scores, found.landmarks, found.strengths), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    return len(found)


@pytest.mark.parametrize("limit", [240, 480])
@pytest.mark.parametrize("seed", range(6))
def test_the_boxes_are_those_of_the_chain(models: Models, seed: int, limit: int) -> None:
    picture, quads = scene(seed)
    view = view_of(picture)
    few = CascadeSettings(top=6, proposals=24, candidates=6, o_threshold=0.8)
    assert assert_same_as_the_chain(view, limit, models, CascadeSettings(), NO_QUADS) > 0
    assert_same_as_the_chain(view.with_light_levelled(0.2), limit, models, CascadeSettings(o_threshold=0.5), NO_QUADS)
    assert_same_as_the_chain(view, limit, models, few, NO_QUADS)
    assert_same_as_the_chain(view, limit, models, CascadeSettings(), quads[:2])
    assert_same_as_the_chain(view, limit, models, CascadeSettings(), quads[::-1, ::-1].copy())


@pytest.mark.parametrize("shape", [(30, 2000), (21, 21), (1, 1), (4, 900), (2000, 25)])
def test_the_boxes_are_those_of_the_chain_in_pictures_of_any_shape(models: Models, shape: tuple[int, int]) -> None:
    assert_same_as_the_chain(view_of(textured(*shape)), 480, models, CascadeSettings(), NO_QUADS)


@pytest.mark.slow
def test_the_boxes_are_those_of_the_chain_in_photographs(models: Models, photographs: Path) -> None:
    paths = sorted((photographs / "photos" / "boofcv-dev").rglob("*.jpg"))[::20]
    assert len(paths) > 5
    for path in paths:
        picture = cv2.imread(str(path))
        assert picture is not None
        view = view_of(picture)
        assert_same_as_the_chain(view, 240, models, CascadeSettings(), NO_QUADS)
        levelled = view.with_light_levelled(0.2)
        assert_same_as_the_chain(levelled, 480, models, CascadeSettings(o_threshold=0.5), NO_QUADS)
