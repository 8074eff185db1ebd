"""Formats whose size stands in the first bytes: BMP, GIF, Netpbm, PAM, PFM, Radiance and Sun raster."""

from __future__ import annotations

import re
import struct

from .header import Encoded, Header

__all__ = ["bmp", "gif", "netpbm", "pam", "radiance", "sun"]

TEXT = 1 << 16  # bytes in which a header that is text has to end
COPIES = 2  # OpenCV hands its picture over by copying it

_SPACE = rb"(?:\s|#[^\n]*\n)+"  # comments may stand between numbers
_NETPBM = re.compile(rb"P([1-6Ff])" + _SPACE + rb"(\d{1,9})" + _SPACE + rb"(\d{1,9})(?:" + _SPACE + rb"(\d{1,9}))?")


def bmp(encoded: Encoded) -> Header:
    """Look at the information header, of OS/2 or of Windows."""
    if struct.unpack_from("<I", encoded, 14)[0] == 12:  # OS/2
        width, height, _, bits = struct.unpack_from("<HHHH", encoded, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", encoded, 18)
    width, height = abs(width), abs(height)
    return Header("BMP", width, height, width * height * COPIES * (4 if bits == 32 else 3))


def gif(encoded: Encoded) -> Header:
    """Look at the logical screen, which every frame lies in; OpenCV decodes the first one.

    A pixel takes a byte of code, and four each in the frame, in what it leaves behind and in the picture.
    """
    width, height = struct.unpack_from("<HH", encoded, 6)
    return Header("GIF", width, height, width * height * 13)


def netpbm(encoded: Encoded) -> Header:
    """Read the numbers after the magic of PBM, PGM, PPM and PFM."""
    found = _NETPBM.match(encoded[:TEXT])
    if found is None:
        raise ValueError("no size")
    magic, width, height = found[1], int(found[2]), int(found[3])
    element = 3 if magic in (b"3", b"6", b"F") else 1
    if magic in (b"F", b"f"):
        element *= 4
    elif magic not in (b"1", b"4") and int(found[4] or 0) > 255:
        element *= 2
    return Header("Netpbm", width, height, width * height * COPIES * element)


def pam(encoded: Encoded) -> Header:
    """Read the largest of each number of the header, which names them."""
    width, height, depth, greatest = (
        max(int(number) for number in re.findall(name + rb"\s+(\d{1,9})", encoded[:TEXT]))
        for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
    )
    return Header("PAM", width, height, width * height * COPIES * depth * (2 if greatest > 255 else 1))


def radiance(encoded: Encoded) -> Header:
    """Read the line that the pixels follow: three floating-point numbers each."""
    found = re.search(rb"\n[-+]Y\s+(\d{1,9})\s+[-+]X\s+(\d{1,9})", encoded[:TEXT])
    if found is None:
        raise ValueError("no size")
    width, height = int(found[2]), int(found[1])
    return Header("Radiance", width, height, width * height * COPIES * 3 * 4)


def sun(encoded: Encoded) -> Header:
    """Look at the first words."""
    width, height = struct.unpack_from(">II", encoded, 4)
    return Header("Sun raster", width, height, width * height * COPIES * 3)
