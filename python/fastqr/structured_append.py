"""Messages that are spread over several symbols (ISO/IEC 18004:2015, 8): which belong together, and what they say."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import ArgumentTypeError
from .symbol import Symbol
from .text import RawSegment, checked_encodings, decode_segments

if TYPE_CHECKING:
    from .content import JSON, Content

__all__ = ["MergedMessage", "merge_structured_append"]

MOST_CHOICES = 4096  # of parts that stand for one place, beyond which none is chosen


@dataclass(frozen=True, slots=True)
class MergedMessage:
    """A message of several symbols, as far as its parts were read.

    Attributes
    ----------
    text, data : str, bytes, or None
        The whole message, its bytes joined before they become text; None while a part is missing.
    encoding : str or None
    encoding_named : bool
    encoding_certainty : float
        As of `Symbol`, for the whole message.
    parity : int
        Exclusive or of all bytes of the message, as each part has it.
    parity_agrees : bool
        Whether the bytes have that parity. Where they do not, parts of different messages came together, or the encoder
        was wrong.
    symbols : tuple of (Symbol or None)
        The parts in order; None for those that are missing.
    conflicting : tuple of int
        Places, from 0, for which there are several parts that say different things, without the parity deciding; they
        count as missing.
    """

    text: str | None = field(repr=False)
    data: bytes | None = field(repr=False)
    encoding: str | None
    encoding_named: bool
    encoding_certainty: float
    parity: int
    parity_agrees: bool
    symbols: tuple[Symbol | None, ...]
    conflicting: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """Number of parts of the whole message."""
        return len(self.symbols)

    @property
    def missing(self) -> tuple[int, ...]:
        """Places, from 0, of the parts that are not there."""
        return tuple(i for i, symbol in enumerate(self.symbols) if symbol is None)

    @property
    def complete(self) -> bool:
        """Whether all parts are there and their parity agrees."""
        return not self.missing and self.parity_agrees

    @property
    def content(self) -> Content | None:
        """What the message is for, as `Symbol.content`; None while a part is missing."""
        if self.text is None:
            return None
        from .content import content_of

        gs1 = self.symbols[0] is not None and self.symbols[0].symbology_identifier in ("]Q3", "]Q4")
        return content_of(self.text, None if self.encoding_named else self.data, gs1=gs1)

    def to_dict(self) -> dict[str, JSON]:
        """Return what the message holds in plain values, its symbols by `Symbol.to_dict`."""
        return {
            "text": self.text,
            "data": None if self.data is None else self.data.hex(),
            "encoding": self.encoding,
            "encoding_named": self.encoding_named,
            "encoding_certainty": round(self.encoding_certainty, 4),
            "parity": self.parity,
            "parity_agrees": self.parity_agrees,
            "total": self.total,
            "missing": list(self.missing),
            "conflicting": list(self.conflicting),
            "content": None if self.content is None else self.content.to_dict(),
            "symbols": [None if symbol is None else symbol.to_dict() for symbol in self.symbols],
        }


def merge_structured_append(symbols: Iterable[Symbol], *, encodings: Sequence[str] = ()) -> list[MergedMessage]:
    """Join the parts of messages that are spread over several symbols.

    Parameters
    ----------
    symbols : iterable of Symbol
        In any order, of one or several pictures or frames of a video. A part may come more than once; symbols that are
        no part of a message are passed over.
    encodings : sequence of str, optional
        Character sets to expect where the symbols name none, as for `Scanner`.

    Returns
    -------
    list of MergedMessage
        One for each message, in the order in which their first parts came; parts with one parity and number of parts
        belong together. Where several parts stand for one place, those count that give the parity.

    Raises
    ------
    ArgumentTypeError, InvalidArgumentError
        `symbols` are not symbols, or `encodings` are not accepted.

    Examples
    --------
    >>> import numpy as np
    >>> import segno
    >>> import fastqr
    >>> drawn = segno.make_sequence("in three parts", symbol_count=3)
    >>> parts = [fastqr.decode_modules(np.array([list(row) for row in one.matrix], dtype=bool)) for one in drawn]
    >>> [message.text for message in fastqr.merge_structured_append(reversed(parts))]
    ['in three parts']
    >>> fastqr.merge_structured_append(parts[:2])[0].missing
    (2,)
    """
    expected = checked_encodings(encodings)
    groups: dict[tuple[int, int], list[list[Symbol]]] = {}
    for symbol in _checked(symbols):
        place = symbol.structured_append
        if place is None:
            continue
        of_place = groups.setdefault((place.parity, place.total), [[] for _ in range(place.total)])[place.index]
        if not any(_segments(symbol) == _segments(other) for other in of_place):
            of_place.append(symbol)
    return [
        _message(parts, parity, conflicting, expected)
        for (parity, _), places in groups.items()
        for parts, conflicting in _choices(places, parity)
    ]


def _checked(symbols: Iterable[Symbol]) -> Iterator[Symbol]:
    accepted = "symbols must be an iterable of Symbol, as `decode` returns them"
    if isinstance(symbols, Symbol):
        raise ArgumentTypeError(f"{accepted}, got one Symbol")
    try:
        given = iter(symbols)
    except TypeError:
        raise ArgumentTypeError(f"{accepted}, got {symbols!r:.100}") from None
    for symbol in given:
        if not isinstance(symbol, Symbol):
            raise ArgumentTypeError(f"{accepted}, got {symbol!r:.100} among them")
        yield symbol


def _choices(places: list[list[Symbol]], parity: int) -> Iterator[tuple[list[Symbol | None], tuple[int, ...]]]:
    """Choose a symbol for each place: several times, where the parts of several messages have one parity."""
    disputed = tuple(i for i, of_place in enumerate(places) if len(of_place) > 1)
    if not disputed:
        yield [of_place[0] if of_place else None for of_place in places], ()
        return
    choices: list[tuple[Symbol, ...]] = []
    if all(places) and math.prod(map(len, places)) <= MOST_CHOICES:
        choices = [choice for choice in itertools.product(*places) if _parity_of(choice) == parity]
    told_apart = all(len({id(choice[i]) for choice in choices}) == len(choices) for i in range(len(places)))
    if choices and told_apart:
        for choice in choices:
            yield list(choice), ()
        return
    yield [of_place[0] if len(of_place) == 1 else None for of_place in places], disputed


def _message(
    parts: list[Symbol | None], parity: int, conflicting: tuple[int, ...], encodings: Sequence[str]
) -> MergedMessage:
    there = [symbol for symbol in parts if symbol is not None]
    if len(there) < len(parts):
        return MergedMessage(None, None, None, False, 0.0, parity, False, tuple(parts), conflicting)
    segments: list[RawSegment] = []
    eci = None
    for symbol in there:
        for mode, named, data in _segments(symbol):
            eci = eci if named is None else named  # in force until another is named, in the next symbol too
            segments.append((mode, eci, data))
    decoded = decode_segments(segments, encodings)
    first = there[0]
    indicator = first.data[: len(first.data) - sum(len(segment.data) for segment in first.segments)]  # of FNC1
    return MergedMessage(
        text=indicator.decode("ascii") + decoded.text,
        data=indicator + b"".join(data for _, _, data in segments),
        encoding=decoded.encoding,
        encoding_named=decoded.named,
        encoding_certainty=decoded.certainty,
        parity=parity,
        parity_agrees=_parity_of(there) == parity,
        symbols=tuple(parts),
    )


def _segments(symbol: Symbol) -> list[RawSegment]:
    return [(segment.mode, segment.eci, segment.data) for segment in symbol.segments]


def _parity_of(symbols: Iterable[Symbol]) -> int:
    return functools.reduce(
        operator.xor, (byte for symbol in symbols for _, _, data in _segments(symbol) for byte in data), 0
    )
