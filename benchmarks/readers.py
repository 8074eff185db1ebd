"""The readers that are compared, each behind one function: picture in, texts and quads out. Pictures are grey or BGR.

To add one, write a function that returns an `OpenReader` and name it in `READERS`. Imports stay inside the functions:
a reader is opened in a process of its own (worker.py), which may belong to another environment (environments.py).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Quad = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    text: str
    quad: Quad


@dataclass(frozen=True)
class Options:
    """What a user may set of some readers."""

    models: str | None = None  # folder of fastqr's networks, the shipped ones by default
    threads: int = 1  # fastqr's threads within one call
    wechat_models: str | None = None  # folder with detect.* and sr.*


@dataclass(frozen=True)
class OpenReader:
    """A reader ready to be called.

    Attributes
    ----------
    stages
        Milliseconds of each stage of the last call, of readers that tell.
    explain
        For each quad of a picture and its text, if known: the stage at which the code there is lost.
    follow
        Of readers that know the frames before: read the next frame of a film, or the first one.
    """

    version: str
    read: Callable[[Picture], list[Reading]]
    stages: Callable[[], dict[str, float]] | None = None
    explain: Callable[[Picture, list[Quad], list[str | None]], list[str]] | None = None
    follow: Callable[[Picture, bool], list[Reading]] | None = None


@dataclass(frozen=True)
class ReaderKind:
    """How a reader is opened, and the name of the environment that it prefers over the current one."""

    open: Callable[[Options], OpenReader]
    environment: str | None = None


class ReaderAbsentError(Exception):
    """A reader lacks something that can be named."""


def fastqr(options: Options) -> OpenReader:
    import fastqr

    scanner = fastqr.Scanner(models=options.models, threads=options.threads)

    tracker = fastqr.Tracker(scanner)

    def readings(symbols: list[fastqr.Symbol]) -> list[Reading]:
        return [Reading(symbol.text, symbol.quad) for symbol in symbols if symbol.quad is not None]

    def read(picture: Picture) -> list[Reading]:
        return readings(scanner.decode(picture))

    def follow(picture: Picture, begin: bool) -> list[Reading]:
        nonlocal tracker
        if begin:
            tracker = fastqr.Tracker(scanner)
        return readings(tracker.decode(picture))

    def explain(picture: Picture, quads: list[Quad], texts: list[str | None]) -> list[str]:
        trace = scanner.explain(picture)
        return [trace.why(quad) for quad in quads]

    return OpenReader(fastqr.__version__, read, lambda: scanner.timings, explain, follow)


def zxing_cpp(options: Options) -> OpenReader:
    import zxingcpp

    def read(picture: Picture) -> list[Reading]:
        codes = zxingcpp.read_barcodes(
            picture, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
        )
        return [Reading(code.text, _corners_of(code.position)) for code in codes]

    def _corners_of(position: zxingcpp.Position) -> Quad:
        corners = [position.top_left, position.top_right, position.bottom_right, position.bottom_left]
        return np.array([[corner.x, corner.y] for corner in corners], np.float32)

    return OpenReader(metadata.version("zxing-cpp"), read)


def opencv(options: Options) -> OpenReader:
    import cv2

    return _opencv_detector(cv2.QRCodeDetector())


def opencv_aruco(options: Options) -> OpenReader:
    import cv2

    return _opencv_detector(cv2.QRCodeDetectorAruco())


def _opencv_detector(detector: object) -> OpenReader:
    import cv2

    cv2.setNumThreads(1)

    def read(picture: Picture) -> list[Reading]:
        try:
            _, texts, quads, _ = detector.detectAndDecodeMulti(picture)  # type: ignore[attr-defined]
        except cv2.error:  # some pictures make it give up within: nothing read
            return []
        return [] if quads is None else [Reading(*pair) for pair in zip(texts, np.float32(quads), strict=True)]

    return OpenReader(cv2.__version__, read)


def wechat(options: Options) -> OpenReader:
    import cv2

    if not hasattr(cv2, "wechat_qrcode"):
        raise ReaderAbsentError(f"OpenCV {cv2.__version__} here is built without wechat_qrcode")
    if options.wechat_models is None:
        raise ReaderAbsentError("its four model files are not given (--wechat-models)")
    files = [str(Path(options.wechat_models) / name) for name in _WECHAT_FILES]
    if missing := [name for name in files if not Path(name).exists()]:
        raise ReaderAbsentError(f"model files are missing: {', '.join(missing)}")
    cv2.setNumThreads(1)
    detector = cv2.wechat_qrcode.WeChatQRCode(*files)

    def read(picture: Picture) -> list[Reading]:
        texts, quads = detector.detectAndDecode(picture)
        return [Reading(text, np.asarray(quad, np.float32)) for text, quad in zip(texts, quads, strict=True)]

    return OpenReader(cv2.__version__, read)


_WECHAT_FILES = ("detect.prototxt", "detect.caffemodel", "sr.prototxt", "sr.caffemodel")


def pyzbar(options: Options) -> OpenReader:
    from pyzbar import pyzbar, zbar_library

    zbar_library.load()

    def read(picture: Picture) -> list[Reading]:
        # It takes grey, and its own conversion is a copy as well.
        codes = pyzbar.decode(_grey(picture), symbols=[pyzbar.ZBarSymbol.QRCODE])
        return [Reading(code.data.decode("utf-8", "replace"), _four_corners(code.polygon)) for code in codes]

    return OpenReader(metadata.version("pyzbar"), read)


def boofcv(options: Options) -> OpenReader:
    with _own_working_folder():
        import pyboof

    detector = pyboof.FactoryFiducial(np.uint8).qrcode()

    def read(picture: Picture) -> list[Reading]:
        detector.detect(pyboof.ndarray_to_boof(_grey(picture)))
        return [
            Reading(code.message, _four_corners([(p.x, p.y) for p in code.bounds.vertexes]))
            for code in detector.detections
        ]

    return OpenReader(metadata.version("pyboof"), read)


def qreader(options: Options) -> OpenReader:
    import cv2
    from qreader import QReader

    reader = QReader()

    def read(picture: Picture) -> list[Reading]:
        to_rgb = cv2.COLOR_BGR2RGB if picture.ndim == 3 else cv2.COLOR_GRAY2RGB
        texts, found = reader.detect_and_decode(cv2.cvtColor(picture, to_rgb), return_detections=True)
        return [
            Reading(text, np.asarray(where["quad_xy"], np.float32))
            for text, where in zip(texts, found, strict=True)
            if text
        ]

    return OpenReader(metadata.version("qreader"), read)


def _grey(picture: Picture) -> Picture:
    import cv2

    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)  # type: ignore[return-value]


def _four_corners(polygon: list[tuple[float, float]]) -> Quad:
    """A polygon's corners as a quad: ZBar reports fewer or more than four where edges are uncertain."""
    points = np.array(polygon, np.float32).reshape(-1, 2)
    if len(points) == 4:
        return points
    if not len(points):
        return np.zeros((4, 2), np.float32)
    low, high = points.min(0), points.max(0)
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float32)


@contextlib.contextmanager
def _own_working_folder() -> Iterator[None]:
    """Pyboof leaves files where it starts."""
    before = Path.cwd()
    os.chdir(tempfile.gettempdir())
    try:
        yield
    finally:
        os.chdir(before)


READERS: dict[str, ReaderKind] = {
    "fastqr": ReaderKind(fastqr),
    "zxing-cpp": ReaderKind(zxing_cpp),
    "opencv": ReaderKind(opencv, "opencv-contrib"),
    "opencv-aruco": ReaderKind(opencv_aruco, "opencv-contrib"),
    "wechat": ReaderKind(wechat, "opencv-contrib"),
    "pyzbar": ReaderKind(pyzbar),
    "boofcv": ReaderKind(boofcv, "boofcv"),
    "qreader": ReaderKind(qreader, "qreader"),
}
