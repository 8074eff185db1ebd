"""``fastqr video``: follow the codes of a video file, a camera or a stream, frame by frame."""

from __future__ import annotations

import argparse
import base64
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastqr import Scanner, Tracker, VideoError, VideoFrame
from fastqr.annotate import draw_followed
from fastqr.appearances import Appearance
from fastqr.pixels import Picture
from fastqr.video import Video, track

from . import NOTHING_READ, READ
from .console import Console
from .output import Printer, add_output_options, ascii_json
from .scan import add_search_options, scanner_options

if TYPE_CHECKING:
    import cv2
else:
    from fastqr.libraries import cv2

__all__ = ["add_arguments", "run"]

CODECS = {".avi": "MJPG"}  # by the file's suffix; the others are
USUAL_CODEC = "mp4v"
WINDOW = "fastqr: q ends"
ENDING = {ord("q"), 27}  # keys
MAKES_NO_WINDOW = "--show needs a screen and an OpenCV that makes windows (opencv-python, not opencv-python-headless)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("source", help="a video file, the number of a camera, or the address of a stream (rtsp://…)")
    add_output_options(parser, "one JSON object a line for each code in each frame, and one when it has left")
    parser.add_argument("--show", action="store_true", help="show the frames in a window as they are read")
    parser.add_argument(
        "--annotate", type=Path, metavar="OUT.mp4", help="write the video with codes, their numbers and paths drawn in"
    )
    parser.add_argument(
        "--full-every", type=int, default=60, metavar="N", help="frames for one full search (default %(default)s)"
    )
    add_search_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print each payload at the first frame that shows it, or with ``--json`` what becomes of each code."""
    console = Console(quiet=options.quiet)
    scanner = Scanner(**scanner_options(options))
    printer = Printer(options, console, named=True, encodings=options.encodings or ())
    video = Video(int(options.source) if options.source.isdecimal() else options.source)
    tracker = Tracker(scanner, full_every=options.full_every)
    seen: set[tuple[bytes, object]] = set()
    with ExitStack() as stack:
        write = None if options.annotate is None else stack.enter_context(_written(options.annotate, video.rate))
        show = stack.enter_context(_window()) if options.show else None
        stack.enter_context(printer)
        for frame in track(video, tracker):
            fresh = [symbol for symbol in frame.symbols if (symbol.data, symbol.structured_append) not in seen]
            seen.update((symbol.data, symbol.structured_append) for symbol in fresh)
            if options.json:
                for record in _records(frame, with_bytes=options.bytes):
                    console.show(ascii_json(record))
            elif fresh:
                printer.print(f"frame {frame.number}", fresh)
            sys.stdout.flush()  # before the frame is drawn: who reads along need not wait for that
            if write is not None or show is not None:
                picture = draw_followed(frame.picture, frame.appearances)
                if write is not None:
                    write(picture)
                if show is not None and not show(picture):
                    break
    return READ if seen else NOTHING_READ


def _records(frame: VideoFrame, *, with_bytes: bool) -> Iterator[dict[str, Any]]:
    """Give what the frame says of each code."""
    for code in frame.appearances:
        yield {
            "frame": frame.number,
            "time": round(frame.time, 4),
            "track": code.id,
            "state": code.state,
            **_payload(code, with_bytes=with_bytes),
            "corners": _rounded(code.quad),
            "measured": None if code.measured is None else _rounded(code.measured),
        }
    for code in frame.ended:
        yield {
            "frame": frame.number,
            "time": round(frame.time, 4),
            "track": code.id,
            "state": "left",
            **_payload(code, with_bytes=with_bytes),
            "first": code.first,
            "last": code.last,
        }


def _payload(code: Appearance, *, with_bytes: bool) -> dict[str, Any]:
    payload = {"text": code.symbol.text, "data": code.symbol.data.hex()}
    if with_bytes:
        payload["bytes"] = base64.b64encode(code.symbol.data).decode("ascii")
    return payload


def _rounded(quad: Any) -> list[list[float]]:
    return [[round(value, 2) for value in point] for point in quad.tolist()]


@contextmanager
def _written(path: Path, rate: float) -> Iterator[Any]:
    """Give what adds a frame to a new video file."""
    if os.path.lexists(path):
        raise VideoError(f"{str(path)!r} exists already: remove it, or name another file for --annotate")
    writers: list[cv2.VideoWriter] = []

    def write(picture: Picture) -> None:
        if not writers:
            codec = cv2.VideoWriter.fourcc(*CODECS.get(path.suffix.lower(), USUAL_CODEC))
            writers.append(cv2.VideoWriter(str(path), codec, rate, (picture.shape[1], picture.shape[0])))
            if not writers[0].isOpened():
                raise VideoError(f"{str(path)!r} cannot be written: no such folder, or no video format of this OpenCV")
        writers[0].write(picture)

    try:
        yield write
    finally:
        for writer in writers:
            writer.release()


@contextmanager
def _window() -> Iterator[Any]:
    """Give what shows a picture, and tells whether more are wanted."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise VideoError(MAKES_NO_WINDOW)

    def show(picture: Picture) -> bool:
        try:
            cv2.imshow(WINDOW, picture)
            return cv2.waitKey(1) & 0xFF not in ENDING and cv2.getWindowProperty(WINDOW, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error as error:
            raise VideoError(MAKES_NO_WINDOW) from error

    yield show
    try:
        cv2.destroyAllWindows()
    except cv2.error as error:
        raise VideoError(MAKES_NO_WINDOW) from error
