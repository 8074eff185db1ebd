"""Codes and photographs for the tests: one function renders codes, one fixture finds the photographs."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import segno

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
    """The scene with a code's picture laid onto four corners (clockwise from the code's top left)."""
    height, width = code.shape
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(source, np.asarray(quad, np.float32))
    size = (scene.shape[1], scene.shape[0])
    warped = cv2.warpPerspective(code, transform, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(code, 255), transform, size, flags=cv2.INTER_NEAREST)
    return np.where(mask > 0, warped, scene)


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
