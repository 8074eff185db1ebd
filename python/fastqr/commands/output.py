"""What the commands print of a picture: lines of text that a terminal may show, JSON or CSV."""

from __future__ import annotations

import argparse
import base64
import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from fastqr.printable import escaped

from .console import Console, in_colour
from .joining import Joined, Parts

if TYPE_CHECKING:
    from fastqr import MergedMessage, Symbol

__all__ = ["Printer", "add_output_options", "ascii_json"]

CORNERS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")  # of the quad, from its top left corner on
ENCODING = ("encoding", "encoding_named", "encoding_certainty")
OTHERS = ("structured_append", "content")
VALUES = ("version", "model", "ec_level", "mask", "symbology_identifier", "confidence", "inverted", "mirrored")


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

    Parts of a message over several symbols are kept, and the message is printed once all of them came; in JSON they
    stand in their pictures' lines too. Parts of messages that were not completed are printed at the end of the ``with``
    statement, also on Ctrl-C.

    Parameters
    ----------
    options : argparse.Namespace
        Of a command with `add_output_options`.
    console : Console
        Its progress bar gives way.
    named : bool
        Whether lines of text begin with the picture's name.
    encodings : sequence of str, optional
        Character sets to expect of messages over several symbols.
    """

    def __init__(
        self, options: argparse.Namespace, console: Console, *, named: bool, encodings: Sequence[str] = ()
    ) -> None:
        if options.bytes and not options.json:
            options.usage_error("--bytes needs --json")
        self._options, self._console, self._named = options, console, named
        self._escape: bool = sys.stdout.isatty() if options.escape is None else options.escape
        self._begun = False
        self._parts = Parts(encodings)

    def print(self, name: str, symbols: Sequence[Symbol]) -> None:
        """Print a picture's symbols, and the messages that their parts complete."""
        parts = [symbol for symbol in symbols if symbol.structured_append is not None]
        if self._options.json:
            self._console.show(json_line(name, symbols, with_bytes=self._options.bytes))
        elif len(parts) < len(symbols) or not symbols:
            self._print(name, [symbol for symbol in symbols if symbol.structured_append is None])
        for part in parts:
            for joined in self._parts.add(name, part):
                if self._options.json:
                    self._console.show(joined_json_line(joined, with_bytes=self._options.bytes))
                else:
                    self._print(" + ".join(joined.names), [joined.message])

    def __enter__(self) -> Printer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Print the parts of messages that were not completed, and note what those lack."""
        if kind is not None and kind is not KeyboardInterrupt:
            return
        for fault, parts in self._parts.left():
            self._console.note(escaped(fault))
            if not self._options.json:
                for name, part in parts:
                    self._print(name, [part])

    def _print(self, name: str, payloads: Sequence[Symbol | MergedMessage]) -> None:
        show = escaped if self._escape else str
        if self._options.csv:
            if not self._begun:
                self._console.show(_csv_line(["image", "text", "data", *CORNERS, *VALUES]))
            self._begun = True
            for row in _csv_rows(show(name), payloads, show):
                self._console.show(_csv_line(row))
            return
        prefix = f"{in_colour(show(name), 'magenta', sys.stdout)}: " if self._named else ""
        for payload in payloads:
            self._console.show(prefix + show(payload.text or ""))


def json_line(name: str, symbols: Sequence[Symbol], *, with_bytes: bool) -> str:
    """Return a picture's symbols as one JSON object in one line of printable ASCII, valid in every encoding."""
    return ascii_json({"image": name, "symbols": [_record(symbol, with_bytes=with_bytes) for symbol in symbols]})


def joined_json_line(joined: Joined, *, with_bytes: bool) -> str:
    """Return a message over several symbols and the pictures that hold them as `json_line` does."""
    plain = joined.message.to_dict()
    record: dict[str, Any] = {name: plain[name] for name in ("text", "data", *ENCODING, "parity", "total", "content")}
    if with_bytes:
        record["bytes"] = base64.b64encode(joined.message.data or b"").decode("ascii")
    return ascii_json({"images": list(joined.names), "message": record})


def ascii_json(record: dict[str, Any]) -> str:
    """Return an object as one line of printable ASCII."""
    return json.dumps(record).replace("\x7f", r"\u007f")  # DEL, the one control that JSON lets stand


def _record(symbol: Symbol, *, with_bytes: bool) -> dict[str, Any]:
    plain = symbol.to_dict()
    record: dict[str, Any] = {name: plain[name] for name in ("text", "data", *ENCODING, "quad", *VALUES, *OTHERS)}
    if with_bytes:
        record["bytes"] = base64.b64encode(symbol.data).decode("ascii")
    return record


def _csv_rows(
    name: str, payloads: Sequence[Symbol | MergedMessage], show: Callable[[str], str]
) -> Iterator[list[object]]:
    """Return one row a payload, and one for a picture without any; a message has no place and values of one symbol."""
    if not payloads:
        yield [name, *[""] * (2 + len(CORNERS) + len(VALUES))]
    for payload in payloads:
        record = payload.to_dict()
        values = [record.get(value, "") for value in VALUES]
        yield [name, show(payload.text or ""), record["data"], *_corners(record.get("quad")), *values]


def _corners(quad: Any) -> list[object]:
    return [""] * len(CORNERS) if quad is None else [value for point in quad for value in point]


def _csv_line(row: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()
