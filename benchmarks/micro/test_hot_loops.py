"""Micro benchmarks at the sizes that a photograph of 1 to 2 megapixels leads to; contenders do the same work.

Where results can be compared they are, once, before the time counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import fastqr

from .clean import clean_pictures

_core = pytest.importorskip("fastqr._core")

FloatArray = npt.NDArray[np.float32]
Contenders = dict[str, Callable[..., Any]]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    cv2.setNumThreads(1)


@pytest.fixture(scope="module")
def photo() -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (75, 100), np.uint8)
    return cv2.resize(coarse, (1600, 1200), interpolation=cv2.INTER_CUBIC)


def boxes_of_a_cascade(count: int = 400) -> tuple[FloatArray, FloatArray]:
    """Windows in clusters, as a network proposes them, and their scores."""
    rng = np.random.default_rng(2)
    centres = np.repeat(rng.uniform(100, 1000, (count // 20, 2)), 20, 0) + rng.normal(0, 8, (count, 2))
    sides = np.repeat(rng.uniform(30, 200, count // 20), 20) * rng.uniform(0.8, 1.25, count)
    boxes = np.concatenate([centres - sides[:, None] / 2, centres + sides[:, None] / 2], axis=1)
    return boxes.astype(np.float32), rng.uniform(0.5, 1, count).astype(np.float32)


# Pyramid ------------------------------------------------------------------------------------------------------------

SCALES = [0.4 * 0.709**i for i in range(8)]


def fastqr_pyramid(photo: npt.NDArray[np.uint8]) -> list[FloatArray]:
    levels: list[FloatArray] = _core.image_pyramid(photo, SCALES)
    return levels


def opencv_pyramid(photo: npt.NDArray[np.uint8]) -> list[FloatArray]:
    levels = []
    for scale in SCALES:
        size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
        level = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        levels.append((level.astype(np.float32) - 127.5) / 128)
    return levels


@pytest.mark.benchmark(group="pyramid: 8 levels of 1600 x 1200, area-correct")
@pytest.mark.parametrize("contender", ["fastqr", "OpenCV"])
def test_pyramid(benchmark: Any, contender: str, photo: npt.NDArray[np.uint8]) -> None:
    for own, theirs in zip(fastqr_pyramid(photo), opencv_pyramid(photo), strict=True):
        np.testing.assert_allclose(own[0, 0], theirs, atol=2.1 / 128)
    benchmark({"fastqr": fastqr_pyramid, "OpenCV": opencv_pyramid}[contender], photo)


# Non-maximum suppression ----------------------------------------------------------------------------------------------


def numpy_nms(boxes: FloatArray, scores: FloatArray, threshold: float) -> npt.NDArray[np.intp]:
    """Greedy suppression, one row of overlaps at a time, as is common where torchvision is not at hand."""
    order, kept = np.argsort(-scores), []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        sides = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2])
        shared = np.prod(np.maximum(sides, 0), axis=1)
        order = rest[shared / (areas[best] + areas[rest] - shared) <= threshold]
    return np.array(kept)


def opencv_nms(boxes: FloatArray, scores: FloatArray, threshold: float) -> Any:
    corners_and_sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    return cv2.dnn.NMSBoxes(corners_and_sides, scores, 0.0, threshold)


@pytest.mark.benchmark(group="NMS: 400 boxes, 20 clusters")
@pytest.mark.parametrize("contender", ["fastqr", "OpenCV", "NumPy"])
def test_nms(benchmark: Any, contender: str) -> None:
    boxes, scores = boxes_of_a_cascade()
    own = list(_core.nms(boxes, scores, 0.5))
    assert own == list(numpy_nms(boxes, scores, 0.5))
    contenders: Contenders = {"fastqr": _core.nms, "OpenCV": opencv_nms, "NumPy": numpy_nms}
    benchmark(contenders[contender], boxes, scores, 0.5)


# Patches ------------------------------------------------------------------------------------------------------------


def opencv_patches(photo: npt.NDArray[np.uint8], boxes: FloatArray, size: int) -> FloatArray:
    """Crop and resize one after the other; boxes lie within the picture, on whole pixels."""
    patches = np.empty((len(boxes), 1, size, size), np.float32)
    for patch, (x1, y1, x2, y2) in zip(patches, boxes.astype(int), strict=True):
        patch[0] = cv2.resize(photo[y1:y2, x1:x2], (size, size), interpolation=cv2.INTER_AREA)
    return (patches - 127.5) / 128


@pytest.mark.benchmark(group="patches: 160 of 24 x 24")
@pytest.mark.parametrize("contender", ["fastqr", "OpenCV"])
def test_patches(benchmark: Any, contender: str, photo: npt.NDArray[np.uint8]) -> None:
    rng = np.random.default_rng(3)
    corners = rng.integers(0, 800, (160, 2))
    boxes = np.concatenate([corners, corners + rng.integers(30, 390, (160, 1))], axis=1).astype(np.float32)
    contenders = {"fastqr": _core.extract_patches, "OpenCV": opencv_patches}
    benchmark(contenders[contender], photo, boxes, 24)


# Warp ---------------------------------------------------------------------------------------------------------------

QUAD = np.array([[410.3, 300.8], [640.1, 330.2], [655.7, 560.4], [395.9, 540.6]], np.float32)
AROUND = np.array([290, 200, 760, 660], np.float32)  # box of the quad, half as large again


@pytest.mark.benchmark(group="warp: 132 x 132 through a homography")
@pytest.mark.parametrize("contender", ["fastqr", "OpenCV"])
def test_warp(benchmark: Any, contender: str, photo: npt.NDArray[np.uint8]) -> None:
    """From a view that is made once a place, as the scanner does; free of aliasing at any scale, as OpenCV's is not."""
    view = _core.MipMap(photo, AROUND)
    patch = np.array([[0, 0], [132, 0], [132, 132], [0, 132]], np.float32)
    homography = cv2.getPerspectiveTransform(patch, QUAD)

    def own() -> FloatArray:
        warped: FloatArray = _core.warp(view, homography, 132, 132)
        return warped

    def theirs() -> FloatArray:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpPerspective(photo, homography, (132, 132), flags=flags).astype(np.float32)

    benchmark({"fastqr": own, "OpenCV": theirs}[contender])


