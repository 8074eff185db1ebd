"""Payments in digital currencies: BIP 21 and what follows it, ERC-681, Monero, Lightning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .syntax import amount, first_of, query
from .value import Content, Payload

__all__ = ["CryptoPayment", "crypto_payment_of"]

_CURRENCIES = (
    "bitcoin|bitcoincash|bitcoinsv|litecoin|dogecoin|dash|zcash|ethereum|monero|lightning|ripple|xrp|stellar|solana|tron|"
    "cardano|algorand|nano|tezos|bnb|polkadot|cosmos|tether|usdt"
)
_URI = re.compile(rf"(?:web\+)?({_CURRENCIES}):(?://)?([^?]+)(?:\?(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)
_ADDRESS = re.compile(r"[A-Za-z0-9_.@:/+-]{4,4000}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class CryptoPayment(Content):
    """A payment in a digital currency.

    Attributes
    ----------
    currency : str
        The address's scheme, as "bitcoin".
    address : str
        To whom: an address, a contract's call or an invoice, as written.
    amount : Decimal or None
        In the currency's own unit where the scheme has it so (BIP 21, Monero); a contract's call keeps its own in
        `parameters`.
    label, message : str or None
        Of the payee, and what for.
    parameters : tuple of (str, str)
        All that the address names, in order.
    """

    kind: ClassVar[str] = "crypto-payment"
    currency: str
    address: str
    amount: Decimal | None = None
    label: str | None = None
    message: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()


def crypto_payment_of(payload: Payload) -> CryptoPayment | None:
    """Return the payment of an address with the scheme of a digital currency."""
    found = _URI.fullmatch(payload.text.strip())
    if found is None or not _ADDRESS.fullmatch(found[2]):
        return None
    named = query(found[3] or "")
    return CryptoPayment(
        currency=found[1].lower(),
        address=found[2],
        amount=amount(first_of(named, "amount", "tx_amount")),
        label=first_of(named, "label", "recipient_name"),
        message=first_of(named, "message", "tx_description", "memo"),
        parameters=tuple(named.items()),
    )
