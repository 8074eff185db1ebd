"""What befalls one code on its way to a reader: patterns painted over, a picture badly printed, stored or lit.

Each kind is drawn at any severity from harmless to hopeless, half of the time together with another one.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ..ladders.rendering import Code
from .printed import Grey, Page, PrintedCode, random_symbol, scanned
from .styled import Mask, Style, Values, drawn

VERSIONS = (1, 12)
MODULE = (2.0, 8.0)  # pixels

Overpaint = Callable[[Mask, np.random.Generator], None]  # modules, in place
Mishap = Callable[[Values, float, np.random.Generator], Values]  # picture of 0 to 1, pixels a module -> picture


# The symbol -----------------------------------------------------------------------------------------------------------


def _timing(modules: Mask, rng: np.random.Generator) -> None:
    modules[6, 8:-8] = modules[8:-8, 6] = rng.random() < 0.5


def _alignment(modules: Mask, rng: np.random.Generator) -> None:
    if len(modules) > 21:
        modules[-9:-4, -9:-4] = rng.random() < 0.5


def _format_copy(modules: Mask, rng: np.random.Generator) -> None:
    """One of both copies of the format information, coin tosses."""
    if rng.random() < 0.5:
        modules[8, -8:], modules[-7:, 8] = rng.random(8) < 0.5, rng.random(7) < 0.5
    else:
        modules[8, :6], modules[:6, 8] = rng.random(6) < 0.5, rng.random(6) < 0.5


def _version_copy(modules: Mask, rng: np.random.Generator) -> None:
    if len(modules) >= 45:
        modules[:6, -11:-8] = rng.random((6, 3)) < 0.5


OVERPAINTS: dict[str, Overpaint] = {
    "timing patterns painted over": _timing,
    "alignment pattern painted over": _alignment,
    "a copy of the format damaged": _format_copy,
    "a copy of the version damaged": _version_copy,
}


# Print and storage ----------------------------------------------------------------------------------------------------


def _encoded(suffix: str, flag: int) -> Mishap:
    def stored(picture: Values, module: float, rng: np.random.Generator) -> Values:
        _, data = cv2.imencode(suffix, np.round(255 * picture).astype(np.uint8), [flag, int(rng.integers(5, 31))])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float64) / 255

    return stored


def _resized(picture: Values, module: float, rng: np.random.Generator) -> Values:
    """Made smaller or larger and back, by any of the usual methods."""
    methods = [cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_CUBIC]
    there, back = rng.choice(methods, 2)
    scale = float(rng.uniform(0.6, 1.7))
    other = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=int(there))
    return np.asarray(cv2.resize(other, picture.shape[::-1], interpolation=int(back)), np.float64)


def _dithered(picture: Values, module: float, rng: np.random.Generator) -> Values:
    """Black and white by error diffusion (Floyd and Steinberg 1976)."""
    low, high = rng.uniform(0, 0.4), rng.uniform(0.6, 1)
    grey = np.pad(low + (high - low) * picture, 1)
    for row in range(1, len(grey) - 1):
        here, below = grey[row], grey[row + 1]
        for x in range(1, grey.shape[1] - 1):
            tone = float(here[x] > 0.5)
            error, here[x] = here[x] - tone, tone
            here[x + 1] += error * 7 / 16
            below[x - 1 : x + 2] += error * np.array([3, 5, 1]) / 16
    return np.clip(grey[1:-1, 1:-1], 0, 1)


def _faxed(picture: Values, module: float, rng: np.random.Generator) -> Values:
    soft = _noisy(_blurred(picture, rng.uniform(0.2, 0.5) * module), rng.uniform(0, 0.2), rng)
    return (soft > rng.uniform(0.3, 0.7)).astype(np.float64)


# Optics and light -----------------------------------------------------------------------------------------------------


def _blurred(picture: Values, deviation: float) -> Values:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(deviation, 0.1)), np.float64)


def _noisy(picture: Values, deviation: float, rng: np.random.Generator) -> Values:
    return picture + rng.normal(0, deviation, picture.shape)


def _sharpened(picture: Values, module: float, rng: np.random.Generator) -> Values:
    return picture + rng.uniform(1, 4) * (picture - _blurred(picture, rng.uniform(0.5, 2)))


def _salted(picture: Values, module: float, rng: np.random.Generator) -> Values:
    chance, share = rng.random(picture.shape), rng.uniform(0.01, 0.15)
    return np.where(chance < share, np.where(chance < share / 2, 0.0, 1.0), picture)


def _faint(picture: Values, module: float, rng: np.random.Generator) -> Values:
    contrast = rng.uniform(8, 25) / 255
    return rng.uniform(0, 1 - contrast) + contrast * picture


def _places(picture: Values) -> tuple[Values, Values]:
    """Pixels across and down from the middle, in sides of the picture."""
    height, width = picture.shape
    across, down = np.meshgrid((np.arange(width) + 0.5) / width - 0.5, (np.arange(height) + 0.5) / height - 0.5)
    return across, down


def _shaded(picture: Values, module: float, rng: np.random.Generator) -> Values:
    across, down = _places(picture)
    angle, left = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.6)
    beyond = (across * np.cos(angle) + down * np.sin(angle) - rng.uniform(-0.2, 0.2)) / rng.uniform(0.01, 0.15)
    return picture * (1 - (1 - left) * np.clip(beyond + 0.5, 0, 1))


def _glaring(picture: Values, module: float, rng: np.random.Generator) -> Values:
    across, down = _places(picture)
    distance = np.hypot(across - rng.uniform(-0.4, 0.4), down - rng.uniform(-0.4, 0.4))
    return picture + rng.uniform(0.4, 1.2) * np.exp(-((distance / rng.uniform(0.1, 0.4)) ** 2))


def _on_screen(picture: Values, module: float, rng: np.random.Generator) -> Values:
    """The pixels of a screen that a camera sees, hardly resolved."""
    across, down = _places(picture)
    height, width = picture.shape
    period, angle = rng.uniform(0.9, 3.2), rng.uniform(-0.3, 0.3)
    along = 2 * np.pi * (across * width * np.cos(angle) + down * height * np.sin(angle)) / period
    return _blurred(picture * (1 - rng.uniform(0.1, 0.5) * (0.5 + 0.5 * np.cos(along))), rng.uniform(0.3, 1))


# What lies on it ------------------------------------------------------------------------------------------------------


def _covered(picture: Values, module: float, rng: np.random.Generator) -> Values:
    """Specks of dirt, and scratches or strokes of a pen."""
    side = min(picture.shape)
    result = picture.copy()
    for _ in range(int(rng.integers(1, 8))):
        (x, y), (x2, y2) = (int(v) for v in rng.integers(0, side, 2)), (int(v) for v in rng.integers(0, side, 2))
        shade = float(rng.random())
        if rng.random() < 0.5:
            cv2.circle(result, (x, y), max(1, int(rng.uniform(0.3, 1.5) * module)), shade, cv2.FILLED, cv2.LINE_AA)
        else:
            cv2.line(result, (x, y), (x2, y2), shade, max(1, int(rng.uniform(0.1, 0.7) * module)), cv2.LINE_AA)
    return result


MISHAPS: dict[str, Mishap] = {
    "JPEG of quality 5 to 30": _encoded(".jpg", cv2.IMWRITE_JPEG_QUALITY),
    "WebP of quality 5 to 30": _encoded(".webp", cv2.IMWRITE_WEBP_QUALITY),
    "resized twice": _resized,
    "dithered": _dithered,
    "fax": _faxed,
    "blurred": lambda picture, module, rng: _blurred(picture, rng.uniform(0.2, 0.8) * module),
    "sharpened": _sharpened,
    "noisy": lambda picture, module, rng: _noisy(picture, rng.uniform(0.05, 0.35), rng),
    "salt and pepper": _salted,
    "little contrast": _faint,
    "shadow": _shaded,
    "glare": _glaring,
    "screen": _on_screen,
    "dirt and scratches": _covered,
}
KINDS = (*OVERPAINTS, *MISHAPS)


def mishap(rng: np.random.Generator, kind: str) -> Page:
    """One code that a kind of mishap befell, upright or turned; half of the time another one on top."""
    code = random_symbol(rng, int(rng.integers(VERSIONS[0], VERSIONS[1] + 1)), "")
    kinds = [kind, str(rng.choice(KINDS))] if rng.random() < 0.5 else [kind]
    modules = code.modules.copy()
    for name in kinds:
        if name in OVERPAINTS:
            OVERPAINTS[name](modules, rng)
    pixels = float(np.exp(rng.uniform(*np.log(MODULE))))
    style = Style(margin=float(rng.choice([1, 2, 4])), dot=0.85 if rng.random() < 0.2 else None)
    degrees = 0.0 if rng.random() < 0.5 else float(rng.uniform(0, 360))
    side = int(np.ceil((code.size + 2 * style.margin + 2) * (np.sqrt(2) if degrees else 1) * pixels))
    centre = (side / 2 + rng.uniform(-0.5, 0.5), side / 2 + rng.uniform(-0.5, 0.5))
    printed = PrintedCode(Code(code.text, modules), centre, pixels, degrees)
    values: Values = scanned(drawn(printed, style, side, rng), rng) / 255
    for name in kinds:
        if name in MISHAPS:
            values = np.clip(MISHAPS[name](values, pixels, rng), 0, 1)
    picture: Grey = np.round(255 * values).astype(np.uint8)
    return Page(picture, [printed])
