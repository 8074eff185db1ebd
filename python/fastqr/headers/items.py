"""Items of files in the High Efficiency Image File Format: how large they are and where they lie.

Boxes are looked for by their names, wherever they stand, for a decoder may take any of them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from .header import MOST, Encoded

__all__ = ["BOXES", "Coded", "image_extents", "item_extents", "item_kinds", "largest"]

BOXES = 16  # of one kind that are looked at


@dataclass(frozen=True, slots=True)
class Coded:
    """A sequence of pictures as its codec names it."""

    width: int
    height: int
    deep: bool  # more than 8 bits


def image_extents(encoded: Encoded) -> list[tuple[int, int]]:
    """Give width and height of every image that the file describes (ISO/IEC 23008-12, 6.5.3)."""
    return [
        struct.unpack_from(">II", encoded, found.end() + 4) for found in islice(re.finditer(b"ispe", encoded), MOST)
    ]


def largest(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Give the greatest width and the greatest height."""
    widths, heights = zip(*sizes, strict=True)
    return max(widths), max(heights)


def item_kinds(encoded: Encoded) -> dict[int, bytes]:
    """Give the type of every item by its number (ISO/IEC 14496-12, 8.11.6)."""
    kinds = {}
    for found in islice(re.finditer(b"infe(?=[\2\3]\0\0)", encoded, re.DOTALL), MOST):
        form = ">H2x4s" if encoded[found.end()] == 2 else ">I2x4s"
        item, kind = struct.unpack_from(form, encoded, found.end() + 4)
        kinds[item] = kind
    return kinds


def item_extents(encoded: Encoded) -> Iterator[tuple[int, int, int]]:
    """Yield every item's number, and where its content begins and ends (ISO/IEC 14496-12, 8.11.3)."""
    for found in islice(re.finditer(rb"iloc(?=[\0\1\2])", encoded), BOXES):
        yield from _extents(encoded, found.end())


def _extents(encoded: Encoded, at: int) -> Iterator[tuple[int, int, int]]:
    version, sizes = encoded[at], struct.unpack_from(">H", encoded, at + 4)[0]
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    at += 6

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > len(encoded):
            raise ValueError("cut off")
        return int.from_bytes(encoded[at - size : at], "big")

    wide = 4 if version == 2 else 2
    items = number(wide)
    for _ in range(items):
        item = number(wide)
        within_box = bool(version and number(2) & 15)
        number(2)
        base = number(base_size)
        if items > MOST or number(2) != 1:
            raise ValueError("more items, or extents of one, than any picture has")
        number(index_size if version else 0)
        offset = base + number(offset_size)
        length = number(length_size) or len(encoded)
        for box in islice(re.finditer(b"idat", encoded), BOXES) if within_box else [None]:
            start = offset + (box.end() if box else 0)
            yield item, start, min(start + length, len(encoded))
