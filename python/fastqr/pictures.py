"""Pictures in: from what users hold (arrays, PIL images, paths, encoded bytes) to one uint8 array."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np

from .arrays import MAX_PIXELS, MAX_SIDE, ArrayImage, SupportsArray, SupportsDLPack, check_sides, checked_array
from .errors import ArgumentTypeError, InvalidImageError
from .files import NotAFileError, open_file
from .pixels import Picture, eight_bit, over_ground

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
    "SupportsRead",
    "checked_array",
    "is_pil",
    "load_picture",
    "read_stream",
]


@runtime_checkable
class SupportsRead(Protocol):
    """A file that is open for reading bytes, `io.BytesIO` and the like."""

    def read(self, size: int = ..., /) -> bytes | None: ...  # noqa: D102


# None is what cv2.imread gives for a file that it cannot read, and an error that says so.
ImageLike: TypeAlias = (
    "ArrayImage | PILImage | str | os.PathLike[str] | bytes | bytearray | memoryview | SupportsRead | None"
)

MAX_BYTES = 1 << 30  # of memory that reading and decoding a file may take, where nothing else is asked for

_BLOCK = 1 << 20  # bytes that are read at a time
_MARGIN = 1.1  # for decoders of other versions than the measured ones
_SHOWN = 300  # characters of a path in an error
_FIXED = 32 << 20  # bytes that decoding takes whatever the size: tables, dictionaries, texts beside the picture

_SIXTEEN_BIT_FORMATS = ("PNG", "PPM")  # whose grey values PIL may hold as 32-bit numbers

# Bytes a pixel of a PIL image and of what converting it takes, by mode; those of others.
_BYTES_OF_PIL = {"1": 4, "L": 4, "I;16": 8, "I;16L": 8, "I;16B": 8, "I;16N": 8, "I": 16, "F": 16, "RGB": 16}
_BYTES_OF_OTHER_PIL = 24

_ACCEPTED = "an array, a PIL image, a path, encoded bytes, a file open for reading bytes or a data URL"
_HINTS = {
    "NoneType": ": cv2.imread gives None for a file that it cannot read; pass the path, and the error says why",
    "list": ": pass np.array(image, np.uint8), or several pictures to decode_many",
    "tuple": ": pass np.array(image, np.uint8), or several pictures to decode_many",
    "UMat": ": pass image.get()",
}
_ADDRESS = re.compile("(?:https?|ftp|file):", re.IGNORECASE)


def load_picture(image: ImageLike, *, max_bytes: int = MAX_BYTES) -> Picture:
    """Return `image` as a uint8 array, grey or BGR, without a copy where it is an array already.

    Parameters
    ----------
    image : array, PIL.Image.Image, path, bytes, open file or data URL
        Arrays are taken as `checked_array` says: uint8 of shape (height, width) or (height, width, 3) in BGR order as
        they are, others converted. Files and bytes hold any format that OpenCV decodes, or HEIC (extra ``heic``);
        EXIF rotation is applied, transparency is laid over white, or over black where all that is to be seen is pale.
        16 bits lose their lower eight; 32 bits and floating point are stretched from their least to their greatest
        value. An open file is read from where it stands. A PIL image of any mode is read as its file would be, but
        not turned. No picture may have more than `MAX_PIXELS` pixels or a side above `MAX_SIDE`. OpenCV before 4.14
        does not rotate WebP.
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
        if image.ndim > 1:
            return checked_array(np.asarray(image))
        _check_memory(image.nbytes, "image bytes", max_bytes)
        return _decoded(bytes(image), "image bytes", max_bytes)
    if isinstance(image, str) and image[:5].lower() == "data:":
        return _decoded(_of_data_url(image, max_bytes), "image data URL", max_bytes)
    if isinstance(image, (str, os.PathLike)):
        return _of_path(image, max_bytes)
    if is_pil(image):
        return _from_pil(image, max_bytes)
    if isinstance(image, (SupportsArray, SupportsDLPack)):
        return checked_array(image)
    if isinstance(image, SupportsRead):
        return _of_open_file(image, max_bytes)
    kind = type(image).__name__
    raise ArgumentTypeError(f"image must be {_ACCEPTED}, got {kind}{_HINTS.get(kind, '')}")


def _of_path(image: str | os.PathLike[str], max_bytes: int) -> Picture:
    if isinstance(image, str) and _ADDRESS.match(image):
        raise InvalidImageError(
            f"image {image!r:.80} is an address, and nothing is fetched: pass a path, or the bytes that are there"
        )
    from pathlib import Path

    path = Path(image)
    name = f"image file {str(path)!r}" if len(str(path)) <= _SHOWN else f"image file {str(path)[:_SHOWN]!r}…"
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


