"""The cascade between its networks' calls, against the same chain written out in Python."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from conftest import Picture, code_picture, place, quad_of, symbol_quad, textured
from fastqr import _core
from fastqr.account import Account
from fastqr.cascade import CascadeSettings, detect_boxes, next_boxes
from fastqr.models import MACS, Models, Network, load_models, models_folder
from fastqr.quads import NO_QUADS
from fastqr.trace import Trace

FloatArray = npt.NDArray[np.float32]
PADDING = 3  # pixels about a level
WINDOW = 12  # pixels of a code that P-Net looks for
CONTEXT = 4  # pixels that it sees about each
MARGIN, SEEN = PADDING + CONTEXT, WINDOW + 2 * CONTEXT
R_BATCH, O_BATCH, O_UNSURE = 16, 4, 2
TILE = 144  # pixels of a tile's side, and of what is seen about it
NO_BOXES = np.zeros((0, 4), np.float32)


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


def windows_in(side: int) -> int:
    return (side - SEEN) // 4 + 1


def view_of(picture: Picture) -> _core.MipMap:
    height, width = picture.shape[:2]
    return _core.MipMap(picture, np.array([0, 0, width, height], np.float32))


# The chain in Python ----------------------------------------------------------------------------------------------


def inside(points: FloatArray, quads: FloatArray) -> npt.NDArray[np.bool_]:
    along = quads[:, (1, 2, 3, 0)] - quads
    off = points[:, None, None] - quads[None]
    side = along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0]
    return np.asarray(np.any(np.all(side >= 0, axis=2) | np.all(side <= 0, axis=2), axis=1), np.bool_)


def cut(kept: npt.NDArray[np.int64], scores: FloatArray, sure: float, most: int) -> npt.NDArray[np.int64]:
    return kept[: most + int((scores[kept] >= np.float32(sure)).sum())]


def proposed(
    view: _core.MipMap, models: Models, settings: CascadeSettings, known: FloatArray
) -> tuple[FloatArray, FloatArray]:
    found = [[NO_BOXES], [np.zeros(0, np.float32)]]
    cascade = _core.Cascade(view, settings, least=20)
    # The finest level's window is the nearest of 12, 17, 24, ... pixels, so 17 for codes of 20.
    pixel = 0.0
    inputs = []
    while (level := cascade.pnet_input()) is not None:
        inputs.append(level)
        cascade.take_pnet(*models.pnet(level))
    for k, level in enumerate(inputs):
        pixel = 2 ** ((len(inputs) - k) / 2)
        probability, offsets = models.pnet(level)
        likely = np.argsort(-probability[0, 1].ravel(), kind="stable")
        likely = likely[probability[0, 1].ravel()[likely] > np.float32(settings.p_threshold)]
        row, column = np.unravel_index(likely, probability.shape[2:])
        x, y = ((4 * at - PADDING) * pixel for at in (column, row))
        windows = np.stack([x, y, x + WINDOW * pixel, y + WINDOW * pixel], 1).astype(np.float32)
        boxes = _core.calibrate_boxes(windows, offsets[0][:, row, column].T)
        scores = probability[0, 1, row, column]
        left = ~inside((boxes[:, :2] + boxes[:, 2:]) / np.float32(2), known)
        boxes, scores = boxes[left], scores[left]
        sure = int((scores >= np.float32(settings.sure)).sum())
        boxes, scores = (values[: 4 * settings.top + sure] for values in (boxes, scores))
        kept = cut(_core.nms(boxes, scores, 0.7), scores, settings.sure, settings.top)
        for values, more in zip(found, (boxes, scores), strict=True):
            values.append(more[kept])
    boxes, scores = (np.concatenate(parts) for parts in found)
    kept = cut(_core.nms(boxes, scores, 0.7), scores, settings.sure, settings.proposals)
    return _core.square_boxes(boxes[kept]), scores[kept]


def both(a: FloatArray, b: FloatArray) -> FloatArray:
    """What two probabilities say together: the product of their odds."""
    yes, no = a * b, (np.float32(1) - a) * (np.float32(1) - b)
    return yes / (yes + no)


def looked_at(
    network: Network,
    view: _core.MipMap,
    boxes: FloatArray,
    scores: FloatArray,
    side: int,
    batch: int,
    unsure: int,
    threshold: float,
    sure: float,
) -> list[FloatArray]:
    """What a network gives for boxes of a small picture, best first, until a batch shows nothing and none is sure."""
    outputs = []
    first = vain = 0
    while first < len(boxes) and (vain < unsure or scores[first] >= np.float32(sure)):
        last = first + max(unsure, int((scores[first : first + batch] >= np.float32(sure)).sum()))
        outputs.append(network(_core.network_patches(view, boxes[first:last], side, tones=side == 24)))
        seen = outputs[-1][0][:, 1]
        if side == 24:  # R-Net has to be sure
            shown = (both(scores[first:last], seen) >= np.float32(sure)).any()
        else:
            shown = (seen > np.float32(threshold)).any()
        vain = 0 if shown else vain + len(seen)
        first = last
    return [np.concatenate(parts) for parts in zip(*outputs, strict=True)]


def chain(
    view: _core.MipMap, models: Models, settings: CascadeSettings, known: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """What the cascade gives for codes of 20 pixels and more, in a picture whose levels are all seen whole."""
    boxes, scores = proposed(view, models, settings, known)
    if len(boxes):
        limits = settings.r_threshold, settings.sure
        probability, offsets = looked_at(models.rnet, view, boxes, scores, 24, R_BATCH, R_BATCH, *limits)
        together = both(scores[: len(probability)], probability[:, 1])
        likely = np.flatnonzero(together > np.float32(settings.r_threshold))
        boxes = _core.calibrate_boxes(boxes[likely], offsets[likely])
        scores = together[likely]
        kept = cut(_core.nms(boxes, scores, 0.7), scores, settings.sure, settings.candidates)
        boxes, scores = _core.square_boxes(boxes[kept]), scores[kept]
    if not len(boxes):
        return NO_BOXES, np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32), NO_BOXES
    limits = settings.o_threshold, settings.sure
    probability, offsets, heat = looked_at(models.onet, view, boxes, scores, 48, O_BATCH, O_UNSURE, *limits)
    likely = np.flatnonzero(probability[:, 1] > np.float32(settings.o_threshold))
    scores = probability[likely, 1]
    landmarks, strengths = _core.heatmap_landmarks(heat[likely], boxes[likely])
    boxes = _core.calibrate_boxes(boxes[likely], offsets[likely])
    kept = _core.nms(boxes, scores, 0.5)
    return boxes[kept], scores[kept], landmarks[kept], strengths[kept]


def assert_same_as_the_chain(
    view: _core.MipMap, models: Models, settings: CascadeSettings, known: FloatArray = NO_QUADS
) -> int:
    found = detect_boxes(view, models, settings, Account(), Trace(), known, least=20)
    expected = chain(view, models, settings, known)
    for got, wanted in zip((found.boxes, found.scores, found.landmarks, found.strengths), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    return len(found)


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


@pytest.mark.parametrize("seed", range(6))
def test_the_boxes_are_those_of_the_chain(models: Models, seed: int) -> None:
    picture, quads = scene(seed)
    view = view_of(picture)
    few = CascadeSettings(top=6, proposals=24, candidates=6, o_threshold=0.8, sure=1)
    assert assert_same_as_the_chain(view, models, CascadeSettings()) > 0
    assert_same_as_the_chain(view, models, few)
    assert_same_as_the_chain(view, models, CascadeSettings(), quads[:2])
    assert_same_as_the_chain(view, models, CascadeSettings(), quads[::-1, ::-1].copy())


@pytest.mark.slow
def test_the_boxes_are_those_of_the_chain_in_photographs(models: Models, photographs: Path) -> None:
    paths = sorted((photographs / "photos" / "boofcv-dev").rglob("*.jpg"))[::20]
    assert len(paths) > 5
    for path in paths:
        picture = cv2.imread(str(path))
        assert picture is not None
        longer = max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=560 / longer, fy=560 / longer, interpolation=cv2.INTER_AREA)
        assert_same_as_the_chain(view_of(small), models, CascadeSettings())


# Levels -----------------------------------------------------------------------------------------------------------


def inputs_of(cascade: _core.Cascade, share: float = 0.0) -> list[FloatArray]:
    """What P-Net is given, where it gives a probability for every window."""
    inputs = []
    while (pixels := cascade.pnet_input()) is not None:
        inputs.append(pixels)
        rows, columns = (windows_in(side) for side in pixels.shape[2:])
        cascade.take_pnet(
            np.full((1, 2, rows, columns), share, np.float32), np.zeros((1, 4, rows, columns), np.float32)
        )
    return inputs


def shapes_of(cascade: _core.Cascade) -> list[tuple[int, ...]]:
    return [pixels.shape[2:] for pixels in inputs_of(cascade)]


def seen(length: int) -> int:
    """Pixels of a level's side and of what is about it that whole windows see."""
    return (length + 2 * MARGIN - SEEN) // 4 * 4 + SEEN


