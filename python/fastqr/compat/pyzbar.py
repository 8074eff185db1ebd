"""The interface of ``pyzbar.pyzbar`` (0.1.9): ``from fastqr.compat.pyzbar import decode``."""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

import fastqr
from fastqr.errors import ArgumentTypeError, FastQRError, InvalidArgumentError
from fastqr.pictures import ImageLike

__all__ = ["ORIENTATION_AVAILABLE", "Decoded", "Point", "PyZbarError", "Rect", "ZBarSymbol", "decode"]

ORIENTATION_AVAILABLE = True
PyZbarError = FastQRError  # what a program that caught the original's error catches now

RawImage: TypeAlias = "tuple[bytes, int, int]"  # grey values, width and height


class Point(NamedTuple):
    """A corner, in pixels."""

    x: int
    y: int


class Rect(NamedTuple):
    """The upright box about a symbol, in pixels."""

    left: int
    top: int
    width: int
    height: int


class Decoded(NamedTuple):
    """What was read.

    Attributes
    ----------
    data : bytes
        The text in UTF-8, as ZBar gives it; the symbol's own bytes are `fastqr.Symbol.data`.
    type : str
        "QRCODE".
    rect : Rect
        The upright box about `polygon`.
    polygon : list of Point
        Corners, counter-clockwise as seen, from the one that is farthest to the left.
    quality : int
        1, as ZBar gives it for QR codes.
    orientation : str
        "UP", "RIGHT", "DOWN" or "LEFT": whither the symbol's upper edge shows.
    """

    data: bytes
    type: str
    rect: Rect
    polygon: list[Point]
    quality: int
    orientation: str


class ZBarSymbol(enum.IntEnum):
    """Kinds of codes, of which `QRCODE` alone is read."""

    NONE = 0
    PARTIAL = 1
    EAN2 = 2
    EAN5 = 5
    EAN8 = 8
    UPCE = 9
    ISBN10 = 10
    UPCA = 12
    EAN13 = 13
    ISBN13 = 14
    COMPOSITE = 15
    I25 = 25
    DATABAR = 34
    DATABAR_EXP = 35
    CODABAR = 38
    CODE39 = 39
    PDF417 = 57
    QRCODE = 64
    SQCODE = 80
    CODE93 = 93
    CODE128 = 128


def decode(image: ImageLike | RawImage, symbols: Collection[int] | None = None) -> list[Decoded]:
    """Read the QR codes of a picture, as ``pyzbar.pyzbar.decode`` does.

    Parameters
    ----------
    image : picture or tuple
        As for `fastqr.decode`, or grey values in bytes with width and height.
    symbols : collection of ZBarSymbol, optional
        Kinds that are wanted. Where QR codes are not among them there is nothing to do, and that is an error.

    Returns
    -------
    list of Decoded

    Raises
    ------
    PyZbarError
        `fastqr.FastQRError`: the picture cannot be read, or no QR codes are wanted.
    """
    if symbols and ZBarSymbol.QRCODE not in symbols:
        raise InvalidArgumentError(
            f"symbols must hold ZBarSymbol.QRCODE, got {list(symbols)}: keep pyzbar for what is no QR code"
        )
    picture = _of_raw(image) if isinstance(image, tuple) else image
    return [_decoded(symbol) for symbol in fastqr.decode(picture)]


def _of_raw(image: RawImage) -> npt.NDArray[np.uint8]:
    try:
        pixels, width, height = image
        values = np.frombuffer(pixels, np.uint8)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"image must be a picture or (pixels, width, height), got {image!r:.80}") from error
    if width < 1 or height < 1 or values.size != width * height:
        raise InvalidArgumentError(
            f"image must hold width x height = {width} x {height} bytes, one a pixel, got {values.size}"
        )
    return values.reshape(height, width)


def _decoded(symbol: fastqr.Symbol) -> Decoded:
    assert symbol.quad is not None
    assert symbol.angle is not None
    corners = [Point(*corner) for corner in np.rint(symbol.quad).astype(int).tolist()]
    (x1, y1), (x2, y2) = np.min(corners, 0).tolist(), np.max(corners, 0).tolist()
    if not symbol.mirrored:  # then clockwise
        corners.reverse()
    first = corners.index(min(corners))
    return Decoded(
        data=symbol.text.encode("utf-8", "surrogatepass"),
        type=ZBarSymbol.QRCODE.name,
        rect=Rect(x1, y1, x2 - x1, y2 - y1),
        polygon=corners[first:] + corners[:first],
        quality=1,
        orientation=("UP", "RIGHT", "DOWN", "LEFT")[round(symbol.angle / 90) % 4],
    )
