"""Text that may hold anything, as one line that a terminal may show."""

from __future__ import annotations

__all__ = ["escaped"]

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
