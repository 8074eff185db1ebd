"""What several formats share: fields of ``NAME:value;``, query strings, amounts and checksums."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

__all__ = [
    "after",
    "amount",
    "check_digit_is_right",
    "first_of",
    "iban_is_right",
    "mod97",
    "pairs",
    "pieces",
    "query",
    "semicolon_fields",
]

_PIECE = re.compile(r";|\\.|[^;\\]+|\\", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)


def after(prefix: str, text: str) -> str | None:
    """Return what follows a prefix in either case, or None where the text begins otherwise."""
    return text[len(prefix) :] if text[: len(prefix)].upper() == prefix.upper() else None


def semicolon_fields(text: str, names: Collection[str]) -> list[tuple[str, str]]:
    r"""Return the fields of ``NAME:value;NAME:value;;``, unescaped, in order, as MECARD, WIFI and MATMSG write them.

    A backslash makes the next character part of the value. Writers forget it: a piece that does not begin with one of
    `names` and a colon belongs to the value before it, with its semicolon.
    """
    fields: list[tuple[str, str]] = []
    for piece in pieces(text):
        name, colon, value = piece.partition(":")
        if colon and name.strip().upper() in names:
            fields.append((name.strip().upper(), value))
        elif piece and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]};{piece}")
    return [(name, _ESCAPED.sub(r"\1", value)) for name, value in fields]


def pieces(text: str) -> list[str]:
    """Return what stands between semicolons that are not escaped, as written."""
    found = [""]
    for piece in _PIECE.findall(text):
        if piece == ";":
            found.append("")
        else:
            found[-1] += piece
    return found


def pairs(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Return the first value of each name."""
    return dict(reversed(fields))


def query(text: str, *, plus_is_blank: bool = False) -> dict[str, str]:
    """Return the first value of each name of a query string, names in lower case, percent signs resolved as UTF-8."""
    found: dict[str, str] = {}
    for field in text.split("&"):
        name, _, value = field.partition("=")
        found.setdefault(unquote(name).lower(), unquote(value.replace("+", " ") if plus_is_blank else value))
    found.pop("", None)
    return found


def first_of(values: dict[str, str], *names: str) -> str | None:
    """Return the first value that is there and not empty."""
    return next((values[name] for name in names if values.get(name)), None)


def amount(text: str | None) -> Decimal | None:
    """Return an amount of money, exact; None where the text is none."""
    if text is None or not _AMOUNT.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def iban_is_right(iban: str) -> bool:
    """Tell whether an international bank account number's check digits are right (ISO 13616, ISO 7064 MOD 97-10)."""
    return bool(_IBAN.fullmatch(iban)) and mod97(iban) == 1


def mod97(reference: str) -> int:
    """Return the remainder of ISO 7064 MOD 97-10, the first four letters moved behind the rest; 1 is right."""
    return int("".join(str(int(letter, 36)) for letter in reference[4:] + reference[:4])) % 97


def check_digit_is_right(number: str) -> bool:
    """Tell whether the last digit of a GTIN, SSCC or GLN is right (GS1 General Specifications, 7.9.1)."""
    weighted = (int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return number.isascii() and number.isdigit() and sum(weighted) % 10 == 0
