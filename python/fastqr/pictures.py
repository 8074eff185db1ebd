"""Pictures in: from what users hold (arrays, PIL images, paths, encoded bytes) to one uint8 array."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from .errors import ArgumentTypeError, InvalidImageError
from .files import NotAFileError, open_file

if TYPE_CHECKING:
    import cv2
    from PIL.Image import Image as PILImage

    from .headers import Encoded
else:
    from .libraries import cv2

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

MAX_PIXELS = 1 << 28  # of a picture: more than any camera's 200 megapixels
MAX_SIDE = 1 << 20  # pixels, OpenCV's own limit
MAX_BYTES = 1 << 30  # of memory that reading and decoding a file may take, where nothing else is asked for

_BLOCK = 1 << 20  # bytes that are read at a time
_CONVERTED = 1 << 16  # numbers that are converted at a time, so that what is between takes little memory
_MARGIN = 1.1  # for decoders of other versions than the measured ones
_FIXED = 32 << 20  # bytes that decoding takes whatever the size: tables, dictionaries, texts beside the picture

_SIXTEEN_BIT_FORMATS = ("PNG", "PPM")  # whose grey values PIL may hold as 32-bit numbers

# Bytes a pixel of a PIL image and of what converting it takes, by mode; those of others.
_BYTES_OF_PIL = {"1": 4, "L": 4, "I;16": 8, "I;16L": 8, "I;16B": 8, "I;16N": 8, "I": 16, "F": 16, "RGB": 16}
_BYTES_OF_OTHER_PIL = 24

_ACCEPTED = "a uint8 array (height, width) or (height, width, 3) in BGR order, a PIL image, a path or encoded bytes"


def load_picture(image: ImageLike, *, max_bytes: int = MAX_BYTES) -> Picture:
    """Return `image` as a uint8 array, grey or BGR, without a copy where it is an array already.

    Parameters
    ----------
    image : ndarray, PIL.Image.Image, path or bytes
        Arrays are uint8 with shape (height, width) or (height, width, 3) in BGR order, any strides. Files and bytes
        hold any format that OpenCV decodes; EXIF rotation is applied, transparency is laid over white. 16 bits lose
        their lower eight; 32 bits and floating point are stretched from their least to their greatest value. A PIL
        image of any mode is read as its file would be, but not turned. No picture may have more than `MAX_PIXELS`
        pixels or a side above `MAX_SIDE`. OpenCV before 4.14 does not rotate WebP.
    max_bytes : int, default 2**30
        Memory that reading and decoding a file, or converting a PIL image, may take, the file's own bytes included;
        what it would take is known from its header, before memory is taken.

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
    if isinstance(image, (bytes, bytearray)):
        return _decoded(image, "image bytes", max_bytes)
    if isinstance(image, memoryview):
        _check_memory(image.nbytes, "image bytes", max_bytes)
        return _decoded(bytes(image), "image bytes", max_bytes)
    if isinstance(image, (str, os.PathLike)):
        from pathlib import Path

        path = Path(image)
        name = f"image file {str(path)!r}"
        try:
            with open_file(path) as file:
                _check_memory(os.fstat(file.fileno()).st_size, name, max_bytes)
                encoded = read_stream(file, name, max_bytes=max_bytes)
        except InvalidImageError:
            raise
        except NotAFileError as error:
            raise InvalidImageError(
                f"{name} cannot be read: {error.strerror}; pass its bytes instead of its path"
            ) from error
        except OSError as error:
            raise InvalidImageError(f"{name} cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # a path with a null byte
            raise InvalidImageError(f"image path {str(path)!r} is not valid: {error}") from error
        return _decoded(encoded, name, max_bytes)
    if hasattr(image, "convert") and hasattr(image, "getbands"):
        return _from_pil(image, max_bytes)
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


def read_stream(file: BinaryIO, name: str, *, max_bytes: int = MAX_BYTES) -> bytearray:
    """Return all that a file or pipe holds, or say that it is none of a picture's: too long, or of no known format.

    A device or pipe may never end, and a disk image may be large: the first block decides whether the rest is read.
    """
    from .headers import known_format

    content = bytearray(file.read(_BLOCK))
    if content and not known_format(content):
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    while block := file.read(_BLOCK):
        content += block
        _check_memory(len(content), name, max_bytes)
    return content


def _check_memory(needed: int, name: str, max_bytes: int, what: str = "reading it") -> None:
    if needed > max_bytes:
        raise InvalidImageError(
            f"{name} must take at most {max_bytes} bytes of memory, and {what} may take {needed}: "
            "give a larger max_bytes, or pass an array"
        )


def _check_sides(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise InvalidImageError(
            f"{name} must have at most {MAX_PIXELS} pixels and sides of at most {MAX_SIDE}, got {width} x {height}"
        )


def _from_pil(image: PILImage, max_bytes: int) -> Picture:
    """Return a PIL image as the picture that its file, read by its path, would be."""
    try:
        _check_sides(image.width, image.height, "image")
        needed = image.width * image.height * _BYTES_OF_PIL.get(image.mode, _BYTES_OF_OTHER_PIL)
        _check_memory(needed, "image", max_bytes, f"converting {image.width} x {image.height} of PIL's {image.mode!r}")
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
        return _over_white(np.asarray(image.convert("RGBA")))[:, :, ::-1]
    return np.asarray(image.convert("RGB"))[:, :, ::-1]


def _decoded(encoded: Encoded, name: str, max_bytes: int) -> Picture:
    from .headers import read_header

    if not encoded:
        raise InvalidImageError(f"{name} is empty")
    header = read_header(encoded)
    if header is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    _check_sides(header.width, header.height, name)
    needed = len(encoded) + int(header.memory * _MARGIN) + _FIXED
    _check_memory(needed, name, max_bytes, f"decoding {header.width} x {header.height} of {header.kind}")
    buffer = np.frombuffer(encoded, np.uint8)
    try:
        pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR if header.may_be_turned else cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InvalidImageError(f"{name} cannot be decoded: {getattr(error, 'err', error)}") from error
    if pixels is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    picture = _eight_bit(np.asarray(pixels))
    if picture.ndim == 3 and picture.shape[2] == 4:
        # libtiff multiplies colours of 8 bits by their alpha.
        return _over_white(picture, premultiplied=header.kind == "TIFF" and pixels.dtype == np.uint8)
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        picture = picture[:, :, 0]
    return checked_array(picture, name)


def _blocks(length: int) -> Iterator[slice]:
    return (slice(start, start + _CONVERTED) for start in range(0, length, _CONVERTED))


def _over_white(pixels: npt.NDArray[np.uint8], *, premultiplied: bool = False) -> Picture:
    flat = pixels.reshape(-1, 4)
    blended = np.empty((len(flat), 3), np.uint8)
    for block in _blocks(len(flat)):
        colours, alpha = flat[block, :3], flat[block, 3:].astype(np.uint16)
        if premultiplied:
            blended[block] = np.minimum(colours + (255 - alpha), 255)
        else:
            blended[block] = (colours * alpha + 255 * (255 - alpha) + 127) // 255
    return blended.reshape(*pixels.shape[:2], 3)


def _eight_bit(pixels: npt.NDArray[Any]) -> Picture:
    if pixels.dtype == np.uint8:
        return pixels
    flat = pixels.reshape(-1)
    converted = np.zeros(flat.shape, np.uint8)
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize == 2:  # in either order of bytes
        for block in _blocks(len(flat)):
            converted[block] = flat[block] >> 8
    else:
        _stretch(flat, converted)
    return converted.reshape(pixels.shape)


def _stretch(values: npt.NDArray[Any], stretched: npt.NDArray[np.uint8]) -> None:
    """Fill in numbers without a fixed white, from their least to their greatest; black where one is not finite."""
    low, high = float("inf"), float("-inf")
    for block in _blocks(len(values)):
        finite = values[block][np.isfinite(values[block])]
        if len(finite):
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if not 0 < high - low < float("inf"):
        return
    for block in _blocks(len(values)):
        shares = np.where(np.isfinite(values[block]), values[block], low).astype(np.float64)
        stretched[block] = np.clip(255 * ((shares - low) / (high - low)), 0, 255)
