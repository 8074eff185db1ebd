"""AVIF: still pictures and sequences of AV1 (ISO/IEC 23008-12, AV1 Image File Format).

A file says its size twice: the container in its properties, to which the decoder scales, and AV1 in its own sequence
headers, which the decoder takes memory for. Both have to be known.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from .bits import Bits
from .header import MOST, Encoded, Header
from .items import BOXES, Coded, image_extents, item_extents, largest

__all__ = ["avif"]

SEQUENCE_HEADER, TEMPORAL_DELIMITER, FRAME_HEADER, FRAME = 1, 2, 3, 6  # types of OBU
LAYER = 15, 19  # bytes a pixel that decoding a picture of 8 bits, or of more, takes
REFERENCE = 5, 10  # bytes a pixel for each further frame that is held
REFERENCES = 8
EDGE = 160  # pixels beyond the picture that frames have

_ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"


def avif(encoded: Encoded) -> Header:
    """Take the largest image spatial extents (ISO/IEC 23008-12, 6.5.3), and all that is coded in AV1."""
    width, height = largest(image_extents(encoded))
    coded = 0
    deep = False
    left = MOST
    for start, stop in sorted(set(_payloads(encoded))):
        frames, sequences = 0, []
        for kind, body in islice(_units(encoded, start, stop), left):
            left -= 1
            frames += kind in (FRAME_HEADER, FRAME)
            if kind == SEQUENCE_HEADER:
                sequences.append(_sequence(encoded[body : body + 64]))
        if sequences:
            pixels = max((s.width + EDGE) * (s.height + EDGE) for s in sequences)
            of_many_bits = any(s.deep for s in sequences)
            held = min(max(frames - 1, 0), REFERENCES)
            coded += pixels * (LAYER[of_many_bits] + held * REFERENCE[of_many_bits])
            deep = deep or of_many_bits
    if not coded or not left:
        raise ValueError("nothing coded in AV1, or more of it than any picture has")
    element = (4 if _ALPHA in encoded else 3) * (2 if deep else 1)
    return Header("AVIF", width, height, coded + width * height * element + len(encoded))


def _payloads(encoded: Encoded) -> Iterator[tuple[int, int]]:
    """Yield where what is coded begins and ends: items' extents (ISO/IEC 14496-12, 8.11.3), tracks' first samples."""
    for _, start, stop in item_extents(encoded):
        yield start, stop
    longest = max((_first_sample(encoded, found.end()) for found in _tables(rb"stsz", encoded)), default=0)
    for found in _tables(rb"stco|co64", encoded):
        if struct.unpack_from(">I", encoded, found.end() + 4)[0]:
            form = ">Q" if found[0] == b"co64" else ">I"
            (start,) = struct.unpack_from(form, encoded, found.end() + 8)
            yield start, min(start + longest, len(encoded))


def _tables(name: bytes, encoded: Encoded) -> Iterator[re.Match[bytes]]:
    return islice(re.finditer(rb"(?:" + name + rb")(?=\0\0\0\0)", encoded), BOXES)


def _first_sample(encoded: Encoded, at: int) -> int:
    same, count = struct.unpack_from(">II", encoded, at + 4)
    size: int = same if same or not count else struct.unpack_from(">I", encoded, at + 12)[0]
    return size


def _units(encoded: Encoded, at: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the type of every OBU (AV1, 5.3) and where its payload begins, if these bytes are AV1 at all."""
    first = True
    while at < stop:
        head = encoded[at]
        kind = head >> 3 & 15
        if head & 0x81 or (first and kind not in (SEQUENCE_HEADER, TEMPORAL_DELIMITER)):
            return
        first = False
        at += 2 if head & 4 else 1
        size = stop - at
        if head & 2:
            size = shift = 0
            while True:
                byte = encoded[at]
                size |= (byte & 127) << shift
                at, shift = at + 1, shift + 7
                if not byte & 128 or shift > 28:
                    break
        yield kind, at
        at += size


def _sequence(content: Encoded) -> Coded:
    """Read a sequence header (AV1, 5.5) as far as the depth of its samples."""
    bits = Bits(content)
    bits(4)  # profile, whether it is a still picture
    reduced = bits()
    if reduced:
        bits(5)  # level
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits(4) + 1, bits(4) + 1
    width, height = bits(width_bits) + 1, bits(height_bits) + 1
    if not reduced:  # a frame may have another size of as many bits
        width, height = 1 << width_bits, 1 << height_bits
        if bits():
            bits(7)  # lengths of frame numbers
    bits(3)  # tools within a frame
    if not reduced:
        _skip_tools_between_frames(bits)
    bits(3)  # filters
    return Coded(width, height, deep=bool(bits()))


def _skip_operating_points(bits: Bits) -> None:
    delay_bits = 0
    if bits():  # timing
        bits(64)
        if bits():  # a number of as many bits as zeros before it
            zeros = 0
            while not bits():
                zeros += 1
            bits(zeros)
        if bits():  # decoder model
            delay_bits = bits(5) + 1
            bits(42)
    displayed = bits()
    for _ in range(bits(5) + 1):
        bits(12)
        if bits(5) > 7:  # level
            bits()
        if delay_bits and bits():
            bits(2 * delay_bits + 1)
        if displayed and bits():
            bits(4)


def _skip_tools_between_frames(bits: Bits) -> None:
    bits(4)
    ordered = bits()
    if ordered:
        bits(2)
    screen = 2 if bits() else bits()
    if screen and not bits():
        bits()
    if ordered:
        bits(3)
