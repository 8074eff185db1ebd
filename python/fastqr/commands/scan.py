"""``fastqr scan``: read the codes of picture files."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from fastqr import FastQRError, Scanner
from fastqr.picture_files import STANDARD_INPUT, PictureFile, picture_files
from fastqr.picture_folder import PictureFolder
from fastqr.pictures import MAX_BYTES, ImageLike, load_picture, read_stream
from fastqr.settings import EFFORTS

from . import FAILED, NOTHING_READ, READ
from .console import Console, counted
from .output import Printer, add_output_options

__all__ = ["add_arguments", "add_search_options", "run", "scanner_options"]

QR_CODE = ("qr", "qrcode")  # names of the one format that is read, without case and punctuation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, globs, or - for standard input")
    add_output_options(parser, "one JSON object a picture and line")
    parser.add_argument("--annotate", type=Path, metavar="DIR", help="write each picture with what was found drawn in")
    parser.add_argument(
        "--explain", type=Path, metavar="DIR", help="draw what the search did, and each code that was read or lost"
    )
    add_search_options(parser)
    parser.add_argument("--threads", type=int, default=1, help="threads of one network call (default 1)")


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a `Scanner` that a user of a command line may want."""
    group = parser.add_argument_group("search")
    group.add_argument("--effort", choices=EFFORTS, default="balanced", help="how far a search goes (default balanced)")
    group.add_argument(
        "--min-size", type=float, default=16, metavar="PX", help="smallest side of a code in pixels (default 16)"
    )
    group.add_argument("--max-symbols", type=int, metavar="N", help="stop after so many symbols in a picture")
    group.add_argument(
        "--budget-ms", type=float, metavar="MS", help="stop the search in a picture after so many milliseconds"
    )
    group.add_argument(
        "--max-bytes",
        type=int,
        default=MAX_BYTES,
        metavar="N",
        help="memory that decoding a file may take (default %(default)s)",
    )
    group.add_argument(
        "--encodings",
        type=lambda names: names.split(","),
        default=(),
        metavar="NAME,…",
        help="character sets to expect where a code names none, such as utf-8,cp1251 (default: any)",
    )
    group.add_argument(
        "--formats",
        type=_formats,
        metavar="NAME,…",
        help="formats to read: qr is the only one there is, any other is an error",
    )
    group.add_argument("--models", metavar="DIR", help="a folder of networks to use instead of the shipped ones")


def _formats(names: str) -> None:
    """Accept what a command line for readers of many formats names, as long as it is QR codes."""
    for name in names.split(","):
        if re.sub(r"[\W_]", "", name).lower() not in QR_CODE:
            raise argparse.ArgumentTypeError(f"{name!r} is not read: fastqr reads QR codes (qr) and no other format")


def scanner_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what `add_search_options` got as keywords of a `Scanner`."""
    names = ("effort", "min_size", "max_symbols", "budget_ms", "max_bytes", "encodings", "models")
    return {name: getattr(options, name) for name in names}


def run(options: argparse.Namespace) -> int:
    """Read the pictures one after the other, and print what each holds."""
    failures = symbols_read = pictures_read = 0
    with Console(quiet=options.quiet) as console:

        def failed(message: str) -> None:
            nonlocal failures
            failures += 1
            console.complain(message)

        scanner = Scanner(**scanner_options(options), threads=options.threads)
        files = list(picture_files(options.paths, console.note, failed))
        if not files:
            console.complain("no picture files in " + ", ".join(map(repr, options.paths)))
            return FAILED
        printer = Printer(options, console, named=len(files) > 1, encodings=options.encodings)
        folder = None if options.annotate is None else PictureFolder(options.annotate)
        explained = None if options.explain is None else PictureFolder(options.explain)
        console.expect(len(files), "pictures")
        with printer:
            for file in files:
                name = "standard input" if file.path == STANDARD_INPUT else file.path
                try:
                    picture = load_picture(_content(file, name, options.max_bytes), max_bytes=options.max_bytes)
                    symbols = scanner.decode(picture)
                    symbols_read += len(symbols)
                    pictures_read += bool(symbols)
                    printer.print(name, symbols)
                    if folder is not None:
                        from fastqr.annotate import draw

                        folder.write(file.place, draw(picture, symbols, scanner.detect(picture)))
                    if explained is not None:
                        for drawn in scanner.explain(picture).draw(picture):
                            explained.write(file.place.with_name(f"{file.place.stem}-{drawn.name}.png"), drawn.picture)
                except FastQRError as error:
                    failed(str(error))
                console.advance()
        if len(files) > 1:
            what = f"{symbols_read:,} codes in {pictures_read:,} of {len(files):,} pictures"
            console.summarise(what + (f", {counted(failures, 'error')}" if failures else ""))
    if failures:
        return FAILED
    return READ if symbols_read else NOTHING_READ


def _content(file: PictureFile, name: str, max_bytes: int) -> ImageLike:
    return read_stream(sys.stdin.buffer, name, max_bytes=max_bytes) if file.path == STANDARD_INPUT else file.path
