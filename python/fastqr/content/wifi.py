"""Access to a wireless network: ``WIFI:`` of Android and iOS, and of the Wi-Fi Alliance's WPA3 specification."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .syntax import after, pairs, semicolon_fields
from .value import Content, Payload

__all__ = ["WiFi", "wifi_of"]

_NAMES = ("T", "S", "P", "H", "E", "A", "I", "PH2", "R", "K", "ID")
_QUOTED_HEX = re.compile(r'"(?:[0-9A-Fa-f]{2})+"', re.ASCII)
_OPEN = ("", "NOPASS", "NONE")


@dataclass(frozen=True, slots=True, repr=False)
class WiFi(Content):
    """A network and how to join it.

    Attributes
    ----------
    ssid : str
        The network's name.
    password : str or None
        None for an open network.
    security : str
        "WPA" (also WPA2 and WPA3), "WEP", "SAE", "WPA2-EAP" and so on, as written, in capitals; "nopass" where the
        network is open.
    hidden : bool
        Whether the network does not tell its name.
    eap_method, phase2, identity, anonymous_identity : str or None
        Of networks with accounts.
    """

    kind: ClassVar[str] = "wifi"
    ssid: str
    password: str | None
    security: str
    hidden: bool = False
    eap_method: str | None = None
    phase2: str | None = None
    identity: str | None = None
    anonymous_identity: str | None = None


def wifi_of(payload: Payload) -> WiFi | None:
    """Return the network of a ``WIFI:`` payload with a name."""
    rest = after("WIFI:", payload.text.strip())
    if rest is None:
        return None
    fields = pairs(semicolon_fields(rest, _NAMES))
    if not fields.get("S"):
        return None
    security = fields.get("T", "").strip().upper()
    hidden = fields.get("H", "").strip().lower()
    password = _unquoted(fields.get("P", ""))
    phase2 = fields.get("PH2") or (fields.get("H") if hidden not in ("", "true", "false", "1", "0") else None)
    return WiFi(
        ssid=_unquoted(fields["S"]),
        password=password or None,
        security=security if security not in _OPEN else "WPA" if password and not security else "nopass",
        hidden=hidden in ("true", "1"),
        eap_method=fields.get("E") or None,
        phase2=phase2 or None,
        identity=fields.get("I") or None,
        anonymous_identity=fields.get("A") or None,
    )


def _unquoted(value: str) -> str:
    """Take off the quotes that say of hexadecimal digits that they are letters."""
    return value[1:-1] if _QUOTED_HEX.fullmatch(value) else value
