"""What stands around a code: crops of photographs without codes, or textures where there are none."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["background", "background_paths"]

FloatImage = npt.NDArray[np.float32]


@functools.lru_cache(maxsize=4)
def background_paths(folder: Path) -> tuple[Path, ...]:
    """Picture files of a folder, sorted so that a seed means the same everywhere."""
    return tuple(sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}))


@functools.lru_cache(maxsize=256)
def _photograph(path: Path) -> npt.NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError(f"background {str(path)!r} cannot be decoded")
    return np.asarray(picture, np.uint8)


def background(rng: np.random.Generator, height: int, width: int, folder: Path | None) -> FloatImage:
    """Make a grey picture 0..1 of a height and width, from a photograph of `folder` or out of nothing."""
    paths = background_paths(folder) if folder is not None else ()
    if not paths or rng.random() < 0.1:
        return _texture(rng, height, width)
    photograph = _photograph(paths[int(rng.integers(len(paths)))])
    tall, wide = photograph.shape
    zoom = max(height / tall, width / wide) * float(rng.uniform(1.0, 2.0))
    crop_h, crop_w = min(tall, max(1, int(height / zoom))), min(wide, max(1, int(width / zoom)))
    top, left = int(rng.integers(tall - crop_h + 1)), int(rng.integers(wide - crop_w + 1))
    crop = np.rot90(photograph[top : top + crop_h, left : left + crop_w], 2 * int(rng.integers(2)))
    resized = cv2.resize(np.ascontiguousarray(crop), (width, height), interpolation=cv2.INTER_LINEAR)
    grey: FloatImage = np.asarray(resized, np.float32) / np.float32(255)
    return grey


def _texture(rng: np.random.Generator, height: int, width: int) -> FloatImage:
    """Cloudy noise with straight edges, or a plain tone."""
    result = np.full((height, width), rng.random(), np.float32)
    if rng.random() < 0.3:
        return result
    for cells in (3, 9, 27):
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        result += rng.uniform(0, 0.25) * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(0, 12))):
        corners = rng.uniform(-0.2, 1.2, (2, 2)) * (width, height)
        a, b = (tuple(int(v) for v in corner) for corner in corners)
        cv2.rectangle(result, a, b, float(rng.random()), int(rng.choice([-1, 1, 3])))
    return np.clip(result, 0, 1).astype(np.float32)
