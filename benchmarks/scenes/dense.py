"""Dense symbols on paper as it lies in the hand: tilted, rolled, gently crumpled, in light that falls off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ..ladders.rendering import CAMERA, INK, PAPER, QUIET, SURROUNDINGS, TABLE
from .printed import Grey, Page, PrintedCode, random_symbol

Floats = npt.NDArray[np.float32]
Move = Callable[[Floats], Floats]  # places on the symbol, from its centre -> by how many modules each is seen beside

VERSIONS = (20, 40)
MODULE = (1.6, 3.0)  # pixels a module
LOOKS = 3  # a pixel along each axis
KINDS = ("flat", "tilted", "rolled", "crumpled")


def dense(rng: np.random.Generator, kind: str, modules: tuple[float, float] = MODULE) -> Page:
    """One code of a high version alone in the picture, in shadow, a little blurred and noisy.

    Parameters
    ----------
    kind : str
        One of the `KINDS`: each has what the one before it has.
    modules : tuple of float
        Bounds of the pixels a module, where the paper is not tilted.
    """
    version, module = int(rng.integers(VERSIONS[0], VERSIONS[1] + 1)), float(rng.uniform(*modules))
    degrees = float(rng.uniform(0, 360) if rng.random() < 0.5 else rng.uniform(-15, 15))
    tilt, axis = float(rng.uniform(5, 20)), float(rng.uniform(0, 360))
    code = random_symbol(rng, version, "0.")
    moves: list[Move] = []
    if kind in ("rolled", "crumpled"):
        moves.append(_rolled(rng, code.size))
    if kind == "crumpled":
        moves.append(_crumpled(rng, code.size))
    turned = np.abs(_turned(degrees)[0]).sum()  # the square about it is larger
    side = int(np.ceil((code.size + 2 * QUIET) * SURROUNDINGS * turned * module))
    seen = np.diag([module, module, 1]) @ _seen(code.size, degrees, 0.0 if kind == "flat" else tilt, axis)
    places = _places_seen(np.linalg.inv(seen), side, moves)
    picture = _shaded(_printed(code.modules, places), rng)
    picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 0.7)))
    picture = 0.5 + (picture - 0.5) * rng.uniform(0.4, 1.0)
    picture = picture + rng.normal(0, rng.uniform(1, 4) / 255, picture.shape)
    grey: Grey = np.clip(np.round(picture * 255), 0, 255).astype(np.uint8)
    return Page(grey, [PrintedCode(code, (side / 2, side / 2), module, -degrees)])


# Paper --------------------------------------------------------------------------------------------------------------


def _rolled(rng: np.random.Generator, size: int) -> Move:
    """An arch along any direction, whose middle is seen up to a twelfth of a side from the chord, to any side."""
    along, lift = _direction(rng), _direction(rng) * np.float32(rng.uniform(0.02, 0.08) * size)
    skew = np.float32(rng.uniform(-0.3, 0.3))  # an arch of which one side is steeper

    def move(places: Floats) -> Floats:
        x = np.clip(places @ along / np.float32(size / 2), -1.5, 1.5)  # beyond the corners lies the table
        moved: Floats = (1 - x * x + skew * (x - x**3))[..., None] * lift
        return moved

    return move


def _crumpled(rng: np.random.Generator, size: int) -> Move:
    """Waves of a quarter of a side and more, which move each place by up to a module, root mean square."""
    waves, amount = 4, float(rng.uniform(0.2, 1.0))
    phases = rng.uniform(0, 2 * np.pi, (waves, 2)).astype(np.float32)
    lengths = rng.uniform(0.25, 0.6, waves) * size
    directions = [_direction(rng) * np.float32(2 * np.pi / length) for length in lengths]

    def move(places: Floats) -> Floats:
        moved = np.zeros_like(places)
        for direction, phase in zip(directions, phases, strict=True):
            moved += np.float32(amount / np.sqrt(waves)) * np.sin((places @ direction)[..., None] + phase)
        return moved

    return move


def _direction(rng: np.random.Generator) -> Floats:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


# Camera -------------------------------------------------------------------------------------------------------------


def _seen(size: int, degrees: float, tilt: float, axis: float) -> npt.NDArray[np.float64]:
    """Map of a sheet, in modules from the symbol's centre, as it is seen tilted about an axis and then turned."""
    angle = np.radians(tilt)
    tilted = np.array([[1, 0, 0], [0, np.cos(angle), 0], [0, np.sin(angle) / (CAMERA * size), 1]])
    seen: npt.NDArray[np.float64] = _turned(degrees) @ _turned(-axis) @ tilted @ _turned(axis)
    return seen


def _turned(degrees: float) -> npt.NDArray[np.float64]:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def _places_seen(back: npt.NDArray[np.float64], side: int, moves: Sequence[Move]) -> Floats:
    """Places on the symbol, in modules from its centre, that the pixels of a square picture see."""
    ticks = np.arange(side, dtype=np.float32) + np.float32(0.5 - side / 2)
    pixels = np.stack(np.meshgrid(ticks, ticks), -1)
    seen: Floats = cv2.perspectiveTransform(pixels, back)
    places = seen
    for _ in range(8 if moves else 0):  # a fixed point, for no slope of a move reaches one
        places = seen - sum((move(places) for move in moves), np.float32(0))
    return places


def _printed(modules: npt.NDArray[np.bool_], places: Floats) -> Floats:
    """The symbol on its sheet on a table, each pixel the mean of some looks."""
    border = QUIET + 1
    sheet = np.pad(np.where(np.pad(modules, QUIET), INK, PAPER), 1, constant_values=TABLE).astype(np.float32)
    side = LOOKS * len(places)
    looks = cv2.resize(places, (side, side), interpolation=cv2.INTER_LINEAR) + np.float32(len(modules) / 2 + border)
    fine = cv2.remap(sheet, looks - np.float32(0.5), None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    mean: Floats = cv2.resize(fine, places.shape[1::-1], interpolation=cv2.INTER_AREA)
    return mean


def _shaded(picture: Floats, rng: np.random.Generator) -> Floats:
    """In light that falls off to one side, to between a third of it and all."""
    (across, down), left = _direction(rng), rng.uniform(1 / 3, 1.0)
    ticks = np.linspace(-0.5, 0.5, len(picture), dtype=np.float32)
    share = np.clip(0.5 + ticks * across + ticks[:, None] * down, 0, 1)
    shaded: Floats = picture * (1 - np.float32(1 - left) * share)
    return shaded
