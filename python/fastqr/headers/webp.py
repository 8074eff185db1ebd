"""WebP (RFC 9649)."""

from __future__ import annotations

import struct

from .header import Encoded, Header

__all__ = ["webp"]

ANIMATION, ALPHA = 0x02, 0x10  # flags of the extended header

# Prefix codes of a lossless picture: at most one group for each block of 4 x 4 pixels and for each of 2^16 numbers; a
# group takes 20 bits of the file at least, and five tables of 256 entries in memory.
GROUPS = 1 << 16
GROUP = 6 << 10  # bytes


def webp(encoded: Encoded) -> Header:
    """Look at the first chunk: the decoder refuses a file whose later ones are of another size.

    An animation has its canvas twice beside the picture and the frame's own pixels.
    """
    first = encoded[12:16]
    animated, alpha = False, False
    if first == b"VP8X":
        animated, alpha = bool(encoded[20] & ANIMATION), bool(encoded[20] & ALPHA)
        bits = int.from_bytes(encoded[24:30], "little")
        width, height = 1 + (bits & 0xFFFFFF), 1 + (bits >> 24)
    elif first == b"VP8L":
        bits = struct.unpack_from("<I", encoded, 21)[0]
        width, height, alpha = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1)
    else:
        width, height = struct.unpack_from("<HH", encoded, 26)
        width, height = width & 0x3FFF, height & 0x3FFF
    pixels = width * height
    memory = pixels * (16 if animated else 9 if alpha else 7) + len(encoded)
    if b"VP8L" in encoded or b"ALPH" in encoded:
        memory += GROUP * min(GROUPS, pixels // 16 + 1, len(encoded) * 8 // 20)
    return Header("WebP", width, height, memory, may_be_turned=b"EXIF" in encoded)
