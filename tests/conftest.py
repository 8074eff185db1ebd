"""Codes and photographs for the tests: one function renders codes, one fixture finds the photographs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import segno

import fastqr

Picture = npt.NDArray[np.uint8]


def code_modules(text: str | bytes, **options: object) -> npt.NDArray[np.bool_]:
    """Modules of a symbol, true where dark, without quiet zone."""
    options.setdefault("micro", False)
    return np.array([list(row) for row in segno.make(text, **options).matrix], np.uint8) == 1


def code_picture(text: str | bytes, *, scale: int = 6, border: int = 4, **options: object) -> Picture:
    """A clean grey picture of a symbol."""
    modules = np.pad(code_modules(text, **options), border)
    return np.kron(np.where(modules, 0, 255).astype(np.uint8), np.ones((scale, scale), np.uint8))


def place(scene: Picture, code: Picture, quad: npt.ArrayLike) -> Picture:
    """The scene with a code's picture laid onto four corners (clockwise from the code's top left).

    Corners are outer corners of pixels, as everywhere in fastqr; each pixel is the mean of 4 x 4 looks.
    """
    looks = 4
    height, width = code.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(source, np.asarray(quad, np.float32))
    to_centres = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])  # OpenCV counts from the first pixel's centre
    transform = to_centres @ np.diag([looks, looks, 1]) @ transform @ np.linalg.inv(to_centres)
    size = (scene.shape[1], scene.shape[0])
    fine = (looks * size[0], looks * size[1])
    warped = cv2.warpPerspective(code, transform, fine, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(np.full_like(code, 255), transform, fine, flags=cv2.INTER_NEAREST)
    share = cv2.resize(cover, size, interpolation=cv2.INTER_AREA) / np.float32(255)
    laid = scene * (1 - share) + cv2.resize(warped, size, interpolation=cv2.INTER_AREA) * share
    return np.round(laid).astype(np.uint8)


def quad_of(
    centre: tuple[float, float], side: float, *, degrees: float = 0, tilt: float = 0
) -> npt.NDArray[np.float64]:
    """Corners of a square, turned; `tilt` shrinks its far side by that share, as perspective does."""
    square = np.array([[-1 + tilt, -1], [1 - tilt, -1], [1, 1], [-1, 1]]) * side / 2
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return square @ np.array([[cosine, sine], [-sine, cosine]]) + centre


def symbol_quad(outer: npt.ArrayLike, size: int, border: int = 4) -> npt.NDArray[np.float64]:
    """Corners of the symbol itself, where those of its picture with the quiet zone are given."""
    whole = size + 2 * border
    corners = np.array([[0, 0], [whole, 0], [whole, whole], [0, whole]], np.float32)
    transform = cv2.getPerspectiveTransform(corners, np.asarray(outer, np.float32))
    inner = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float64) + border
    return cv2.perspectiveTransform(inner[None], transform)[0]


def strided_views(picture: Picture) -> dict[str, Picture]:
    """Views that all show the same picture, none of them with the strides of a contiguous array."""
    height, width = picture.shape[:2]
    spread = np.zeros((2 * height, 3 * width, *picture.shape[2:]), np.uint8)
    spread[::2, 1::3] = picture
    swapped = np.ascontiguousarray(np.swapaxes(picture, 0, 1))
    read_only = picture.copy()
    read_only.flags.writeable = False
    views = {
        "upside down in memory": picture[::-1].copy()[::-1],
        "back to front in memory": picture[:, ::-1].copy()[:, ::-1],
        "every second row, every third column": spread[::2, 1::3],
        "transposed": np.swapaxes(swapped, 0, 1),
        "Fortran order": np.asfortranarray(picture),
        "read-only": read_only,
    }
    if picture.ndim == 3:
        views["channels reversed in memory"] = picture[..., ::-1].copy()[..., ::-1]
        views["channel planes"] = np.moveaxis(np.ascontiguousarray(np.moveaxis(picture, 2, 0)), 0, 2)
    for name, view in views.items():
        np.testing.assert_array_equal(view, picture, name)
    return views


def textured(height: int, width: int, seed: int = 0) -> Picture:
    """A grey ground with soft blotches and grain, for scenes."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(110, 200, (height // 60 + 2, width // 60 + 2)).astype(np.float32)
    ground = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) + rng.normal(0, 3, (height, width))
    return np.clip(ground, 0, 255).astype(np.uint8)


def texts(symbols: Iterable[fastqr.Symbol]) -> list[str]:
    return sorted(symbol.text for symbol in symbols)


def within(seconds: float, call: Callable[[], object]) -> list[BaseException | object]:
    """What a call gives or raises, for a call that might wait for ever."""
    outcome: list[BaseException | object] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return outcome


@pytest.fixture(scope="session")
def scanner() -> fastqr.Scanner:
    """One scanner with the shipped networks for all tests, as a program would keep it."""
    return fastqr.Scanner()


@pytest.fixture(scope="session")
def photographs() -> Path:
    """Folder of the benchmark photographs; tests that need it skip where it is missing."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("FASTQR_DATA", default))
    if not (folder / "photos").is_dir():
        pytest.skip(
            f"no photographs in {folder}: set FASTQR_DATA to a folder with photos/boofcv-dev and photos/zxing-cpp"
        )
    return folder
