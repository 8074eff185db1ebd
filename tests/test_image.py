"""Pictures of any layout, averaged down: against exact sums in NumPy, and against OpenCV's INTER_AREA."""

from __future__ import annotations

import pickle
import subprocess
import sys

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from conftest import Picture, strided_views
from fastqr import _core

SHAPES = {"grey": (62, 84), "BGR": (62, 84, 3)}
BIGGEST_ROUNDING = 0.501  # grey levels: pictures are 8-bit


def noise(shape: tuple[int, ...], seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def photograph_like(height: int, width: int) -> Picture:
    """BGR with detail at every scale, mean about middle grey."""
    rng = np.random.default_rng(1)
    picture = np.zeros((height, width, 3))
    for octave in (4, 16, 64, 256):
        coarse = rng.normal(0, 1, (max(2, height * octave // 256), max(2, width * octave // 256), 3))
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * 30
    return np.clip(picture + 128, 0, 255).astype(np.uint8)


def area_weights(source: int, target: int) -> npt.NDArray[np.float64]:
    """Share of each source pixel in each target pixel along one axis."""
    edges = np.linspace(0, source, target + 1)
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(source)
    return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None) * target / source


def exact_area_means(picture: Picture, height: int, width: int) -> npt.NDArray[np.float64]:
    """Channels first."""
    planes = np.atleast_3d(picture).transpose(2, 0, 1).astype(np.float64)
    return area_weights(picture.shape[0], height) @ planes @ area_weights(picture.shape[1], width).T


def rounded_block_means(picture: Picture, factor: int) -> npt.NDArray[np.int64]:
    """Luma of the means of blocks in whole numbers, halves rounded up."""
    starts = [np.arange(0, length, factor) for length in picture.shape[:2]]
    sums = np.add.reduceat(np.add.reduceat(picture.astype(np.int64), starts[0], 0), starts[1], 1)
    sides = [np.minimum(factor, length - first) for length, first in zip(picture.shape[:2], starts, strict=True)]
    pixels = sides[0][:, None] * sides[1]
    if picture.ndim == 2:
        return np.asarray((sums + pixels // 2) // pixels)
    return np.asarray((sums @ np.array([1868, 9617, 4899]) + 8192 * pixels) // (pixels << 14))


def grey_levels(tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return tensor.astype(np.float64) * 128 + 127.5


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("scale", [1.0, 0.9, 0.5, 1 / 3, 0.21, 0.05])
def test_a_level_is_the_exact_mean_of_the_area_under_each_pixel(shape: tuple[int, ...], scale: float) -> None:
    picture = noise(shape)
    (level,) = _core.image_pyramid(picture, [scale])
    expected = exact_area_means(picture, round(62 * scale), round(84 * scale))
    assert level.dtype == np.float32
    assert level.shape == (1, *expected.shape)
    assert np.abs(grey_levels(level[0]) - expected).max() < BIGGEST_ROUNDING


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("scale", [0.5, 0.3])
def test_a_level_is_what_opencv_calls_area_interpolation(shape: tuple[int, ...], scale: float) -> None:
    picture = noise(shape, 2)
    (level,) = _core.image_pyramid(picture, [scale])
    expected = cv2.resize(picture, (round(84 * scale), round(62 * scale)), interpolation=cv2.INTER_AREA)
    assert np.abs(grey_levels(level[0]) - np.atleast_3d(expected).transpose(2, 0, 1)).max() <= 1.001


def test_a_level_of_scale_1_is_the_picture_itself_normalised() -> None:
    picture = noise((7, 5))
    (level,) = _core.image_pyramid(picture, [1.0])
    np.testing.assert_array_equal(level[0, 0], (picture.astype(np.float32) - 127.5) / 128)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(("height", "width"), [(62, 84), (62, 20), (9, 84), (1, 1)])
def test_a_picture_is_resized_to_means_of_its_grey(shape: tuple[int, ...], height: int, width: int) -> None:
    picture = noise(shape)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    resized = _core.area_resize(picture, height, width)
    assert (resized.dtype, resized.shape) == (np.uint8, (height, width))
    assert np.abs(resized - exact_area_means(grey, height, width)[0]).max() < 1.01  # OpenCV's grey is rounded too


@pytest.mark.parametrize(("height", "width"), [(0, 5), (5, 0), (63, 84), (62, 85), (-1, -1)])
def test_a_picture_is_resized_to_no_more_than_it_has(height: int, width: int) -> None:
    with pytest.raises(ValueError, match="height and width must be 1 to the picture's"):
        _core.area_resize(noise((62, 84)), height, width)


@pytest.mark.parametrize("channels", [(), (3,)], ids=SHAPES)
@pytest.mark.parametrize("factor", [*range(1, 11), 16, 257, 258, 400, 2**31 - 1])
def test_means_of_blocks_are_rounded(channels: tuple[int, ...], factor: int) -> None:
    rng = np.random.default_rng(factor)
    sides = [(1, 1), (1, 70), (70, 1), (8 * 9, 8 * 15), (300, 263), *rng.integers(1, 90, (12, 2))]
    for height, width in sides:
        for picture in (noise((height, width, *channels), factor), np.full((height, width, *channels), 255, np.uint8)):
            got = _core.block_mean(picture, factor)
            assert got.dtype == np.uint8
            # Blocks of three pixels of colour are made of rounded grey.
            seen = _core.block_mean(picture, 1) if factor == 3 else picture
            np.testing.assert_array_equal(got, rounded_block_means(seen, min(factor, 10**6)), f"{height}x{width}")


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("factor", [1, 2, 4, 7, 11])
def test_blocks_of_any_strides_have_the_same_means(shape: tuple[int, ...], factor: int) -> None:
    picture = noise(shape)
    expected = _core.block_mean(picture, factor)
    for name, view in strided_views(picture).items():
        np.testing.assert_array_equal(_core.block_mean(view, factor), expected, name)
    np.testing.assert_array_equal(
        _core.block_mean(picture[5:50, 3:80], factor), _core.block_mean(picture[5:50, 3:80].copy(), factor)
    )
    if picture.ndim == 3:
        green = picture[..., 1]
        np.testing.assert_array_equal(_core.block_mean(green, factor), _core.block_mean(green.copy(), factor))


@pytest.mark.parametrize("factor", [2, 3, 4, 6, 8])
def test_means_of_blocks_are_what_opencv_calls_area_interpolation(factor: int) -> None:
    picture = photograph_like(24 * 9, 24 * 11)
    expected = cv2.resize(
        picture, (picture.shape[1] // factor, picture.shape[0] // factor), interpolation=cv2.INTER_AREA
    )
    grey = cv2.cvtColor(expected, cv2.COLOR_BGR2GRAY).astype(int)
    assert np.abs(_core.block_mean(picture, factor) - grey).max() <= 1  # OpenCV rounds the colours, then their luma


@pytest.mark.parametrize("factor", [0, -1])
def test_blocks_have_pixels(factor: int) -> None:
    with pytest.raises(ValueError, match="factor must be at least 1"):
        _core.block_mean(noise((8, 8)), factor)
    with pytest.raises(ValueError, match="factor must be at least 1"):
        _core.MipMap(noise((8, 8)), np.array([0, 0, 8, 8]), factor)
    assert _core.block_mean(np.zeros((0, 10), np.uint8), 2).shape == (0, 0)


@pytest.mark.parametrize(
    ("height", "width", "share"),
    [(1, 1, 1.0), (3, 50, 0.2), (61, 83, 0.1), (61, 83, 0.2), (400, 380, 1.0)],  # the last outgrows 32-bit sums
)
def test_levelled_light_counts_deviations_of_the_window(height: int, width: int, share: float) -> None:
    picture = photograph_like(height, width)[..., 1]
    picture[: height // 3] //= 8
    reach = max(2, int(share * max(height, width) / 2))
    counts = [
        (np.abs(np.arange(length)[:, None] - np.arange(length)) <= reach).astype(float) for length in (height, width)
    ]
    down, across = (count / count.sum(1, keepdims=True) for count in counts)
    grey = picture.astype(float)
    mean, square = (down @ values @ across.T for values in (grey, grey**2))
    deviation = np.sqrt(np.maximum(square - mean**2, 1.5**2))
    expected = np.clip(128 + 50 * (grey - mean) / deviation, 0, 255)
    # Single precision: a sum of squares over 10,000 pixels keeps 1e-4 of a small deviation.
    assert np.abs(_core.with_light_levelled(picture, share) - expected).max() < BIGGEST_ROUNDING + 0.1


def test_levels_come_in_the_order_of_the_scales() -> None:
    levels = _core.image_pyramid(noise((40, 60)), [0.25, 1.0, 0.5])
    assert [level.shape for level in levels] == [(1, 1, 10, 15), (1, 1, 40, 60), (1, 1, 20, 30)]
    assert _core.image_pyramid(noise((40, 60)), []) == []


def test_padding_is_middle_grey_on_every_side() -> None:
    picture = noise((20, 30, 3))
    (bare,) = _core.image_pyramid(picture, [0.5])
    (padded,) = _core.image_pyramid(picture, [0.5], padding=3)
    assert padded.shape == (1, 3, 16, 21)
    np.testing.assert_array_equal(padded[..., 3:-3, 3:-3], bare)
    padded[..., 3:-3, 3:-3] = 0
    assert not padded.any()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_strides_do_not_matter(shape: tuple[int, ...]) -> None:
    picture = noise(shape, 3)
    levels = _core.image_pyramid(picture, [1.0, 0.37])
    boxes = np.array([[5.5, 7.25, 40, 60]], np.float32)
    patches = _core.extract_patches(picture, boxes, 24)
    for name, view in strided_views(picture).items():
        for got, expected in zip(_core.image_pyramid(view, [1.0, 0.37]), levels, strict=True):
            np.testing.assert_array_equal(got, expected, name)
        np.testing.assert_array_equal(_core.extract_patches(view, boxes, 24), patches, name)


def test_one_channel_is_grey() -> None:
    picture = noise((20, 30))
    np.testing.assert_array_equal(
        _core.image_pyramid(picture[:, :, None], [0.5])[0], _core.image_pyramid(picture, [0.5])[0]
    )


@pytest.mark.parametrize("shape", [(0, 10), (10, 0), (0, 0, 3)])
def test_a_picture_without_pixels_has_empty_levels(shape: tuple[int, ...]) -> None:
    (level,) = _core.image_pyramid(np.zeros(shape, np.uint8), [0.5])
    assert level.size == 0


@pytest.mark.parametrize(
    ("shape", "dtype", "error", "message"),
    [
        ((4, 4), np.float32, TypeError, "image must be a uint8 array, got dtype float32"),
        ((4, 4), np.uint16, TypeError, "image must be a uint8 array, got dtype uint16"),
        ((4,), np.uint8, ValueError, r"image must have shape .* got \(4,\)"),
        ((4, 4, 2), np.uint8, ValueError, r"image must have shape .* got \(4, 4, 2\)"),
        ((4, 4, 4), np.uint8, ValueError, r"image must have shape .* got \(4, 4, 4\)"),
        ((1, 4, 4, 3), np.uint8, ValueError, r"image must have shape .* got \(1, 4, 4, 3\)"),
    ],
)
def test_other_arrays_are_no_pictures(shape: tuple[int, ...], dtype: type, error: type, message: str) -> None:
    picture = np.zeros(shape, dtype)
    with pytest.raises(error, match=message):
        _core.image_pyramid(picture, [1.0])


def test_a_picture_may_come_from_another_process() -> None:
    picture = noise((30, 40))
    unpickled = pickle.loads(pickle.dumps(picture))
    np.testing.assert_array_equal(_core.block_mean(unpickled, 2), _core.block_mean(picture, 2))


def test_sides_beyond_every_picture_are_refused_without_touching_them() -> None:
    endless = np.broadcast_to(np.uint8(0), (2, 2**31))
    with pytest.raises(ValueError, match="sides of at most 1048576 pixels"):
        _core.image_pyramid(endless, [1.0])


@pytest.mark.parametrize("scale", [0.0, -0.5, 1.01, float("nan"), float("inf")])
def test_scales_shrink(scale: float) -> None:
    with pytest.raises(ValueError, match=r"scales must lie in \(0, 1\]"):
        _core.image_pyramid(noise((8, 8)), [scale])


@pytest.mark.parametrize("padding", [-1, 1025])
def test_padding_has_bounds(padding: int) -> None:
    with pytest.raises(ValueError, match="padding must be 0 to 1024"):
        _core.image_pyramid(noise((8, 8)), [1.0], padding)


def test_a_large_picture_is_not_copied() -> None:
    # A 120-megapixel picture that takes one byte of memory: a copy of it would show in the process's peak.
    program = """
import resource, numpy as np
from fastqr import _core
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
picture = np.broadcast_to(np.uint8(200), (10000, 12000))
_core.block_mean(picture[:100], 16)
before = peak()
assert (_core.block_mean(picture, 16) == 200).all()
print(peak() - before)
"""
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    kilobytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    assert kilobytes < 20_000


def test_a_view_keeps_the_picture_that_it_looks_at() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (400, 400), np.uint8)
    box, map_ = np.array([0, 0, 400, 400], np.float32), np.diag([5.0, 5.0, 1.0])
    expected = _core.warp(np.asfortranarray(picture), map_, 60, 60)
    mine = picture.copy()
    references = sys.getrefcount(mine)
    view, found = _core.MipMap(mine, box), _core.search_finder_patterns(mine)
    assert sys.getrefcount(mine) == references + 2
    del mine
    for kept in (view, found.view):
        np.testing.assert_array_equal(_core.warp(kept, map_, 60, 60), expected)


def test_a_view_of_colours_has_pixels_of_its_own() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (400, 400, 3), np.uint8)
    references = sys.getrefcount(picture)
    found = _core.search_finder_patterns(picture)
    assert sys.getrefcount(picture) == references
    assert found.view is not None
