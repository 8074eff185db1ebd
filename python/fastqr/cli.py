"""The command ``fastqr``: scan, demo, video, info."""

from __future__ import annotations

import argparse
import glob
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from . import FastQRError, Scanner, Symbol, Tracker, __version__, build_info
from .annotate import annotated
from .demo import demo_scene
from .pictures import ImageLike, load_picture, read_stream

__all__ = ["main"]

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".pgm", ".ppm", ".tif", ".tiff", ".webp"}
STANDARD_INPUT = "-"
READ, NOTHING_READ, FAILED = 0, 1, 2
INTERRUPTED = 130  # what shells give a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 when something was read, 1 when nothing was, 2 on an error.

    Ctrl-C ends it with 130.
    """
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name or text that the terminal has no letters for is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
    except FastQRError as error:
        print(f"fastqr: {error}", file=sys.stderr)
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
    scan.add_argument("--json", action="store_true", help="one JSON object a picture and line")
    scan.add_argument("--annotate", type=Path, metavar="DIR", help="write each picture with what was found drawn in")
    scan.add_argument("--threads", type=int, default=1, help="threads of one network call (default 1)")
    scan.add_argument("--max-symbols", type=int, help="stop after so many symbols in a picture")
    scan.add_argument("--budget-ms", type=float, help="stop the search in a picture after so many milliseconds")
    scan.set_defaults(run=_scan)

    demo = commands.add_parser("demo", help="render a cluttered scene of codes, read it, write the annotated picture")
    demo.add_argument("--out", type=Path, default=Path("fastqr-demo.png"), help="default: %(default)s")
    demo.set_defaults(run=_demo)

    video = commands.add_parser("video", help="read the codes of a video file or camera, frame by frame")
    video.add_argument("source", help="a video file, or the number of a camera")
    video.add_argument("--json", action="store_true", help="one JSON object a new symbol and line")
    video.set_defaults(run=_video)

    info = commands.add_parser("info", help="versions, build and networks, as JSON")
    info.set_defaults(run=_info)
    return parser


def _scan(options: argparse.Namespace) -> int:
    scanner = Scanner(threads=options.threads, max_symbols=options.max_symbols, budget_ms=options.budget_ms)
    paths = list(_expanded(options.paths))
    if not paths:
        print("fastqr: no picture files in " + " ".join(options.paths), file=sys.stderr)
        return FAILED
    if options.annotate is not None:
        _make_folder(options.annotate)
    names: set[str] = set()
    any_read = failed = False
    for path in _with_progress(paths):
        name = "standard input" if path == STANDARD_INPUT else path
        try:
            image: ImageLike = read_stream(sys.stdin.buffer, name) if path == STANDARD_INPUT else path
            picture = load_picture(image)
            symbols = scanner.decode(picture)
        except FastQRError as error:
            print(f"fastqr: {error}", file=sys.stderr)
            failed = True
            continue
        any_read = any_read or bool(symbols)
        _print_symbols(name, symbols, options.json, len(paths) > 1)
        if options.annotate is not None:
            stem = "stdin" if path == STANDARD_INPUT else Path(path).stem
            _write(
                options.annotate / f"{_unused(stem, names)}.png", annotated(picture, symbols, scanner.detect(picture))
            )
    if failed:
        return FAILED
    return READ if any_read else NOTHING_READ


def _demo(options: argparse.Namespace) -> int:
    scanner = Scanner()
    picture = demo_scene()
    symbols = scanner.decode(picture)
    for symbol in symbols:
        print(symbol.text)
    _write(options.out, annotated(picture, symbols))
    print(f"{len(symbols)} codes in {scanner.timings['total']:.1f} ms; picture in {options.out}", file=sys.stderr)
    return READ if symbols else NOTHING_READ


def _video(options: argparse.Namespace) -> int:
    source = int(options.source) if options.source.isdecimal() else options.source
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        print(f"fastqr: video {options.source!r} cannot be opened", file=sys.stderr)
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
            _print_symbols(f"frame {number}", fresh, options.json, True)
        number += 1
    capture.release()
    return READ if seen else NOTHING_READ


def _info(_: argparse.Namespace) -> int:
    print(json.dumps(build_info(), indent=2))
    return READ


def _expanded(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if path == STANDARD_INPUT:
            yield path
        elif os.path.isdir(path):
            yield from sorted(
                str(p) for p in Path(path).rglob("*") if p.suffix.lower() in SUFFIXES and not os.path.isdir(p)
            )
        elif glob.has_magic(path) and not os.path.exists(path):
            yield from sorted(glob.glob(path, recursive=True))
        else:
            yield path


def _with_progress(paths: list[str]) -> Iterable[str]:
    if len(paths) < 2 or not sys.stderr.isatty():
        return paths
    try:
        from tqdm import tqdm
    except ImportError:  # the extra `cli` is not installed
        return paths
    bar: Iterable[str] = tqdm(paths, unit="picture")
    return bar


def _print_symbols(name: str, symbols: Sequence[Symbol], as_json: bool, named: bool) -> None:
    if as_json:
        print(json.dumps({"image": name, "symbols": [_as_json(symbol) for symbol in symbols]}, ensure_ascii=False))
        return
    for symbol in symbols:
        print(f"{name}: {symbol.text}" if named else symbol.text)


def _as_json(symbol: Symbol) -> dict[str, Any]:
    return {
        "text": symbol.text,
        "data": symbol.data.hex(),
        "quad": None if symbol.quad is None else [[round(float(v), 2) for v in point] for point in symbol.quad],
        "version": symbol.version,
        "ec_level": symbol.ec_level,
        "mask": symbol.mask,
        "symbology_identifier": symbol.symbology_identifier,
        "confidence": round(symbol.confidence, 4),
        "inverted": symbol.inverted,
        "mirrored": symbol.mirrored,
    }


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FastQRError(f"folder {str(path)!r} cannot be made: {error.strerror or error}") from error


def _unused(stem: str, names: set[str]) -> str:
    """Return the stem, numbered where a picture of another folder has it already; adds it to the names."""
    name, number = stem, 1
    while name.lower() in names:
        number += 1
        name = f"{stem}-{number}"
    names.add(name.lower())
    return name


def _write(path: Path, picture: Any) -> None:
    try:
        written = cv2.imwrite(str(path), picture)
    except cv2.error:
        written = False
    if not written:
        raise FastQRError(f"picture {str(path)!r} cannot be written")
