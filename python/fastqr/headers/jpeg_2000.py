"""JPEG 2000 (ITU-T T.800), as a codestream or in a JP2 file."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from .header import MOST, Encoded, Header

__all__ = ["jpeg_2000"]

COD, COC, SOT, SOD = 0xFF52, 0xFF53, 0xFF90, 0xFF93
TILE, TILE_COMPONENT = 6400, 2000  # bytes that OpenJPEG takes for each tile of the header, decoded or not
STREAMS = 4  # in a file; all are looked at, for boxes before the right one may hold others
SEGMENTS = 1 << 18  # in all headers: four for each tile that there may be
BLOCK = 600  # bytes for each code-block

_STREAM = re.compile(rb"\xff\x4f\xff\x51")
_PALETTE = re.compile(rb"pclr..(.)", re.DOTALL)


def jpeg_2000(encoded: Encoded) -> Header:
    """Look at every codestream's SIZ and COD segments (A.5.1, A.6.1), and at a palette's columns (I.5.3.4)."""
    streams = [found.start() for found in islice(_STREAM.finditer(encoded), STREAMS + 1)]
    if len(streams) > STREAMS:
        raise ValueError("more codestreams than any picture has")
    headers = [_codestream(encoded, start) for start in streams]
    columns = max((found[1][0] for found in islice(_PALETTE.finditer(encoded), MOST)), default=0)
    width, height = max(header.width for header in headers), max(header.height for header in headers)
    memory = max(header.memory for header in headers) + width * height * 4 * columns + len(encoded)
    return Header("JPEG 2000", width, height, memory)


def _codestream(encoded: Encoded, start: int) -> Header:
    """Count four bytes a sample in the picture and again in a tile that is not all of it, and what its parts take."""
    width, height, _, _, tile_width, tile_height, left, top, components = struct.unpack_from(">8IH", encoded, start + 8)
    tiles = -(-(width - left) // tile_width) * -(-(height - top) // tile_height)
    depth = max(1 + (encoded[start + 42 + 3 * component] & 127) for component in range(components))
    sample = 1 if depth <= 8 else 2 if depth <= 16 else 8
    pixels = width * height
    tile = min(tile_width, width) * min(tile_height, height)
    styles = list(_styles(encoded, start, components))
    block = min(block for block, _, _ in styles)
    index = max(2 * (layers + 1) * (tile // precinct + 1) for _, precinct, layers in styles)
    memory = (
        tiles * (TILE + TILE_COMPONENT * components)
        + pixels * components * (4 + sample)
        + (tile * components * 4 if tiles > 1 else 0)
        + tile * components * BLOCK // block
        + index * 33 * components  # which packets were read; 33 resolutions at most
    )
    return Header("JPEG 2000", width, height, memory)


def _styles(encoded: Encoded, start: int, components: int) -> Iterator[tuple[int, int, int]]:
    """Yield the pixels of a code-block and of a precinct, and the layers, of every coding style in all headers."""
    at = start + 2
    tile_part, next_part = 0, 0
    layers = 1
    for _ in range(SEGMENTS):
        if at + 4 > len(encoded):
            return
        marker, length = struct.unpack_from(">HH", encoded, at)
        if marker == SOD:
            if next_part <= tile_part:
                return
            at = next_part
            continue
        if not marker >= 0xFF30:  # the end, or a damaged header
            return
        if marker == SOT:
            tile_part, next_part = at, at + struct.unpack_from(">I", encoded, at + 6)[0]
        elif marker == COD:
            layers = max(layers, struct.unpack_from(">H", encoded, at + 6)[0])
            yield *_areas(encoded, at + 9, encoded[at + 4], at + 2 + length), layers
        elif marker == COC:
            style = at + (5 if components < 257 else 6)
            yield *_areas(encoded, style + 1, encoded[style], at + 2 + length), layers
        at += 2 + length
    raise ValueError("more segments than any picture has")


def _areas(encoded: Encoded, at: int, style: int, end: int) -> tuple[int, int]:
    """Pixels of the smallest code-block and of the smallest precinct, given where the number of decompositions is."""
    block_width, block_height = (encoded[at + 1] & 15) + 2, (encoded[at + 2] & 15) + 2
    sizes = encoded[at + 5 : end] if style & 1 else b"\xff"
    widths, heights = [size & 15 for size in sizes], [size >> 4 for size in sizes]
    precinct = 1 << (min(widths, default=15) + min(heights, default=15))
    # A precinct of a resolution is cut into halves for its bands.
    block_width = min(block_width, max(min(widths, default=15) - 1, 0))
    block_height = min(block_height, max(min(heights, default=15) - 1, 0))
    return 1 << (block_width + block_height), precinct
