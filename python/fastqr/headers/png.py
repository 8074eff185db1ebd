"""PNG and its animations (W3C Portable Network Graphics, third edition)."""

from __future__ import annotations

import struct

from .header import MOST, Encoded, Header

__all__ = ["png"]

_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 4, 6: 4}  # that OpenCV gives each colour type


def png(encoded: Encoded) -> Header:
    """Look at IHDR, and at the chunks before the pixels for transparency and animation."""
    width, height, depth, colour = struct.unpack_from(">IIBB", encoded, 16)
    chunks = _chunks_before_pixels(encoded)
    may_be_turned = b"eXIf" in encoded
    channels = 4 if b"tRNS" in chunks and colour in (2, 3) else _CHANNELS.get(colour, 4)
    element = max(channels, 3 if may_be_turned else 1) * (2 if depth == 16 else 1)
    if b"acTL" in chunks:  # three pictures beside the one that is given, and a chunk of the file
        memory = width * height * element * 4 + len(encoded)
    else:
        memory = max(width * height * element * 2, len(encoded))
    return Header("PNG", width, height, memory, may_be_turned)


def _chunks_before_pixels(encoded: Encoded) -> set[bytes]:
    kinds: set[bytes] = set()
    at = 8
    for _ in range(MOST):
        if at + 8 > len(encoded):
            return kinds
        length, kind = struct.unpack_from(">I4s", encoded, at)
        if kind == b"IDAT":
            return kinds
        kinds.add(kind)
        at += length + 12
    raise ValueError("more chunks than any picture has")
