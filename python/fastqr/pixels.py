"""Pixels of other depths, or with transparency, as eight bits a channel without; in little memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Picture", "eight_bit", "over_ground", "scaled"]

Picture: TypeAlias = npt.NDArray[np.uint8]

PALE = 192  # mean of the channels, from which a pixel hardly shows on white

_CONVERTED = 1 << 16  # numbers that are converted at a time, so that what is between takes little memory


def scaled(array: npt.NDArray[Any], factor: float, shift: int = 0) -> Picture:
    """Return whole numbers without their lowest bits, or numbers times a factor, rounded and kept in 0..255."""
    picture = np.empty(array.shape, np.uint8)
    rows = max(1, _CONVERTED // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        block = array[start : start + rows]
        if factor == 1 and array.dtype.kind != "f":
            picture[start : start + rows] = block >> shift
        else:
            picture[start : start + rows] = np.clip(block.astype(np.float32) * factor + 0.5, 0, 255)
    return picture


def over_ground(pixels: Picture, *, premultiplied: bool = False) -> Picture:
    """Return contiguous pixels of four channels laid over white, or over black where white leaves all of them pale."""
    for ground in (255, 0):
        flat = pixels.reshape(-1, 4)
        blended = np.empty((len(flat), 3), np.uint8)
        pale = True
        for block in _blocks(len(flat)):
            colours, alpha = flat[block, :3], flat[block, 3:].astype(np.uint16)
            light = ground * (255 - alpha)
            if premultiplied:
                blended[block] = np.minimum(colours + light // 255, 255)
            else:
                blended[block] = (colours * alpha + light + 127) // 255
            pale = pale and bool((blended[block].sum(1, dtype=np.uint16) >= 3 * PALE).all())
        if not pale:
            break
    return blended.reshape(*pixels.shape[:2], 3)


def eight_bit(pixels: npt.NDArray[Any]) -> Picture:
    """Return a file's pixels in eight bits: 16 lose their lower eight, others are stretched from least to greatest."""
    if pixels.dtype == np.uint8:
        return pixels
    flat = pixels.reshape(-1)
    converted = np.zeros(flat.shape, np.uint8)
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize == 2:  # in either order of bytes
        for block in _blocks(len(flat)):
            converted[block] = flat[block] >> 8
    else:
        _stretch(flat, converted)
    return converted.reshape(pixels.shape)


def _blocks(length: int) -> Iterator[slice]:
    return (slice(start, start + _CONVERTED) for start in range(0, length, _CONVERTED))


def _stretch(values: npt.NDArray[Any], stretched: npt.NDArray[np.uint8]) -> None:
    """Fill in numbers without a fixed white, from their least to their greatest; black where one is not finite."""
    low, high = float("inf"), float("-inf")
    for block in _blocks(len(values)):
        finite = values[block][np.isfinite(values[block])]
        if len(finite):
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if not 0 < high - low < float("inf"):
        return
    for block in _blocks(len(values)):
        shares = np.where(np.isfinite(values[block]), values[block], low).astype(np.float64)
        stretched[block] = np.clip(255 * ((shares - low) / (high - low)), 0, 255)
