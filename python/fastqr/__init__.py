"""fastqr: read QR codes in photographs within milliseconds.

>>> import fastqr
>>> symbols = fastqr.decode(fastqr.demo_scene())
>>> all(symbol.text for symbol in symbols)
True
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from . import _core
from .cascade import Detection
from .errors import (
    ArgumentTypeError,
    FastQRError,
    InvalidArgumentError,
    InvalidImageError,
    MissingLibraryError,
    ModelError,
    UndecodableError,
    VideoError,
)
from .many import OnError
from .options import ScannerOptions
from .pictures import ImageLike
from .scanner import Scanner
from .symbol import Segment, StructuredAppend, Symbol, decode_modules
from .trace import Trace

if TYPE_CHECKING:
    import pandas
    import supervision
    from typing_extensions import Unpack

    from . import content as content
    from .appearances import Appearance
    from .demo import demo_scene
    from .structured_append import MergedMessage, merge_structured_append
    from .tracker import Tracker
    from .video import VideoFrame, track

__all__ = [
    "Appearance",
    "ArgumentTypeError",
    "Detection",
    "FastQRError",
    "InvalidArgumentError",
    "InvalidImageError",
    "MergedMessage",
    "MissingLibraryError",
    "ModelError",
    "Scanner",
    "ScannerOptions",
    "Segment",
    "StructuredAppend",
    "Symbol",
    "Trace",
    "Tracker",
    "UndecodableError",
    "VideoError",
    "VideoFrame",
    "__version__",
    "build_info",
    "decode",
    "decode_many",
    "decode_modules",
    "decode_quad",
    "demo_scene",
    "detect",
    "draw",
    "merge_structured_append",
    "to_dataframe",
    "to_supervision",
    "track",
]

__version__: str = _core.__version__

_KEPT = 8  # scanners, those that were used last; each holds five networks
_scanners: dict[tuple[tuple[str, type, object], ...], Scanner] = {}
_lock = threading.Lock()


def decode(image: ImageLike, **options: Unpack[ScannerOptions]) -> list[Symbol]:
    """Read every QR code of a picture.

    Parameters
    ----------
    image : array, PIL.Image.Image, path, bytes, open file or data URL
        uint8, (height, width) grey or (height, width, 3) BGR, as `cv2.imread` gives it; arrays of other libraries,
        layouts and types of number; or a picture file.
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


def detect(image: ImageLike, **options: Unpack[ScannerOptions]) -> list[Detection]:
    """Find where codes may be, with the cascade alone; parameters as for `decode`, result as `Scanner.detect`."""
    return _scanner(options).detect(image)


def decode_quad(image: ImageLike, quad: npt.ArrayLike, **options: Unpack[ScannerOptions]) -> Symbol | None:
    """Read the one code whose four corners are known; see `Scanner.decode_quad`."""
    return _scanner(options).decode_quad(image, quad)


@overload
def decode_many(
    images: Iterable[ImageLike], *, on_error: Literal["raise"] = "raise", **options: Unpack[ScannerOptions]
) -> Iterator[list[Symbol]]: ...


@overload
def decode_many(
    images: Iterable[ImageLike], *, on_error: Literal["return"], **options: Unpack[ScannerOptions]
) -> Iterator[list[Symbol] | InvalidImageError | ArgumentTypeError]: ...


def decode_many(
    images: Iterable[ImageLike], *, on_error: OnError = "raise", **options: Unpack[ScannerOptions]
) -> Iterator[list[Symbol] | InvalidImageError | ArgumentTypeError]:
    """Read pictures in their order, `threads` of them at a time; see `Scanner.decode_many`."""
    scanner = _scanner(options)
    return scanner.decode_many(images, on_error="return") if on_error == "return" else scanner.decode_many(images)


def to_dataframe(symbols: Iterable[Symbol]) -> pandas.DataFrame:
    """Return symbols as a table of pandas, one row a symbol (extra ``pandas``); see `fastqr.exports.to_dataframe`."""
    from .exports import to_dataframe

    return to_dataframe(symbols)


def to_supervision(symbols: Iterable[Symbol]) -> supervision.Detections:
    """Return symbols as supervision's detections (extra ``supervision``); see `fastqr.exports.to_supervision`."""
    from .exports import to_supervision

    return to_supervision(symbols)


def draw(image: ImageLike, symbols: Iterable[Symbol], detections: Sequence[Detection] = ()) -> npt.NDArray[np.uint8]:
    """Return a copy of a picture with each symbol's outline and text; see `fastqr.annotate.draw`."""
    from .annotate import draw

    return draw(image, symbols, detections)


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


def _scanner(options: ScannerOptions) -> Scanner:
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


if not TYPE_CHECKING:  # a type checker knows what there is
    _LATER = {  # modules that are not loaded before somebody asks for what they hold: scans of pictures do without them
        "Appearance": "appearances",
        "MergedMessage": "structured_append",
        "Tracker": "tracker",
        "VideoFrame": "video",
        "demo_scene": "demo",
        "merge_structured_append": "structured_append",
        "track": "video",
    }

    def __getattr__(name: str) -> Any:
        if name == "content":
            return importlib.import_module(".content", __name__)
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_LATER, "content"})
