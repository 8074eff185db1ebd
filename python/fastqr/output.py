"""What the command prints of a picture: lines of text that a terminal may show, or JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from .symbol import Symbol

__all__ = ["escaped", "json_line", "text_lines"]

_NAMED = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escaped(text: str) -> str:
    r"""Return a text in one line, with what does not print as a backslash sequence.

    Controls (also C1), marks of direction, line separators, invisible characters and lone surrogates become ``\xNN``,
    ``\uNNNN`` or ``\UNNNNNNNN``, line ends and tabs ``\n``, ``\r`` and ``\t``, a backslash ``\\``, as in a string of
    Python: two texts never look the same, and none is more than a line.

    Examples
    --------
    >>> print(escaped("two\nlines, \x1b[31mred"))
    two\nlines, \x1b[31mred
    """
    return "".join(letter if letter.isprintable() and letter != "\\" else _sequence(letter) for letter in text)


def _sequence(letter: str) -> str:
    return _NAMED.get(letter) or letter.encode("unicode_escape").decode("ascii")


def text_lines(name: str | None, symbols: Sequence[Symbol], *, escape: bool) -> list[str]:
    """Return one line a symbol, after the picture's name where that is given; several lines where not escaped."""
    show = escaped if escape else str
    prefix = "" if name is None else f"{show(name)}: "
    return [prefix + show(symbol.text) for symbol in symbols]


def json_line(name: str, symbols: Sequence[Symbol], *, with_bytes: bool) -> str:
    """Return a picture's symbols as one JSON object in one line of printable ASCII, valid in every encoding."""
    record = {"image": name, "symbols": [_record(symbol, with_bytes=with_bytes) for symbol in symbols]}
    return json.dumps(record).replace("\x7f", r"\u007f")  # DEL, the one control that JSON lets stand


def _record(symbol: Symbol, *, with_bytes: bool) -> dict[str, Any]:
    record = {
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
    if with_bytes:
        record["bytes"] = base64.b64encode(symbol.data).decode("ascii")
    return record