def _of_data_url(url: str, max_bytes: int) -> bytes:
    """Return the bytes of a data URL (RFC 2397)."""
    import base64
    from urllib.parse import unquote_to_bytes

    _check_memory(len(url), "image data URL", max_bytes)
    head, comma, body = url.partition(",")
    content = unquote_to_bytes(body)
    if not comma:
        raise InvalidImageError(f"image data URL must have a comma before its data, got {url!r:.80}")
    if not head.rstrip().lower().endswith(";base64"):
        return content
    try:
        return base64.b64decode(b"".join(content.split()), altchars=None, validate=True)
    except ValueError as error:
        raise InvalidImageError(f"image data URL holds no valid base64: {error}") from error


def _of_open_file(file: SupportsRead, max_bytes: int) -> Picture:
    """Return the picture that an open file holds from where it stands."""
    path = getattr(file, "name", None)
    name = f"image file {path!r}" if isinstance(path, str) else "image stream"
    try:
        encoded = read_stream(file, name, max_bytes=max_bytes)
    except InvalidImageError:
        raise
    except (OSError, ValueError) as error:  # closed, or open for writing
        raise InvalidImageError(f"{name} cannot be read: {error}") from error
    if not encoded:
        raise InvalidImageError(f"{name} is empty from where it stands: rewind it by image.seek(0)")
    return _decoded(encoded, name, max_bytes)


def read_stream(file: SupportsRead, name: str, *, max_bytes: int = MAX_BYTES) -> bytearray:
    """Return all that a file or pipe holds, or say that it is none of a picture's: too long, or of no known format.

    A device or pipe may never end, and a disk image may be large: the first block decides whether the rest is read.
    """
    from .headers import known_format

    content = bytearray(_block_of(file, name))
    if content and not known_format(content):
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    while block := _block_of(file, name):
        content += block
        _check_memory(len(content), name, max_bytes)
    return content


def _block_of(file: SupportsRead, name: str) -> bytes:
    block = file.read(_BLOCK)
    if not isinstance(block, (bytes, bytearray, memoryview)):  # text, or nothing yet
        raise InvalidImageError(f"{name} must give bytes, got {type(block).__name__}: open it with mode 'rb'")
    return block


def _check_memory(needed: int, name: str, max_bytes: int, what: str = "reading it") -> None:
    if needed > max_bytes:
        raise InvalidImageError(
            f"{name} must take at most {max_bytes} bytes of memory, and {what} may take {needed}: "
            "give a larger max_bytes, or pass an array"
        )


def is_pil(image: object) -> TypeGuard[PILImage]:
    """Tell whether this is a PIL image, without importing PIL; an image has the array protocol as well."""
    return hasattr(image, "convert") and hasattr(image, "getbands")


def _from_pil(image: PILImage, max_bytes: int) -> Picture:
    """Return a PIL image as the picture that its file, read by its path, would be."""
    try:
        check_sides(image.width, image.height, "image")
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
        return eight_bit(np.asarray(image).clip(0, 0xFFFF).astype(np.uint16))
    if mode in ("I", "F") or mode.startswith("I;16"):
        return eight_bit(np.asarray(image))
    if mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if mode == "LAB":  # lightness, for PIL converts it to nothing else
        return np.asarray(image.getchannel(0))
    if mode == "La":  # PIL converts premultiplied grey to nothing else
        image = image.convert("LA")
    if image.getbands()[-1] in "Aa" or "transparency" in image.info:
        return over_ground(np.asarray(image.convert("RGBA")))[:, :, ::-1]
    return np.asarray(image.convert("RGB"))[:, :, ::-1]


def _decoded(encoded: Encoded, name: str, max_bytes: int) -> Picture:
    from .headers import read_header

    if not encoded:
        raise InvalidImageError(f"{name} is empty")
    header = read_header(encoded)
    if header is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    check_sides(header.width, header.height, name)
    needed = len(encoded) + int(header.memory * _MARGIN) + _FIXED
    _check_memory(needed, name, max_bytes, f"decoding {header.width} x {header.height} of {header.kind}")
    if header.kind == "HEIC":
        from .heic import decode_heic

        return decode_heic(encoded, name)
    buffer = np.frombuffer(encoded, np.uint8)
    try:
        pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR if header.may_be_turned else cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InvalidImageError(f"{name} cannot be decoded: {getattr(error, 'err', error)}") from error
    if pixels is None:
        raise InvalidImageError(f"{name} is not a picture that OpenCV can decode")
    picture = eight_bit(np.asarray(pixels))
    if picture.ndim == 3 and picture.shape[2] == 4:
        # libtiff multiplies colours of 8 bits by their alpha.
        return over_ground(picture, premultiplied=header.kind == "TIFF" and pixels.dtype == np.uint8)
    return picture[:, :, 0] if picture.ndim == 3 and picture.shape[2] != 3 else picture
