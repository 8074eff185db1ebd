"""OpenCV's detectors of QR codes (4.x and 5): ``from fastqr.compat.cv2 import QRCodeDetector``.

Names, arguments and the types and shapes of results are the originals'. Coordinates are OpenCV's, in which the first
pixel's centre is (0, 0). What is detected is also read: there are no points of a code that `detect` finds and `decode`
loses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import fastqr
from fastqr.errors import InvalidArgumentError
from fastqr.pictures import ImageLike

__all__ = ["QRCodeDetector", "QRCodeDetectorAruco", "QRCodeDetectorAruco_Params"]

Points: TypeAlias = npt.NDArray[np.float32]  # K × 4 × 2: top left, top right, bottom right, bottom left of each code
Straight: TypeAlias = npt.NDArray[np.uint8]  # N × N, a pixel a module, 0 for dark and 255 for light

_TO_OUR_CENTRES = 0.5  # pixels: fastqr's coordinates begin at the first pixel's corner
_SHIFT_JIS, _UTF_8 = 20, 26  # ECI assignment numbers


class _Detector:
    """What both detectors have."""

    def __init__(self) -> None:
        self._last: list[fastqr.Symbol] = []

    def detect(self, img: ImageLike, points: object = None) -> tuple[bool, Points | None]:
        """Find one code: whether there is one, and its corners, 1 × 4 × 2."""
        symbols = self._read(img, 1)
        return bool(symbols), _points(symbols)

    def detectMulti(self, img: ImageLike, points: object = None) -> tuple[bool, Points | None]:
        """Find all codes: whether there are any, and their corners, K × 4 × 2."""
        symbols = self._read(img)
        return bool(symbols), _points(symbols)

    def decode(
        self, img: ImageLike, points: npt.ArrayLike, straight_code: object = None
    ) -> tuple[str, Straight | None]:
        """Read the code whose corners are given: its text, empty where it is not read, and its modules."""
        symbols = self._read_at(img, points)[:1]
        return _text(symbols), _straight(symbols)

    def decodeBytes(
        self, img: ImageLike, points: npt.ArrayLike, straight_code: object = None
    ) -> tuple[bytes, Straight | None]:
        """Read the code whose corners are given: its exact bytes, and its modules."""
        symbols = self._read_at(img, points)[:1]
        return _bytes(symbols), _straight(symbols)

    def detectAndDecode(
        self, img: ImageLike, points: object = None, straight_code: object = None
    ) -> tuple[str, Points | None, Straight | None]:
        """Find and read one code: its text, empty where there is none, its corners and its modules."""
        symbols = self._read(img, 1)
        return _text(symbols), _points(symbols), _straight(symbols)

    def detectAndDecodeBytes(
        self, img: ImageLike, points: object = None, straight_code: object = None
    ) -> tuple[bytes, Points | None, Straight | None]:
        """Find and read one code: its exact bytes, its corners and its modules."""
        symbols = self._read(img, 1)
        return _bytes(symbols), _points(symbols), _straight(symbols)

    def decodeMulti(
        self, img: ImageLike, points: npt.ArrayLike, straight_code: object = None
    ) -> tuple[bool, tuple[str, ...], tuple[Straight, ...]]:
        """Read the codes whose corners are given: whether any is read, texts (empty ones for the others), modules."""
        symbols = self._read_at(img, points)
        return any(symbols), tuple(_text([symbol]) for symbol in symbols), _all_straight(symbols)

    def decodeBytesMulti(
        self, img: ImageLike, points: npt.ArrayLike, straight_code: object = None
    ) -> tuple[bool, list[bytes], tuple[Straight, ...]]:
        """Read the codes whose corners are given: whether any is read, exact bytes, modules."""
        symbols = self._read_at(img, points)
        return any(symbols), [_bytes([symbol]) for symbol in symbols], _all_straight(symbols)

    def detectAndDecodeMulti(
        self, img: ImageLike, points: object = None, straight_code: object = None
    ) -> tuple[bool, tuple[str, ...], Points | None, tuple[Straight, ...]]:
        """Find and read all codes: whether there are any, texts, corners and modules."""
        symbols = self._read(img)
        return bool(symbols), tuple(symbol.text for symbol in symbols), _points(symbols), _all_straight(symbols)

    def detectAndDecodeBytesMulti(
        self, img: ImageLike, points: object = None, straight_code: object = None
    ) -> tuple[bool, list[bytes], Points | None, tuple[Straight, ...]]:
        """Find and read all codes: whether there are any, exact bytes, corners and modules."""
        symbols = self._read(img)
        return bool(symbols), [symbol.data for symbol in symbols], _points(symbols), _all_straight(symbols)

    def getEncoding(self, codeIdx: int = 0) -> int:
        """Return the ECI assignment number of a code that was read last: 20 is Shift_JIS, 26 is UTF-8."""
        if not 0 <= codeIdx < len(self._last):
            raise InvalidArgumentError(f"codeIdx must be that of one of {len(self._last)} codes, got {codeIdx}")
        segments = self._last[codeIdx].segments
        named = next((segment.eci for segment in segments if segment.eci is not None), None)
        return named if named is not None else _SHIFT_JIS if segments and segments[0].mode == "kanji" else _UTF_8

    def _read(self, image: ImageLike, most: int | None = None) -> list[fastqr.Symbol]:
        self._last = fastqr.decode(image, max_symbols=most)
        return self._last

    def _read_at(self, image: ImageLike, points: npt.ArrayLike) -> list[fastqr.Symbol | None]:
        corners = np.asarray(points)
        if corners.ndim not in (2, 3) or corners.shape[-2:] != (4, 2):
            raise InvalidArgumentError(f"points must have shape (K, 4, 2), got {corners.shape}")
        quads = corners.reshape(-1, 4, 2).astype(np.float64) + _TO_OUR_CENTRES
        symbols = [fastqr.decode_quad(image, quad) for quad in quads]
        self._last = [symbol for symbol in symbols if symbol is not None]
        return symbols


class QRCodeDetector(_Detector):
    """OpenCV's ``QRCodeDetector`` over fastqr."""

    def setEpsX(self, epsX: float) -> None:
        """Take a tolerance that fastqr does not need."""

    def setEpsY(self, epsY: float) -> None:
        """Take a tolerance that fastqr does not need."""

    def setUseAlignmentMarkers(self, useAlignmentMarkers: bool) -> QRCodeDetector:
        """Take a choice that fastqr does not need: alignment patterns are used where they help."""
        return self

    def decodeCurved(
        self, img: ImageLike, points: npt.ArrayLike, straight_qrcode: object = None
    ) -> tuple[str, Straight | None]:
        """Read as `decode` does, which reads bent codes too."""
        return self.decode(img, points)

    def detectAndDecodeCurved(
        self, img: ImageLike, points: object = None, straight_qrcode: object = None
    ) -> tuple[str, Points | None, Straight | None]:
        """Find and read as `detectAndDecode` does, which reads bent codes too."""
        return self.detectAndDecode(img)


