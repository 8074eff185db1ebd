"""Whom to write to or to call: e-mail, short messages, telephone numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote

from .syntax import after, pairs, query, semicolon_fields
from .value import Content, Payload

__all__ = ["Email", "Phone", "Sms", "email_of", "phone_of", "sms_of"]

_MAIL_NAMES = ("TO", "SUB", "BODY", "CC", "BCC")
_ADDRESS = re.compile(r"[^\s@:;,/<>()\[\]\\\"]{1,64}@(?:[^\s@:;,/.<>()\[\]\\\"]{1,63}\.)+[^\W\d_]{2,63}")


@dataclass(frozen=True, slots=True, repr=False)
class Email(Content):
    """A letter to write.

    Attributes
    ----------
    to, cc, bcc : tuple of str
        Addresses.
    subject, body : str or None
        What is to stand in it.
    """

    kind: ClassVar[str] = "email"
    to: tuple[str, ...]
    subject: str | None = None
    body: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Phone(Content):
    """A number to call.

    Attributes
    ----------
    number : str
        As written.
    extension : str or None
        To dial after it.
    """

    kind: ClassVar[str] = "phone"
    number: str
    extension: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Sms(Content):
    """A short message to send.

    Attributes
    ----------
    numbers : tuple of str
        To whom.
    body, subject : str or None
        What is to stand in it.
    """

    kind: ClassVar[str] = "sms"
    numbers: tuple[str, ...]
    body: str | None = None
    subject: str | None = None


def email_of(payload: Payload) -> Email | None:
    """Return the letter of ``mailto:`` (RFC 6068), ``MATMSG:``, ``SMTP:`` or an address that stands alone."""
    text = payload.text.strip()
    if (rest := after("mailto:", text)) is not None:
        to, _, fields = rest.partition("?")
        named = query(fields)
        return Email(
            _list(to) + _split(named.get("to", "")),
            named.get("subject"),
            named.get("body"),
            _split(named.get("cc", "")),
            _split(named.get("bcc", "")),
        )
    if (rest := after("MATMSG:", text)) is not None:
        matter = semicolon_fields(rest, _MAIL_NAMES)
        first = pairs(matter)
        to_each, cc, bcc = (tuple(v for name, v in matter if name == wanted and v) for wanted in ("TO", "CC", "BCC"))
        return Email(to_each, first.get("SUB"), first.get("BODY"), cc, bcc) if to_each else None
    if (rest := after("SMTP:", text)) is not None:
        to, _, rest = rest.partition(":")
        subject, _, body = rest.partition(":")
        return Email((to,), subject or None, body or None) if to else None
    return Email((text,)) if len(text) <= 254 and _ADDRESS.fullmatch(text) else None


def phone_of(payload: Payload) -> Phone | None:
    """Return the number of ``tel:`` (RFC 3966)."""
    rest = after("tel:", payload.text.strip())
    if rest is None:
        return None
    number, *parameters = unquote(rest).removeprefix("//").split(";")
    if not any(letter.isdigit() or letter in "*#" for letter in number):
        return None
    extension = next((x for each in parameters if (x := after("ext=", each))), None)
    return Phone(number.strip(), extension)


def sms_of(payload: Payload) -> Sms | None:
    """Return the message of ``sms:`` (RFC 5724, and as telephones write it), ``smsto:``, ``mms:`` or ``mmsto:``."""
    text = payload.text.strip()
    for prefix in ("smsto:", "mmsto:", "sms:", "mms:"):
        if (rest := after(prefix, text)) is None:
            continue
        to, mark, fields = rest.removeprefix("//").partition("?")
        if not mark and "&body=" in to:  # as iOS once had it
            to, _, fields = to.partition("&")
        named = query(fields)
        to, colon, body = to.partition(":")
        numbers = tuple(number for each in _list(to.rstrip(";")) if (number := each.split(";")[0].strip()))
        if colon:  # SMSTO:number:text, of which nothing is encoded and the text may hold question marks
            return Sms(numbers, body + (mark + fields if mark else "")) if numbers else None
        return Sms(numbers, named.get("body"), named.get("subject")) if numbers or named.get("body") else None
    return None


def _list(text: str) -> tuple[str, ...]:
    return tuple(unquote(each).strip() for each in text.split(",") if each.strip())


def _split(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())
