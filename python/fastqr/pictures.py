"""Pictures in: from what users hold (arrays, PIL images, paths, encoded bytes) to one uint8 array."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from .errors import ArgumentTypeError, InvalidImageError

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

__all__ = ["ImageLike", "Picture", "checked_array", "load_picture"]

Picture: TypeAlias = npt.NDArray[np.uint8]
ImageLike: TypeAlias = "npt.NDArray[np.uint8] | PILImage | str | os.PathLike[str] | bytes | bytearray | memoryview"

_ACCEPTED = "a uint8 array (height, width) or (height, width, 3) in BGR order, a PIL image, a path or encoded bytes"


def load_picture(image: ImageLike) -> Picture:
    """Return `image` as a uint8 array, grey or BGR, without a copy where it is an array already.

    Parameters
    ----------
    image : ndarray, PIL.Image.Image, path or bytes
        Arrays are uint8 with shape (height, width) or (height, width, 3) in BGR order, any strides. Files and bytes
        hold any format that OpenCV decodes; EXIF rotation is applied, transparency is laid over white.

    Returns
    -------
    ndarray of uint8
        Shape (height, width) or (height, width, 3).

    Raises
    ------
    InvalidImageError
        The array's shape or dtype is not accepted, or the file cannot be read or decoded.
    ArgumentTypeError
        `image` is none of the accepted kinds.
    """
    if isinstance(image, np.ndarray):
        return checked_array(image)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _decoded(bytes(image), "image bytes")
    if isinstance(image, (str, os.PathLike)):
        path = Path(image)
        try:
            encoded = path.read_bytes()
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
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3):
        return image
    if image.ndim == 3 and image.shape[2] == 1:
        return image[:, :, 0]
    raise InvalidImageError(f"{name} must have shape (height, width) or (height, width, 3), got {image.shape}")


def _from_pil(image: PILImage) -> Picture:
    try:
        if image.mode == "La":  # PIL converts premultiplied grey to nothing else
            image = image.convert("LA")
        if image.getbands()[-1] in "Aa" or "transparency" in image.info:
            return _over_white(np.asarray(image.convert("RGBA")))
        # The decoder works on luma, so PIL's own conversion (ITU-R BT.601) is all that is needed.
        return np.asarray(image.convert("L"))
    except Exception as error:  # a file that PIL opened and now reads may fail in any of its decoders
        raise InvalidImageError(f"image in PIL mode {image.mode!r} cannot be read: {error}") from error


def _over_white(pixels: npt.NDArray[np.uint8]) -> Picture:
    alpha = pixels[:, :, 3:].astype(np.uint16)
    blended = (pixels[:, :, :3].astype(np.uint16) * alpha + 255 * (255 - alpha) + 127) // 255
    return np.ascontiguousarray(blended.astype(np.uint8))


def _decoded(encoded: bytes, name: str) -> Picture:
    if not encoded:
        raise InvalidImageError(f"{name} is empty")
    buffer = np.frombuffer(encoded, np.uint8)
    try:
        pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR if _may_be_turned(encoded) else cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InvalidImageError(f"{name} cannot be decoded: {error.err}") from error
    if pixels is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    picture = _eight_bit(np.asarray(pixels))
    if picture.ndim == 3 and picture.shape[2] == 4:
        return _over_white(picture)
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        picture = picture[:, :, 0]
    return checked_array(picture)


def _may_be_turned(encoded: bytes) -> bool:
    """Whether a file may have an EXIF rotation, which OpenCV applies in its colour mode alone."""
    if encoded[:4] == b"RIFF":  # WebP
        return b"EXIF" in encoded
    return encoded[:2] == b"\xff\xd8" or (encoded[:4] == b"\x89PNG" and b"eXIf" in encoded)


def _eight_bit(pixels: npt.NDArray[np.generic]) -> Picture:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype == np.uint16:
        return (pixels.astype(np.uint16, copy=False) >> 8).astype(np.uint8)
    values = pixels.astype(np.float64)  # floating point has no fixed white
    low, high = float(values.min()), float(values.max())
    return ((values - low) * (255 / (high - low) if high > low else 0.0)).astype(np.uint8)
