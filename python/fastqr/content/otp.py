"""Keys of one-time passwords: ``otpauth://`` of Google Authenticator's key URI format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote

from .syntax import after, first_of, query
from .value import Content, Payload

__all__ = ["OneTimePassword", "one_time_password_of"]

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class OneTimePassword(Content):
    """A key that makes one-time passwords; keep it secret.

    Attributes
    ----------
    method : str
        "totp" by the time, "hotp" by a counter, or another that is written.
    account : str
        Whose.
    secret : str
        The key in base 32.
    issuer : str or None
        Of which service.
    algorithm : str
        "SHA1" where none is written.
    digits, period, counter : int
        6 digits and 30 seconds where none are written.
    """

    kind: ClassVar[str] = "one-time-password"
    method: str
    account: str
    secret: str
    issuer: str | None = None
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30
    counter: int = 0


def one_time_password_of(payload: Payload) -> OneTimePassword | None:
    """Return the key of an ``otpauth://`` payload with a secret."""
    rest = after("otpauth://", payload.text.strip())
    if rest is None:
        return None
    label, _, fields = rest.partition("?")
    method, _, label = label.partition("/")
    named = query(fields)
    if not named.get("secret"):
        return None
    prefix, colon, account = unquote(label).partition(":")
    return OneTimePassword(
        method=method.lower(),
        account=(account if colon else prefix).strip(),
        secret=named["secret"],
        issuer=first_of(named, "issuer") or (prefix.strip() or None if colon else None),
        algorithm=named.get("algorithm", "SHA1").upper(),
        digits=_number(named.get("digits"), 6),
        period=_number(named.get("period"), 30),
        counter=_number(named.get("counter"), 0),
    )


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and _NUMBER.fullmatch(text) else otherwise
