"""What the commands print of a picture: lines of text that a terminal may show, JSON or CSV."""

from __future__ import annotations

import argparse
import base64
import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastqr.printable import escaped

from .console import Console, in_colour

if TYPE_CHECKING:
    from fastqr import Symbol

__all__ = ["Printer", "add_output_options"]

CORNERS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")  # of the quad, from its top left corner on
VALUES = ("version", "ec_level", "mask", "symbology_identifier", "confidence", "inverted", "mirrored")


def add_output_options(command: argparse.ArgumentParser, json_help: str) -> None:
    """Let a command's results be printed as text, JSON or CSV."""
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help=f"{json_help}, in ASCII")
    form.add_argument("--csv", action="store_true", help="a table: one row a symbol, and one a picture without any")
    command.add_argument("--bytes", action="store_true", help="with --json: each symbol's exact data in base64, too")
    command.add_argument(
        "--escape",
        action=argparse.BooleanOptionalAction,
        help="one line a payload, line ends and what does not print as \\n, \\x1b, \\u202e; the default on a terminal",
    )
    command.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no summary, no notes")
    command.set_defaults(usage_error=command.error)


class Printer:
    """Prints what was read, picture by picture, in the form that `add_output_options` offers.

    Parameters
    ----------
    options : argparse.Namespace
        Of a command with `add_output_options`.
    console : Console
        Its progress bar gives way.
    named : bool
        Whether lines of text begin with the picture's name.
    """

    def __init__(self, options: argparse.Namespace, console: Console, *, named: bool) -> None:
        if options.bytes and not options.json:
            options.usage_error("--bytes needs --json")
        self._options, self._console, self._named = options, console, named
        self._escape: bool = sys.stdout.isatty() if options.escape is None else options.escape
        self._begun = False

    def print(self, name: str, symbols: Sequence[Symbol]) -> None:
        """Print a picture's symbols."""
        for line in self._lines(name, symbols):
            self._console.show(line)

    def _lines(self, name: str, symbols: Sequence[Symbol]) -> list[str]:
        if self._options.json:
            return [json_line(name, symbols, with_bytes=self._options.bytes)]
        show = escaped if self._escape else str
        if self._options.csv:
            header = [] if self._begun else [_csv_line(["image", "text", "data", *CORNERS, *VALUES])]
            self._begun = True
            return header + [_csv_line(row) for row in _csv_rows(show(name), symbols, show)]
        prefix = f"{in_colour(show(name), 'magenta', sys.stdout)}: " if self._named else ""
        return [prefix + show(symbol.text) for symbol in symbols]


def json_line(name: str, symbols: Sequence[Symbol], *, with_bytes: bool) -> str:
    """Return a picture's symbols as one JSON object in one line of printable ASCII, valid in every encoding."""
    record = {"image": name, "symbols": [_record(symbol, with_bytes=with_bytes) for symbol in symbols]}
    return json.dumps(record).replace("\x7f", r"\u007f")  # DEL, the one control that JSON lets stand


def _record(symbol: Symbol, *, with_bytes: bool) -> dict[str, Any]:
    plain = symbol.to_dict()
    record: dict[str, Any] = {name: plain[name] for name in ("text", "data", "quad", *VALUES, "content")}
    if with_bytes:
        record["bytes"] = base64.b64encode(symbol.data).decode("ascii")
    return record


def _csv_rows(name: str, symbols: Sequence[Symbol], show: Callable[[str], str]) -> list[list[object]]:
    if not symbols:
        return [[name, *[""] * (2 + len(CORNERS) + len(VALUES))]]
    records = [_record(symbol, with_bytes=False) for symbol in symbols]
    return [
        [name, show(record["text"]), record["data"], *_corners(record["quad"]), *(record[value] for value in VALUES)]
        for record in records
    ]


def _corners(quad: list[list[float]] | None) -> list[object]:
    return [""] * len(CORNERS) if quad is None else [value for point in quad for value in point]


def _csv_line(row: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()
