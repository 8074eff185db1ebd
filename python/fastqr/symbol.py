"""What a symbol says: the result types, and the decoder for modules that are already known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastqr import _core
from fastqr._core import SymbolRecord
from fastqr.errors import ArgumentTypeError, InvalidArgumentError, UndecodableError
from fastqr.text import Decoded, decode_segments

if TYPE_CHECKING:
    from fastqr.content import JSON, Content

__all__ = ["Segment", "StructuredAppend", "Symbol", "decode_modules", "symbol_from_record"]

Mode = Literal["numeric", "alphanumeric", "byte", "kanji", "hanzi"]
EcLevel = Literal["L", "M", "Q", "H"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a symbol's message.

    Attributes
    ----------
    mode : {"numeric", "alphanumeric", "byte", "kanji", "hanzi"}
        How the symbol encodes it.
    data : bytes
        ASCII for numeric and alphanumeric, the bytes themselves, Shift_JIS for kanji, GB 2312 for hanzi.
    text : str
        The segment's text. A character that an encoder cut between two byte segments is whole only in `Symbol.text`.
    eci : int or None
        The ECI assignment number in force, where the symbol gives one.
    """

    mode: Mode
    data: bytes
    text: str
    eci: int | None = None


@dataclass(frozen=True, slots=True)
class StructuredAppend:
    """Place of a symbol in a message that is spread over several.

    Attributes
    ----------
    index : int
        Place in the sequence, from 0.
    total : int
        Number of symbols, 1 to 16.
    parity : int
        Exclusive or of all bytes of the whole message: the same in all symbols that belong together.
    """

    index: int
    total: int
    parity: int


