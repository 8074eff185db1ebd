"""HEIC: still pictures coded in HEVC, whole or in tiles (ISO/IEC 23008-12, annex B).

A file says its size up to three times, and a decoder takes memory for the largest: in the container's properties, in
the grid or overlay that tiles are laid onto, and in HEVC's own sequence parameter sets.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from .bits import Bits
from .header import MOST, Encoded, Header
from .items import BOXES, Coded, image_extents, item_extents, item_kinds, largest

__all__ = ["heic"]

SEQUENCE_PARAMETERS, LAST_SLICE = 33, 31  # types of NAL unit
PICTURE = 15, 24  # bytes a pixel that decoding a picture of 8 bits, or of more, and turning it into colours takes
OPACITY = 8, 16  # bytes a pixel that its alpha takes beyond that
REFERENCE = 3, 6  # bytes a pixel for each further picture that is held
REFERENCES = 16
EDGE = 64  # pixels beyond the picture that its blocks may have
PARAMETERS = 512  # bytes of a parameter set that are looked at
ALPHA = b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
CODED_OTHERWISE = {b"av01", b"avc1", b"j2k1", b"jpeg", b"mski", b"tili", b"unci", b"vvc1"}


def heic(encoded: Encoded) -> Header:
    """Take the largest size that the container, a grid, an overlay or HEVC itself names."""
    kinds = item_kinds(encoded)
    if other := CODED_OTHERWISE.intersection(kinds.values()):
        raise ValueError(f"coded in {min(other)!r}, not in HEVC")
    sizes = image_extents(encoded)
    coded = list(_configured(encoded))
    pictures, left = 1, MOST
    for item, start, stop in item_extents(encoded):
        kind = kinds.get(item)
        if kind in (b"grid", b"iovl"):
            sizes.append(_derived(encoded, start + (4 if kind == b"grid" else 10), wide=bool(encoded[start + 1] & 1)))
        elif kind == b"hvc1":
            begun = 0
            for unit, body in islice(_units(encoded, start, stop), left):
                left -= 1
                begun += unit <= LAST_SLICE and encoded[body + 2] >> 7  # the first slice of a picture
                if unit == SEQUENCE_PARAMETERS:
                    coded.append(_sequence(encoded[body : body + PARAMETERS]))
            pictures = max(pictures, begun)
    if not coded or not left:
        raise ValueError("nothing coded in HEVC, or more of it than any picture has")
    width, height = largest([*sizes, *((each.width, each.height) for each in coded)])
    deep = any(each.deep for each in coded)
    element = (
        PICTURE[deep]
        + OPACITY[deep] * (any(name in encoded for name in ALPHA))
        + REFERENCE[deep] * min(pictures - 1, REFERENCES)
    )
    return Header("HEIC", width, height, (width + EDGE) * (height + EDGE) * element)


def _derived(encoded: Encoded, at: int, *, wide: bool) -> tuple[int, int]:
    """Give the size of a grid or an overlay (ISO/IEC 23008-12, 6.6.2)."""
    width, height = struct.unpack_from(">II" if wide else ">HH", encoded, at)
    return width, height


def _configured(encoded: Encoded) -> Iterator[Coded]:
    """Yield the sequence parameter sets of decoder configurations (ISO/IEC 14496-15, 8.3.3)."""
    for found in islice(re.finditer(b"hvcC(?=\1)", encoded), BOXES):
        at = found.end() + 23
        if encoded[at - 2] & 3 != 3:
            raise ValueError("lengths of units in other than four bytes")
        for _ in range(encoded[at - 1]):
            kind, count = encoded[at] & 63, int.from_bytes(encoded[at + 1 : at + 3], "big")
            at += 3
            for _ in range(count):
                (length,) = struct.unpack_from(">H", encoded, at)
                if kind == SEQUENCE_PARAMETERS:
                    yield _sequence(encoded[at + 2 : at + 2 + min(length, PARAMETERS)])
                at += 2 + length


def _units(encoded: Encoded, at: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the type of every NAL unit and where it begins."""
    while at + 6 < stop:
        (length,) = struct.unpack_from(">I", encoded, at)
        yield encoded[at + 4] >> 1 & 63, at + 4
        at += 4 + length


def _sequence(unit: Encoded) -> Coded:
    """Read a sequence parameter set as far as the depth of its samples (ITU-T H.265, 7.3.2.2)."""
    bits = Bits(bytes(unit).replace(b"\0\0\3", b"\0\0"))  # without what keeps start codes from being seen in it
    bits(16 + 4)  # header of the unit, video parameter set
    layers = bits(3)
    bits(1 + 96)  # nesting, profile and level
    shown = [(bits(), bits()) for _ in range(layers)]
    bits(2 * (8 - layers) if layers else 0)
    for profile, level in shown:
        bits(88 * profile + 8 * level)
    bits.exponential()  # its number
    if bits.exponential() == 3:  # colours as fine as light
        bits()
    width, height = bits.exponential(), bits.exponential()
    if bits():
        for _ in range(4):  # what is cut off at its edges
            bits.exponential()
    return Coded(width, height, deep=max(bits.exponential(), bits.exponential()) > 0)
