"""The Swiss QR-bill: SIX, Swiss Implementation Guidelines QR-bill, versions 2.0 to 2.3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .syntax import amount, iban_is_right, mod97
from .value import Content, Payload

__all__ = ["Party", "SwissPayment", "swiss_payment_of"]

_END = re.compile("\r\n|\n|\r")
_UTF_8 = "1"
_CARRIES = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)  # of the check digit, modulo 10, recursive


@dataclass(frozen=True, slots=True)
class Party:
    """Who is paid or pays.

    Attributes
    ----------
    name : str
        A person or firm.
    address : tuple of str
        Lines without the name, as they are printed.
    country : str
        Two letters.
    """

    name: str
    address: tuple[str, ...]
    country: str


@dataclass(frozen=True, slots=True, repr=False)
class SwissPayment(Content):
    """A bill of Switzerland or Liechtenstein.

    Attributes
    ----------
    iban : str
        The account; a wrong checksum of it or of the reference is among `warnings`.
    creditor : Party
        Who is paid.
    amount : Decimal or None
        None where the payer chooses.
    currency : str
        "CHF" or "EUR".
    debtor : Party or None
        Who pays.
    reference_type : str
        "QRR", "SCOR" or "NON".
    reference, message, billing_information : str or None
        As written.
    alternatives : tuple of str
        Parameters of alternative procedures, as eBill.
    """

    kind: ClassVar[str] = "swiss-payment"
    iban: str
    creditor: Party
    amount: Decimal | None
    currency: str
    debtor: Party | None = None
    reference_type: str = "NON"
    reference: str | None = None
    message: str | None = None
    billing_information: str | None = None
    alternatives: tuple[str, ...] = ()


def swiss_payment_of(payload: Payload) -> SwissPayment | None:
    """Return the bill of a payload that begins with the code's type."""
    lines = [line.strip() for line in _END.split(payload.text)]
    if len(lines) < 28 or lines[0] != "SPC" or not re.fullmatch(r"02\d\d", lines[1], re.ASCII):
        return None
    if lines[2] == _UTF_8:
        lines = [line.strip() for line in _END.split(payload.under("utf-8"))]
    if len(lines) < 28:
        return None
    iban, kind, reference = lines[3].replace(" ", "").upper(), lines[27], "".join(lines[28:29])
    creditor = _party(lines[4:11])
    if creditor is None:
        return None
    behind = (lines[29:] + [""] * 3)[: max(3, len(lines) - 29)]  # message, EPD, billing information, procedures
    warnings = []
    if not iban_is_right(iban):
        warnings.append(f"checksum: the account number {iban!r:.60} is not right")
    if not _reference_is_right(kind, reference):
        warnings.append(f"checksum: the reference {reference!r:.60} is not right")
    return SwissPayment(
        iban=iban,
        creditor=creditor,
        amount=amount(lines[18]),
        currency=lines[19],
        debtor=_party(lines[20:27]),
        reference_type=kind,
        reference=reference or None,
        message=behind[0] or None,
        billing_information=behind[2] or None,
        alternatives=tuple(line for line in behind[3:] if line),
        warnings=tuple(warnings),
    )


def _party(lines: Sequence[str]) -> Party | None:
    """Return who seven lines name: kind of address, name, two lines or street and number, postcode, town, country."""
    kind, name, first, second, postcode, town, country = lines
    if not name:
        return None
    address = (f"{first} {second}", f"{postcode} {town}") if kind == "S" else (first, second)
    return Party(name, tuple(stripped for line in address if (stripped := line.strip())), country)


def _reference_is_right(kind: str, reference: str) -> bool:
    if kind == "QRR":
        carry = 0
        for digit in reference:
            if digit not in "0123456789":
                return False
            carry = _CARRIES[(carry + int(digit)) % 10]
        return len(reference) == 27 and carry == 0
    if kind == "SCOR":
        return bool(re.fullmatch(r"RF\d\d[A-Z0-9]{1,21}", reference, re.ASCII)) and mod97(reference) == 1
    return True