class _Lazy:
    """A record of the decoder, for what is unset of a symbol until it is asked for."""

    __slots__ = ("_decoded", "_encodings", "_record", "content")

    if TYPE_CHECKING:
        content: Content
        _decoded: Decoded
    else:  # a type checker knows the fields

        def __getattr__(self, name: str) -> object:
            compute = _OF_RECORD.get(name)
            if compute is not None:
                value = compute(self._record)
            elif name == "_decoded":
                value = decode_segments(self._record.segments, self._encodings)
            elif name in _OF_TEXT:
                value = _OF_TEXT[name](self._record, self._decoded)
            elif name == "content":
                value = _content(self)
            else:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            object.__setattr__(self, name, value)
            return value


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Symbol(_Lazy):
    """A symbol that was read.

    What it holds is computed when it is first asked for. Symbols are equal where all that they hold is, their place in
    the picture included; arrays are read-only.

    Attributes
    ----------
    text : str
        The message, by the character sets that the symbol names; where it names none, by the likeliest one.
    data : bytes
        The message's bytes as the symbol holds them.
    quad : ndarray of shape (4, 2), float32, or None
        Outer corners in the picture: top left, top right, bottom right, bottom left of the symbol as it is read. None
        for a symbol that was not read from a picture.
    landmarks : ndarray of shape (5, 2), float32, or None
        Centres of the finder patterns (top left, top right, bottom left), the point that completes their square, and
        the symbol's centre.
    version : int
        1 to 40; the symbol has 17 + 4 * version modules along a side.
    model : {2, 1}
        2 for the QR Code that ISO/IEC 18004 describes; 1 for the original one of 1994 (AIM ITS 97-001, ISO/IEC
        18004:2000, Annex M), which has versions 1 to 14 and no alignment patterns.
    ec_level : {"L", "M", "Q", "H"}
        Error correction level.
    mask : int
        Data mask, 0 to 7.
    segments : tuple of Segment
        The message in the parts in which it is encoded.
    encoding : str
        Python's name of the character set by which the bytes became text, "ascii" where they are; where parts of the
        message are in several sets, their names with "+" between.
    encoding_named : bool
        Whether the symbol names the set, by an ECI or its mode; else it was guessed from the bytes.
    encoding_certainty : float
        0 to 1: how likely the set is the right one. 1 where it is named or all is ASCII.
    symbology_identifier : str
        "]Q1" to "]Q6" (ISO/IEC 18004:2015, Annex F): 1 plain, 2 with ECI; 3 and 4 the same with FNC1 in first position
        (GS1); 5 and 6 with FNC1 in second position. "]Q0" for Model 1.
    structured_append : StructuredAppend or None
        Place in a sequence of symbols.
    confidence : float
        0 to 1: how well the picture agreed with what was read, and how much error correction was to spare. Not the
        chance that the payload is right.
    corrected_codewords, erased_codewords : int
        Codewords that were read wrong, and that were not relied on at all.
    inverted : bool
        Light modules on a dark ground.
    mirrored : bool
        Seen from behind or in a mirror.
    modules : ndarray of shape (N, N), bool
        The corrected symbol as its encoder drew it, True for dark; never mirrored.
    content : Content
        What the payload is for, as a value of `fastqr.content`: an address, a network, a contact, a bill, or a `Text`.
        Nothing is opened or asked of the network, and no payload is an error.
    """

    text: str
    data: bytes
    quad: NDArray[np.float32] | None
    landmarks: NDArray[np.float32] | None
    version: int
    model: Literal[1, 2]
    ec_level: EcLevel
    mask: int
    segments: tuple[Segment, ...]
    encoding: str
    encoding_named: bool
    encoding_certainty: float
    symbology_identifier: str
    structured_append: StructuredAppend | None
    confidence: float
    corrected_codewords: int
    erased_codewords: int
    inverted: bool
    mirrored: bool
    modules: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            array = getattr(self, name)
            if array is not None:
                array = array.view()
                array.flags.writeable = False
                object.__setattr__(self, name, array)

    @property
    def bbox(self) -> tuple[float, float, float, float] | None:
        """The upright box about the symbol in the picture: x1, y1, x2, y2."""
        if self.quad is None:
            return None
        (x1, y1), (x2, y2) = self.quad.min(0).tolist(), self.quad.max(0).tolist()
        return x1, y1, x2, y2

    @property
    def centre(self) -> tuple[float, float] | None:
        """The symbol's centre in the picture: x, y."""
        if self.quad is None:
            return None
        x, y = (self.quad.mean(0) if self.landmarks is None else self.landmarks[4]).tolist()
        return x, y

    @property
    def angle(self) -> float | None:
        """How far the symbol is turned from upright, in degrees clockwise as the picture is seen, above -180 to 180."""
        if self.quad is None:
            return None
        first, second, third, fourth = self.quad.astype(np.float64)
        x, y = (second - first + third - fourth).tolist()
        return math.degrees(math.atan2(y, x))

    def to_dict(self, *, modules: bool = False) -> dict[str, JSON]:
        """Return all that the symbol holds in plain values, as `json.dumps` takes them.

        Parameters
        ----------
        modules : bool, default False
            Whether the modules are among them, as strings of 0 and 1 (dark), one a row.

        Returns
        -------
        dict
            The attributes by their names, also `bbox`, `centre`, `angle` and `content`; bytes are hexadecimal, places
            in the picture are rounded to hundredths of a pixel.
        """
        record: dict[str, JSON] = {name: getattr(self, name) for name in _FIELDS if name != "modules"}
        record["data"] = self.data.hex()
        record["segments"] = [{**asdict(each), "data": each.data.hex()} for each in self.segments]
        record["structured_append"] = None if self.structured_append is None else asdict(self.structured_append)
        record["confidence"] = round(self.confidence, 4)
        record["encoding_certainty"] = round(self.encoding_certainty, 4)
        for name in ("quad", "landmarks", "bbox", "centre", "angle"):
            record[name] = _rounded(getattr(self, name))
        record["content"] = self.content.to_dict()
        if modules:
            record["modules"] = ["".join("01"[dark] for dark in row) for row in self.modules.tolist()]
        return record

    def __repr__(self) -> str:
        """Return text and place, in one line."""
        text = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN] + "…"
        place = ""
        if self.bbox is not None and self.angle is not None:
            x1, y1, x2, y2 = self.bbox
            place = f", bbox=({x1:.0f}, {y1:.0f}, {x2:.0f}, {y2:.0f}), angle={round(self.angle)}"
        model = ", model=1" if self.model == 1 else ""
        return f"Symbol({text!r}{place}, version={self.version}{model}, ec_level={self.ec_level!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Symbol):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            if name in _ARRAYS
            else getattr(self, name) == getattr(other, name)
            for name in _FIELDS
        )

    def __hash__(self) -> int:
        place = None if self.quad is None else tuple(self.quad.ravel().tolist())
        return hash((self.data, self.version, self.mask, place))

    def __reduce__(self) -> tuple[type[Symbol], tuple[object, ...]]:
        return Symbol, tuple(getattr(self, name) for name in _FIELDS)


_FIELDS = tuple(field.name for field in fields(Symbol))
_ARRAYS = ("quad", "landmarks", "modules")
_SHOWN = 60  # characters of the text in the `repr`


def symbol_from_record(record: SymbolRecord, encodings: tuple[str, ...] = ()) -> Symbol:
    """Make a `Symbol` of what the decoder returns.

    Parameters
    ----------
    record : SymbolRecord
        As ``_core.decode_modules`` and ``SymbolReading.record`` give it.
    encodings : tuple of str, optional
        Character sets to expect where the symbol names none.

    Returns
    -------
    Symbol
    """
    symbol = object.__new__(Symbol)
    object.__setattr__(symbol, "_record", record)
    object.__setattr__(symbol, "_encodings", encodings)
    return symbol


