"""The command ``fastqr``: scan, demo, video, info."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from . import FastQRError, Scanner, Symbol, Tracker, __version__, build_info
from .annotate import annotated
from .demo import demo_scene
from .output import json_line, text_lines
from .picture_files import STANDARD_INPUT, PictureFile, picture_files
from .picture_folder import PictureFolder, write_picture
from .pictures import MAX_BYTES, ImageLike, load_picture, read_stream
from .settings import EFFORTS

__all__ = ["main"]

READ, NOTHING_READ, FAILED = 0, 1, 2
INTERRUPTED = 130  # what shells give a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 when something was read, 1 when nothing was, 2 on an error.

    Ctrl-C ends it with 130.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if getattr(options, "bytes", False) and not options.json:
        parser.error("--bytes needs --json")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name or text that the terminal has no letters for is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
    except FastQRError as error:
        _complain(str(error))
        return FAILED
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fastqr", description="Find and read QR codes in pictures.")
    parser.add_argument("--version", action="version", version=f"fastqr {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    scan = commands.add_parser("scan", help="read the codes of picture files")
    scan.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, globs, or - for standard input")
    _add_output_options(scan, "one JSON object a picture and line")
    scan.add_argument("--annotate", type=Path, metavar="DIR", help="write each picture with what was found drawn in")
    scan.add_argument(
        "--explain", type=Path, metavar="DIR", help="draw what the search did, and each code that was read or lost"
    )
    scan.add_argument("--effort", choices=EFFORTS, default="balanced", help="how far a search goes (default balanced)")
    scan.add_argument("--threads", type=int, default=1, help="threads of one network call (default 1)")
    scan.add_argument("--max-symbols", type=int, help="stop after so many symbols in a picture")
    scan.add_argument("--budget-ms", type=float, help="stop the search in a picture after so many milliseconds")
    scan.add_argument(
        "--max-bytes", type=int, default=MAX_BYTES, help="memory that decoding a file may take (default %(default)s)"
    )
    scan.set_defaults(run=_scan)

    demo = commands.add_parser("demo", help="render a cluttered scene of codes, read it, write the annotated picture")
    demo.add_argument("--out", type=Path, default=Path("fastqr-demo.png"), help="default: %(default)s")
    demo.set_defaults(run=_demo)

    video = commands.add_parser("video", help="read the codes of a video file or camera, frame by frame")
    video.add_argument("source", help="a video file, or the number of a camera")
    _add_output_options(video, "one JSON object a frame with new symbols and line")
    video.set_defaults(run=_video)

    info = commands.add_parser("info", help="versions, build and networks, as JSON")
    info.set_defaults(run=_info)
    return parser


def _add_output_options(command: argparse.ArgumentParser, json_help: str) -> None:
    command.add_argument("--json", action="store_true", help=f"{json_help}, in ASCII")
    command.add_argument("--bytes", action="store_true", help="with --json: each symbol's exact data in base64, too")
    command.add_argument(
        "--escape",
        action=argparse.BooleanOptionalAction,
        help="one line a payload, line ends and what does not print as \\n, \\x1b, \\u202e; the default on a terminal",
    )


def _scan(options: argparse.Namespace) -> int:
    scanner = Scanner(
        effort=options.effort,
        threads=options.threads,
        max_symbols=options.max_symbols,
        budget_ms=options.budget_ms,
        max_bytes=options.max_bytes,
    )
    complaints: list[str] = []

    def failed(message: str) -> None:
        _complain(message)
        complaints.append(message)

    files = list(picture_files(options.paths, _complain, failed))
    if not files:
        _complain("no picture files in " + ", ".join(map(repr, options.paths)))
        return FAILED
    folder = None if options.annotate is None else PictureFolder(options.annotate)
    explained = None if options.explain is None else PictureFolder(options.explain)
    any_read = False
    for file in _with_progress(files):
        name = "standard input" if file.path == STANDARD_INPUT else file.path
        try:
            picture = load_picture(_content(file, name, options.max_bytes), max_bytes=options.max_bytes)
            symbols = scanner.decode(picture)
            any_read = any_read or bool(symbols)
            _print_symbols(name, symbols, options, named=len(files) > 1)
            if folder is not None:
                folder.write(file.place, annotated(picture, symbols, scanner.detect(picture)))
            if explained is not None:
                for drawn in scanner.explain(picture).draw(picture):
                    explained.write(file.place.with_name(f"{file.place.stem}-{drawn.name}.png"), drawn.picture)
        except FastQRError as error:
            failed(str(error))
    if complaints:
        return FAILED
    return READ if any_read else NOTHING_READ


def _content(file: PictureFile, name: str, max_bytes: int) -> ImageLike:
    return read_stream(sys.stdin.buffer, name, max_bytes=max_bytes) if file.path == STANDARD_INPUT else file.path


def _demo(options: argparse.Namespace) -> int:
    scanner = Scanner()
    picture = demo_scene()
    symbols = scanner.decode(picture)
    for symbol in symbols:
        print(symbol.text)
    write_picture(options.out, annotated(picture, symbols))
    print(f"{len(symbols)} codes in {scanner.timings['total']:.1f} ms; picture in {options.out}", file=sys.stderr)
    return READ if symbols else NOTHING_READ


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


def _video(options: argparse.Namespace) -> int:
    capture = _capture(options.source)
    if capture is None or not capture.isOpened():
        _complain(f"video {options.source!r} cannot be opened")
        return FAILED
    tracker = Tracker()
    seen: set[bytes] = set()
    number = 0
    while True:
        grabbed, frame = capture.read()
        if not grabbed:
            break
        fresh = [symbol for symbol in tracker.decode(np.asarray(frame, np.uint8)) if symbol.data not in seen]
        seen.update(symbol.data for symbol in fresh)
        if fresh:
            _print_symbols(f"frame {number}", fresh, options, named=True)
        number += 1
    capture.release()
    return READ if seen else NOTHING_READ


def _info(_: argparse.Namespace) -> int:
    print(json.dumps(build_info(), indent=2))
    return READ


def _with_progress(files: list[PictureFile]) -> Iterable[PictureFile]:
    if len(files) < 2 or not sys.stderr.isatty():
        return files
    try:
        from tqdm import tqdm
    except ImportError:  # the extra `cli` is not installed
        return files
    bar: Iterable[PictureFile] = tqdm(files, unit="picture")
    return bar


def _print_symbols(name: str, symbols: Sequence[Symbol], options: argparse.Namespace, *, named: bool) -> None:
    if options.json:
        print(json_line(name, symbols, with_bytes=options.bytes))
        return
    escape = sys.stdout.isatty() if options.escape is None else options.escape
    for line in text_lines(name if named else None, symbols, escape=escape):
        print(line)


def _complain(message: str) -> None:
    print(f"fastqr: {message}", file=sys.stderr)
