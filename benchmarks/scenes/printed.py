"""Codes printed on a flat page: at any place, turned by any angle, each pixel the mean over its own area."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt
import segno
from segno import consts

from ..ladders.rendering import QUIET, Code

Grey = npt.NDArray[np.uint8]  # (height, width)
Points = npt.NDArray[np.float64]  # (..., 2), x and y in pixels from the outer corner of the first

LEVELS = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M, "Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}
ALPHANUMERIC = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:"))
LETTERS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/:?=&%"))
MOST_SAMPLES = 48e6  # of one code: a large one has fewer samples in each pixel, and fewer of its pixels lie on an edge
FEWEST_SAMPLES, FINEST_SAMPLES = 3, 8  # along each axis of a pixel
PLACING_TRIALS = 40  # places that are tried before a page counts as full


@dataclass(frozen=True, eq=False)
class PrintedCode:
    """A symbol and its pose on the page."""

    code: Code
    centre: tuple[float, float]  # of the symbol
    pixels_per_module: float
    degrees: float = 0.0  # anticlockwise
    ink: int = 0  # grey value of dark modules

    @property
    def version(self) -> int:
        return (self.code.size - 17) // 4

    def corners(self, border: float = 0.0) -> Points:
        """Corners of the symbol with a border in modules: top left, top right, bottom right, bottom left."""
        half = self.code.size / 2 + border
        square = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
        return square * self.pixels_per_module @ turned(self.degrees) + self.centre

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Pixels x1, y1, x2, y2 that the symbol and its quiet zone touch."""
        corners = self.corners(QUIET)
        (x1, y1), (x2, y2) = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
        return int(x1), int(y1), int(x2), int(y2)


@dataclass(frozen=True, eq=False)
class Page:
    """A picture, grey or BGR, and the codes in it that can be read."""

    picture: Grey
    codes: Sequence[PrintedCode] = field(default_factory=list)


