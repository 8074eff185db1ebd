"""GS1's element strings and Digital Links, taken apart by the package biip (extra ``gs1``)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from .address import URL
from .authority import authority_of
from .caution import url_warnings
from .syntax import check_digit_is_right
from .value import Content, Payload

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

__all__ = ["GS1", "GS1DigitalLink", "GS1Element", "gs1_link_of", "gs1_of"]

_WITHOUT_BIIP = "gs1: the elements are not taken apart without the package biip; pip install 'fastqr[gs1]'"

# Primary keys of a Digital Link that end in a check digit, and how many digits they have (GS1 Digital Link, 4.3).
_KEYS = {"01": (8, 12, 13, 14), "00": (18,), "414": (13,), "417": (13,)}


@dataclass(frozen=True, slots=True)
class GS1Element:
    """One element string.

    Attributes
    ----------
    ai : str
        Application identifier, as "01".
    title : str
        What it stands for, as "GTIN".
    value : str
        As written.
    date : str or None
        A date or time of it, ISO 8601.
    number : str or None
        A weight, measure or amount of it, with its decimal point.
    """

    ai: str
    title: str
    value: str
    date: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class GS1(Content):
    r"""A message of GS1 element strings.

    Attributes
    ----------
    message : str
        As the symbol says it, elements of open length ended by ``\x1d``.
    elements : tuple of GS1Element
        Empty where biip is not installed or the message is none of GS1's; `warnings` says which.
    readable : str or None
        As people read it: ``(01)…(10)…``.
    """

    kind: ClassVar[str] = "gs1"
    message: str
    elements: tuple[GS1Element, ...] = ()
    readable: str | None = None

    def get(self, ai: str) -> str | None:
        """Return the value of an application identifier, as ``content.get("01")``."""
        return next((element.value for element in self.elements if element.ai == ai), None)


@dataclass(frozen=True, slots=True, repr=False)
class GS1DigitalLink(URL):
    """An address that holds element strings; also a `URL`.

    Attributes
    ----------
    elements : tuple of GS1Element
        As of `GS1`.
    """

    kind: ClassVar[str] = "gs1-digital-link"
    elements: tuple[GS1Element, ...] = ()


def gs1_of(payload: Payload) -> GS1 | None:
    """Return the element strings of a payload with FNC1 in first position."""
    if not payload.gs1:
        return None
    try:
        from biip import ParseError
        from biip.gs1_messages import GS1Message
    except ImportError:
        return GS1(payload.text, warnings=(_WITHOUT_BIIP,))
    try:
        parsed = GS1Message.parse(payload.text)
    except ParseError as error:
        return GS1(payload.text, warnings=(f"gs1: {error}",))
    return GS1(payload.text, _elements(parsed.element_strings), parsed.as_hri())


def gs1_link_of(payload: Payload) -> GS1DigitalLink | None:
    """Return the element strings of an address whose path holds a key of GS1 with its check digit right."""
    text = payload.text.strip()
    if not re.match("https?://", text, re.IGNORECASE) or re.search(r"\s", text):
        return None
    link = authority_of(text)
    parts = link.path.strip("/").split("/")
    keys = [unquote(value) for ai, value in itertools.pairwise(parts) if len(value) in _KEYS.get(ai, ())]
    if not any(check_digit_is_right(key) for key in keys):
        return None
    elements: tuple[GS1Element, ...] = ()
    warnings = url_warnings(text)
    try:
        from biip import ParseError
        from biip.gs1_digital_link_uris import GS1DigitalLinkURI
    except ImportError:
        warnings += (_WITHOUT_BIIP,)
    else:
        try:
            elements = _elements(GS1DigitalLinkURI.parse(text).element_strings)
        except ParseError as error:
            warnings += (f"gs1: {error}",)
    return GS1DigitalLink(
        text,
        link.scheme,
        link.host,
        link.port,
        link.path,
        link.query,
        link.fragment,
        elements=elements,
        warnings=warnings,
    )


def _elements(parsed: Iterable[GS1ElementString]) -> tuple[GS1Element, ...]:
    return tuple(_element(each) for each in parsed)


def _element(parsed: GS1ElementString) -> GS1Element:
    date = parsed.datetime or parsed.date
    return GS1Element(
        parsed.ai.ai,
        parsed.ai.data_title,
        parsed.value,
        date.isoformat() if date else None,
        None if parsed.decimal is None else f"{parsed.decimal:f}",
    )