def shares(length: int, pixel: float) -> npt.NDArray[np.float64]:
    """Of each source pixel in the mean of each pixel of a level, but for the last, which reach beyond the picture."""
    first = pixel * np.arange(int(length / pixel))[:, None]
    at = np.arange(length)
    return np.clip(np.minimum(first + pixel, at + 1) - np.maximum(first, at), 0, None) / pixel


def tones(grey: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Logarithms of grey values, 0 to 255 like them."""
    return 255 * np.log1p(np.asarray(grey, np.float64) / 8) / np.log1p(255 / 8)


def least_of_tones(mean: float) -> float:
    """1.5 grey values about a tone, in tones."""
    return 1.5 * 255 / np.log1p(255 / 8) / 8 * np.exp(-mean * np.log1p(255 / 8) / 255)


def in_local_light(grey: FloatArray) -> FloatArray:
    """Tones less the mean of 28 x 28 about their cell of 4 x 4, in 2.5 deviations, between the cells' centres."""
    level = tones(grey)
    mean, gain = (np.zeros([-(-side // 4) for side in level.shape]) for _ in range(2))
    for row, column in np.ndindex(mean.shape):
        about = level[max(4 * row - 12, 0) : 4 * row + 16, max(4 * column - 12, 0) : 4 * column + 16]
        mean[row, column] = about.mean()
        gain[row, column] = 1 / (2.5 * max(about.std(), least_of_tones(about.mean())))
    cells = mean.shape
    places = [np.clip((np.arange(level.shape[k]) - 1.5) / 4, 0, cells[k] - 1) for k in (0, 1)]
    below = [np.minimum(places[k].astype(int), max(cells[k] - 2, 0)) for k in (0, 1)]

    def between(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        padded = np.pad(cells, ((0, 1), (0, 1)), mode="edge")
        (y, x), (v, u) = below, [place - first for place, first in zip(places, below, strict=True)]
        rows = padded[y] * (1 - v)[:, None] + padded[y + 1] * v[:, None]
        return rows[:, x] * (1 - u) + rows[:, x + 1] * u

    return np.clip((level - between(mean)) * between(gain), -1, 1).astype(np.float32)


def test_a_level_is_the_pictures_area_means_in_local_light_about_which_is_nothing() -> None:
    picture = cv2.GaussianBlur(textured(301, 403), (0, 0), 1.5)
    levels = inputs_of(_core.Cascade(view_of(picture), CascadeSettings(), least=12))
    assert len(levels) > 5
    for k, level in enumerate(reversed(levels)):
        pixel = 2 ** (k / 2)
        height, width = (int(np.ceil(side / pixel)) for side in picture.shape)
        assert level.shape == (1, 1, seen(height), seen(width))
        inner = level[0, 0, MARGIN:, MARGIN:][:height, :width]
        down, across = (shares(side, pixel) for side in picture.shape)
        expected = in_local_light(down @ picture @ across.T)
        rows, columns = (min(a, b) for a, b in zip(inner.shape, expected.shape, strict=True))
        difference = inner[:rows, :columns] - expected[:rows, :columns]
        if k % 2 == 0:  # the view's own pixels, rounded again where they were halved
            assert np.abs(difference).mean() < 0.02
        else:  # of the next finer ones, which blurs a little; picking pixels instead would differ by the spread
            assert difference.std() < 0.2 * expected.std()
        assert abs(difference.mean()) < 0.02
        level[0, 0, MARGIN:, MARGIN:][:height, :width] = 0
        assert not level.any()


def in_networks_light(pixels: Picture, boxes: FloatArray) -> list[FloatArray]:
    """What P-Net, R-Net and O-Net are given of a picture."""
    view = view_of(pixels)
    levels = inputs_of(_core.Cascade(view, CascadeSettings(), least=20))
    return [*levels, _core.network_patches(view, boxes, 24, tones=True), _core.network_patches(view, boxes, 48)]


def test_exposure_changes_nothing_and_inversion_the_sign_of_grey_values() -> None:
    picture = cv2.GaussianBlur(textured(200, 240), (0, 0), 1.0)
    boxes = np.array([[20, 20, 180, 180], [-30, 10, 60, 100], [60, 60, 90, 90]], np.float32)
    plain, dim, inverted = (
        in_networks_light(p, boxes) for p in (picture, (20 + picture / 3).astype(np.uint8), 255 - picture)
    )
    for a, b, c in zip(plain, dim, inverted, strict=True):
        assert a.std() > 0.15
        assert np.abs(a - b).mean() < 0.04
        assert np.corrcoef(a.ravel(), c.ravel())[0, 1] < -0.8
    assert np.abs(plain[-1] + inverted[-1]).mean() < 0.02


def test_a_lamp_leaves_what_is_dark_beside_it_its_contrast() -> None:
    picture = (5 + textured(300, 300).astype(np.float64) / 12).astype(np.uint8)
    beside = np.array([[10, 10, 290, 290]], np.float32)

    def contrast(pixels: Picture) -> list[float]:
        """Of the upper left of what P-Net, R-Net and O-Net are given."""
        given = in_networks_light(pixels, beside)
        return [
            float(np.std(g[..., MARGIN + 4 : MARGIN + 14, MARGIN + 4 : MARGIN + 14])) for g in (given[0], *given[-2:])
        ]

    plain = contrast(picture)
    cv2.circle(picture, (230, 230), 45, 255, -1)
    pnet, rnet, onet = np.divide(contrast(picture), plain)
    assert min(pnet, rnet) > 0.2
    assert rnet > 2 * onet


@pytest.mark.parametrize("least", [12, 16, 40, 100])
def test_the_finest_level_shows_the_smallest_code_in_a_window(least: float) -> None:
    height, _ = shapes_of(_core.Cascade(view_of(textured(480, 640)), CascadeSettings(), least=least))[-1]
    window = WINDOW * 480 / (height - 2 * MARGIN)  # but for some pixels that no whole window sees
    assert least * 2**-0.26 <= window < least * 2**0.26


@pytest.mark.parametrize(("height", "width"), [(480, 640), (300, 200), (60, 60), (21, 800)])
def test_the_coarsest_level_shows_a_code_that_fills_the_picture_in_a_window(height: int, width: int) -> None:
    levels = shapes_of(_core.Cascade(view_of(textured(height, width)), CascadeSettings(), least=12))
    assert 0.7 * WINDOW < min(levels[0]) - 2 * MARGIN <= 1.25 * WINDOW


def test_no_level_is_finer_than_the_view() -> None:
    picture = textured(300, 400)
    view = _core.MipMap(picture, np.array([0, 0, 400, 300], np.float32), 4)
    assert shapes_of(_core.Cascade(view, CascadeSettings(), least=12))[-1] == (seen(75), seen(100))


@pytest.mark.parametrize("bands", [(64, 16), (200, 64, 33, 16), (16, 100), (100, 99, 16)])
def test_rounds_of_smaller_and_smaller_codes_see_each_level_once(bands: tuple[float, ...]) -> None:
    view = view_of(textured(480, 640))
    once = shapes_of(_core.Cascade(view, CascadeSettings(), least=16))
    cascade = _core.Cascade(view, CascadeSettings(), least=bands[0])
    seen = shapes_of(cascade)
    for least in bands[1:]:
        cascade.extend(least)
        seen += shapes_of(cascade)
    assert seen == once


def test_a_band_of_sizes_takes_levels_that_no_other_band_takes() -> None:
    view = view_of(textured(480, 640))
    once = shapes_of(_core.Cascade(view, CascadeSettings(), least=16))
    large = shapes_of(_core.Cascade(view, CascadeSettings(), least=80))
    small = shapes_of(_core.Cascade(view, CascadeSettings(), least=16, most=80))
    assert large + small == once or large + small[1:] == once  # the level between belongs to both
    assert small


def test_a_round_that_was_broken_off_is_not_taken_up_again() -> None:
    cascade = _core.Cascade(view_of(textured(480, 640)), CascadeSettings(), least=64)
    assert cascade.pnet_input() is not None
    cascade.extend(32)
    assert len(shapes_of(cascade)) == 2


@pytest.mark.parametrize("shape", [(30, 2000), (21, 21), (1, 1), (4, 900), (2000, 25), (5, 5, 3)])
def test_pictures_of_any_shape_are_looked_at(models: Models, shape: tuple[int, ...]) -> None:
    found = detect_boxes(view_of(np.full(shape, 9, np.uint8)), models, CascadeSettings(), Account(), Trace(), least=12)
    assert found.boxes.shape == (len(found), 4)


@pytest.mark.parametrize("as_tones", [False, True])
def test_patches_show_the_box_at_any_size_of_it(as_tones: bool) -> None:
    picture = cv2.GaussianBlur(textured(400, 600), (0, 0), 3)
    boxes = np.array([[100, 50, 148, 98], [30, 40, 330, 340], [-40, 300, 160, 500], [0, 0, 24, 24]], np.float32)
    got = _core.network_patches(view_of(picture), boxes, 24, as_tones)
    assert got.shape == (4, 1, 24, 24)
    for patch, box in zip(got[:, 0], boxes, strict=True):
        x, y = (box[i] + (np.arange(24) + 0.5) * (box[i + 2] - box[i]) / 24 for i in (0, 1))
        inside_picture = ((y > 0) & (y < 400))[:, None] & ((x > 0) & (x < 600))
        assert not patch[~inside_picture].any()
        repeated = np.asarray(cv2.copyMakeBorder(picture, *[200] * 4, cv2.BORDER_REPLICATE), np.uint8)
        grey = _core.extract_patches(repeated, box[None] + 200, 24)[0, 0][inside_picture] * 128 + 127.5
        least = 1.5
        if as_tones:
            grey = tones(grey)
            least = least_of_tones(float(grey.mean()))
        expected = np.clip((grey - grey.mean()) / (2.5 * max(grey.std(), least)), -1, 1)
        assert np.abs(patch[inside_picture] - expected).mean() < 0.06
    part = _core.MipMap(picture, np.array([60, 30, 420, 390], np.float32))
    np.testing.assert_allclose(_core.network_patches(part, boxes[[0]], 24, as_tones), got[[0]], atol=0.03)


# Tiles ------------------------------------------------------------------------------------------------------------


def bright(pixels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A P-Net that sees a code where a window's mean is bright, and moves it by what the window's corner shows."""
    middle = pixels[0, 0, CONTEXT:-CONTEXT, CONTEXT:-CONTEXT]
    windows = np.lib.stride_tricks.sliding_window_view(middle, (WINDOW, WINDOW))[::4, ::4]
    score = np.clip(windows.mean((2, 3)) + 0.4, 0, 1)
    offsets = np.repeat(windows[None, :, :, 3, 3] / 9, 4, 0)
    return np.stack([1 - score, score])[None].astype(np.float32), offsets[None].astype(np.float32)


def windows_of(view: _core.MipMap, settings: CascadeSettings, least: float) -> FloatArray:
    cascade = _core.Cascade(view, settings, least=least)
    while (pixels := cascade.pnet_input()) is not None:
        cascade.take_pnet(*bright(pixels))
    cascade.rnet_input()
    boxes = cascade.windows()
    return boxes[np.lexsort(boxes.T)]


def test_a_level_seen_in_tiles_proposes_what_it_proposes_seen_whole() -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(90, 110, (500, 600), np.uint8)
    for x, y in rng.integers(20, (580, 480), (60, 2)):
        picture[y - 5 : y + 5, x - 5 : x + 5] = rng.integers(150, 220)
    one = _core.Cascade(view_of(picture), CascadeSettings(), least=12)
    shapes = shapes_of(one)
    assert shapes[-1][1] == TILE
    assert one.work.pnet_pixels > 500 * 600
    settings = CascadeSettings(sure=0.5, tile_top=1, top=1, p_threshold=0.5, proposals=100_000)
    finest = _core.MipMap(picture, np.array([0, 0, 600, 500], np.float32))
    tiled = windows_of(finest, settings, 12)
    expected = []
    levels = inputs_of(_core.Cascade(finest, CascadeSettings(whole_pixels=1 << 30), least=12))
    for k, level in enumerate(reversed(levels)):
        pixel = 2 ** (k / 2)
        probability, offsets = bright(level)
        row, column = np.nonzero(probability[0, 1] >= 0.5)
        x, y = ((4 * at - PADDING) * pixel for at in (column, row))
        windows = np.stack([x, y, x + WINDOW * pixel, y + WINDOW * pixel], 1).astype(np.float32)
        boxes = _core.calibrate_boxes(windows, offsets[0][:, row, column].T)
        expected.append((boxes, probability[0, 1, row, column]))
    boxes, scores = (np.concatenate(parts) for parts in zip(*expected, strict=True))
    whole = _core.square_boxes(boxes[_core.nms(boxes, scores, 0.7)])
    assert len(tiled) > 60
    for box in tiled:
        assert np.abs(whole - box).max(1).min() < 0.01
    missed = sum(np.abs(tiled - box).max(1).min() > 0.01 for box in whole)
    assert missed <= 0.02 * len(whole)  # of overlapping boxes on a tile's border another one may be kept


def visited(picture: Picture, least: float = 12) -> float:
    """Share of the finest level's pixels that P-Net sees, margins included."""
    cascade = _core.Cascade(view_of(picture), CascadeSettings(), least=least, most=1.1 * least)
    inputs_of(cascade)
    return cascade.work.pnet_pixels / picture.size


def test_tiles_without_contrast_in_both_directions_are_skipped() -> None:
    row, column = np.mgrid[:1500, :1500]
    assert visited(np.full((1500, 1500), 140, np.uint8)) == 0
    assert visited((100 + 90 * (row // 7 % 2)).astype(np.uint8)) == 0  # ruled paper
    assert visited((100 + 90 * (column // 7 % 2)).astype(np.uint8)) == 0  # blinds
    assert visited((40 + row / 15 + column / 30).astype(np.uint8)) < 0.3  # the slope of a shadow
    assert visited(np.random.default_rng(0).integers(0, 256, (1500, 1500), np.uint8)) > 1


def test_a_level_is_seen_as_far_as_it_shows_contrast() -> None:
    for height, width in ((300, 400), (400, 400)):
        blank = np.full((height, width), 200, np.uint8)
        cascade = _core.Cascade(view_of(blank), CascadeSettings(), least=12)
        assert inputs_of(cascade) == []
        picture = place(blank, code_picture("one code"), quad_of((width / 2, height / 2), 60))
        cascade = _core.Cascade(view_of(picture), CascadeSettings(), least=12, most=13)
        (level,) = inputs_of(cascade)
        assert max(level.shape) < 60 + 4 * WINDOW
        # Where the code lies is what the whole level shows there.
        noisy = picture.copy()
        noisy[:4, :4] = noisy[-4:, -4:] = np.random.default_rng(0).integers(0, 256, (4, 4))
        whole = inputs_of(_core.Cascade(view_of(noisy), CascadeSettings(), least=12, most=13))[0][0, 0]
        assert whole.shape == (seen(height), seen(width))
        parts = np.lib.stride_tricks.sliding_window_view(whole, level.shape[2:])[::4, ::4]
        assert (parts == level[0, 0]).all((2, 3)).sum() == 1


@pytest.mark.parametrize("version", [1, 5, 12, 25, 40])
@pytest.mark.parametrize("contrast", [4, -4, 30])
def test_no_tile_with_a_code_is_skipped_however_dim(version: int, contrast: int) -> None:
    rng = np.random.default_rng(version)
    for trial in range(6):
        picture = np.full((800, 800), 120, np.uint8)
        code = code_picture(f"dim {trial}", version=version, error="l", scale=1, border=1)
        dim = (120 - contrast * (code == 0)).astype(np.uint8)
        # At the finest level, in a window, wherever it lies between the pixels and the tiles.
        side = 13 * len(code) / (len(code) - 2)
        x, y = rng.uniform(40, 760, 2)
        looks = 32
        fine = np.full((40 * looks, 40 * looks), 120, np.float32)
        turned = quad_of(
            (20 * looks + 32 * (x % 1), 20 * looks + 32 * (y % 1)), side * looks, degrees=rng.uniform(0, 90)
        )
        transform = cv2.getPerspectiveTransform(
            np.array([[0, 0], [len(dim), 0], [len(dim), len(dim)], [0, len(dim)]], np.float32),
            turned.astype(np.float32),
        )
        cv2.warpPerspective(
            dim.astype(np.float32), transform, fine.shape, fine, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
        )
        patch = cv2.resize(fine, (40, 40), interpolation=cv2.INTER_AREA)
        picture[int(y) - 20 : int(y) + 20, int(x) - 20 : int(x) + 20] = np.round(patch)
        cascade = _core.Cascade(view_of(picture), CascadeSettings(), least=12, most=13)
        seen = np.concatenate([pixels.ravel() for pixels in inputs_of(cascade)] or [np.zeros(0)])
        assert np.ptp(seen[seen != 0]) > 0
        assert cascade.work.pnet_pixels <= 4 * TILE**2


# Boxes ------------------------------------------------------------------------------------------------------------


def overlap(boxes: FloatArray, quad: FloatArray) -> float:
    """Best intersection over union of boxes and the box of a quad."""
    box = np.concatenate([quad.min(0), quad.max(0)])
    common = np.maximum(np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2]), 0).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1) + (box[2:] - box[:2]).prod()
    return float((common / (areas - common)).max(initial=0))


def sheet(height: int, width: int, sides: list[float], seed: int = 0) -> tuple[Picture, FloatArray]:
    """Codes of these sides in rows on paper with grain, and the corners of the symbols."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width), 225, np.uint8)
    quads = []
    columns = int(np.ceil(np.sqrt(len(sides) * width / height)))
    pitch = width / columns
    for number, side in enumerate(sides):
        centre = (pitch * (number % columns + 0.5), pitch * (number // columns + 0.5))
        outer = quad_of(centre, side * 29 / 21, degrees=rng.uniform(-15, 15))
        low, high = (outer.min(0) - 4).astype(int).clip(0), (outer.max(0) + 4).astype(int)
        part = picture[low[1] : high[1], low[0] : high[0]]
        picture[low[1] : high[1], low[0] : high[0]] = place(part, code_picture(f"{number}", version=1), outer - low)
        quads.append(symbol_quad(outer, 21))
    noisy = picture + rng.normal(0, 2, picture.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8), np.array(quads, np.float32)


def test_small_codes_in_a_large_picture_are_seen(models: Models) -> None:
    picture, quads = sheet(2000, 3000, np.geomspace(20, 60, 40).tolist())
    found = detect_boxes(view_of(picture), models, CascadeSettings(), Account(), Trace(), least=20)
    assert sum(overlap(found.boxes, quad) > 0.5 for quad in quads) >= 38


def test_no_count_keeps_codes_that_the_networks_are_sure_of_from_being_seen(models: Models) -> None:
    picture, quads = sheet(700, 700, [36.0] * 144)
    seen = []
    for settings in (CascadeSettings(), CascadeSettings(sure=1)):
        found = detect_boxes(view_of(picture), models, settings, Account(), Trace(), least=30)
        seen.append(sum(overlap(found.boxes, quad) > 0.5 for quad in quads))
    assert seen[0] > 0.8 * len(quads)
    assert seen[1] < 0.3 * len(quads)


def test_a_part_of_a_picture_shows_its_boxes_where_they_lie_in_the_picture(models: Models) -> None:
    picture, quads = sheet(600, 800, [70.0] * 12)
    corner = np.array([100, 40, 500, 440], np.float32)
    found = detect_boxes(_core.MipMap(picture, corner), models, CascadeSettings(), Account(), Trace(), least=50)
    held = [quad for quad in quads if (quad.min(0) > corner[:2] + 8).all() and (quad.max(0) < corner[2:] - 8).all()]
    assert len(held) >= 2
    assert min(overlap(found.boxes, quad) for quad in held) > 0.7
    whole = detect_boxes(view_of(picture), models, CascadeSettings(), Account(), Trace(), least=50)
    assert min(overlap(whole.boxes, quad) for quad in held) > 0.7


def test_another_round_gives_no_box_again_and_nothing_known(models: Models) -> None:
    picture, quads = sheet(700, 900, [160.0, 30.0, 160.0, 30.0, 30.0, 160.0])
    cascade = _core.Cascade(view_of(picture), CascadeSettings(), least=130)
    large = next_boxes(cascade, models, Account(), Trace())
    assert [overlap(large.boxes, quad) > 0.5 for quad in quads] == [True, False, True, False, False, True]
    before = cascade.work
    account = Account()
    cascade.extend(25, quads[[1]])
    small = next_boxes(cascade, models, account, Trace())
    assert [overlap(small.boxes, quad) > 0.5 for quad in quads] == [False, False, False, True, True, False]
    assert cascade.work.pnet_pixels > before.pnet_pixels
    pixels, windows = (getattr(cascade.work, of) - getattr(before, of) for of in ("pnet_pixels", "rnet_windows"))
    assert account.macs > MACS["pnet"] * pixels + MACS["rnet"] * windows
    assert not any(overlap(large.boxes, box.reshape(2, 2)) > 0.5 for box in small.boxes)


# Work -------------------------------------------------------------------------------------------------------------


def test_work_is_counted_from_the_shapes_of_the_inputs() -> None:
    cascade = _core.Cascade(view_of(textured(480, 640)), CascadeSettings(), least=16)
    inputs = inputs_of(cascade, 0.5)
    windows = cascade.rnet_input()
    assert windows is not None
    cascade.take_rnet(np.full((len(windows), 2), 0.5, np.float32), np.zeros((len(windows), 4), np.float32))
    fewer = cascade.onet_input()
    assert fewer is not None
    count = len(fewer)
    cascade.take_onet(
        np.full((count, 2), 0.5, np.float32), np.zeros((count, 4), np.float32), np.zeros((count, 3, 24, 24), np.float32)
    )
    work = cascade.work
    assert 0.95 < work.pnet_pixels / sum(pixels.size for pixels in inputs) <= 1
    assert (work.rnet_windows, work.onet_windows) == (len(windows), count)


def test_onet_tells_landmarks_of_a_batch_that_shows_a_code_and_saves_them_otherwise(models: Models) -> None:
    picture = place(textured(200, 200), code_picture("landmarks"), quad_of((100, 100), 120))
    outer = symbol_quad(quad_of((100, 100), 120), 25)
    box = np.array([*(outer.min(0) - 6), *(outer.max(0) + 6)], np.float32)
    code = _core.extract_patches(picture, box[None], 48)
    code = np.clip((code - code.mean()) / (2.5 * code.std()), -1, 1).astype(np.float32)
    blank = np.zeros_like(code)
    probability, _, heat = models.onet(np.concatenate([code, blank]))
    assert probability[0, 1] > 0.9
    assert probability[1, 1] < 0.1
    assert heat[0].max() > 0.5
    assert heat[1].max() > 0
    alone, offsets, nothing = models.onet(np.concatenate([blank, blank]))
    np.testing.assert_allclose(alone[:, 1], probability[1, 1], atol=1e-4)
    assert (offsets.shape, nothing.shape) == ((2, 4), (2, 3, 24, 24))
    assert not nothing.any()


def test_multiply_accumulates_are_those_of_the_networks_that_ship() -> None:
    onnx = pytest.importorskip("onnx", reason="reads the networks' layers, which the extra `train` installs")
    counted = {name: macs_of(onnx, name, shape) for name, shape in SHAPES.items()}
    assert MACS["pnet"] == pytest.approx(counted["pnet"] / np.prod(SHAPES["pnet"]), rel=0.15)
    assert (MACS["rnet"], MACS["onet"]) == (counted["rnet"], counted["onet"])


SHAPES = {"pnet": (1, 1, 508, 508), "rnet": (1, 1, 24, 24), "onet": (1, 1, 48, 48)}


def macs_of(onnx: Any, name: str, shape: tuple[int, ...]) -> int:
    """Multiply-accumulates of a network's convolutions and matrix products, from its layers' shapes."""
    model = onnx.load(models_folder() / f"{name}.onnx")
    for dimension, length in zip(model.graph.input[0].type.tensor_type.shape.dim, shape, strict=True):
        dimension.dim_value = length
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    graph = onnx.shape_inference.infer_shapes(model).graph
    graphs = [graph, *(a.g for node in graph.node if node.op_type == "If" for a in node.attribute)]
    lengths = {w.name: list(w.dims) for w in graph.initializer}
    for each in graphs:
        for value in (*each.value_info, *each.input, *each.output):
            lengths[value.name] = [d.dim_value for d in value.type.tensor_type.shape.dim]
    total = 0
    for node in (node for each in graphs for node in each.node):
        if node.op_type in ("Conv", "QLinearConv", "Gemm", "MatMul", "QGemm"):
            weight = lengths[node.input[3 if node.op_type in ("QLinearConv", "QGemm") else 1]]
            places = int(np.prod(lengths[node.output[0]][2:])) if len(weight) == 4 else 1
            total += int(np.prod(weight)) * places
    return total


# Arguments --------------------------------------------------------------------------------------------------------


def test_outputs_of_other_shapes_than_the_input_asks_for_are_refused() -> None:
    cascade = _core.Cascade(view_of(textured(100, 120)), CascadeSettings(), least=60)
    with pytest.raises(ValueError, match="take_pnet takes the output for pnet_input's last input, got none"):
        cascade.take_pnet(np.zeros((1, 2, 3, 3)), np.zeros((1, 4, 3, 3)))
    level = cascade.pnet_input()
    assert level is not None
    rows, columns = (windows_in(side) for side in level.shape[2:])
    right = np.zeros((1, 2, rows, columns), np.float32)
    with pytest.raises(ValueError, match=rf"probability must have shape \(1, 2, {rows}, {columns}\).* got"):
        cascade.take_pnet(right[:, :, 1:], np.zeros((1, 4, rows, columns)))
    with pytest.raises(ValueError, match=rf"offsets must have shape \(1, 4, {rows}, {columns}\).* got"):
        cascade.take_pnet(right, right)
    cascade.take_pnet(right + 1, np.zeros((1, 4, rows, columns)))
    inputs_of(cascade)
    windows = cascade.rnet_input()
    assert windows is not None
    with pytest.raises(ValueError, match=rf"probability must have shape \({len(windows)}, 2, 1, 1\)"):
        cascade.take_rnet(np.zeros((len(windows) + 1, 2)), np.zeros((len(windows) + 1, 4)))
    cascade.take_rnet(np.full((len(windows), 2), 0.9), np.zeros((len(windows), 4)))
    fewer = cascade.onet_input()
    assert fewer is not None
    with pytest.raises(ValueError, match="heat must have shape"):
        cascade.take_onet(np.zeros((len(fewer), 2)), np.zeros((len(fewer), 4)), np.zeros((len(fewer), 2, 24, 24)))


def test_the_networks_are_asked_for_in_their_order_and_anew_in_each_round(models: Models) -> None:
    cascade = _core.Cascade(view_of(code_picture("asked for")), CascadeSettings(), least=100)
    asked: list[str] = []
    for least in (100, 40):
        outputs: list[FloatArray] = []
        names: list[str] = []
        while isinstance(wanted := cascade.next(*outputs), tuple):
            names.append(wanted[0])
            outputs = getattr(models, names[-1])(wanted[1])
        assert names == sorted(names, key=["pnet", "rnet", "onet"].index)
        assert names.count("pnet") >= 1
        assert len(wanted) == len(cascade.next()) == len(cascade.boxes())
        asked += names
        cascade.extend(least / 2)
    assert {"pnet", "rnet", "onet"} == set(asked)


def test_outputs_that_were_not_asked_for_are_refused() -> None:
    cascade = _core.Cascade(view_of(textured(100, 120)), CascadeSettings(), least=60)
    output = np.zeros((1, 2, 3, 3), np.float32)
    with pytest.raises(ValueError, match=r"next must be given the 0 outputs of none, .* got 2"):
        cascade.next(output, output)
    assert isinstance(cascade.next(), tuple)
    for given in ((), (output,), (output, output, output)):
        with pytest.raises(ValueError, match=f"next must be given the 2 outputs of pnet, .* got {len(given)}"):
            cascade.next(*given)


def test_outputs_that_are_no_numbers_give_no_box() -> None:
    cascade = _core.Cascade(view_of(textured(100, 120)), CascadeSettings(), least=40)
    while (level := cascade.pnet_input()) is not None:
        rows, columns = (windows_in(side) for side in level.shape[2:])
        offsets = np.zeros((1, 4, rows, columns))
        offsets[..., ::2] = np.nan
        offsets[..., 1::2] = 1e30
        cascade.take_pnet(np.full((1, 2, rows, columns), 0.9), offsets)
    assert cascade.rnet_input() is None
    assert len(cascade.boxes()) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top": 0}, r"top must be a whole number from 1 to 1073741824 \(windows\), got 0"),
        ({"tile_top": -1}, "tile_top must be .*, got -1"),
        ({"tile_candidates": float("nan")}, "tile_candidates must be .*, got nan"),
        ({"sure": 1.5}, r"sure must be a number from 0 to 1 \(probability\), got 1.5"),
        ({"p_threshold": float("nan")}, "p_threshold must be .*, got nan"),
    ],
)
def test_settings_name_the_value_that_is_wrong(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CascadeSettings(**options)


def test_a_cascade_names_the_argument_that_is_wrong() -> None:
    view = view_of(textured(60, 60))
    for least in (0.0, -3.0, float("nan")):
        with pytest.raises(ValueError, match="least must be above 0 pixels"):
            _core.Cascade(view, CascadeSettings(), least=least)
        with pytest.raises(ValueError, match="least must be above 0 pixels"):
            _core.Cascade(view, CascadeSettings(), least=20).extend(least)
    with pytest.raises(ValueError, match="most must be above 0 pixels"):
        _core.Cascade(view, CascadeSettings(), least=20, most=-1)
    with pytest.raises(ValueError, match=r"known must have shape \(Q, 4, 2\), got \(4, 2\)"):
        _core.Cascade(view, CascadeSettings(), least=20, known=np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"points must have shape \(K, 2\)"):
        _core.inside_quads(np.zeros(2), NO_QUADS)


def test_a_view_lives_as_long_as_its_cascade() -> None:
    cascade = _core.Cascade(view_of(textured(480, 640)), CascadeSettings(), least=16)
    gc.collect()
    assert len(inputs_of(cascade)) > 5
