"""What every content is: a frozen value with a kind, warnings and a form that JSON holds."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypeAlias

__all__ = ["JSON", "Content", "Payload", "Text"]

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"


@dataclass(frozen=True, slots=True)
class Payload:
    """What a symbol says, as the recognisers of this package get it.

    Attributes
    ----------
    text : str
        The message.
    data : bytes or None
        Its bytes, where they are known and no character set was named: a format that names one of its own says then
        what the text is.
    gs1 : bool
        Whether FNC1 stands in first position: the message is of GS1 element strings.
    """

    text: str
    data: bytes | None = None
    gs1: bool = False

    def under(self, encoding: str | None) -> str:
        """Return the text under a character set that the format names; the text as it is where that cannot be."""
        if self.data is None or encoding is None:
            return self.text
        try:
            return self.data.decode(encoding)
        except UnicodeDecodeError:
            return self.text


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Content:
    """What a payload is for; each kind of payload is a class of its own.

    Attributes
    ----------
    warnings : tuple of str
        What somebody should know before a program acts on the payload: hidden letters, an address that leads elsewhere
        than it looks, a checksum that is wrong. Each begins with its name and a colon, as in ``"punycode: …"``.
    kind : str
        The class's name in JSON.
    """

    kind: ClassVar[str]
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the class and what is set: attributes that are as they are by default are left out."""
        shown = (
            f"{each.name}={value!r}"
            for each in sorted(dataclasses.fields(self), key=lambda each: each.kw_only is True)
            if (value := getattr(self, each.name)) != each.default
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self) -> dict[str, JSON]:
        """Return kind and attributes in plain values, as `json.dumps` takes them."""
        return {"kind": self.kind, **_fields(self)}


@dataclass(frozen=True, slots=True, repr=False)
class Text(Content):
    """A payload that is none of the known formats.

    Attributes
    ----------
    text : str
        All of it.
    """

    kind: ClassVar[str] = "text"
    text: str


def _fields(value: object) -> dict[str, JSON]:
    return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}  # type: ignore[arg-type]


def _plain(value: object) -> JSON:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"  # exact; a float of JSON is not
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return _fields(value)
