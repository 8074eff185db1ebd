"""Frames of a file, a camera or a program, one after the other, with the codes that are followed through them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .appearances import Appearance
from .arrays import ArrayImage, checked_array
from .errors import ArgumentTypeError, VideoError
from .pixels import Picture
from .symbol import Symbol
from .tracker import Tracker

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["Video", "VideoFrame", "VideoSource", "track"]

VideoSource: TypeAlias = "int | str | os.PathLike[str] | Video | Iterable[ArrayImage]"

USUAL_RATE = 30.0  # frames a second, of a camera that names no rate


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """A frame, and what it shows.

    Attributes
    ----------
    number : int
        From 0.
    time : float
        Seconds since the first frame: by the file's time stamps, or by the clock when the frame came.
    picture : ndarray of uint8
        Height and width, or these and 3 (BGR).
    symbols : list of Symbol
        What was read in the frame.
    appearances : list of Appearance
        The codes that are followed.
    ended : list of Appearance
        Those that left with this frame.
    """

    number: int
    time: float
    picture: Picture
    symbols: list[Symbol]
    appearances: list[Appearance]
    ended: list[Appearance]


def track(source: VideoSource, tracker: Tracker | None = None) -> Iterator[VideoFrame]:
    """Follow the codes of a video.

    Parameters
    ----------
    source : int, str, path, Video or iterable of arrays
        A camera's number; a video file's path; the address of a stream, such as ``rtsp://…``; or any frames.
    tracker : Tracker, optional
        What follows them; one with default options is made where none is given. After the last frame it is reset, so
        that its `Tracker.ended` are the codes that were there to the end.

    Yields
    ------
    VideoFrame
        As soon as the frame was read.

    Raises
    ------
    VideoError
        There is no such file, camera or stream, or it cannot be opened.
    ArgumentTypeError, InvalidImageError
        The source, or a frame of it, is not of an accepted kind.

    Examples
    --------
    >>> import fastqr
    >>> scene = fastqr.demo_scene(width=1000)
    >>> for frame in fastqr.track(scene[:, 8 * k : 8 * k + 960] for k in range(3)):  # doctest: +SKIP
    ...     print(frame.number, [code.id for code in frame.appearances])
    """
    following = Tracker() if tracker is None else tracker
    if isinstance(source, (int, str, os.PathLike)) and not isinstance(source, bool):
        source = Video(source)
    if isinstance(source, Video):
        frames = iter(source)
    elif isinstance(source, Iterable) and not isinstance(source, (bytes, np.ndarray)):
        frames = _timed(source)
    else:
        raise ArgumentTypeError(
            "source must be a camera's number, a video's path or address, or an iterable of frames, got "
            f"{type(source).__name__}"
        )
    return _followed(frames, following)


def _followed(frames: Iterator[tuple[float, Picture]], tracker: Tracker) -> Iterator[VideoFrame]:
    for number, (seconds, picture) in enumerate(frames):
        symbols = tracker.decode(picture)
        yield VideoFrame(number, seconds, picture, symbols, tracker.appearances, tracker.ended)
    tracker.reset()


def _timed(frames: Iterable[ArrayImage]) -> Iterator[tuple[float, Picture]]:
    start: float | None = None
    for frame in frames:
        now = time.monotonic()
        start = now if start is None else start
        yield now - start, checked_array(frame, "frame")


class Video:
    """A video file, a camera or a stream that OpenCV opens; iterating gives each frame with its time in seconds.

    Parameters
    ----------
    source : int, str or path

    Raises
    ------
    VideoError
        There is no such file, camera or stream, or it cannot be opened.
    """

    def __init__(self, source: int | str | os.PathLike[str]) -> None:
        self._live = isinstance(source, int)
        given: Any = source
        if isinstance(source, int):
            wrong = f"camera {source} cannot be opened: no such camera is connected, or another program has it"
        else:
            name = os.fspath(source)
            given, wrong = name, f"video {name!r} cannot be opened: it is no video that this OpenCV decodes"
            if "://" not in name and not Path(name).exists():
                raise VideoError(f"video {name!r} cannot be opened: there is no such file")
            try:
                name.encode()
            except UnicodeEncodeError:  # as bytes, which newer bindings take: other text ends the process there
                given = os.fsencode(name)
            self._live = "://" in name
        capture = _opened(given)
        if capture is None or not capture.isOpened():
            raise VideoError(wrong)
        self._capture = capture

    @property
    def rate(self) -> float:
        """Frames a second."""
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        return rate if 0 < rate < 1000 else USUAL_RATE

    def __iter__(self) -> Iterator[tuple[float, Picture]]:
        start: float | None = None
        try:
            while True:
                grabbed, frame = self._capture.read()
                if not grabbed:
                    return
                now = time.monotonic() if self._live else self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
                start = now if start is None else start
                yield now - start, np.asarray(frame, np.uint8)
        finally:
            self._capture.release()


def _opened(source: Any) -> cv2.VideoCapture | None:
    """Open it without a word: what OpenCV and FFmpeg print of what cannot be opened says less than one line of ours."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    logging = cv2.utils.logging
    level = logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(source)
    except cv2.error:
        return None
    finally:
        logging.setLogLevel(level)
