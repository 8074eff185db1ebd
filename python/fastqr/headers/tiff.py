"""TIFF (TIFF 6.0) and BigTIFF."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .header import MOST, Encoded, Header

__all__ = ["tiff"]

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, ROWS, STRIP_BYTES = 256, 257, 258, 259, 262, 277, 278, 279
TILE_WIDTH, TILE_LENGTH, TILE_BYTES = 322, 323, 325
GREY, LOG = (0, 1), (32844, 32845)  # photometric interpretations
JPEG = (6, 7)  # compressions
WHOLE = 0xFFFFFFFF  # rows of a strip that holds all

_FORMS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_WANTED = {
    WIDTH,
    LENGTH,
    BITS,
    COMPRESSION,
    PHOTOMETRIC,
    SAMPLES,
    ROWS,
    STRIP_BYTES,
    TILE_WIDTH,
    TILE_LENGTH,
    TILE_BYTES,
}
_ONE_A_STRIP = 1 << 20  # strips, more than libtiff takes


def tiff(encoded: Encoded) -> Header:
    """Look at the first directory, which is the page that OpenCV decodes.

    Beside the picture there is one strip or tile: as it stands in the file, decompressed, and, up to 16 bits, unpacked
    or as RGBA; coefficients where it is a JPEG of its own.
    """
    tags: dict[int, int] = {}
    for tag, value in _entries(encoded):
        if tag in tags:
            raise ValueError("a tag that stands twice: which one counts?")
        tags[tag] = value
    width, height = tags[WIDTH], tags[LENGTH]
    bits, samples, photometric = tags.get(BITS, 1), tags.get(SAMPLES, 1), tags.get(PHOTOMETRIC, WHOLE)
    if photometric in LOG:
        bits, samples = 32, max(samples, 3)
    sample = 1 if bits <= 8 else 2 if bits <= 16 else 4 if bits <= 32 else 8
    element = sample * (samples if photometric in GREY or sample > 2 else max(samples, 3))

    tile_width = tags.get(TILE_WIDTH, width)
    tile_height = tags.get(TILE_LENGTH, min(tags.get(ROWS) or WHOLE, height))
    in_strip = (bits * samples + 7) // 8 + (4 if sample == 1 else 2 * samples if sample == 2 else 0)
    in_strip += 2 * samples if tags.get(COMPRESSION) in JPEG else 0
    strip = min(tags.get(STRIP_BYTES, tags.get(TILE_BYTES, len(encoded))), len(encoded))

    picture = width * height * element
    memory = picture + max(picture, tile_width * tile_height * in_strip + strip)
    return Header("TIFF", max(width, tags.get(TILE_WIDTH, 0)), max(height, tags.get(TILE_LENGTH, 0)), memory)


def _entries(encoded: Encoded) -> Iterator[tuple[int, int]]:
    """Yield the wanted tags of the first directory with the largest of their values."""
    order = "<" if encoded[:2] == b"II" else ">"
    big = encoded[2:4] in (b"+\0", b"\0+")
    word, inline = ("Q", 8) if big else ("I", 4)
    at = struct.unpack_from(order + word, encoded, 8 if big else 4)[0]
    (entries,) = struct.unpack_from(order + ("Q" if big else "H"), encoded, at)
    at += 8 if big else 2
    if entries > MOST:
        raise ValueError("more entries than any picture has")
    for _ in range(entries):
        tag, kind, count = struct.unpack_from(order + "HH" + word, encoded, at)
        form = _FORMS.get(kind)
        if tag in _WANTED and form and 0 < count <= _ONE_A_STRIP:
            values = struct.Struct(f"{order}{count}{form}")
            place = at + 4 + inline
            if values.size > inline:
                (place,) = struct.unpack_from(order + word, encoded, place)
            yield tag, max(values.unpack_from(encoded, place))
        at += 4 + 2 * inline
