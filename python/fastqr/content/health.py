"""Envelopes of health certificates: named and unwrapped as far as they show, not verified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .syntax import after
from .value import Content, Payload

__all__ = ["EUCertificate", "SmartHealthCard", "eu_certificate_of", "smart_health_card_of"]

_BASE45 = re.compile(r"[0-9A-Z $%*+\-./:]+", re.ASCII)
_NUMERIC = re.compile(r"(?:([1-9]\d{0,2})/([1-9]\d{0,2})/)?((?:\d\d)+)", re.ASCII)
_OF_JWS = 45  # the ASCII value that two digits count from (SMART Health Cards, Encoding Chunks as QR Codes)


@dataclass(frozen=True, slots=True, repr=False)
class EUCertificate(Content):
    """The envelope of an EU digital certificate; nothing of it is verified.

    Attributes
    ----------
    encoded : str
        What follows the prefix: base 45 (RFC 9285) of a deflated, signed message (COSE).
    version : str
        Of the envelope: "1".
    """

    kind: ClassVar[str] = "eu-certificate"
    encoded: str
    version: str = "1"


@dataclass(frozen=True, slots=True, repr=False)
class SmartHealthCard(Content):
    """The envelope of a SMART health card, or one part of it; nothing of it is verified.

    Attributes
    ----------
    jws : str
        The signed message in compact form (RFC 7515), or the part of it that this code holds.
    index, total : int
        Which part of how many, from 1.
    """

    kind: ClassVar[str] = "smart-health-card"
    jws: str
    index: int = 1
    total: int = 1


def eu_certificate_of(payload: Payload) -> EUCertificate | None:
    """Return the envelope of a payload that begins with ``HC1:`` and holds nothing but base 45 after it."""
    rest = payload.text.strip().removeprefix("HC1:")
    return EUCertificate(rest) if len(rest) < len(payload.text.strip()) and _BASE45.fullmatch(rest) else None


def smart_health_card_of(payload: Payload) -> SmartHealthCard | None:
    """Return the envelope of a payload of ``shc:/`` and digits."""
    rest = after("shc:/", payload.text.strip())
    found = _NUMERIC.fullmatch(rest) if rest else None
    if found is None:
        return None
    values = [int(found[3][at : at + 2]) for at in range(0, len(found[3]), 2)]
    if max(values) + _OF_JWS > ord("z"):
        return None
    index, total = int(found[1] or 1), int(found[2] or 1)
    return SmartHealthCard("".join(chr(value + _OF_JWS) for value in values), index, total) if index <= total else None