def turned(degrees: float) -> npt.NDArray[np.float64]:
    """Matrix that turns row vectors anticlockwise as they are seen, y pointing down."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine], [sine, cosine]])


# Symbols ------------------------------------------------------------------------------------------------------------


def random_symbol(rng: np.random.Generator, version: int, prefix: str, level: str | None = None) -> Code:
    """A symbol of a version, of any mask, with a text of a few letters or up to full; a prefix begins it.

    Parameters
    ----------
    prefix : str
        Of at most four letters, so that the smallest symbol has room for three more.
    """
    level = level or str(rng.choice(list(LEVELS)))
    room = sum(blocks.num_blocks * blocks.num_data for blocks in consts.ECC[version][LEVELS[level]])
    room -= 2 if version < 10 else 3  # codewords of mode and length
    letters = int(rng.integers(4, 9)) if rng.random() < 0.5 else int(rng.uniform(0.3, 1.0) * room)
    alphabet = ALPHANUMERIC if rng.random() < 0.5 else LETTERS
    text = prefix + "".join(rng.choice(alphabet, int(np.clip(letters, 3, room - len(prefix)))))
    symbol = segno.make_qr(text, version=version, error=level, mask=int(rng.integers(8)), boost_error=False)
    return Code(text, np.array([list(row) for row in symbol.matrix], np.uint8) == 1)


# Printing -----------------------------------------------------------------------------------------------------------


def print_code(picture: Grey, printed: PrintedCode, paper: int) -> None:
    """Print a code and its quiet zone over what the picture shows there.

    Costs one visit to each of the samples of the code's box, `MOST_SAMPLES` at most unless that leaves a pixel fewer
    than `FEWEST_SAMPLES` along each axis.
    """
    height, width = picture.shape
    x1, y1, x2, y2 = printed.box
    x1, y1, x2, y2 = max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)
    pixels = (x2 - x1) * (y2 - y1)
    samples = int(np.clip(np.sqrt(MOST_SAMPLES / pixels), FEWEST_SAMPLES, FINEST_SAMPLES))
    sheet = np.where(np.pad(printed.code.modules, QUIET), printed.ink, paper).astype(np.uint8)
    # A sample at (u, v) of the enlarged box lies at ((u + 0.5) / samples + x1, ...) on the page, which is turned back
    # and measured in modules from the sheet's first corner; OpenCV rounds to the centre of the nearest module.
    back = turned(-printed.degrees).T / printed.pixels_per_module
    first = np.array([x1, y1]) + 0.5 / samples - printed.centre
    transform = np.column_stack([back / samples, back @ first + len(sheet) / 2 - 0.5])
    size = (samples * (x2 - x1), samples * (y2 - y1))
    fine = cv2.resize(picture[y1:y2, x1:x2], size, interpolation=cv2.INTER_NEAREST)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    fine = cv2.warpAffine(sheet, transform, size, dst=fine, flags=flags, borderMode=cv2.BORDER_TRANSPARENT)
    picture[y1:y2, x1:x2] = cv2.resize(fine, (x2 - x1, y2 - y1), interpolation=cv2.INTER_AREA)


def placed(
    rng: np.random.Generator,
    picture: Grey,
    others: Sequence[PrintedCode],
    code: Code,
    pixels_per_module: float,
    degrees: float = 0.0,
) -> PrintedCode | None:
    """The code at a random place of a picture that no other code takes, in a dark ink; None where no place is found."""
    start = PrintedCode(code, (0.0, 0.0), pixels_per_module, degrees, int(rng.integers(0, 60)))
    low = 1.0 - np.array(start.box[:2])
    high = np.array(picture.shape[::-1]) - 1.0 - start.box[2:]
    if (low > high).any():
        return None
    for _ in range(PLACING_TRIALS):
        x, y = rng.uniform(low, high)
        printed = dataclasses.replace(start, centre=(float(x), float(y)))
        if not any(_overlap(printed.box, other.box) for other in others):
            return printed
    return None


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


# Paper and camera ---------------------------------------------------------------------------------------------------


def print_around(picture: Grey, rng: np.random.Generator, density: float, ink: int = 40) -> None:
    """Print `density` items on each megapixel: lines of text, rules, frames, solid blocks and stripes."""
    height, width = picture.shape
    for _ in range(rng.poisson(density * height * width / 1e6)):
        x, y = int(rng.integers(-width // 20, width)), int(rng.integers(0, height))
        w, h = (int(side) for side in np.exp(rng.uniform(np.log(12), np.log(max(13, min(height, width) / 3)), 2)))
        kind = rng.random()
        if kind < 0.6:
            text, scale = "".join(rng.choice(LETTERS, int(rng.integers(3, 30)))), float(rng.uniform(0.4, 2.5))
            thickness = int(rng.integers(1, 4))
            cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thickness, cv2.LINE_AA)
        elif kind < 0.75:
            end = (x + 3 * w, y) if rng.random() < 0.5 else (x, y + 3 * h)
            cv2.line(picture, (x, y), end, ink, int(rng.integers(1, 5)))
        elif kind < 0.87:
            cv2.rectangle(picture, (x, y), (x + w, y + h), ink, int(rng.integers(1, 6)))
        elif kind < 0.93:
            cv2.rectangle(picture, (x, y), (x + w, y + h), int(rng.integers(20, 160)), cv2.FILLED)
        else:
            bar = int(rng.integers(2, 6))
            for left in np.flatnonzero(rng.random(max(2, w // bar)) < 0.5) * bar:
                cv2.rectangle(picture, (x + int(left), y), (x + int(left) + bar - 1, y + h), ink, cv2.FILLED)


def scanned(picture: Grey, rng: np.random.Generator, *, blur: float = 0.6, noise: float = 4.0) -> Grey:
    """The page as a scanner or a good camera sees it: half of the time blurred a little, and with a little noise.

    Parameters
    ----------
    blur : float
        Largest deviation of the blur, in pixels.
    noise : float
        Largest deviation of the noise, in grey values.
    """
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (5, 5), float(rng.uniform(0.3, 1.0) * blur)).astype(np.uint8)
    deviation = float(rng.uniform(0, noise))
    rows = max(1, int(4e6 / picture.shape[1]))
    bands = [
        np.clip(band + deviation * rng.standard_normal(band.shape, np.float32) + np.float32(0.5), 0, 255)
        for band in (picture[top : top + rows] for top in range(0, len(picture), rows))
    ]
    return np.concatenate([band.astype(np.uint8) for band in bands])
