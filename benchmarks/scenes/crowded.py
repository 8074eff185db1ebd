"""Crowded pages: sheets of labels, a small code beside a large one, one readable code among many that are not, and
codes whose finder patterns lie among those of others."""

from __future__ import annotations

import numpy as np

from fastqr import _core

from ..codewords import data_region
from ..ladders.rendering import QUIET, Code
from .printed import Grey, Page, PrintedCode, placed, print_around, print_code, random_symbol, scanned

PAPER = 235
LABELS = (140, 200, 500, 1000)
LABEL_PIXELS = 3.0  # a module
SIZES = {"1080p": (1080, 1920), "A4 at 300 dpi": (3508, 2480), "4K": (2160, 3840)}
SMALL_PIXELS = (2.0, 4.0)  # a module of the small code
UNREADABLE = (40, 100)
DECOY_MEGAPIXELS = 0.12  # of the page for each of them


def sheet(rng: np.random.Generator, labels: int) -> Page:
    """Rows of labels of one size, versions 1 to 4, each at its own fraction of a pixel."""
    cell = int(np.ceil((33 + 2 * QUIET) * LABEL_PIXELS + rng.integers(4, 24)))
    columns = round(np.sqrt(labels / np.sqrt(2)))
    rows = -(-labels // columns)
    picture = _paper(rows * cell + 40, columns * cell + 40)
    printed = []
    for number in range(labels):
        row, column = divmod(number, columns)
        code = random_symbol(rng, int(rng.integers(1, 5)), f"{number}.")
        x, y = np.array([column + 0.5, row + 0.5]) * cell + 20 + rng.uniform(-1, 1, 2)
        printed.append(PrintedCode(code, (float(x), float(y)), LABEL_PIXELS, 0.0, int(rng.integers(0, 60))))
    return _printed(rng, picture, printed)


def mixed_sizes(rng: np.random.Generator, size: str) -> Page:
    """A small code anywhere beside a large one that takes 40 to 70 % of the page's shorter side."""
    picture = _paper(*SIZES[size])
    print_around(picture, rng, density=float(rng.uniform(0, 4)))
    printed: list[PrintedCode] = []
    while len(printed) < 2:  # the large one may leave no room for the small one
        large = random_symbol(rng, int(rng.integers(1, 11)), "L.")
        pixels = float(rng.uniform(0.4, 0.7)) * min(picture.shape) / (large.size + 2 * QUIET)
        small = random_symbol(rng, int(rng.integers(1, 6)), "S.")
        printed = []
        for code, module in ((large, pixels), (small, float(rng.uniform(*SMALL_PIXELS)))):
            found = placed(rng, picture, printed, code, module, 90.0 * int(rng.integers(4)))
            printed += [] if found is None else [found]
    return _printed(rng, picture, printed)


def decoys(rng: np.random.Generator, unreadable: int) -> Page:
    """One readable code among many symbols that have every function pattern in place, and no message."""
    side = 1000 * np.sqrt(DECOY_MEGAPIXELS * unreadable)
    picture = _paper(round(side / 1.2), round(side * 1.2))
    (readable,) = _scattered(rng, picture, [random_symbol(rng, int(rng.integers(1, 6)), "1.")], [])
    others = [without_message(rng, int(rng.integers(1, 7))) for _ in range(unreadable)]
    for other in _scattered(rng, picture, others, [readable]):
        print_code(picture, other, PAPER)
    return _printed(rng, picture, [readable])


def without_message(rng: np.random.Generator, version: int) -> Code:
    """A symbol whose function patterns and format information are right, and whose data are coin tosses or blank."""
    code = random_symbol(rng, version, "")
    data = data_region(np.asarray(_core.function_patterns(code.size)))
    dark = float(rng.choice([0.5, 0.5, 0.5, 0.0, 1.0]))
    return Code("", np.where(data, rng.random(data.shape) < dark, code.modules))


def nested(rng: np.random.Generator, kind: str) -> Page:
    """A code inside another that repairs what it hides, or codes so close that finder patterns of two make squares."""
    picture = _paper(1100, 1400)
    return _printed(rng, picture, NESTED[kind](rng, picture))


def _inside(rng: np.random.Generator, picture: Grey) -> list[PrintedCode]:
    """A small code, its quiet zone included, over at most a tenth of the middle of a large one of level H."""
    while True:
        outer = random_symbol(rng, int(rng.integers(8, 16)), "1.", level="H")
        inner = random_symbol(rng, int(rng.integers(1, 3)), "2.")
        degrees = 90.0 * int(rng.integers(4))
        large = placed(rng, picture, [], outer, float(rng.uniform(8, 12)), degrees)
        pixels = float(rng.uniform(2.5, 4))
        if large is not None and (inner.size + 2 * QUIET) * pixels < 0.3 * outer.size * large.pixels_per_module:
            return [large, PrintedCode(inner, large.centre, pixels, degrees + 90.0 * int(rng.integers(4)))]


def _lattice(rng: np.random.Generator, picture: Grey) -> list[PrintedCode]:
    """Three by three codes of one version as far apart as their own finder patterns: all of these make one lattice."""
    version, pixels = int(rng.integers(1, 4)), float(rng.uniform(3, 5))
    step = (
        2 * (4 * version + 17 - 7) * pixels
    )  # from one code to the next: a code's finder centres lie half of it apart
    corner = rng.uniform(step / 2 + 30, np.array(picture.shape[::-1]) - 2.5 * step - 30)
    return [
        PrintedCode(
            random_symbol(rng, version, f"{row}{column}."),
            (float(corner[0] + column * step), float(corner[1] + row * step)),
            pixels,
        )
        for row in range(3)
        for column in range(3)
    ]


NESTED = {"one inside another": _inside, "one lattice of finder patterns": _lattice}


def _scattered(
    rng: np.random.Generator, picture: Grey, codes: list[Code], others: list[PrintedCode]
) -> list[PrintedCode]:
    """Codes at random places and turns, as many as find one."""
    printed: list[PrintedCode] = []
    for code in codes:
        module, degrees = float(rng.uniform(3, 5)), float(rng.uniform(0, 360))
        found = placed(rng, picture, [*others, *printed], code, module, degrees)
        printed += [] if found is None else [found]
    return printed


def _paper(height: int, width: int) -> Grey:
    return np.full((height, width), PAPER, np.uint8)


def _printed(rng: np.random.Generator, picture: Grey, codes: list[PrintedCode]) -> Page:
    for code in codes:
        print_code(picture, code, PAPER)
    return Page(scanned(picture, rng), codes)
