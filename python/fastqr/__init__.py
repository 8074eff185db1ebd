"""fastqr: read QR codes in photographs within milliseconds.

>>> import fastqr
>>> symbols = fastqr.decode(fastqr.demo_scene())
>>> all(symbol.text for symbol in symbols)
True
"""

from __future__ import annotations

import threading
from typing import Any

import numpy.typing as npt

from . import _core
from .cascade import Detection
from .demo import demo_scene
from .errors import (
    ArgumentTypeError,
    FastQRError,
    InvalidArgumentError,
    InvalidImageError,
    MissingLibraryError,
    ModelError,
    UndecodableError,
)
from .pictures import ImageLike
from .scanner import Scanner
from .symbol import Segment, StructuredAppend, Symbol, decode_modules
from .trace import Trace
from .tracker import Tracker

__all__ = [
    "ArgumentTypeError",
    "Detection",
    "FastQRError",
    "InvalidArgumentError",
    "InvalidImageError",
    "MissingLibraryError",
    "ModelError",
    "Scanner",
    "Segment",
    "StructuredAppend",
    "Symbol",
    "Trace",
    "Tracker",
    "UndecodableError",
    "__version__",
    "build_info",
    "decode",
    "decode_modules",
    "decode_quad",
    "demo_scene",
    "detect",
]

__version__: str = _core.__version__

_KEPT = 8  # scanners, those that were used last; each holds five networks
_scanners: dict[tuple[tuple[str, type, object], ...], Scanner] = {}
_lock = threading.Lock()


def decode(image: ImageLike, **options: Any) -> list[Symbol]:
    """Read every QR code of a picture.

    Parameters
    ----------
    image : ndarray, PIL.Image.Image, path or bytes
        uint8, (height, width) grey or (height, width, 3) BGR; or a picture file's path or content.
    **options
        As for `Scanner`. The scanners of the last eight sets of options are kept for later calls.

    Returns
    -------
    list of Symbol
        Top to bottom, then left to right; empty where nothing is read.

    Raises
    ------
    InvalidImageError, ArgumentTypeError, InvalidArgumentError, ModelError

    Examples
    --------
    >>> import numpy as np
    >>> fastqr.decode(np.zeros((100, 100), np.uint8))
    []
    """
    return _scanner(options).decode(image)


def detect(image: ImageLike, **options: Any) -> list[Detection]:
    """Find where codes may be, with the cascade alone; parameters as for `decode`, result as `Scanner.detect`."""
    return _scanner(options).detect(image)


def decode_quad(image: ImageLike, quad: npt.ArrayLike, **options: Any) -> Symbol | None:
    """Read the one code whose four corners are known; see `Scanner.decode_quad`."""
    return _scanner(options).decode_quad(image, quad)


def build_info() -> dict[str, Any]:
    """Return what this build is: version, compiler, build type, libraries' versions and the networks' checksums.

    The version of a library that cannot be loaded is None.
    """
    import numpy

    from .libraries import cv2, onnxruntime
    from .models import read_manifest

    return {
        "version": __version__,
        "compiler": _core.compiler,
        "build_type": _core.build_type,
        "numpy": numpy.__version__,
        "onnxruntime": _version_of(onnxruntime),
        "opencv": _version_of(cv2),
        "models": {name: entry["sha256"] for name, entry in read_manifest()["models"].items()},
    }


def _version_of(library: Any) -> str | None:
    """Return a library's version, None where it cannot be loaded."""
    try:
        return str(library.__version__)
    except MissingLibraryError:
        return None


def _scanner(options: dict[str, Any]) -> Scanner:
    # Sessions take tens of milliseconds to make, so callers of the plain functions share one scanner an option set.
    key = tuple((name, type(v), tuple(v) if isinstance(v, list) else v) for name, v in sorted(options.items()))
    try:
        hash(key)
    except TypeError:  # no option has such a value, and the scanner says so
        return Scanner(**options)
    with _lock:
        scanner = _scanners.pop(key, None) or Scanner(**options)
        _scanners[key] = scanner
        if len(_scanners) > _KEPT:
            del _scanners[next(iter(_scanners))]
        return scanner
