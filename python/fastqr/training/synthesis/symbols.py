"""Symbols drawn as people print them: plain, dotted, rounded, with gaps, with a logo, in any contrast."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import numpy.typing as npt

from ... import _core

__all__ = ["draw_cells", "halftoned", "paper_contrast", "random_modules", "random_size", "with_round_finders"]

FloatImage = npt.NDArray[np.float32]


def random_size(rng: np.random.Generator, largest: int = 177) -> int:
    """Size in modules; small versions are the common ones, all of them occur."""
    sizes = np.arange(21, largest + 1, 4)
    weights = 1.0 / (1.0 + ((sizes - 21) / 14.0) ** 1.3)
    return int(rng.choice(sizes, p=weights / weights.sum()))


@functools.cache
def _patterns(size: int) -> npt.NDArray[np.int8]:
    return np.asarray(_core.function_patterns(size))


def random_modules(rng: np.random.Generator, size: int) -> npt.NDArray[np.bool_]:
    """Make a symbol with its function patterns in place and coin tosses elsewhere, as masked codewords look.

    Returns
    -------
    ndarray of bool, shape (size, size)
        True where dark.
    """
    patterns = _patterns(size)
    return np.where(patterns == 0, rng.random((size, size)) < 0.5, patterns > 0)


def draw_cells(
    dark: npt.NDArray[np.bool_], finder: npt.NDArray[np.bool_], pixels: int, rng: np.random.Generator
) -> FloatImage:
    """Ink coverage 0..1 of a grid of modules in a random style.

    Parameters
    ----------
    dark : ndarray of bool, shape (rows, columns)
    finder : ndarray of bool, shape (rows, columns)
        Modules of finder patterns, which styles mostly leave square.
    pixels : int
        Pixels a module.
    """
    ink: FloatImage = np.asarray(np.kron(dark.astype(np.float32), np.ones((pixels, pixels), np.float32)), np.float32)
    style = rng.random()
    if style < 0.70 or pixels < 4:
        if rng.random() < 0.25:  # ink that spreads or shrinks, up to a fifth of a module
            ink = _grown(ink, pixels * rng.uniform(-0.2, 0.2))
        return ink
    axis = (np.arange(pixels, dtype=np.float32) + 0.5) / pixels - 0.5
    radius = np.hypot(axis[:, None], axis[None, :])
    if style < 0.80:  # dots
        size = rng.uniform(0.36, 0.52)
        cell = np.clip((size - radius) * pixels + 0.5, 0, 1)
        shaped = np.kron(dark.astype(np.float32), cell.astype(np.float32))
    elif style < 0.88:  # squares with gaps
        size = rng.uniform(0.36, 0.48)
        square = np.clip((size - np.maximum(np.abs(axis[:, None]), np.abs(axis[None, :]))) * pixels + 0.5, 0, 1)
        shaped = np.kron(dark.astype(np.float32), square.astype(np.float32))
    else:  # rounded outlines
        sigma = pixels * rng.uniform(0.18, 0.32)
        shaped = np.clip((cv2.GaussianBlur(ink, (0, 0), sigma) - 0.5) * pixels * 0.8 + 0.5, 0, 1)
    if rng.random() < 0.8:
        keep = np.kron(finder.astype(np.uint8), np.ones((pixels, pixels), np.uint8)).astype(bool)
        shaped = np.where(keep, ink, shaped)
    return shaped.astype(np.float32)


def _grown(ink: FloatImage, amount: float) -> FloatImage:
    sigma = max(0.5, abs(amount))
    blurred = cv2.GaussianBlur(ink, (0, 0), sigma)
    level = 0.5 - 0.3 * np.sign(amount)
    return np.asarray(np.clip((blurred - level) * 2 * sigma + 0.5, 0, 1), np.float32)


def with_round_finders(ink: FloatImage, size: int, quiet: int, pixels: int, rng: np.random.Generator) -> FloatImage:
    """Draw the finder patterns of a symbol of `size` modules and its margin anew: as circles, or with round corners."""
    result: FloatImage = ink.copy()
    roundness = 2.0 if rng.random() < 0.6 else float(rng.uniform(2.5, 5.0))  # exponent of the outline's norm
    axis = (np.arange(7 * pixels, dtype=np.float32) + 0.5) / pixels - 3.5
    radius = (np.abs(axis[:, None]) ** roundness + np.abs(axis[None, :]) ** roundness) ** (1 / roundness)
    rings = [np.clip((reach - radius) * pixels + 0.5, 0, 1) for reach in (3.5, 2.5, 1.5)]
    eye = rings[0] - rings[1] + rings[2]
    for row, column in ((0, 0), (0, size - 7), (size - 7, 0)):
        top, left = (quiet + row) * pixels, (quiet + column) * pixels
        result[top : top + 7 * pixels, left : left + 7 * pixels] = eye
    return result


def halftoned(
    ink: FloatImage, data: npt.NDArray[np.bool_], photograph: FloatImage, pixels: int, rng: np.random.Generator
) -> FloatImage:
    """Show a photograph in dots around the middle third of each module of `data`, as picture codes do."""
    cells = len(data)
    grey = cv2.resize(photograph, (3 * cells, 3 * cells), interpolation=cv2.INTER_AREA)
    dots = (rng.random(grey.shape) > grey).astype(np.float32)
    around = np.kron(data, np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool))
    side = cells * pixels
    spread, where = (
        cv2.resize(part.astype(np.float32), (side, side), interpolation=cv2.INTER_NEAREST) for part in (dots, around)
    )
    return np.asarray(np.where(where > 0.5, spread, ink), np.float32)


def paper_contrast(rng: np.random.Generator) -> tuple[float, float]:
    """Grey of dark and light modules, 0..1, mostly strong and sometimes hardly apart."""
    dark = rng.uniform(0.0, 0.15) if rng.random() < 0.6 else rng.uniform(0.0, 0.5)
    least = 0.10 if rng.random() < 0.2 else 0.30
    light = rng.uniform(min(1.0, dark + least), 1.0)
    return float(dark), float(light)
