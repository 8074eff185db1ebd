"""Printed pages: codes of all versions and sizes among text and rules, from a small picture to a plan or a strip."""

from __future__ import annotations

import numpy as np

from .printed import Grey, Page, PrintedCode, placed, print_around, print_code, random_symbol, scanned

MOST_CODES = 80
SMALL_VERSIONS = 7  # that most labels have; the others are drawn from all forty, small ones more often
RARE = 0.3  # share of codes of any version
FINEST, COARSEST = 2.0, 12.0  # pixels a module
FINEST_TURNED = 3.0  # of a code that does not lie along the rows of pixels
SHAPES = {  # megapixels, and longer side by shorter side
    "small page": ((0.3, 1.0), (1.0, 1.8)),
    "page": ((1.0, 5.0), (1.0, 1.8)),
    "large page": ((5.0, 20.0), (1.0, 1.8)),
    "strip of paper": ((0.5, 10.0), (4.0, 16.0)),
}
STRIPS = {"12000 x 800": (800, 12000), "600 x 10000": (10000, 600), "plan of 9000 x 9000": (9000, 9000)}


def random_page(
    rng: np.random.Generator,
    *,
    megapixels: tuple[float, float] = (0.3, 20.0),
    aspect: tuple[float, float] = (1.0, 1.8),
    most: int = MOST_CODES,
) -> Page:
    """A page of any size and shape within bounds, upright or lying.

    Parameters
    ----------
    megapixels, aspect : tuple of float
        Bounds of the page's area, and of its longer side by its shorter one.
    most : int
        Codes on the fullest page; fewer are more frequent.
    """
    area, ratio = 1e6 * _between(rng, *megapixels), _between(rng, *aspect)
    sides = round(np.sqrt(area / ratio)), round(np.sqrt(area * ratio))
    height, width = sides if rng.random() < 0.5 else sides[::-1]
    return printed_page(rng, height, width, codes=round(_between(rng, 1, most)))


def page_of_shape(rng: np.random.Generator, shape: str) -> Page:
    """A page of one of the `SHAPES`."""
    megapixels, aspect = SHAPES[shape]
    return random_page(rng, megapixels=megapixels, aspect=aspect)


def strip(rng: np.random.Generator, shape: str) -> Page:
    """One of the `STRIPS`, with two dozen codes."""
    return printed_page(rng, *STRIPS[shape], codes=24)


def printed_page(rng: np.random.Generator, height: int, width: int, *, codes: int) -> Page:
    """A page of a size in pixels with so many codes, or as many of them as find a place; one at least does."""
    paper = int(rng.integers(170, 256))
    picture: Grey = np.full((height, width), paper, np.uint8)
    print_around(picture, rng, density=float(rng.uniform(0, 8)))
    printed: list[PrintedCode] = []
    while codes > 0 or not printed:
        codes -= 1
        if (found := _random_code(rng, picture, printed)) is not None:
            print_code(picture, found, paper)
            printed.append(found)
    return Page(scanned(picture, rng), printed)


def _random_code(rng: np.random.Generator, picture: Grey, printed: list[PrintedCode]) -> PrintedCode | None:
    rare = rng.random() < RARE
    version = int(_between(rng, 1, 41)) if rare else int(rng.integers(1, SMALL_VERSIONS + 1))
    straight = rng.random() < 0.8
    degrees = float(90 * rng.integers(4) if straight else rng.uniform(0, 360))
    module = max(_between(rng, FINEST, COARSEST), FINEST if straight else FINEST_TURNED)
    side = (4 * version + 25) * module
    if side > min(picture.shape):
        return None
    return placed(rng, picture, printed, random_symbol(rng, version, f"{len(printed)}."), module, degrees)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between two bounds, each octave as likely as any other."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
