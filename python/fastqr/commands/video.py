"""``fastqr video``: read the codes of a video file or camera, frame by frame."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from fastqr import Tracker

from . import FAILED, NOTHING_READ, READ
from .console import Console
from .output import Printer, add_output_options

if TYPE_CHECKING:
    import cv2
else:
    from fastqr.libraries import cv2

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("source", help="a video file, or the number of a camera")
    add_output_options(parser, "one JSON object a frame with new symbols and line")


def run(options: argparse.Namespace) -> int:
    """Print each payload at the first frame that shows it."""
    console = Console(quiet=options.quiet)
    printer = Printer(options, console, named=True)
    capture = _capture(options.source)
    if capture is None or not capture.isOpened():
        console.complain(f"video {options.source!r} cannot be opened")
        return FAILED
    tracker = Tracker()
    seen: set[tuple[bytes, object]] = set()
    number = 0
    with printer:
        while True:
            grabbed, frame = capture.read()
            if not grabbed:
                break
            symbols = tracker.decode(np.asarray(frame, np.uint8))
            fresh = [symbol for symbol in symbols if (symbol.data, symbol.structured_append) not in seen]
            seen.update((symbol.data, symbol.structured_append) for symbol in fresh)
            if fresh:
                printer.print(f"frame {number}", fresh)
            number += 1
    capture.release()
    return READ if seen else NOTHING_READ


def _capture(name: str) -> cv2.VideoCapture | None:
    """Open a camera by its number or a video by its name; None where this OpenCV takes no such name."""
    source: Any = int(name) if name.isdecimal() else name
    try:
        name.encode()
    except UnicodeEncodeError:  # as bytes, which newer bindings take: text that is not UTF-8 ends the process there
        source = os.fsencode(name)
    try:
        return cv2.VideoCapture(source)
    except cv2.error:
        return None
