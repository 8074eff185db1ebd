"""Photographs with the codes that a person marked in them, from folders in the public benchmarks' layouts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


@dataclass(frozen=True)
class Photograph:
    """One picture: its category, the marked quads (K, 4, 2) and the texts that are known, by the quad's index."""

    path: Path
    category: str
    quads: npt.NDArray[np.float32]
    texts: dict[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.category}/{self.path.name}"

    def pixels(self) -> npt.NDArray[np.uint8]:
        """The stored picture in BGR, its EXIF rotation left alone: that is what the marks refer to."""
        picture = cv2.imread(str(self.path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        assert picture is not None, self.path
        return picture  # type: ignore[return-value]


def pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def read_corners(path: Path) -> npt.NDArray[np.float32]:
    """Quads of a BoofCV corner file: after the word SETS, eight numbers a code, or two a line."""
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    if "SETS" in lines:
        lines = lines[lines.index("SETS") + 1 :]
    numbers = np.array([float(word) for line in lines for word in line.split()], np.float32)
    return numbers.reshape(-1, 4, 2)


def boofcv(root: Path) -> Iterator[Photograph]:
    """Folders of categories with ``imageNNN.txt`` corner files and one ``payloads.json``."""
    payloads = root / "payloads.json"
    texts = json.loads(payloads.read_text()) if payloads.exists() else {}
    for path in pictures_in(root):
        corners = path.with_suffix(".txt")
        if not corners.exists():
            continue
        category = path.parent.name
        known = {int(index): text for index, text in texts.get(f"{category}/{path.name}", {}).items()}
        yield Photograph(path, category, read_corners(corners), known)


def with_texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Pictures beside a ``N.txt`` with the exact payload, as in zxing-cpp's samples."""
    for path in pictures_in(root):
        text = path.with_suffix(".txt")
        if text.exists():
            yield path, text.read_bytes().decode("utf-8")


def contains(quad: npt.NDArray[np.float32], point: npt.NDArray[np.float32]) -> bool:
    return (
        cv2.pointPolygonTest(quad.reshape(-1, 1, 2).astype(np.float32), (float(point[0]), float(point[1])), False) >= 0
    )


def match(marked: npt.NDArray[np.float32], found: list[npt.NDArray[np.float32]]) -> dict[int, int]:
    """Index of the result that reads each marked quad: a centre in the other's quad, each quad and result once."""
    pairs: dict[int, int] = {}
    for index, quad in enumerate(marked):
        centre = quad.mean(0)
        best = [
            (float(np.linalg.norm(result.mean(0) - centre)), k)
            for k, result in enumerate(found)
            if k not in pairs.values() and (contains(quad, result.mean(0)) or contains(result, centre))
        ]
        if best:
            pairs[index] = min(best)[1]
    return pairs
