"""HEIC pictures, decoded by libheif: an extra, for OpenCV decodes none."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from .errors import InvalidImageError
from .headers import Encoded
from .pixels import Picture, eight_bit, over_ground

__all__ = ["decode_heic"]

LIBRARIES = ("pillow_heif", "pi_heif")  # the same interface; the second has no encoder


def decode_heic(encoded: Encoded, name: str) -> Picture:
    """Return a HEIC file's primary picture, grey or BGR, turned as the file says.

    Raises
    ------
    InvalidImageError
        The extra ``heic`` is not installed, or the file cannot be decoded.
    """
    library = _library(name)
    try:
        file = library.open_heif(bytes(encoded), convert_hdr_to_8bit=True, bgr_mode=True)
        pixels = eight_bit(np.asarray(file))  # of grey of more bits it gives sixteen
    except Exception as error:  # of several kinds, by where the file is damaged
        raise InvalidImageError(f"{name} cannot be decoded: {error}") from error
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return over_ground(pixels, premultiplied=bool(file.premultiplied_alpha))
    return pixels


def _library(name: str) -> Any:
    for library in LIBRARIES:
        try:
            return importlib.import_module(library)
        except ImportError:
            continue
    raise InvalidImageError(f"{name} is HEIC, which needs the extra heic: pip install 'fastqr[heic]'")
