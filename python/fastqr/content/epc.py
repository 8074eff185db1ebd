"""A SEPA credit transfer: the European Payments Council's "EPC QR code" (EPC069-12), also known as Girocode."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .syntax import amount, iban_is_right
from .value import Content, Payload

__all__ = ["EpcPayment", "epc_payment_of"]

_END = re.compile("\r\n|\n|\r")
# The character sets that the third line names.
_SETS = {
    "1": "utf-8",
    "2": "iso8859-1",
    "3": "iso8859-2",
    "4": "iso8859-4",
    "5": "iso8859-5",
    "6": "iso8859-7",
    "7": "iso8859-10",
    "8": "iso8859-15",
}


@dataclass(frozen=True, slots=True, repr=False)
class EpcPayment(Content):
    """A transfer in euro.

    Attributes
    ----------
    name : str
        Whom to pay.
    iban : str
        The account, without blanks; a wrong checksum is among `warnings`.
    bic : str or None
        The bank.
    amount : Decimal or None
        Euro; None where the payer chooses.
    purpose : str or None
        Code of ISO 20022, four letters.
    reference : str or None
        Structured reference of ISO 11649.
    message : str or None
        Unstructured remittance information.
    information : str or None
        For the payer, not for the transfer.
    """

    kind: ClassVar[str] = "epc-payment"
    name: str
    iban: str
    bic: str | None = None
    amount: Decimal | None = None
    purpose: str | None = None
    reference: str | None = None
    message: str | None = None
    information: str | None = None


def epc_payment_of(payload: Payload) -> EpcPayment | None:
    """Return the transfer of a payload that begins with the service tag, under the character set that it names."""
    lines = _END.split(payload.text)
    if len(lines) < 7 or lines[0].strip() != "BCD" or lines[1] not in ("001", "002") or lines[3] not in ("SCT", "INST"):
        return None
    lines = _END.split(payload.under(_SETS.get(lines[2].strip())))
    bic, name, iban, money, purpose, reference, message, information = ([x.strip() for x in lines[4:]] + [""] * 8)[:8]
    iban = iban.replace(" ", "").upper()
    return EpcPayment(
        name=name,
        iban=iban,
        bic=bic or None,
        amount=amount(money.removeprefix("EUR")) if money.startswith("EUR") else None,
        purpose=purpose or None,
        reference=reference or None,
        message=message or None,
        information=information or None,
        warnings=() if iban_is_right(iban) else (f"checksum: the account number {iban!r:.60} is not right",),
    )