class QRCodeDetectorAruco_Params:
    """OpenCV's parameters, kept and not needed."""

    def __init__(self) -> None:
        self.minModuleSizeInPyramid = 4.0
        self.maxRotation = np.pi / 12
        self.maxModuleSizeMismatch = 1.75
        self.maxTimingPatternMismatch = 2.0
        self.maxPenalties = 0.4
        self.maxColorsMismatch = 0.2
        self.scaleTimingPatternScore = 0.9


class QRCodeDetectorAruco(_Detector):
    """OpenCV's ``QRCodeDetectorAruco`` over fastqr.

    Parameters
    ----------
    params : QRCodeDetectorAruco_Params, optional
        Kept and not needed.
    """

    Params = QRCodeDetectorAruco_Params

    def __init__(self, params: QRCodeDetectorAruco_Params | None = None) -> None:
        super().__init__()
        self._params: Any = params or QRCodeDetectorAruco_Params()
        self._aruco: Any = None

    def getDetectorParameters(self) -> QRCodeDetectorAruco_Params:
        """Return what was set."""
        return self._params  # type: ignore[no-any-return]

    def setDetectorParameters(self, params: Any) -> QRCodeDetectorAruco:
        """Take parameters that fastqr does not need."""
        self._params = params
        return self

    def getArucoParameters(self) -> Any:
        """Return what was set."""
        return self._aruco

    def setArucoParameters(self, params: Any) -> None:
        """Take parameters that fastqr does not need."""
        self._aruco = params


def _text(symbols: Sequence[fastqr.Symbol | None]) -> str:
    return symbols[0].text if symbols and symbols[0] else ""


def _bytes(symbols: Sequence[fastqr.Symbol | None]) -> bytes:
    return symbols[0].data if symbols and symbols[0] else b""


def _points(symbols: Sequence[fastqr.Symbol]) -> Points | None:
    quads = [symbol.quad for symbol in symbols if symbol.quad is not None]
    return np.stack(quads) - np.float32(_TO_OUR_CENTRES) if quads else None


def _straight(symbols: Sequence[fastqr.Symbol | None]) -> Straight | None:
    return next(iter(_all_straight(symbols[:1])), None)


def _all_straight(symbols: Sequence[fastqr.Symbol | None]) -> tuple[Straight, ...]:
    return tuple(np.where(symbol.modules, np.uint8(0), np.uint8(255)) for symbol in symbols if symbol)
