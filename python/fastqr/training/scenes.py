"""Scenes with codes whose every point is known: what the cascade is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from .synthesis import degradations as world
from .synthesis.geometry import View, random_bend, tilted_square
from .synthesis.symbols import (
    draw_cells,
    halftoned,
    paper_contrast,
    random_modules,
    random_size,
    with_round_finders,
)
from .synthesis.textures import background

__all__ = ["Code", "Scene", "make_scene"]

FloatArray = npt.NDArray[np.float32]
FINDERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])  # top left, top right, bottom left: corner of the symbol

FAINTEST = 2.0  # grey values: deviation of a code's pixels, below which it is no example


@dataclass(frozen=True, slots=True)
class Code:
    """Truth of one code, in pixels of its scene."""

    size: int
    quad: FloatArray  # 4×2: outer corners, clockwise
    landmarks: FloatArray  # 5×2: three finder centres, the fourth point, the centre
    finders: FloatArray  # 3×4×2: outer corners of the finder patterns, clockwise from the symbol's top left

    @property
    def box(self) -> FloatArray:
        """x1, y1, x2, y2 about the symbol without its quiet zone."""
        return np.concatenate([self.quad.min(0), self.quad.max(0)])


@dataclass(frozen=True, slots=True)
class Scene:
    """A grey 8-bit picture and the codes in it."""

    picture: npt.NDArray[np.uint8]
    codes: list[Code]


def make_scene(rng: np.random.Generator, backgrounds: Path | None, side: int = 448) -> Scene:
    """One scene: none to some codes on a photograph, seen through a camera."""
    height = int(side * rng.uniform(0.6, 1.0))
    width = side
    if rng.random() < 0.5:
        height, width = width, height
    picture = background(rng, height, width, backgrounds)
    codes: list[Code] = []
    if rng.random() < 0.08:
        _add_grid(picture, codes, rng, backgrounds)
    else:
        for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.06, 0.5, 0.3, 0.14]))):
            span = float(np.exp(rng.uniform(np.log(16), np.log(0.98 * min(height, width)))))
            room = 0.5 * span
            x = rng.uniform(min(room, width / 2), max(width - room, width / 2))
            y = rng.uniform(min(room, height / 2), max(height - room, height / 2))
            _add_code(picture, codes, rng, span, (x, y), None, backgrounds)
    chance = rng.random(4)
    if chance[0] < 0.3:
        picture = world.shaded(picture, rng)
    if chance[1] < 0.12:
        picture = world.glare(picture, rng)
    if chance[2] < 0.05:
        picture = world.moire(picture, rng)
    if chance[3] < 0.25:
        picture = world.defocused(picture, float(rng.uniform(0.3, 2.5)), rng)
    elif chance[3] < 0.35:
        picture = world.moved(picture, float(rng.uniform(1.5, 7.0)), rng)
    if rng.random() < 0.08:
        picture = world.lamp(picture, rng)
    if rng.random() < 0.15:
        picture = np.float32(1.0) - picture
    taken = world.camera(picture, rng)
    return Scene(taken, [code for code in codes if _shows(taken, code)])


def _shows(picture: npt.NDArray[np.uint8], code: Code) -> bool:
    """Whether light and camera left anything of a code."""
    x1, y1, x2, y2 = np.round(code.box).astype(int)
    seen = picture[max(y1, 0) : y2, max(x1, 0) : x2]
    return seen.size > 0 and float(seen.std()) >= FAINTEST


def _add_grid(picture: FloatArray, codes: list[Code], rng: np.random.Generator, backgrounds: Path | None) -> None:
    height, width = picture.shape
    pitch = rng.uniform(24, 110)
    span = pitch * rng.uniform(0.5, 0.85)
    shape = tilted_square(rng, 40)
    for y in np.arange(pitch / 2, height, pitch):
        for x in np.arange(pitch / 2, width, pitch):
            if rng.random() < 0.85:
                _add_code(picture, codes, rng, span, (float(x), float(y)), shape, backgrounds)


def _add_code(
    picture: FloatArray,
    codes: list[Code],
    rng: np.random.Generator,
    span: float,
    centre: tuple[float, float],
    shape: npt.NDArray[np.float64] | None,
    backgrounds: Path | None,
) -> None:
    """Lay one code of about `span` pixels into the picture, unless it would cover another."""
    largest = int(np.clip(span / 1.3, 21, 177))
    any_size = rng.random() < 0.1  # small versions are the common ones otherwise
    size = int(rng.choice(np.arange(21, largest + 1, 4))) if any_size else random_size(rng, largest)
    quiet = int(rng.choice([0, 1, 2, 4, 6], p=[0.18, 0.12, 0.17, 0.41, 0.12]))
    cells = size + 2 * quiet
    corners = tilted_square(rng) if shape is None else shape
    corners = corners / (corners.max(0) - corners.min(0)).max() * span + centre
    symbol = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32) + quiet
    homography = np.asarray(cv2.getPerspectiveTransform(symbol, corners.astype(np.float32)), np.float64)
    bend = random_bend(
        rng, cells, rng.uniform(0.01, 0.035) * size if rng.random() < 0.25 else 0.0, 0.4 if rng.random() < 0.08 else 0.0
    )
    view = View(homography, bend)
    outline = view.points(np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5]]) * cells)
    height, width = picture.shape
    left, top = (int(v) for v in np.maximum(np.floor(outline.min(0)) - 2, 0))
    right, bottom = (int(v) for v in np.minimum(np.ceil(outline.max(0)) + 2, (width, height)))
    if right - left < 8 or bottom - top < 8:
        return
    code = _truth(view, size, quiet)
    box = code.box
    if any(
        min(box[2], other.box[2]) > max(box[0], other.box[0]) and min(box[3], other.box[3]) > max(box[1], other.box[1])
        for other in codes
    ):
        return

    modules = np.pad(random_modules(rng, size), quiet)
    finder = np.zeros((size, size), bool)
    finder[:8, :8] = finder[:8, -8:] = finder[-8:, :8] = True
    pitch = span / size
    pixels = int(np.clip(np.ceil(1.5 * pitch), 3, 10))
    ink = draw_cells(modules, np.pad(finder, quiet), pixels, rng)
    if rng.random() < 0.12:
        ink = with_round_finders(ink, size, quiet, pixels, rng)
    if rng.random() < 0.05 and pixels >= 6:
        ink = halftoned(ink, np.pad(~finder, quiet), background(rng, cells, cells, backgrounds), pixels, rng)
    ink_grey, paper_grey = paper_contrast(rng)
    paper = np.full_like(ink, paper_grey)
    if rng.random() < 0.06:
        paper = 0.6 * paper + 0.4 * background(rng, len(paper), len(paper), backgrounds)
    sheet = (paper * (1 - ink) + ink_grey * ink).astype(np.float32)
    if rng.random() < 0.12:  # light on dark
        sheet = np.float32(1.0) - sheet
    if rng.random() < 0.15:
        logo = rng.uniform(0.1, 0.28) * len(sheet)
        a, b = int(len(sheet) / 2 - logo / 2), int(len(sheet) / 2 + logo / 2)
        sheet[a:b, a:b] = background(rng, b - a, b - a, backgrounds)
    if rng.random() < 0.15:
        sheet = world.worn(sheet, rng)
    elif rng.random() < 0.08:
        sheet = world.occluded(sheet, rng, 0.25)
    if pixels > pitch:
        sheet = np.asarray(cv2.GaussianBlur(sheet, (0, 0), max(0.3, 0.42 * pixels / pitch)), np.float32)
    seen = view.render(sheet, pixels, left, top, right - left, bottom - top)
    mask = _inside_sheet(view, cells, left, top, right - left, bottom - top)
    if rng.random() < 0.12:  # something dark or light that the code lies on
        _add_ground(picture, view, cells, rng)
    region = picture[top:bottom, left:right]
    region[:] = region * (1 - mask) + seen * mask
    # A code of which more than a fifth lies outside the picture cannot be read, so it is no example.
    visible = (min(box[2], width) - max(box[0], 0)) * (min(box[3], height) - max(box[1], 0))
    if visible > 0.8 * (box[2] - box[0]) * (box[3] - box[1]):
        codes.append(code)


def _add_ground(picture: FloatArray, view: View, cells: int, rng: np.random.Generator) -> None:
    """Paint an even ground below a sheet that reaches some cells beyond it."""
    reach = rng.uniform(0.03, 0.4) * cells
    outline = view.points(np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * (cells + 2 * reach) - reach)
    tone = rng.uniform(0, 0.25) if rng.random() < 0.6 else rng.random()
    cv2.fillPoly(picture, [np.round(outline).astype(np.int32)], float(tone), cv2.LINE_AA)


def _inside_sheet(view: View, cells: int, left: int, top: int, width: int, height: int) -> FloatArray:
    """Coverage of the window's pixels by the sheet, edges soft over a pixel."""
    edge = np.linspace(0, cells, 12, dtype=np.float32)
    zero, full = np.zeros_like(edge), np.full_like(edge, cells)
    x = np.concatenate([edge, full, edge[::-1], zero])
    y = np.concatenate([zero, edge, full, edge[::-1]])
    outline = view.to_picture(x, y) - (left, top)
    mask = np.zeros((height, width), np.float32)
    fixed = 3
    cv2.fillPoly(mask, [np.round((outline - 0.5) * 2**fixed).astype(np.int32)], 1.0, cv2.LINE_AA, fixed)
    return mask


def _truth(view: View, size: int, quiet: int) -> Code:
    def at(places: npt.ArrayLike) -> FloatArray:
        return view.points(np.asarray(places, np.float32).reshape(-1, 2) + quiet)

    low, high, middle = 3.5, size - 3.5, size / 2
    square = np.array([[0, 0], [7, 0], [7, 7], [0, 7]], np.float32)
    finders = np.concatenate([square + corner * (size - 7) for corner in FINDERS])
    return Code(
        size,
        at([[0, 0], [size, 0], [size, size], [0, size]]),
        at([[low, low], [high, low], [low, high], [high, high], [middle, middle]]),
        at(finders).reshape(3, 4, 2),
    )
