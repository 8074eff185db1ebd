"""Lines of vCard and iCalendar: folded ones unfolded, each a name, its parameters and a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from quopri import decodestring

from .syntax import pieces
from .value import Payload

__all__ = ["Line", "content_lines", "parts", "unescaped"]

_END = re.compile("\r\n|\r|\n")
_CHARSET = re.compile(r"(?:utf|us-?ascii|iso|latin|windows|cp|koi|shift|euc|gb|big5)[a-z0-9_-]{0,16}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """A property of RFC 5545 or RFC 6350.

    Attributes
    ----------
    name : str
        In capitals, without a group.
    parameters : dict
        Names in capitals; those without a value, of vCard 2.1, are types.
    value : str
        With its escapes.
    """

    name: str
    parameters: dict[str, str]
    value: str


def content_lines(payload: Payload) -> Iterator[Line]:
    """Give the properties of a payload; what is no property is passed over."""
    for line in _unfolded(payload.text):
        head, colon, value = _at_colon(line)
        if not colon:
            continue
        name, *given = head.split(";")
        parameters: dict[str, str] = {}
        for each in given:
            key, equals, parameter = each.partition("=")
            if not equals:
                key, parameter = ("ENCODING" if "QUOTED" in each.upper() else "TYPE"), each
            key = key.strip().upper()
            parameters[key] = f"{parameters[key]},{parameter}" if key in parameters else parameter
        if parameters.get("ENCODING", "").upper() in ("QUOTED-PRINTABLE", "Q"):
            value = _of_quoted_printable(value, parameters.get("CHARSET", "utf-8"))
        yield Line(name.rpartition(".")[2].strip().upper(), parameters, value)


def unescaped(value: str) -> str:
    r"""Return a value's text: ``\n`` is a line end, any other escaped character itself."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def parts(value: str) -> list[str]:
    """Return the texts of a value's parts between semicolons that are not escaped."""
    return [unescaped(each) for each in pieces(value)]


def _unfolded(text: str) -> Iterator[str]:
    """Join lines that go on: after a line end and a blank, or after the last = of quoted printable."""
    whole: list[str] = []
    for line in _END.split(text):
        soft = bool(whole) and whole[-1].endswith("=") and "QUOTED-PRINTABLE" in whole[0].upper()
        if soft:
            whole[-1] = whole[-1][:-1]
            whole.append(line)
        elif whole and line[:1] in (" ", "\t"):
            whole.append(line[1:])
        else:
            yield "".join(whole)
            whole = [line]
    yield "".join(whole)


def _at_colon(line: str) -> tuple[str, str, str]:
    """Split a line at its first colon outside quotes."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return line[:place], ":", line[place + 1 :]
    return line.partition(":")


def _of_quoted_printable(value: str, encoding: str) -> str:
    try:
        return decodestring(value.encode()).decode(encoding if _CHARSET.fullmatch(encoding) else "utf-8")
    except (LookupError, UnicodeError):
        return value
