"""Photographs whose codes are known, from folders in the public benchmarks' layouts, and the rule by which they count.

Four layouts are told apart by what lies beside a picture:

- ``imageNNN.txt`` with corners, as in BoofCV's benchmark; texts, where known, in ``payloads.json`` at the root;
- ``N.txt`` with the exact payload, as in zxing-cpp's samples;
- ``output.json`` beside ``input.png``, as in jsQR's end-to-end tests;
- nothing, in a folder named or given as one without codes.
"""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

Quads = npt.NDArray[np.float32]
Layout = Literal["corners", "text", "negative"]

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
NEGATIVE = re.compile(r"false.?positive|negative|no.?codes?$", re.IGNORECASE)
OTHER_SYMBOLOGY = re.compile(r"^r?micro.?qr|^rmqr", re.IGNORECASE)  # no reader here is asked for Micro QR or rMQR


class UnreadableError(ValueError):
    """A file that looks like a picture by its name and is none."""


@dataclass(frozen=True)
class Photograph:
    """One picture: its category, the marked quads (K, 4, 2) and the texts that are known, by the code's index."""

    path: Path
    category: str
    quads: Quads
    texts: dict[int, str] = field(default_factory=dict)
    layout: Layout = "corners"

    @property
    def name(self) -> str:
        """Names the picture in reports, the same wherever the folder lies."""
        folder = self.path.parent.name
        return "/".join([self.category, *([folder] if folder != self.category else []), self.path.name])

    @property
    def codes(self) -> int:
        """How many codes there are to read."""
        return {"corners": len(self.quads), "text": 1, "negative": 0}[self.layout]

    def pixels(self) -> npt.NDArray[np.uint8]:
        """Return the picture in BGR; marked corners refer to the stored picture, its EXIF rotation left alone."""
        flags = cv2.IMREAD_COLOR | (cv2.IMREAD_IGNORE_ORIENTATION if self.layout == "corners" else 0)
        picture = cv2.imread(str(self.path), flags)
        if picture is None:
            raise UnreadableError(f"{self.path} is not a picture that OpenCV reads")
        return picture  # type: ignore[return-value]


@dataclass(frozen=True)
class Score:
    """What a reader's results are worth on one photograph, codes by their index."""

    read: list[int]
    missed: list[int]
    wrong: list[tuple[int, str, str]]  # code, text that is known, text that was read
    stray: list[str]  # texts of results that belong to no code that is known


# Folders ------------------------------------------------------------------------------------------------------------


def pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def is_corner_file(text: str) -> bool:
    """Whether a file beside a picture holds corners rather than a payload."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if "SETS" in lines:
        return True
    words = [word for line in lines for word in line.split()]
    numbers = all(re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", word) for word in words)
    return bool(words) and numbers and len(words) % 8 == 0


def read_corners(path: Path) -> Quads:
    """Quads of a BoofCV corner file: after the word SETS, eight numbers a code, or two a line."""
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    if "SETS" in lines:
        lines = lines[lines.index("SETS") + 1 :]
    numbers = np.array([float(word) for line in lines for word in line.split()], np.float32)
    if len(numbers) % 8:
        raise ValueError(f"{path} must hold 8 numbers a code, got {len(numbers)} in all")
    return numbers.reshape(-1, 4, 2)


def boofcv(root: Path) -> Iterator[Photograph]:
    """Photographs with marked corners: folders of categories, and one ``payloads.json`` for the texts."""
    return (photo for photo in photographs_in(root)[0] if photo.layout == "corners")


def with_texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Pictures beside a ``N.txt`` with the exact payload, as in zxing-cpp's samples."""
    for path in pictures_in(root):
        text = path.with_suffix(".txt")
        if text.exists():
            yield path, text.read_bytes().decode("utf-8")


def photographs_in(root: Path, *, negative: bool = False) -> tuple[list[Photograph], dict[str, int]]:
    """All photographs under a folder whose codes are known, and how many were left out, by reason.

    Parameters
    ----------
    root : Path
        A folder in any of the layouts above, or a folder of such folders.
    negative : bool
        Every picture is one without a code.
    """
    payloads = root / "payloads.json"
    texts = json.loads(payloads.read_text()) if payloads.exists() else {}
    found: list[Photograph] = []
    left_out: collections.Counter[str] = collections.Counter()
    for path in pictures_in(root):
        folders = path.relative_to(root.parent).parts[:-1]
        if any(OTHER_SYMBOLOGY.search(folder) for folder in folders):
            left_out["another symbology"] += 1
        elif negative or any(NEGATIVE.search(folder) for folder in folders):
            found.append(Photograph(path, path.parent.name, _NO_QUADS, layout="negative"))
        elif photo := _with_truth(path, texts):
            found.append(photo)
        else:
            left_out["nothing says what is in it"] += 1
    return found, dict(left_out)


_NO_QUADS: Quads = np.zeros((0, 4, 2), np.float32)


def _with_truth(path: Path, texts: dict[str, dict[str, str]]) -> Photograph | None:
    category = path.parent.name
    truth = path.with_suffix(".txt")
    if truth.exists():
        text = truth.read_bytes().decode("utf-8")
        if is_corner_file(text):
            known = {int(index): value for index, value in texts.get(f"{category}/{path.name}", {}).items()}
            return Photograph(path, category, read_corners(truth), known)
        return Photograph(path, category, _NO_QUADS, {0: text}, "text")
    jsqr = path.with_name("output.json")
    if path.stem == "input" and jsqr.exists():
        # null says that jsQR reads nothing there, not that nothing is there.
        result = json.loads(jsqr.read_text(encoding="utf-8"))
        if result and isinstance(result.get("data"), str):
            return Photograph(path, path.parent.parent.name, _NO_QUADS, {0: result["data"]}, "text")
    return None


def evenly(photographs: list[Photograph], count: int) -> list[Photograph]:
    """At most `count` photographs, the same number from every category as far as that goes, in a fixed order."""
    categories: dict[str, list[Photograph]] = collections.defaultdict(list)
    for photo in photographs:
        categories[photo.category].append(photo)
    rounds = max((len(members) for members in categories.values()), default=0)
    ordered = [members[i] for i in range(rounds) for members in categories.values() if i < len(members)]
    return ordered[:count]


# The rule -----------------------------------------------------------------------------------------------------------


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


def score(photo: Photograph, texts: list[str], quads: list[Quads]) -> Score:
    """Count results on a photograph; those with an empty text count for nothing."""
    results = [(text, quad) for text, quad in zip(texts, quads, strict=True) if text]
    if photo.layout != "corners":
        got = [text for text, _ in results]
        if photo.layout == "negative":
            return Score([], [], [], got)
        expected = photo.texts[0]
        if expected in got:
            return Score([0], [], [], [])
        return Score([], [0], [(0, expected, text) for text in got[:1]], [])
    pairs = match(photo.quads, [quad for _, quad in results])
    return Score(
        read=sorted(pairs),
        missed=[index for index in range(len(photo.quads)) if index not in pairs],
        wrong=[
            (index, photo.texts[index], results[k][0])
            for index, k in sorted(pairs.items())
            if index in photo.texts and results[k][0] != photo.texts[index]
        ],
        stray=[text for k, (text, _) in enumerate(results) if k not in pairs.values()],
    )