@pytest.mark.benchmark(group="a place: its view and 12 patches of 24 x 24")
@pytest.mark.parametrize("contender", ["fastqr", "OpenCV"])
def test_place(benchmark: Any, contender: str, photo: npt.NDArray[np.uint8]) -> None:
    rng = np.random.default_rng(4)
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    quads = QUAD.mean(0) + (QUAD - QUAD.mean(0)) * 0.4 + rng.uniform(-60, 60, (12, 1, 2)).astype(np.float32)
    maps = np.stack([cv2.getPerspectiveTransform(unit, quad) for quad in quads.astype(np.float32)])

    def own() -> FloatArray:
        patches: FloatArray = _core.warp_patches(_core.MipMap(photo, AROUND), maps, 24)
        return patches

    def theirs() -> FloatArray:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        to_unit = np.diag([1 / 24, 1 / 24, 1])
        patches = [cv2.warpPerspective(photo, each @ to_unit, (24, 24), flags=flags) for each in maps]
        return (np.stack(patches).astype(np.float32) - 127.5) / 128

    benchmark({"fastqr": own, "OpenCV": theirs}[contender])


# Reed-Solomon --------------------------------------------------------------------------------------------------------


@pytest.mark.benchmark(group="Reed-Solomon: version 5-Q, 6 wrong codewords")
@pytest.mark.parametrize("contender", ["fastqr", "reedsolo"])
def test_reed_solomon(benchmark: Any, contender: str) -> None:
    """Fastqr's whole symbol decoder against the four blocks alone, which are 2 x (33, 15) and 2 x (34, 16) in 5-Q."""
    reedsolo = pytest.importorskip("reedsolo")
    segno = pytest.importorskip("segno")
    symbol = segno.make_qr("https://example.org/a/longer/payload/of/sixty", version=5, error="Q", boost_error=False)
    modules = np.array([list(row) for row in symbol.matrix], np.uint8) == 1
    seen = np.where(modules, 0.98, 0.02).astype(np.float32)
    seen[9:15, 30:32] = 1 - seen[9:15, 30:32]
    codec = reedsolo.RSCodec(18, fcr=0, prim=0x11D)
    blocks = []
    for data in (15, 15, 16, 16):
        block = bytearray(codec.encode(bytes(range(data))))
        block[3] ^= 0x55
        blocks.append(block)
    blocks[0][5] ^= 0x0F
    blocks[1][7] ^= 0xF0

    def theirs() -> list[bytearray]:
        return [codec.decode(block)[0] for block in blocks]

    record = _core.decode_modules(seen)
    assert record is not None
    assert record.corrected_codewords > 0
    assert [len(data) for data in theirs()] == [15, 15, 16, 16]
    benchmark({"fastqr": lambda: _core.decode_modules(seen), "reedsolo": theirs}[contender])


# Clean pictures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", list(clean_pictures()))
@pytest.mark.parametrize("contender", ["fastqr", "zxing-cpp"])
def test_clean_picture(benchmark: Any, contender: str, picture: str) -> None:
    """From pixels to texts, by the scanner's balanced search: what the instructions are counted of as well."""
    zxingcpp = pytest.importorskip("zxingcpp")
    benchmark.group = f"clean picture: {picture}"
    pixels = clean_pictures()[picture]
    scanner = fastqr.Scanner()

    def theirs() -> Any:
        return zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)

    assert sorted(symbol.text for symbol in scanner.decode(pixels)) == sorted(code.text for code in theirs())
    benchmark({"fastqr": lambda: scanner.decode(pixels), "zxing-cpp": theirs}[contender])
