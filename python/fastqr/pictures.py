"""Pictures in: from what users hold (arrays, PIL images, paths, encoded bytes) to one uint8 array."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from .errors import ArgumentTypeError, InvalidImageError
from .files import NotAFileError, open_file
from .headers import known_format, promised_sides

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "ImageLike",
    "Picture",
    "checked_array",
    "load_picture",
    "read_stream",
]

Picture: TypeAlias = npt.NDArray[np.uint8]
ImageLike: TypeAlias = "npt.NDArray[np.uint8] | PILImage | str | os.PathLike[str] | bytes | bytearray | memoryview"

MAX_PIXELS = (
    1 << 28
)  # of a picture: more than any camera's 200 megapixels, decoded within a gigabyte at 8 bits a channel
MAX_SIDE = 1 << 20  # pixels, OpenCV's own limit
MAX_BYTES = 1 << 30  # of a file: MAX_PIXELS in four bytes each, without any compression

_BLOCK = 1 << 20  # bytes that are read at a time
_BAND = 64  # rows that are converted at a time, so that what is between takes little memory

_SIXTEEN_BIT_FORMATS = ("PNG", "PPM")  # whose grey values PIL may hold as 32-bit numbers

_ACCEPTED = "a uint8 array (height, width) or (height, width, 3) in BGR order, a PIL image, a path or encoded bytes"


def load_picture(image: ImageLike) -> Picture:
    """Return `image` as a uint8 array, grey or BGR, without a copy where it is an array already.

    Parameters
    ----------
    image : ndarray, PIL.Image.Image, path or bytes
        Arrays are uint8 with shape (height, width) or (height, width, 3) in BGR order, any strides. Files and bytes
        hold any format that OpenCV decodes; EXIF rotation is applied, transparency is laid over white. 16 bits lose
        their lower eight; 32 bits and floating point are stretched from their least to their greatest value. A PIL
        image of any mode is read as its file would be, but not turned. No picture may
        have more than `MAX_PIXELS` pixels or a side above `MAX_SIDE`, no file more than `MAX_BYTES` bytes; a file's
        header is asked before memory is taken for its pixels.

    Returns
    -------
    ndarray of uint8
        Shape (height, width) or (height, width, 3).

    Raises
    ------
    InvalidImageError
        The array's shape or dtype is not accepted, the file cannot be read or decoded, or the picture is too large.
    ArgumentTypeError
        `image` is none of the accepted kinds.
    """
    if isinstance(image, np.ndarray):
        return checked_array(image)
    if isinstance(image, (bytes, bytearray, memoryview)):
        _check_bytes(len(image) if isinstance(image, (bytes, bytearray)) else image.nbytes, "image bytes")
        return _decoded(bytes(image), "image bytes")
    if isinstance(image, (str, os.PathLike)):
        path = Path(image)
        try:
            with open_file(path) as file:
                _check_bytes(os.fstat(file.fileno()).st_size, f"image file {str(path)!r}")
                encoded = read_stream(file, f"image file {str(path)!r}")
        except InvalidImageError:
            raise
        except NotAFileError as error:
            raise InvalidImageError(
                f"image file {str(path)!r} cannot be read: {error.strerror}; pass its bytes instead of its path"
            ) from error
        except OSError as error:
            raise InvalidImageError(f"image file {str(path)!r} cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # a path with a null byte
            raise InvalidImageError(f"image path {str(path)!r} is not valid: {error}") from error
        return _decoded(encoded, f"image file {str(path)!r}")
    if hasattr(image, "convert") and hasattr(image, "getbands"):
        return _from_pil(image)
    raise ArgumentTypeError(f"image must be {_ACCEPTED}, got {type(image).__name__}")


def checked_array(image: npt.NDArray[np.uint8], name: str = "image") -> Picture:
    """Return an array as a picture without a copy, or say what is wrong with the argument of that name."""
    if not isinstance(image, np.ndarray):
        raise ArgumentTypeError(
            f"{name} must be a uint8 array (height, width) or (height, width, 3), got {type(image).__name__}"
        )
    if image.dtype != np.uint8:
        raise InvalidImageError(f"{name} must have dtype uint8, got {image.dtype}")
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] in (1, 3)):
        raise InvalidImageError(f"{name} must have shape (height, width) or (height, width, 3), got {image.shape}")
    _check_sides(image.shape[1], image.shape[0], name)
    return image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image


def read_stream(file: BinaryIO, name: str) -> bytes:
    """Return all that a file or pipe holds, or say that it is none of a picture's: too long, or of no known format.

    A device or pipe may never end, and a disk image may be large: the first block decides whether the rest is read.
    """
    content = bytearray(file.read(_BLOCK))
    if content and not known_format(content):
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    while block := file.read(_BLOCK):
        content += block
        _check_bytes(len(content), name)
    return bytes(content)


def _check_bytes(length: int, name: str) -> None:
    if length > MAX_BYTES:
        raise InvalidImageError(f"{name} must have at most {MAX_BYTES} bytes, got {length}")


def _check_sides(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise InvalidImageError(
            f"{name} must have at most {MAX_PIXELS} pixels and sides of at most {MAX_SIDE}, got {width} x {height}"
        )


def _from_pil(image: PILImage) -> Picture:
    """Return a PIL image as the picture that its file, read by its path, would be."""
    try:
        _check_sides(image.width, image.height, "image")
        return _pixels_of_pil(image)
    except InvalidImageError:
        raise
    except Exception as error:  # a file that PIL opened and now reads may fail in any of its decoders
        raise InvalidImageError(
            f"image in PIL mode {image.mode!r} cannot be read: {error}; convert it to mode 'L' or 'RGB', "
            "or pass an array"
        ) from error


def _pixels_of_pil(image: PILImage) -> Picture:
    mode = image.mode
    if mode == "I" and image.format in _SIXTEEN_BIT_FORMATS:
        return _eight_bit(np.asarray(image).clip(0, 0xFFFF).astype(np.uint16))
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _eight_bit(np.asarray(image))
    if mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if mode == "LAB":  # lightness, for PIL converts it to nothing else
        return np.asarray(image.getchannel(0))
    if mode == "La":  # PIL converts premultiplied grey to nothing else
        image = image.convert("LA")
    if image.getbands()[-1] in "Aa" or "transparency" in image.info:
        return _over_white(np.asarray(image.convert("RGBA"))[:, :, [2, 1, 0, 3]])
    return np.asarray(image.convert("RGB"))[:, :, ::-1]


def _decoded(encoded: bytes, name: str) -> Picture:
    if not encoded:
        raise InvalidImageError(f"{name} is empty")
    sides = promised_sides(encoded)
    if sides is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    _check_sides(*sides, name)
    buffer = np.frombuffer(encoded, np.uint8)
    try:
        pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR if _may_be_turned(encoded) else cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InvalidImageError(f"{name} cannot be decoded: {getattr(error, 'err', error)}") from error
    if pixels is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    picture = _eight_bit(np.asarray(pixels))
    if picture.ndim == 3 and picture.shape[2] == 4:
        of_libtiff = encoded[:2] in (b"II", b"MM") and pixels.dtype == np.uint8  # it multiplies colours by their alpha
        return _over_white(picture, premultiplied=of_libtiff)
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        picture = picture[:, :, 0]
    return checked_array(picture, name)


def _may_be_turned(encoded: bytes) -> bool:
    """Whether a file may have an EXIF rotation, which OpenCV applies in its colour mode alone."""
    if encoded[:4] == b"RIFF":  # WebP
        return b"EXIF" in encoded
    return encoded[:2] == b"\xff\xd8" or (encoded[:4] == b"\x89PNG" and b"eXIf" in encoded)


def _bands(height: int) -> Iterator[slice]:
    return (slice(row, row + _BAND) for row in range(0, height, _BAND))


def _over_white(pixels: npt.NDArray[np.uint8], *, premultiplied: bool = False) -> Picture:
    blended = np.empty((*pixels.shape[:2], 3), np.uint8)
    for rows in _bands(len(pixels)):
        colours, alpha = pixels[rows, :, :3], pixels[rows, :, 3:].astype(np.uint16)
        if premultiplied:
            blended[rows] = np.minimum(colours + (255 - alpha), 255)
        else:
            blended[rows] = (colours * alpha + 255 * (255 - alpha) + 127) // 255
    return blended


def _eight_bit(pixels: npt.NDArray[np.generic]) -> Picture:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize == 2:  # in either order of bytes
        return (pixels.astype(np.uint16, copy=False) >> 8).astype(np.uint8)
    return _stretched(pixels.astype(np.float64, copy=False) if pixels.dtype.kind != "f" else pixels)


def _stretched(values: npt.NDArray[Any]) -> Picture:
    """Numbers without a fixed white, from their least to their greatest; black where one is not finite."""
    finite = np.isfinite(values)
    low = float(values.min(where=finite, initial=np.inf))
    high = float(values.max(where=finite, initial=-np.inf))
    stretched = np.zeros(values.shape, np.uint8)
    if 0 < high - low < float("inf"):
        for rows in _bands(len(values)):
            shares = (np.where(finite[rows], values[rows], low).astype(np.float64) - low) / (high - low)
            stretched[rows] = np.clip(255 * shares, 0, 255)
    return stretched
