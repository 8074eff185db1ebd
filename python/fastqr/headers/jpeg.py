"""JPEG (ITU-T T.81)."""

from __future__ import annotations

import re
import struct

from .header import MOST, Encoded, Header

__all__ = ["jpeg"]

_SEGMENT = re.compile(rb"\xff([^\x00\x01\xd0-\xd9\xff])", re.DOTALL)  # markers that a length follows
_FRAMES = tuple(bytes([marker]) for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC))


def jpeg(encoded: Encoded) -> Header:
    """Look at the frame headers (B.2.2) before the first scan; decoders skip what is between segments.

    A file of several scans, as progressive ones are, has two bytes a coefficient held until its end.
    """
    width = height = 0
    coefficients = 0.0  # a pixel
    at = 2
    for _ in range(MOST):
        found = _SEGMENT.search(encoded, at)
        if found is None or found[1] == b"\xda":  # the scan begins
            break
        at = found.end()
        if found[1] in _FRAMES:
            rows, columns, components = struct.unpack_from(">HHB", encoded, at + 3)
            width, height = max(width, columns), max(height, rows)
            coefficients = max(coefficients, _coefficients(encoded, at + 8, components))
        at += struct.unpack_from(">H", encoded, at)[0]
    else:
        raise ValueError("more segments than any picture has")
    memory = width * height * max(6.0, 3 + 2 * coefficients)
    return Header("JPEG", width, height, int(memory) + len(encoded), may_be_turned=True)


def _coefficients(encoded: Encoded, at: int, components: int) -> float:
    """Coefficients a pixel of all components, each sampled as its factors say; zero where there are none yet."""
    factors = [encoded[at + 3 * i + 1] for i in range(components)]
    products = [(factor >> 4) * (factor & 15) for factor in factors]
    most = max((factor >> 4 for factor in factors), default=1) * max((factor & 15 for factor in factors), default=1)
    return sum(products) / most if most else 0.0
