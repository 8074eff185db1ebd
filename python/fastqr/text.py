"""From a symbol's bytes to text: by the character sets that the symbol names, else by the likeliest one.

What is named is the law: the ECI in force, kanji and hanzi mode, and ISO/IEC 8859-1 before the first ECI of a symbol
that has one. What is not named is one message, however many segments it is cut into, and is written in one set.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fastqr.errors import ArgumentTypeError, InvalidArgumentError
from fastqr.languages import Guess

__all__ = ["Decoded", "checked_encodings", "codec_of_eci", "decode_bytes", "decode_segments", "guess_codec"]

RawSegment = tuple[str, "int | None", bytes]  # mode, ECI in force, data

#: AIM ITS/04-023, ECI Part 3: Register. Where Windows' superset reads every text of the standard one and the texts that
#: encoders really write under that number, it stands here (as in the WHATWG Encoding Standard).
_CODEC_OF_ECI = {
    0: "cp437",
    1: "iso8859-1",
    2: "cp437",
    3: "iso8859-1",
    4: "iso8859-2",
    5: "iso8859-3",
    6: "iso8859-4",
    7: "iso8859-5",
    8: "iso8859-6",
    9: "iso8859-7",
    10: "iso8859-8",
    11: "iso8859-9",
    12: "iso8859-10",
    13: "iso8859-11",
    15: "iso8859-13",
    16: "iso8859-14",
    17: "iso8859-15",
    18: "iso8859-16",
    20: "cp932",
    21: "cp1250",
    22: "cp1251",
    23: "cp1252",
    24: "cp1256",
    25: "utf-16-be",
    26: "utf-8",
    27: "ascii",
    28: "big5hkscs",
    29: "gb18030",
    30: "cp949",
    31: "gbk",
    32: "gb18030",
    33: "utf-16-le",
    34: "utf-32-be",
    35: "utf-32-le",
    170: "ascii",
    899: "iso8859-1",
}

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]")  # controls that no text holds
_C1 = re.compile(rb"[\x80-\x9f]")
_UTF_8_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_CUT_UTF_8 = re.compile(
    rb"[\x80-\xbf]{0,3}(.*?)(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})?", re.DOTALL
)
_SET_OF_MODE = {"numeric": "ascii", "alphanumeric": "ascii", "kanji": "cp932", "hanzi": "gb18030"}


_WHOLE_UTF_8 = 6  # bytes of whole characters beside one that is cut off; of fewer, chance is too likely


class Decoded(NamedTuple):
    """A message's text and how it came about.

    Attributes
    ----------
    text : str
        The text.
    encoding : str
        Python's name of the character set; where parts are written in several, their names with ``+`` between.
    named : bool
        Whether the symbol names the set of every character beyond ASCII.
    certainty : float
        0 to 1; 1 for what is named.
    codecs : tuple of str
        The set of each segment.
    """

    text: str
    encoding: str
    named: bool
    certainty: float
    codecs: tuple[str, ...]


def codec_of_eci(eci: int) -> str:
    """Name of the Python codec for an ECI assignment number.

    Parameters
    ----------
    eci : int
        Assignment number, 0 to 999999.

    Returns
    -------
    str
        The codec; ``"iso8859-1"``, which maps every byte to the character of that value, for numbers that stand for no
        character set known here (899 is binary data).
    """
    return _CODEC_OF_ECI.get(eci, "iso8859-1")


def checked_encodings(encodings: Iterable[str]) -> tuple[str, ...]:
    """Return names of character sets as Python spells them.

    Raises
    ------
    ArgumentTypeError, InvalidArgumentError
        `encodings` is not a sequence of names, or a name stands for no character set.
    """
    accepted = "a sequence of names of Python's text encodings, such as ('utf-8', 'cp1251')"
    if isinstance(encodings, (str, bytes)):
        raise ArgumentTypeError(f"encodings must be {accepted}, got {encodings!r}; write ({encodings!r},)")
    try:
        names = tuple(encodings)
    except TypeError:
        raise ArgumentTypeError(f"encodings must be {accepted}, got {encodings!r}") from None
    result = {}
    for name in names:
        if not isinstance(name, str):
            raise ArgumentTypeError(f"encodings must be {accepted}, got {name!r} among them")
        try:
            result[codecs.lookup(name).name] = "".encode(name)
        except (LookupError, ValueError):  # no such codec; one from bytes to bytes; a null character
            raise InvalidArgumentError(f"encodings must be {accepted}, got {name!r} among them") from None
    return tuple(result)


def decode_bytes(data: bytes, *, eci: int | None = None, encodings: Sequence[str] = ()) -> str:
    """Text of the bytes of one byte segment.

    Parameters
    ----------
    data : bytes
        The bytes as they stand in the symbol.
    eci : int, optional
        The ECI assignment number in force; without one the character set is guessed (see `guess_codec`).
    encodings : sequence of str, optional
        The sets among which to guess.

    Returns
    -------
    str
        The text. Never fails: bytes that the named character set does not have are guessed, and what no character set
        accepts becomes the ISO/IEC 8859-1 characters of the same values.
    """
    return decode_segments([("byte", eci, data)], encodings).text


def guess_codec(data: bytes, encodings: Sequence[str] = (), *, favoured: str | None = None) -> Guess:
    """Likeliest character set of bytes that name none.

    Parameters
    ----------
    data : bytes
        The bytes.
    encodings : sequence of str, optional
        The sets to expect; where none of them decodes the bytes, all others are tried.
    favoured : str, optional
        A set that the rest of the symbol speaks for.

    Returns
    -------
    Guess
        The name of a Python codec, and how certain it is, 0 to 1. ASCII is ``"ascii"``; a byte order mark decides, then
        UTF-8 wherever the bytes are valid UTF-8, also where a character is cut off at the beginning or the end. What
        holds controls that no text has is no text: ``"iso8859-1"`` with certainty 0. Else the sets in use are weighed
        by statistics of languages (`fastqr.languages`).
    """
    if encodings:
        return _expected(data, encodings, favoured) or guess_codec(data, favoured=favoured)
    if data.isascii():
        return Guess("ascii", 1.0)
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark) and _decodes(data, codec):
            return Guess(codec, 1.0)
    if _decodes(data, "utf-8"):
        # One in a hundred of two bytes of another set, beyond ASCII, happens to be UTF-8 (benchmarks.text).
        return Guess("utf-8", 1 - 0.01 ** len(_UTF_8_SEQUENCE.findall(data)))
    cut = _CUT_UTF_8.fullmatch(data)
    if cut and _decodes(cut[1], "utf-8") and sum(map(len, _UTF_8_SEQUENCE.findall(cut[1]))) >= _WHOLE_UTF_8:
        return Guess("utf-8", 0.9)
    guess = None if _NO_TEXT.search(data.rstrip(b"\0")) else _likeliest(data, (), favoured)
    if guess is None:
        return Guess("iso8859-1", 0.0)
    return guess._replace(codec="iso8859-1") if guess.codec == "cp1252" and not _C1.search(data) else guess


def _expected(data: bytes, encodings: Sequence[str], favoured: str | None) -> Guess | None:
    """Choose among sets that the user expects: UTF-8 where the bytes are, else by what they make of the bytes."""
    possible = [codec for codec in encodings if _decodes(data, codec)]
    if len(possible) == 1:
        return Guess(possible[0], 1.0)
    if not possible or "utf-8" in possible:
        return Guess("utf-8", 1.0) if possible else None
    return _likeliest(data, possible, favoured)


def _likeliest(data: bytes, among: Sequence[str], favoured: str | None) -> Guess | None:
    from fastqr.languages.likeliest import likeliest_set  # only where bytes are neither named nor ASCII nor UTF-8

    return likeliest_set(data, among, favoured=favoured)


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def decode_segments(segments: Sequence[RawSegment], encodings: Sequence[str] = ()) -> Decoded:
    """Text of a symbol's segments.

    Parameters
    ----------
    segments : sequence of (mode, eci, data)
        As the decoder returns them.
    encodings : sequence of str, optional
        The sets to expect where the symbol names none.

    Returns
    -------
    Decoded
        The text, and the character sets by which it came about.
    """
    modes = {mode for mode, _, _ in segments}
    numbers = {eci for _, eci, _ in segments}
    whole = b"".join(data for _, _, data in segments)
    if numbers <= {None} and not modes & {"kanji", "hanzi"}:
        guess = guess_codec(whole, encodings)
        text = whole.decode(guess.codec, "replace")
        return Decoded(text, guess.codec, False, guess.certainty, (guess.codec,) * len(segments))
    if "kanji" in modes and numbers <= {None} and "utf-8" in (encodings or ("utf-8",)) and _decodes(whole, "utf-8"):
        # Some encoders write UTF-8's bytes in kanji mode wherever two of them could be a character of Shift_JIS.
        return Decoded(whole.decode(), "utf-8", False, guess_codec(whole).certainty, ("utf-8",) * len(segments))

    guess = Guess("iso8859-1", 1.0)  # the standard's default, in force until the first ECI
    guessed = numbers <= {None} and "byte" in modes
    if guessed:
        unnamed = b"".join(data for mode, _, data in segments if mode == "byte")
        guess = guess_codec(unnamed, encodings, favoured=_SET_OF_MODE["kanji" if "kanji" in modes else "hanzi"])
        guessed = guess.codec != "ascii"
    parts = [data for _, _, data in segments]
    each = [_SET_OF_MODE.get(mode) or (guess.codec if eci is None else codec_of_eci(eci)) for mode, eci, _ in segments]
    by_eci = [
        _set_of_kanji(eci) if mode == "kanji" else codec for codec, (mode, eci, _) in zip(each, segments, strict=True)
    ]
    if all(_decodes(data, codec) for codec, data in _runs(by_eci, parts)):
        each = by_eci
    texts, used, certainty, named = [], [], guess.certainty, not guessed
    for codec, data in _runs(each, parts):
        if not (codec == "cp932" or codec == "gb18030") and not _decodes(data, codec):
            guess = guess_codec(data, encodings)  # the symbol is wrong about itself
            named = named and guess.codec == codec  # else a character is cut off
            codec, certainty = guess.codec, min(certainty, guess.certainty)
        texts.append(data.decode(codec, "replace"))
        used.append("ascii" if data.isascii() and codec not in _NOT_ASCII else codec)
    beyond = list(dict.fromkeys(codec for codec in used if codec != "ascii"))
    return Decoded("".join(texts), "+".join(beyond) or "ascii", named, certainty, tuple(each))


def _set_of_kanji(eci: int | None) -> str:
    """Return the set of kanji mode's bytes where encoders use it to write any characters of two bytes and more."""
    named = "ascii" if eci is None else codec_of_eci(eci)
    return named if named in ("utf-8", "gb18030", "gbk", "big5hkscs", "cp949") else "cp932"


_NOT_ASCII = frozenset(("utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"))  # in which ASCII is other bytes


def _runs(each: Sequence[str], data: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Join neighbours in one set, with digits and the like between them: encoders cut texts anywhere."""
    run, joined = "ascii", b""
    for codec, part in zip(each, data, strict=True):
        if codec != run and (_NOT_ASCII & {run, codec} or "ascii" not in (run, codec)):
            if joined:
                yield run, joined
            run, joined = codec, b""
        elif run == "ascii":
            run = codec
        joined += part
    if joined:
        yield run, joined
