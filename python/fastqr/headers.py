"""How many pixels a picture file says it has, from its header alone: known before any memory is taken for them."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from itertools import islice

__all__ = ["known_format", "promised_sides"]

Sides = tuple[int, int]  # width and height, or the largest of each where a file names several

TEXT = 1 << 16  # bytes in which a header that is text has to end
MOST = 10_000  # segments, entries or boxes that are looked at: no camera writes as many


def known_format(encoded: bytes | bytearray) -> bool:
    """Whether a file begins as one of the formats that fastqr takes."""
    return any(signature.match(encoded) for signature, _ in _FORMATS)


def promised_sides(encoded: bytes) -> Sides | None:
    """Return the width and height that a file's header gives.

    Parameters
    ----------
    encoded : bytes
        A file's content, or as much of it as holds the header.

    Returns
    -------
    tuple of int or None
        None where the file is of none of the formats that fastqr takes, or its header is damaged or cut off.
    """
    for signature, sides in _FORMATS:
        if signature.match(encoded):
            try:
                found = sides(encoded)
            except (struct.error, IndexError, ValueError):
                return None
            return found if min(found) > 0 else None
    return None


def _png(encoded: bytes) -> Sides:
    width, height = struct.unpack_from(">II", encoded, 16)
    return width, height


def _jpeg(encoded: bytes) -> Sides:
    """Look at the frame headers (ITU-T T.81, B.2.2) before the first scan; decoders skip what is between segments."""
    width = height = 0
    at = 2
    for _ in range(MOST):
        found = _SEGMENT.search(encoded, at)
        if found is None or found[1] == b"\xda":  # the scan begins
            break
        at = found.end()
        if found[1] in _FRAMES:
            rows, columns = struct.unpack_from(">HH", encoded, at + 3)
            width, height = max(width, columns), max(height, rows)
        at += struct.unpack_from(">H", encoded, at)[0]
    return width, height


_SEGMENT = re.compile(rb"\xff([^\x00\x01\xd0-\xd9\xff])", re.DOTALL)  # markers that a length follows
_FRAMES = tuple(bytes([marker]) for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC))


def _bmp(encoded: bytes) -> Sides:
    if struct.unpack_from("<I", encoded, 14)[0] == 12:  # OS/2
        width, height = struct.unpack_from("<HH", encoded, 18)
    else:
        width, height = struct.unpack_from("<ii", encoded, 18)
    return abs(width), abs(height)


def _gif(encoded: bytes) -> Sides:
    width, height = struct.unpack_from("<HH", encoded, 6)
    return width, height


def _webp(encoded: bytes) -> Sides:
    if encoded[12:16] == b"VP8X":
        bits = int.from_bytes(encoded[24:30], "little")
        return 1 + (bits & 0xFFFFFF), 1 + (bits >> 24)
    if encoded[12:16] == b"VP8L":
        bits = struct.unpack_from("<I", encoded, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", encoded, 26)
    return width & 0x3FFF, height & 0x3FFF


def _tiff(encoded: bytes) -> Sides:
    """Look at the first directory: ImageWidth and ImageLength, or its tiles' where those are larger (TIFF 6.0)."""
    order = "<" if encoded[:2] == b"II" else ">"
    big = encoded[2:4] in (b"+\0", b"\0+")
    at = struct.unpack_from(order + ("Q" if big else "I"), encoded, 8 if big else 4)[0]
    entries = struct.unpack_from(order + ("Q" if big else "H"), encoded, at)[0]
    at += 8 if big else 2
    width = height = 0
    for _ in range(min(entries, MOST)):
        tag, kind = struct.unpack_from(order + "HH", encoded, at)
        form = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
        if tag in (256, 257, 322, 323) and form:  # ImageWidth, ImageLength, TileWidth, TileLength
            value = struct.unpack_from(order + form, encoded, at + (12 if big else 8))[0]
            if tag in (256, 322):
                width = max(width, value)
            else:
                height = max(height, value)
        at += 20 if big else 12
    return width, height


def _netpbm(encoded: bytes) -> Sides:
    """Read the two numbers after the magic of PBM, PGM, PPM and PFM; comments may stand between."""
    numbers = re.match(rb"P[1-6Ff](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})", encoded[:TEXT])
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def _pam(encoded: bytes) -> Sides:
    widths, heights = (re.findall(name + rb"\s+(\d{1,9})", encoded[:TEXT]) for name in (b"WIDTH", b"HEIGHT"))
    return max(map(int, widths)), max(map(int, heights))


def _radiance(encoded: bytes) -> Sides:
    found = re.search(rb"\n[-+]Y\s+(\d{1,9})\s+[-+]X\s+(\d{1,9})", encoded[:TEXT])
    return (int(found[2]), int(found[1])) if found else (0, 0)


def _sun(encoded: bytes) -> Sides:
    width, height = struct.unpack_from(">II", encoded, 4)
    return width, height


def _jpeg_2000(encoded: bytes) -> Sides:
    """Look at the codestream's reference grid (ITU-T T.800, A.5.1), which the picture lies in."""
    at = encoded.index(b"\xff\x4f\xff\x51")
    width, height = struct.unpack_from(">II", encoded, at + 8)
    return width, height


def _avif(encoded: bytes) -> Sides:
    """Take the largest image spatial extents (ISO/IEC 23008-12, 6.5.3) of the picture and its parts."""
    extents = [
        struct.unpack_from(">II", encoded, found.end() + 4) for found in islice(re.finditer(b"ispe", encoded), MOST)
    ]
    return max(width for width, _ in extents), max(height for _, height in extents)


_FORMATS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], Sides]], ...] = tuple(
    (re.compile(signature, re.DOTALL), sides)
    for signature, sides in (
        (rb"\x89PNG\r\n\x1a\n", _png),
        (rb"\xff\xd8\xff", _jpeg),
        (rb"BM", _bmp),
        (rb"GIF8[79]a", _gif),
        (rb"RIFF.{4}WEBP", _webp),
        (rb"II[*+]\0|MM\0[*+]", _tiff),
        (rb"P[1-6Ff]\s", _netpbm),
        (rb"P7\n", _pam),
        (rb"#\?RADIANCE|#\?RGBE", _radiance),
        (rb"\x59\xa6\x6a\x95", _sun),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", _jpeg_2000),
        (rb".{4}ftyp(?:avif|avis|mif1)", _avif),
    )
)
