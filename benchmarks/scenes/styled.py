"""Codes as designers draw them: round eyes, dots, a logo, no margin, a third colour, a picture between the modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastqr import _core

from ..codewords import data_region
from ..ladders.rendering import Code
from .printed import Grey, Page, Points, PrintedCode, random_symbol, scanned, turned

LOOKS = 12  # a module along each axis, and at least two a pixel
VERSIONS = (1, 10)
MODULE = (3.0, 12.0)  # pixels
HALFTONE = (4.5, 12.0)  # the same where only a third of a module is its own
LOGO = 0.2  # of the symbol's side, as the diameter of its disc

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Style:
    """How a code is drawn; grey values are 0 for ink and 1 for paper.

    Attributes
    ----------
    eye : tuple of float or None
        Radii in modules of the rounded corners of a finder pattern's ring and core; squares of modules without.
    dot : float or None
        Diameter in modules of the dots that other modules are drawn as.
    ink, paper, outside : float
        Values of dark modules, light modules, and of what lies beyond the margin.
    margin : float
        Modules of paper about the symbol.
    third : float or None
        The value of the light cells of the timing and alignment patterns.
    disc : float or None
        Radius in modules of a finder pattern's core where that is a disc and the ring is no more than dots.
    ring_dots : int
        Of that ring's modules, from one that is a dot to the next.
    """

    eye: tuple[float, float] | None = None
    dot: float | None = None
    logo: bool = False
    ink: float = 0.05
    paper: float = 0.95
    outside: float = 0.95
    margin: float = 4.0
    third: float | None = None
    halftone: bool = False
    disc: float | None = None
    ring_dots: int = 1

    @property
    def upright(self) -> bool:
        """Whether it is never turned: of a ring of dots, a row shows those at either side of the disc."""
        return self.halftone or self.disc is not None


def _disc(rng: np.random.Generator) -> Style:
    return Style(
        dot=float(rng.uniform(0.65, 0.95)),
        margin=float(rng.uniform(1, 4)),
        disc=float(rng.uniform(1.3, 1.8)),
        ring_dots=int(rng.choice([1, 3])),
    )


def _round(rng: np.random.Generator, radii: tuple[float, float]) -> Style:
    radius = float(rng.uniform(*radii))
    core = 1.5 * radius / 3.5 if rng.random() < 0.7 else float(rng.uniform(0, 1.5))
    dot = float(rng.uniform(0.75, 1.0)) if rng.random() < 0.6 else None
    logo = rng.random() < 0.4
    margin = float(rng.uniform(0.5, 4))
    return Style((radius, core), dot, logo, ink=float(rng.uniform(0.0, 0.35)), margin=margin)


def _third_colour(rng: np.random.Generator) -> Style:
    return Style(ink=float(rng.uniform(0.0, 0.6)), third=float(rng.uniform(0.0, 0.8)))


STYLES: dict[str, Callable[[np.random.Generator], Style]] = {
    "circular eyes": lambda rng: _round(rng, (3.5, 3.5)),
    "rounded eyes": lambda rng: _round(rng, (1.0, 3.3)),
    "light on white, no margin": lambda rng: Style(ink=0.95, paper=float(rng.uniform(0, 0.3)), margin=0.0),
    "dark on black, no margin": lambda rng: Style(outside=float(rng.uniform(0, 0.15)), margin=0.0),
    "timing in a third colour": _third_colour,
    "halftone": lambda rng: Style(halftone=True),
    "discs in dotted rings": _disc,
}


def styled(rng: np.random.Generator, kind: str, most_pixels: float = np.inf) -> Page:
    """One code of a kind, upright or, half of the time, turned by any angle; halftones and discs are made upright.

    Parameters
    ----------
    most_pixels : float
        A module; larger ones are drawn at this size.
    """
    style = STYLES[kind](rng)
    level = "H" if style.logo else str(rng.choice(["M", "Q"]))
    code = random_symbol(rng, int(rng.integers(VERSIONS[0], VERSIONS[1] + 1)), "", level)
    pixels = min(most_pixels, float(np.exp(rng.uniform(*np.log(HALFTONE if style.halftone else MODULE)))))
    degrees = 0.0 if style.upright or rng.random() < 0.5 else float(rng.uniform(0, 360))
    reach = (code.size / 2 + style.margin + 2) * (np.sqrt(2) if degrees else 1)
    side = int(np.ceil(2 * reach * pixels))
    printed = PrintedCode(code, (side / 2 + rng.uniform(-0.5, 0.5), side / 2 + rng.uniform(-0.5, 0.5)), pixels, degrees)
    picture = drawn(printed, style, side, rng)
    return Page(scanned(picture, rng), [printed])


def drawn(printed: PrintedCode, style: Style, side: int, rng: np.random.Generator) -> Grey:
    """A square picture of a code in a style, each pixel the mean of its looks."""
    each = max(2, round(LOOKS / printed.pixels_per_module))
    ticks = (np.arange(side * each) + 0.5) / each
    looks = np.stack(np.meshgrid(ticks, ticks), axis=-1) - printed.centre
    places = looks @ turned(-printed.degrees) / printed.pixels_per_module + printed.code.size / 2
    values = _values(printed.code, style, places, rng)
    return np.round(255 * values.reshape(side, each, side, each).mean((1, 3))).astype(np.uint8)


def _values(code: Code, style: Style, places: Points, rng: np.random.Generator) -> Values:
    size = code.size
    cell = np.floor(places).astype(np.int64)
    inside = ((cell >= 0) & (cell < size)).all(-1)
    column, row = np.clip(cell, 0, size - 1).transpose(2, 0, 1)
    dark = code.modules[row, column]
    within = places - cell - 0.5  # the module's middle
    if style.dot is not None:
        dark &= np.linalg.norm(within, axis=-1) <= style.dot / 2
    if style.halftone:
        art = rng.random((3 * size, 3 * size)) < _shade(rng, 3 * size)
        fine = np.clip(np.floor(3 * places).astype(np.int64), 0, 3 * size - 1)
        free = data_region(np.asarray(_core.function_patterns(size)))[row, column]
        dark = np.where(free & (np.abs(within).max(-1) > 1 / 6), art[fine[..., 1], fine[..., 0]], dark)
    values = np.where(dark, style.ink, style.paper)
    if style.third is not None:
        values[_light_of_timing_and_alignment(size)[row, column]] = style.third
    if style.eye is not None or style.dot is not None:
        for middle in ((3.5, 3.5), (size - 3.5, 3.5), (3.5, size - 3.5)):
            _draw_eye(values, places - middle, style)
    if style.logo:
        distance = np.linalg.norm(places - size / 2, axis=-1)
        values[distance < LOGO * size / 2 + 0.7] = style.paper
        values[distance < LOGO * size / 2] = style.ink
    paper = ((places > -style.margin) & (places < size + style.margin)).all(-1)
    return np.where(inside, values, np.where(paper, style.paper, style.outside))


def _draw_eye(values: Values, places: Points, style: Style) -> None:
    ring, core = style.eye or (0.0, 0.0)
    values[np.abs(places).max(-1) < 3.5] = style.paper
    if style.disc is not None and style.dot is not None:
        cell = np.floor(places + 3.5)
        in_ring = (np.abs(cell - 3).max(-1) == 3) & (cell % style.ring_dots == 0).all(-1)
        dots = in_ring & (np.linalg.norm(places - cell + 3, axis=-1) <= style.dot / 2)
        values[dots | (np.linalg.norm(places, axis=-1) <= style.disc)] = style.ink
        return
    gap = max(0.0, ring - 1)
    values[_rounded(places, 3.5, ring) & ~_rounded(places, 2.5, gap) | _rounded(places, 1.5, core)] = style.ink


def _rounded(places: Points, half: float, radius: float) -> Mask:
    """Whether places lie in a square whose corners are rounded."""
    beyond = np.maximum(np.abs(places) - (half - radius), 0)
    inside: Mask = (np.linalg.norm(beyond, axis=-1) <= radius) if radius else (np.abs(places).max(-1) <= half)
    return inside


def _shade(rng: np.random.Generator, side: int) -> Values:
    """How dark a picture is: waves with large dark and light areas."""
    across, down = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side))
    a, b, phase = rng.uniform(2, 9), rng.uniform(2, 9), rng.uniform(0, 6)
    shade: Values = 0.5 + 0.5 * np.sin(a * across + b * down + phase)
    return shade


def _light_of_timing_and_alignment(size: int) -> Mask:
    patterns = np.asarray(_core.function_patterns(size)).reshape(size, size)
    light = patterns < 0
    near = slice(0, 8), slice(size - 8, size)
    for rows, columns in ((near[0], near[0]), (near[0], near[1]), (near[1], near[0])):
        light[rows, columns] = False  # finder patterns and their separators
    return light
