"""What screens show and websites serve: a graphic of a code alone, a window with a code in it, a label with text."""

from __future__ import annotations

import cv2
import numpy as np

from ..ladders.rendering import QUIET
from .printed import Grey, Page, PrintedCode, placed, print_around, print_code, random_symbol

VERSIONS = (1, 2, 3, 4, 5, 6, 8, 10, 14, 20)  # each as likely as the others
SIDES = {"window": ((480, 1081), (640, 1921)), "label": ((180, 401), (300, 701))}  # heights and widths, pixels
KINDS = ("graphic", *SIDES)


def screen(rng: np.random.Generator, kind: str) -> Page:
    """One picture of a kind, its code on whole pixels as screens draw it; half of the labels went through JPEG.

    Parameters
    ----------
    kind : {"graphic", "window", "label"}
        A code with its quiet zone and nothing else; a code among text, frames and blocks; a small label with text.
    """
    if kind == "graphic":
        return _graphic(rng)
    heights, widths = SIDES[kind]
    ground = int(rng.integers(225, 256))
    while True:
        picture: Grey = np.full((int(rng.integers(*heights)), int(rng.integers(*widths))), ground, np.uint8)
        print_around(picture, rng, density=float(rng.uniform(5, 40)) if kind == "window" else 25.0)
        code = random_symbol(rng, int(rng.choice(VERSIONS)), "s")
        found = placed(rng, picture, [], code, float(rng.integers(2, 9)))
        if found is not None:
            break
    printed = _on_whole_pixels(found)
    print_code(picture, printed, ground)
    if kind == "label" and rng.random() < 0.5:
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 96))])
        picture = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return Page(picture, [printed])


def _graphic(rng: np.random.Generator) -> Page:
    code = random_symbol(rng, int(rng.choice(VERSIONS)), "s")
    module = int(rng.integers(2, 11))
    side = (code.size + 2 * QUIET) * module
    printed = PrintedCode(code, (side / 2, side / 2), module)
    picture: Grey = np.full((side, side), 255, np.uint8)
    print_code(picture, printed, 255)
    return Page(picture, [printed])


def _on_whole_pixels(found: PrintedCode) -> PrintedCode:
    """The code moved by less than a pixel, so that its modules begin where pixels do."""
    half = found.code.size * found.pixels_per_module / 2
    x, y = (float(np.floor(middle - half) + half) for middle in found.centre)
    return PrintedCode(found.code, (x, y), found.pixels_per_module, ink=found.ink)
