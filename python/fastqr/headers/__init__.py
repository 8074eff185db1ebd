"""How large a picture is and what decoding it takes, from its file's header alone: known before memory is taken."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from .avif import avif
from .header import Encoded, Header
from .heic import heic
from .jpeg import jpeg
from .jpeg_2000 import jpeg_2000
from .plain import bmp, gif, netpbm, pam, radiance, sun
from .png import png
from .tiff import tiff
from .webp import webp

__all__ = ["Encoded", "Header", "known_format", "read_header"]


def known_format(encoded: Encoded) -> bool:
    """Whether a file begins as one of the formats that fastqr takes."""
    return any(signature.match(encoded) for signature, _ in _FORMATS)


def read_header(encoded: Encoded) -> Header | None:
    """Return what a file's header promises.

    Parameters
    ----------
    encoded : bytes or bytearray
        A file's whole content.

    Returns
    -------
    Header or None
        None where the file is of none of the formats that fastqr takes, or its header is damaged, cut off, or has more
        parts than any camera writes.
    """
    for signature, read in _FORMATS:
        if signature.match(encoded):
            try:
                header = read(encoded)
            except (struct.error, LookupError, ValueError, ZeroDivisionError):
                return None
            return header if min(header.width, header.height) > 0 else None
    return None


_FORMATS: tuple[tuple[re.Pattern[bytes], Callable[[Encoded], Header]], ...] = tuple(
    (re.compile(signature, re.DOTALL), read)
    for signature, read in (
        (rb"\x89PNG\r\n\x1a\n", png),
        (rb"\xff\xd8\xff", jpeg),
        (rb"BM", bmp),
        (rb"GIF8[79]a", gif),
        (rb"RIFF.{4}WEBP", webp),
        (rb"II[*+]\0|MM\0[*+]", tiff),
        (rb"P[1-6Ff]\s", netpbm),
        (rb"P7\n", pam),
        (rb"#\?RADIANCE|#\?RGBE", radiance),
        (rb"\x59\xa6\x6a\x95", sun),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", jpeg_2000),
        (rb".{4}ftyp(?:hei[cxms]|hev[cxms]|(?:mif1|msf1).{4}(?:.{4}){0,16}?hei[cx])", heic),
        (rb".{4}ftyp(?:avif|avis|mif1)", avif),
    )
)
