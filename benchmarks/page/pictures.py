"""Small pictures for the report: codes cut out of photographs, and the steps of a ladder."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..ladders.climb import picture_on
from ..ladders.degradations import LADDERS
from ..photographs import Photograph, photographs_in

TILE = 132  # pixels, side of a cut-out
STEP = 84  # pixels, side of a ladder's step
OUTLINE = (0, 94, 213)  # BGR


@dataclass(frozen=True)
class Tile:
    """One code on a contact sheet."""

    image: str
    caption: str
    picture: str
    index: int


class Atlas:
    """Photographs of a folder by the name that reports use; none where the folder is gone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _photographs(self) -> dict[str, Photograph]:
        if not self._folder.is_dir():
            return {}
        return {photo.name: photo for photo in photographs_in(self._folder)[0]}

    def sheet(self, codes: Sequence[tuple[str, int]]) -> list[Tile]:
        """Cut-outs of codes, named by picture and index."""
        photographs = [(self._photographs.get(name), index) for name, index in codes]
        return [
            Tile(_embedded(_cut_out(photo, index)), f"{photo.name} #{index}", photo.name, index)
            for photo, index in photographs
            if photo is not None
        ]


def strip(name: str, steps: Sequence[float], seed: int) -> list[str]:
    """One code on each step of a ladder."""
    ladder = next((ladder for ladder in LADDERS if ladder.name == name), None)
    if ladder is None:
        return []
    drawn = [picture_on(ladder, amount, seed, 0)[0] for amount in steps]
    return [_embedded(_within(picture, STEP)) for picture in drawn]


def _cut_out(photo: Photograph, index: int) -> npt.NDArray[np.uint8]:
    """A code with a quarter of its side around it, its corners drawn; the whole picture where none are known."""
    picture = photo.pixels()
    if index >= len(photo.quads):
        return _within(picture, TILE)
    quad = photo.quads[index]
    centre, half = (quad.min(0) + quad.max(0)) / 2, 0.75 * float((quad.max(0) - quad.min(0)).max())
    scale = TILE / (2 * half)
    left, top = np.maximum(np.floor(centre - half), 0).astype(int)
    right, bottom = np.ceil(centre + half).astype(int)
    part = picture[top:bottom, left:right]
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    outline = np.round((quad - [left, top]) * scale).astype(np.int32)
    return cv2.polylines(small, [outline], True, OUTLINE, 1, cv2.LINE_AA)  # type: ignore[return-value]


def _within(picture: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    scale = side / max(picture.shape[:2])
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=interpolation)  # type: ignore[return-value]


def _embedded(picture: npt.NDArray[np.uint8]) -> str:
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 82])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()
