"""Payments of India's Unified Payments Interface, ``upi://pay`` (NPCI, UPI Linking Specifications)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .syntax import after, amount, first_of, query
from .value import Content, Payload

__all__ = ["UpiPayment", "upi_payment_of"]


@dataclass(frozen=True, slots=True, repr=False)
class UpiPayment(Content):
    """A payment to an address of UPI.

    Attributes
    ----------
    payee : str
        The virtual payment address, ``name@bank``.
    name : str or None
        Whom it belongs to, as the code says.
    amount : Decimal or None
        None where the payer chooses.
    currency : str
        "INR" where none is written.
    note, reference, transaction, merchant_code : str or None
        Note (tn), reference (tr), transaction (tid) and kind of merchant (mc).
    action : str
        "pay", or "mandate" for payments that come back.
    """

    kind: ClassVar[str] = "upi-payment"
    payee: str
    name: str | None = None
    amount: Decimal | None = None
    currency: str = "INR"
    note: str | None = None
    reference: str | None = None
    transaction: str | None = None
    merchant_code: str | None = None
    action: str = "pay"


def upi_payment_of(payload: Payload) -> UpiPayment | None:
    """Return the payment of a ``upi://`` payload with a payee."""
    rest = after("upi://", payload.text.strip())
    if rest is None:
        return None
    action, _, fields = rest.partition("?")
    named = query(fields, plus_is_blank=True)
    if not named.get("pa"):
        return None
    return UpiPayment(
        payee=named["pa"],
        name=first_of(named, "pn"),
        amount=amount(named.get("am")),
        currency=named.get("cu") or "INR",
        note=first_of(named, "tn"),
        reference=first_of(named, "tr"),
        transaction=first_of(named, "tid"),
        merchant_code=first_of(named, "mc"),
        action=action.strip("/").lower() or "pay",
    )
