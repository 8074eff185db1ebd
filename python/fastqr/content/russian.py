"""Payment of a Russian bill: ``ST0001x`` of GOST R 56042-2014."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .syntax import first_of
from .value import Content, Payload

__all__ = ["RussianPayment", "russian_payment_of"]

_HEAD = re.compile(r"ST(\d{4})([123])(.)", re.ASCII | re.DOTALL)
_SETS = {"1": "cp1251", "2": "utf-8", "3": "koi8-r"}
_KOPECKS = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class RussianPayment(Content):
    """A bill.

    Attributes
    ----------
    name, account, bank, bic, correspondent_account : str
        Whom to pay, at which bank: the five that the standard demands.
    amount : Decimal or None
        Roubles; the payload counts in kopecks.
    purpose : str or None
        What for.
    inn, kpp : str or None
        The payee's tax numbers.
    fields : tuple of (str, str)
        All that is written, in order.
    """

    kind: ClassVar[str] = "russian-payment"
    name: str
    account: str
    bank: str
    bic: str
    correspondent_account: str
    amount: Decimal | None = None
    purpose: str | None = None
    inn: str | None = None
    kpp: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


def russian_payment_of(payload: Payload) -> RussianPayment | None:
    """Return the bill of a payload that begins with the format's name, under the character set that it names."""
    head = _HEAD.match(payload.text)
    if head is None:
        return None
    text = payload.under(_SETS[head[2]])
    head = _HEAD.match(text) or head  # the same, but for a separator that is not ASCII
    fields = tuple(
        (name.strip(), value.strip())
        for name, equals, value in (field.partition("=") for field in text[head.end() :].split(head[3]))
        if equals
    )
    named = {name.lower(): value for name, value in reversed(fields)}
    if not named.get("personalacc"):
        return None
    kopecks = named.get("sum", "")
    return RussianPayment(
        name=named.get("name", ""),
        account=named["personalacc"],
        bank=named.get("bankname", ""),
        bic=named.get("bic", ""),
        correspondent_account=named.get("correspacc", ""),
        amount=Decimal(kopecks).scaleb(-2) if _KOPECKS.fullmatch(kopecks) else None,
        purpose=first_of(named, "purpose"),
        inn=first_of(named, "payeeinn"),
        kpp=first_of(named, "kpp", "payeekpp"),
        fields=fields,
    )
