"""A symbol on a sheet of paper, seen by a camera: its geometry, its print and its light.

Everything is computed backwards. Each pixel is the mean of several looks, each look is followed back to a place on the
symbol, in modules, and the drawing is asked what is printed there. So a code can be bent and covered without ever being
resampled.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import segno

Points = npt.NDArray[np.float64]  # (..., 2), x and y
Grey = npt.NDArray[np.float64]  # (height, width), 0 black to 1 white

LOOKS = 3  # looks a pixel along each axis
QUIET = 4  # modules of quiet zone, as the standard asks for
SURROUNDINGS = 1.3  # side of the picture in sides of the code with its quiet zone
CAMERA = 2.5  # distance of the camera in sides of the symbol, which sets how strong perspective is
INK, PAPER, TABLE = 0.08, 0.92, 0.55


@dataclass(frozen=True)
class Code:
    """A symbol's text and its modules, true where dark."""

    text: str
    modules: npt.NDArray[np.bool_]

    @property
    def size(self) -> int:
        return len(self.modules)


def random_code(rng: np.random.Generator, version: int, level: str = "M") -> Code:
    """A symbol of a version, three quarters full of random letters and digits."""
    letters = np.array(list(string.ascii_letters + string.digits))
    length = max(4, int(0.75 * _capacity(version, level)))
    text = "".join(rng.choice(letters, length))
    symbol = segno.make_qr(text, version=version, error=level, boost_error=False)
    return Code(text, np.array([list(row) for row in symbol.matrix], np.uint8) == 1)


@lru_cache
def _capacity(version: int, level: str) -> int:
    """Bytes that a symbol holds, found by trying: segno does not tell."""
    low, high = 1, 3000
    while low < high:
        middle = (low + high + 1) // 2
        try:
            segno.make_qr("x" * middle, version=version, error=level, boost_error=False, mask=0)
            low = middle
        except ValueError:
            high = middle - 1
    return low


# How each module is printed, and what lies on it: places in modules and the print there so far -> the print.
Paint = Callable[[Points, Grey], Grey]
# Light and optics: the picture so far and the pixels of a module -> the picture.
Develop = Callable[[Grey], Grey]
# Places on the sheet as it is seen flat, in modules from the symbol's centre -> places on the symbol.
Bend = Callable[[Points], Points]


@dataclass(frozen=True)
class Scene:
    """What is photographed, and how; each ladder changes one of these."""

    code: Code
    pixels_per_module: float = 8.0
    degrees: float = 0.0  # turn in the picture
    tilt: float = 0.0  # degrees between the sheet's normal and the line of sight
    tilt_axis: float = 0.0  # degrees of the axis about which it is tilted
    dot: float | None = None  # diameter of a dark module in modules, where they are printed as dots
    bend: Bend | None = None
    paint: list[Paint] = field(default_factory=list)
    develop: list[Develop] = field(default_factory=list)
    noise: float = 1.0 / 255  # deviation of the sensor's noise; a picture without any is no photograph
    contrast: float = 1.0  # share of the range between ink and paper that is used


def render(scene: Scene, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The picture of a scene, BGR."""
    side = int(np.ceil((scene.code.size + 2 * QUIET) * SURROUNDINGS * scene.pixels_per_module))
    ticks = (np.arange(side * LOOKS) + 0.5) / LOOKS - side / 2
    looks = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    sheet = _to_sheet(scene, looks)
    places = sheet if scene.bend is None else scene.bend(sheet)
    places = places + scene.code.size / 2
    printed = _printed(scene, places)
    for paint in scene.paint:
        printed = paint(places, printed)
    picture = printed.reshape(side, LOOKS, side, LOOKS).mean((1, 3))
    for develop in scene.develop:
        picture = develop(picture)
    picture = 0.5 + (picture - 0.5) * scene.contrast
    picture = picture + rng.normal(0, scene.noise, picture.shape)
    grey = np.clip(np.round(picture * 255), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _to_sheet(scene: Scene, looks: Points) -> Points:
    """Places on the sheet, in modules from the symbol's centre, that looks in pixels from the picture's centre see."""
    turn, axis, tilt = np.radians([scene.degrees, scene.tilt_axis, scene.tilt])
    x, y = (looks @ _rotation(turn) / scene.pixels_per_module @ _rotation(axis)).transpose(2, 0, 1)
    if tilt:
        # The sheet is turned about its x axis: a point (u, v) lies at height v cos and depth v sin, and is drawn
        # smaller the deeper it lies.
        distance = CAMERA * scene.code.size
        v = y / (np.cos(tilt) - y * np.sin(tilt) / distance)
        x, y = x * (1 + v * np.sin(tilt) / distance), v
    sheet: Points = np.stack([x, y], axis=-1) @ _rotation(-axis)
    return sheet


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    """Matrix that turns row vectors back by an angle."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _printed(scene: Scene, places: Points) -> Grey:
    size = scene.code.size
    cell = np.floor(places).astype(np.int64)
    inside = ((cell >= 0) & (cell < size)).all(-1)
    column, row = np.clip(cell, 0, size - 1).transpose(2, 0, 1)
    dark = scene.code.modules[row, column] & inside
    if scene.dot is not None:
        finder = _in_finders(places, size)
        dark &= finder | (np.linalg.norm(places - cell - 0.5, axis=-1) <= scene.dot / 2)
    sheet = ((places > -QUIET) & (places < size + QUIET)).all(-1)
    return np.where(dark, INK, np.where(sheet, PAPER, TABLE))


def _in_finders(places: Points, size: int) -> npt.NDArray[np.bool_]:
    x, y = places[..., 0], places[..., 1]
    left, right, top, bottom = x < 7, x >= size - 7, y < 7, y >= size - 7
    return (left & top) | (right & top) | (left & bottom)
