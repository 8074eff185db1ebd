"""``fastqr demo``: render a scene of codes, read it, write the annotated picture; or serve a page for any picture."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fastqr import Scanner
from fastqr.annotate import draw
from fastqr.demo import demo_scene
from fastqr.picture_folder import write_picture

from . import NOTHING_READ, READ

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--out", type=Path, default=Path("fastqr-demo.png"), help="default: %(default)s")
    parser.add_argument(
        "--page",
        action="store_true",
        help="serve a page on this machine for any picture (extra `demo`)",
    )
    parser.add_argument("--port", type=int, help="of the page (default: the first free one from 7860 on)")


def run(options: argparse.Namespace) -> int:
    """Print what was read, and say where the picture is."""
    if options.page:
        from fastqr.page import serve

        serve(options.port)
        return READ
    scanner = Scanner()
    picture = demo_scene()
    symbols = scanner.decode(picture)
    for symbol in symbols:
        print(symbol.text)
    write_picture(options.out, draw(picture, symbols))
    print(f"{len(symbols)} codes in {scanner.timings['total']:.1f} ms; picture in {options.out}", file=sys.stderr)
    return READ if symbols else NOTHING_READ
