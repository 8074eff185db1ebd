"""Arrays of any library, layout and type of number, as one uint8 picture."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from .errors import ArgumentTypeError, InvalidImageError
from .pixels import Picture, over_ground, scaled

__all__ = ["MAX_PIXELS", "MAX_SIDE", "ArrayImage", "SupportsArray", "SupportsDLPack", "check_sides", "checked_array"]

MAX_PIXELS = 1 << 28  # of a picture: more than any camera's 200 megapixels
MAX_SIDE = 1 << 20  # pixels, OpenCV's own limit

_CHANNELS = (1, 3, 4)
_DEPTHS = (8, 10, 12, 14, 16)  # bits of cameras' grey values
_OVERSHOOT = 0.1  # share of the range by which resampled floating-point values may lie outside it

_DARK = 8.0  # grey value of 255 below which a greatest value is more likely one of another range, as normalised inputs

_SHAPES = "shape (height, width), or with 1, 3 or 4 channels before or after"
_NUMBERS = "bool, or hold numbers of 0..255, 0..65535 or 0..1"


@runtime_checkable
class SupportsArray(Protocol):
    """What NumPy can make an array of: tensors of PyTorch on the host, arrays of JAX, xarray and others."""

    def __array__(self) -> npt.NDArray[Any]: ...


@runtime_checkable
class SupportsDLPack(Protocol):
    """An array of a library that speaks DLPack."""

    def __dlpack__(self, *, stream: None = ...) -> Any: ...


ArrayImage: TypeAlias = "npt.NDArray[Any] | SupportsArray | SupportsDLPack"


def checked_array(image: ArrayImage, name: str = "image") -> Picture:
    """Return an array as a picture, or say what is wrong with the argument of that name.

    Parameters
    ----------
    image : array
        Of NumPy or of a library that speaks its array protocol or DLPack, in the host's memory. One, three (BGR) or
        four (BGRA, laid over a ground) channels stand after height and width or before them. Numbers are bool; whole
        numbers of 8, 10, 12, 14 or 16 bits, the fewest that hold the greatest; or floating point of 0..1 or 0..255.
        A mask of 0 and 1 is black and white.
    name : str
        Of the argument, for errors.

    Returns
    -------
    ndarray of uint8
        Shape (height, width) or (height, width, 3), without a copy where it can be.
    """
    array = image if type(image) is np.ndarray else _host_array(image, name)
    if array.ndim == 3 and array.shape[2] != 3:
        array = _channels_last(array, name)
    elif array.ndim not in (2, 3):
        raise InvalidImageError(f"{name} must have {_SHAPES}, got {array.shape}: {_way_out(array, name)}")
    check_sides(array.shape[1], array.shape[0], name)
    if array.dtype != np.uint8 or _may_be_mask(array):
        array = _eight_bits_of_any(array, name)
    if array.ndim == 3 and array.shape[2] != 3:
        return array[:, :, 0] if array.shape[2] == 1 else _opaque(array)
    return array


def _may_be_mask(array: Picture) -> bool:
    """Tell whether a line of a picture holds nothing but 0 and 1; a pixel or two tell in most that it does not."""
    if array.size == 0 or array.item(0) > 1 or array.item(array.size // 2) > 1:
        return False
    return bool(array[len(array) // 2].max() <= 1)


def check_sides(width: int, height: int, name: str) -> None:
    """Refuse a picture that is too large."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise InvalidImageError(
            f"{name} must have at most {MAX_PIXELS} pixels and sides of at most {MAX_SIDE}, got {width} x {height}"
        )


def _host_array(image: object, name: str) -> npt.NDArray[Any]:
    """Return the array of another library, without a copy where that library allows it."""
    kind = f"{type(image).__module__}.{type(image).__qualname__}"
    try:
        if isinstance(image, SupportsArray):
            return np.asarray(image)
        if isinstance(image, SupportsDLPack):
            return np.from_dlpack(image)
    except (TypeError, ValueError, RuntimeError, BufferError, AttributeError) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidImageError(
            f"{name} of type {kind} is no array in the host's memory: {reason}; "
            "pass image.detach().cpu() of PyTorch, image.get() of CuPy, or a NumPy array"
        ) from error
    raise ArgumentTypeError(f"{name} must be an array, got {type(image).__name__}")


def _channels_last(array: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """Return a view with the channels last."""
    if array.shape[2] in _CHANNELS:
        return array
    if array.shape[0] in _CHANNELS:
        return np.moveaxis(array, 0, 2)
    raise InvalidImageError(f"{name} must have {_SHAPES}, got {array.shape}: {_way_out(array, name)}")


def _way_out(array: npt.NDArray[Any], name: str) -> str:
    if array.ndim == 4:
        return f"pass one picture of the batch, {name}[0], or all of them to decode_many"
    if array.ndim == 3 and array.shape[2] == 2:
        return f"pass the grey values alone, {name}[:, :, 0]"
    return "pass one picture, with its rows first"


def _eight_bits_of_any(array: npt.NDArray[Any], name: str) -> Picture:
    kind = array.dtype.kind
    if kind == "b":
        return scaled(array, 255.0)
    if kind not in "uif":
        raise InvalidImageError(f"{name} must be {_NUMBERS}, got dtype {array.dtype}: pass {name}.astype(np.float32)")
    if not array.size:
        return array.astype(np.uint8)
    least, greatest = float(array.min()), float(array.max())
    if kind == "f":
        white = 1.0 if greatest <= 1 + _OVERSHOOT else 255.0
        known = greatest <= 1 + _OVERSHOOT or _DARK <= greatest <= (1 + _OVERSHOOT) * 255
        if not (known and least >= -_OVERSHOOT * greatest):  # nor where one is NaN
            raise _outside(array, name, least, greatest)
        return scaled(array, 255 / white)
    if least < 0 or greatest > 0xFFFF:
        raise _outside(array, name, least, greatest)
    if greatest == 1:
        return scaled(array, 255.0)
    if array.dtype == np.uint8:
        return array
    depth = next(depth for depth in _DEPTHS if greatest < 1 << depth)
    return scaled(array, 1.0, shift=depth - 8)


def _outside(array: npt.NDArray[Any], name: str, least: float, greatest: float) -> InvalidImageError:
    way_out = f"np.nan_to_num({name})" if np.isnan(least) else f"cv2.normalize({name}, None, 0, 255, cv2.NORM_MINMAX)"
    return InvalidImageError(f"{name} must be {_NUMBERS}, got {array.dtype} of {least:g}..{greatest:g}: pass {way_out}")


def _opaque(pixels: Picture) -> Picture:
    """Return colours with transparency laid over a ground; where nothing is opaque at all, nobody has filled it in."""
    if not pixels[:, :, 3].any():
        return pixels[:, :, :3]
    return over_ground(np.ascontiguousarray(pixels))
