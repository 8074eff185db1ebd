"""The cascade's loops between its networks: suppression, boxes, patches, and landmarks of heat maps."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from conftest import Picture, quad_of
from fastqr import _core

FloatArray = npt.NDArray[np.float32]
NO_BOXES = np.zeros((0, 4), np.float32)


def random_boxes(count: int, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 100, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(1, 60, (count, 2))], 1).astype(np.float32)


# Non-maximum suppression ------------------------------------------------------------------------------------------


def overlap(a: FloatArray, b: FloatArray, mode: str) -> float:
    width, height = (max(0.0, float(min(a[i + 2], b[i + 2]) - max(a[i], b[i]))) for i in (0, 1))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (a, b)]
    common = width * height
    return common / (sum(areas) - common if mode == "union" else min(areas))


def suppressed(boxes: FloatArray, scores: FloatArray, threshold: float, mode: str) -> list[int]:
    kept: list[int] = []
    for candidate in np.argsort(-scores, kind="stable"):
        if all(overlap(boxes[k], boxes[candidate], mode) <= threshold for k in kept):
            kept.append(int(candidate))
    return kept


@pytest.mark.parametrize("mode", ["union", "min"])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("count", [1, 2, 30, 200])
def test_suppression_keeps_what_a_plain_loop_keeps(mode: str, threshold: float, count: int) -> None:
    boxes = random_boxes(count, count)
    scores = np.random.default_rng(count).random(count, np.float32)
    kept = _core.nms(boxes, scores, threshold, mode)
    assert kept.tolist() == suppressed(boxes, scores, threshold, mode)
    assert (np.diff(scores[kept]) <= 0).all()


def test_a_box_inside_another_goes_by_the_smaller_area_only() -> None:
    boxes = np.array([[0, 0, 100, 100], [40, 40, 60, 60]], np.float32)
    scores = np.array([0.9, 0.8], np.float32)
    assert _core.nms(boxes, scores, 0.5, "union").tolist() == [0, 1]
    assert _core.nms(boxes, scores, 0.5, "min").tolist() == [0]
    assert _core.nms(boxes, scores, 0.5).tolist() == [0, 1]  # union is the default


def test_equal_scores_are_kept_in_the_order_given() -> None:
    boxes = np.array([[0, 0, 10, 10], [50, 0, 60, 10], [1, 0, 11, 10]], np.float32)
    assert _core.nms(boxes, np.full(3, 0.5, np.float32), 0.5).tolist() == [0, 1]
    assert _core.nms(boxes[::-1].copy(), np.full(3, 0.5, np.float32), 0.5).tolist() == [0, 1]


def test_boxes_without_area_and_scores_that_are_nan_do_no_harm() -> None:
    boxes = np.array([[5, 5, 5, 5], [5, 5, 5, 5], [0, 0, 10, 10], [0, 0, 10, 10]], np.float32)
    scores = np.array([0.9, 0.8, np.nan, 0.7], np.float32)
    for mode in ("union", "min"):
        assert _core.nms(boxes, scores, 0.5, mode).tolist() == [0, 1, 3]


def test_no_boxes_give_no_boxes() -> None:
    assert _core.nms(NO_BOXES, np.zeros(0, np.float32), 0.5).tolist() == []
    assert _core.calibrate_boxes(NO_BOXES, NO_BOXES).shape == (0, 4)
    assert _core.square_boxes(NO_BOXES).shape == (0, 4)
    assert _core.extract_patches(np.zeros((9, 9), np.uint8), NO_BOXES, 24).shape == (0, 1, 24, 24)
    points, strengths = _core.heatmap_landmarks(np.zeros((0, 3, 24, 24), np.float32), NO_BOXES)
    assert (points.shape, strengths.shape) == ((0, 5, 2), (0, 4))


def test_suppression_names_the_argument_that_is_wrong() -> None:
    boxes, scores = random_boxes(3, 0), np.zeros(3, np.float32)
    with pytest.raises(ValueError, match=r"boxes must have shape \(N, 4\), got \(3, 3\)"):
        _core.nms(boxes[:, :3], scores, 0.5)
    with pytest.raises(ValueError, match=r"scores must have shape \(N,\).* got \(2,\)"):
        _core.nms(boxes, scores[:2], 0.5)
    with pytest.raises(ValueError, match="mode must be 'union' or 'min', got 'max'"):
        _core.nms(boxes, scores, 0.5, "max")


# Boxes ------------------------------------------------------------------------------------------------------------


def test_calibration_moves_each_side_by_its_share_of_the_width_or_height() -> None:
    boxes = random_boxes(50, 1)
    offsets = np.random.default_rng(2).normal(0, 0.2, (50, 4)).astype(np.float32)
    width, height = (boxes[:, i + 2] - boxes[:, i] for i in (0, 1))
    expected = boxes + offsets * np.stack([width, height, width, height], 1)
    got = _core.calibrate_boxes(boxes, offsets)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-4)
    with pytest.raises(ValueError, match=r"offsets must have shape \(N, 4\) as boxes \(50, 4\), got \(49, 4\)"):
        _core.calibrate_boxes(boxes, offsets[1:])


def test_squares_have_the_same_centre_and_the_longer_side() -> None:
    boxes = random_boxes(50, 3)
    got = _core.square_boxes(boxes)
    sides = got[:, 2:] - got[:, :2]
    longer = (boxes[:, 2:] - boxes[:, :2]).max(1)
    np.testing.assert_allclose(sides, np.stack([longer, longer], 1), rtol=1e-4)
    np.testing.assert_allclose(got[:, :2] + got[:, 2:], boxes[:, :2] + boxes[:, 2:], rtol=1e-5)


def test_arrays_of_other_types_and_strides_are_converted() -> None:
    boxes = random_boxes(20, 4)
    expected = _core.square_boxes(boxes)
    np.testing.assert_array_equal(_core.square_boxes(boxes.astype(np.float64)), expected)
    np.testing.assert_array_equal(_core.square_boxes(np.asfortranarray(boxes)), expected)
    np.testing.assert_array_equal(_core.square_boxes(np.repeat(boxes, 2, 0)[::2]), expected)


# Patches ----------------------------------------------------------------------------------------------------------


def picture(height: int = 70, width: int = 90, channels: int = 3, seed: int = 0) -> Picture:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.5).reshape(height, width, channels)


def grey_levels(patches: FloatArray) -> npt.NDArray[np.float64]:
    """Channels last, 0 to 255."""
    return patches.astype(np.float64).transpose(0, 2, 3, 1) * 128 + 127.5


@pytest.mark.parametrize("channels", [1, 3])
def test_a_patch_of_the_boxs_own_size_is_a_cut(channels: int) -> None:
    image = picture(channels=channels)
    patches = _core.extract_patches(image, np.array([[10, 20, 34, 44], [0, 0, 24, 24]], np.float32), 24)
    assert patches.dtype == np.float32
    assert patches.shape == (2, channels, 24, 24)
    np.testing.assert_allclose(grey_levels(patches)[0], image[20:44, 10:34], atol=1e-3)
    np.testing.assert_allclose(grey_levels(patches)[1], image[:24, :24], atol=1e-3)


@pytest.mark.parametrize("box", [(5, 3, 65, 63), (12, 10, 48, 46), (0, 0, 70, 70), (3, 20, 83, 50)])
def test_shrinking_averages_the_area(box: tuple[int, int, int, int]) -> None:
    image = picture()
    x1, y1, x2, y2 = box
    got = grey_levels(_core.extract_patches(image, np.array([box], np.float32), 12))[0]
    expected = cv2.resize(image[y1:y2, x1:x2].astype(np.float32), (12, 12), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(got, expected, atol=0.01)


def test_fractions_of_pixels_count_when_shrinking() -> None:
    image = picture(channels=1)
    x1, y1, x2, y2 = 3.3, 5.75, 61.9, 64.35
    fine = np.kron(image[:, :, 0], np.ones((20, 20)))  # 0.05 of a pixel: the box's corners are whole
    cut = fine[round(y1 * 20) : round(y2 * 20), round(x1 * 20) : round(x2 * 20)].astype(np.float32)
    expected = cv2.resize(cut, (16, 16), interpolation=cv2.INTER_AREA)
    got = grey_levels(_core.extract_patches(image, np.array([[x1, y1, x2, y2]], np.float32), 16))[0, :, :, 0]
    np.testing.assert_allclose(got, expected, atol=0.05)


def test_enlarging_is_bilinear() -> None:
    image = picture()
    got = grey_levels(_core.extract_patches(image, np.array([[20, 10, 32, 22]], np.float32), 48))[0]
    # The interpolation looks at pixels beyond the box, so the reference enlarges more than the box.
    wide = cv2.resize(image[8:24, 18:34].astype(np.float32), (64, 64), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(got, wide[8:-8, 8:-8], atol=0.01)


@pytest.mark.parametrize("box", [(-20, -10, 40, 50), (60, 40, 120, 100), (-30, -30, 120, 120)])
@pytest.mark.parametrize("size", [12, 24])
def test_outside_the_picture_is_black(box: tuple[int, int, int, int], size: int) -> None:
    image = picture()
    x1, y1, x2, y2 = box
    wide = cv2.copyMakeBorder(image, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    cut = wide[y1 + 60 : y2 + 60, x1 + 60 : x2 + 60].astype(np.float32)
    expected = cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)
    got = grey_levels(_core.extract_patches(image, np.array([box], np.float32), size))[0]
    np.testing.assert_allclose(got, expected, atol=0.01)


def test_a_box_wholly_outside_is_black() -> None:
    boxes = np.array([[200, 10, 224, 34], [10, -100, 34, -76], [-1e6, -1e6, -9e5, -9e5]], np.float32)
    assert (_core.extract_patches(picture(), boxes, 8) == np.float32(-127.5 / 128)).all()


def test_a_box_without_area_shows_one_point() -> None:
    image = picture(channels=1)
    got = grey_levels(_core.extract_patches(image, np.array([[10.5, 20.5, 10.5, 20.5]], np.float32), 6))
    np.testing.assert_allclose(got, image[20, 10, 0], atol=1e-3)


def test_patches_name_the_argument_that_is_wrong() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    with pytest.raises(TypeError, match="image must be a uint8 array"):
        _core.extract_patches(picture().astype(np.float32), box, 24)
    for value in (np.nan, np.inf, 1e8):
        with pytest.raises(ValueError, match="boxes must be finite"):
            _core.extract_patches(picture(), np.array([[0, 0, value, 10]], np.float32), 24)
    for size in (0, -1, 4097):
        with pytest.raises(ValueError, match="size must be 1 to 4096 pixels"):
            _core.extract_patches(picture(), box, size)


# Landmarks of heat maps -------------------------------------------------------------------------------------------

CELLS = 24


def spot(x: float, y: float, heat: float = 0.9) -> FloatArray:
    """A heat map with one warm spot about a place in cells."""
    column, row = np.meshgrid(np.arange(CELLS) + 0.5, np.arange(CELLS) + 0.5)
    return (heat * np.exp(-((column - x) ** 2 + (row - y) ** 2) / 2)).astype(np.float32)


def heat_of(points: npt.ArrayLike, seen: tuple[int, ...] = (0, 1, 2)) -> FloatArray:
    """Maps of a code whose top left, top right, bottom left finder and fourth point lie there."""
    places = np.asarray(points)
    finders = np.max([spot(*places[i]) for i in seen] + [np.zeros((CELLS, CELLS), np.float32)], axis=0)
    return np.stack([finders, spot(*places[0]), spot(*places[3])])[None]


def finder_square(degrees: float, side: float = 11, tilt: float = 0.0) -> npt.NDArray[np.float64]:
    """Top left, top right, bottom left, fourth point, in cells."""
    return quad_of((12, 12), side, degrees=degrees, tilt=tilt)[[0, 1, 3, 2]]


@pytest.mark.parametrize("degrees", range(0, 360, 15))
@pytest.mark.parametrize("tilt", [0.0, 0.2])
def test_landmarks_of_a_turned_code_keep_their_names(degrees: float, tilt: float) -> None:
    points = finder_square(degrees, tilt=tilt)
    box = np.array([[100, 50, 196, 146]], np.float32)  # 4 pixels a cell
    landmarks, strengths = _core.heatmap_landmarks(heat_of(points), box)
    expected = points * 4 + (100, 50)
    assert np.linalg.norm(landmarks[0, :4] - expected, axis=1).max() < 0.3 * 4
    assert strengths[0] == pytest.approx(0.9, abs=0.25)
    centre = cv2.perspectiveTransform(
        np.array([[[0.5, 0.5]]]),
        cv2.getPerspectiveTransform(
            np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32), landmarks[0, :4].astype(np.float32)
        ),
    )[0, 0]
    np.testing.assert_allclose(landmarks[0, 4], centre, atol=0.05)


def test_a_box_that_is_not_square_stretches_its_landmarks() -> None:
    points = finder_square(0)
    landmarks, _ = _core.heatmap_landmarks(heat_of(points), np.array([[0, 0, 24, 240]], np.float32))
    assert np.abs(landmarks[0, :4] - points * (1, 10)).max() < 3


@pytest.mark.parametrize("degrees", [0, 40, 130, 250])
@pytest.mark.parametrize("seen", [(0, 1), (0, 2), (1, 2)], ids=["no bottom left", "no top right", "no top left"])
def test_a_finder_without_heat_is_where_it_completes_the_square(degrees: float, seen: tuple[int, int]) -> None:
    points = finder_square(degrees)
    landmarks, strengths = _core.heatmap_landmarks(heat_of(points, seen), np.array([[0, 0, 24, 24]], np.float32))
    assert np.linalg.norm(landmarks[0, :4] - points, axis=1).max() < 0.5
    assert sorted(strengths[0] > 0.5) == [False, True, True, True]


@pytest.mark.parametrize("seen", [(), (0,)], ids=["no finder", "top left alone"])
def test_less_than_two_finders_leave_an_upright_square_of_the_window(seen: tuple[int, ...]) -> None:
    box = np.array([[100, 200, 148, 248]], np.float32)
    landmarks, strengths = _core.heatmap_landmarks(heat_of(finder_square(40), seen), box)
    top_left, top_right, bottom_left, fourth, centre = landmarks[0]
    np.testing.assert_allclose(top_right - top_left, fourth - bottom_left)
    assert top_right[1] == top_left[1]
    assert bottom_left[0] == top_left[0]
    np.testing.assert_allclose(centre, (124, 224), atol=0.01)
    assert (strengths[0] < 0.95).all()


def test_heat_elsewhere_does_not_take_a_finders_place() -> None:
    points = finder_square(20)
    heat = heat_of(points)
    heat[0, 0] = np.maximum(heat[0, 0], spot(2.5, 21.5, 0.8))
    landmarks, _ = _core.heatmap_landmarks(heat, np.array([[0, 0, 24, 24]], np.float32))
    assert np.linalg.norm(landmarks[0, :4] - points, axis=1).max() < 0.3


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, -np.inf])
def test_flat_heat_gives_some_points_of_the_box_or_nan_but_never_fails(value: float) -> None:
    heat = np.full((1, 3, CELLS, CELLS), value, np.float32)
    landmarks, strengths = _core.heatmap_landmarks(heat, np.array([[10, 10, 34, 34]], np.float32))
    assert landmarks.shape == (1, 5, 2)
    assert strengths.shape == (1, 4)
    if np.isfinite(value):
        assert np.isfinite(landmarks).all()


def test_heat_maps_name_the_argument_that_is_wrong() -> None:
    box = np.array([[0, 0, 24, 24]], np.float32)
    for shape in ((1, 2, 24, 24), (2, 3, 24, 24), (1, 3, 24, 23), (1, 3, 0, 0), (3, 24, 24)):
        with pytest.raises(ValueError, match=r"heatmaps must have shape \(N, 3, G, G\)"):
            _core.heatmap_landmarks(np.zeros(shape, np.float32), box)