def _rounded(place: Any) -> JSON:
    """Return numbers of a place in the picture, in hundredths of a pixel, as nested lists."""
    return None if place is None else np.round(np.asarray(place, np.float64), 2).tolist()


def _content(symbol: Symbol) -> Content:
    from fastqr.content import content_of

    named = any(segment.eci is not None for segment in symbol.segments)
    gs1 = symbol.symbology_identifier in ("]Q3", "]Q4")
    return content_of(symbol.text, None if named else symbol.data, gs1=gs1)


def _text(record: SymbolRecord, decoded: Decoded) -> str:
    return _application_indicator(record.application_indicator) + decoded.text


def _data(record: SymbolRecord) -> bytes:
    prefix = _application_indicator(record.application_indicator).encode("ascii")
    return prefix + b"".join(data for _, _, data in record.segments)


def _segments(record: SymbolRecord, decoded: Decoded) -> tuple[Segment, ...]:
    return tuple(
        Segment(mode, data, data.decode(codec, "replace"), eci)
        for (mode, eci, data), codec in zip(record.segments, decoded.codecs, strict=True)
    )


def _structured_append(record: SymbolRecord) -> StructuredAppend | None:
    return None if record.structured_append is None else StructuredAppend(*record.structured_append)


def _application_indicator(value: int | None) -> str:
    """Two digits or a letter, transmitted before the message (ISO/IEC 18004:2015, 7.4.8.3)."""
    if value is None:
        return ""
    return f"{value:02d}" if value < 100 else chr(value - 100)


def _symbology_identifier(record: SymbolRecord) -> str:
    if record.model == 1:
        return "]Q0"
    modifier = {None: 1, "first": 3, "second": 5}[record.fnc1]
    with_eci = any(eci is not None for _, eci, _ in record.segments)
    return f"]Q{modifier + with_eci}"


#: What depends on the character set.
_OF_TEXT: dict[str, Callable[[SymbolRecord, Decoded], object]] = {
    "text": _text,
    "segments": _segments,
    "encoding": lambda _, decoded: decoded.encoding,
    "encoding_named": lambda _, decoded: decoded.named,
    "encoding_certainty": lambda _, decoded: decoded.certainty,
}
_OF_RECORD: dict[str, Callable[[SymbolRecord], object]] = {
    **{name: attrgetter(name) for name in _FIELDS if name not in _OF_TEXT},
    "data": _data,
    "symbology_identifier": _symbology_identifier,
    "structured_append": _structured_append,
}


def decode_modules(modules: ArrayLike) -> Symbol:
    """Read a symbol whose modules are known.

    Parameters
    ----------
    modules : array_like of shape (N, N)
        True for dark, or float probabilities of dark in 0..1, without quiet zone; N = 17 + 4 * version for versions 1
        to 40. NaN, like exactly 0.5, says that nothing is known of a module. Mirrored symbols and those of Model 1 are
        read as well.

    Returns
    -------
    Symbol
        The symbol; its ``quad`` and ``landmarks`` are None.

    Raises
    ------
    ArgumentTypeError
        If `modules` is neither bool nor numeric.
    InvalidArgumentError
        If the shape is not that of a symbol or a value is outside 0..1.
    UndecodableError
        If nothing is read, what could be read is not vouched for by the error correction, or two ways to read it (of
        model, error correction level, data mask or orientation) say different things and the format information does
        not decide.

    Examples
    --------
    >>> import numpy as np
    >>> import segno
    >>> import fastqr
    >>> modules = np.array([list(row) for row in segno.make_qr("Hello").matrix], dtype=bool)
    >>> fastqr.decode_modules(modules).text
    'Hello'
    """
    try:
        array = np.asarray(modules)
    except (TypeError, ValueError, OverflowError) as error:  # rows of different lengths, an array that is none
        raise ArgumentTypeError(f"modules must be a bool or float array, got {modules!r:.100}") from error
    if array.dtype.kind not in "bfiu":
        raise ArgumentTypeError(f"modules must be a bool or float array, got dtype {array.dtype}")
    size = array.shape[0] if array.ndim == 2 else 0
    if array.ndim != 2 or array.shape != (size, size) or not 21 <= size <= 177 or size % 4 != 1:
        raise InvalidArgumentError(
            f"modules must have shape (N, N) with N = 17 + 4 * version, version 1 to 40, got {array.shape}"
        )
    if array.dtype.kind != "b":
        outside = array[(array < 0) | (array > 1)]
        if outside.size:
            raise InvalidArgumentError(f"modules must be bool or lie in 0..1 (or be NaN), got {outside[0]}")
    record = _core.decode_modules(array.astype(np.float32))
    if record is None:
        raise UndecodableError(
            f"modules of shape {array.shape} do not form a symbol that the error correction vouches for"
        )
    return symbol_from_record(record)
