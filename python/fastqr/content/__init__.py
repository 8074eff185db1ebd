"""What a payload is for: an address, a network, a contact, a bill, as small typed values.

`Symbol.content` is made by `content_of`. Nothing here opens an address or asks the network, and no text is an error: a
text in no known format is a `Text`.

>>> content_of("WIFI:T:WPA;S:Café;P:crème;;")
WiFi(ssid='Café', password='crème', security='WPA')
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .address import URL, url_of
from .calendar import Event, event_of
from .caution import text_warnings
from .contact import Contact, Labelled, contact_of
from .crypto import CryptoPayment, crypto_payment_of
from .epc import EpcPayment, epc_payment_of
from .gs1 import GS1, GS1DigitalLink, GS1Element, gs1_link_of, gs1_of
from .health import EUCertificate, SmartHealthCard, eu_certificate_of, smart_health_card_of
from .message import Email, Phone, Sms, email_of, phone_of, sms_of
from .otp import OneTimePassword, one_time_password_of
from .place import Geo, geo_of
from .russian import RussianPayment, russian_payment_of
from .swiss import Party, SwissPayment, swiss_payment_of
from .upi import UpiPayment, upi_payment_of
from .value import JSON, Content, Payload, Text
from .wifi import WiFi, wifi_of

__all__ = [
    "GS1",
    "JSON",
    "URL",
    "Contact",
    "Content",
    "CryptoPayment",
    "EUCertificate",
    "Email",
    "EpcPayment",
    "Event",
    "GS1DigitalLink",
    "GS1Element",
    "Geo",
    "Labelled",
    "OneTimePassword",
    "Party",
    "Phone",
    "RussianPayment",
    "SmartHealthCard",
    "Sms",
    "SwissPayment",
    "Text",
    "UpiPayment",
    "WiFi",
    "content_of",
]

# In order: the first that recognises a payload has it.
_RECOGNISERS: tuple[Callable[[Payload], Content | None], ...] = (
    gs1_of,
    wifi_of,
    contact_of,
    event_of,
    email_of,
    phone_of,
    sms_of,
    geo_of,
    epc_payment_of,
    swiss_payment_of,
    upi_payment_of,
    russian_payment_of,
    eu_certificate_of,
    smart_health_card_of,
    one_time_password_of,
    crypto_payment_of,
    gs1_link_of,
    url_of,
)


def content_of(text: str, data: bytes | None = None, *, gs1: bool = False) -> Content:
    """Say what a payload is for.

    Parameters
    ----------
    text : str
        What a symbol says.
    data : bytes, optional
        Its bytes, where the symbol names no character set: formats that name one of their own are read under it.
    gs1 : bool, default False
        Whether FNC1 stands in first position, so that the message is of GS1 element strings.

    Returns
    -------
    Content
        One of the classes of this module; `Text` where the payload is in none of the known formats.

    Examples
    --------
    >>> content_of("https://www.example.org@93.184.215.14/").warnings
    ("user-info: the host is '93.184.215.14'; what stands before the @ is a user's name, 'www.example.org'",)
    """
    payload = Payload(text, data, gs1)
    content = next((found for each in _RECOGNISERS if (found := each(payload)) is not None), None) or Text(text)
    if isinstance(content, URL):  # which says all of itself
        return content
    warnings = dict.fromkeys((*content.warnings, *text_warnings(text, data=gs1 or text.startswith("[)>\x1e"))))
    return replace(content, warnings=tuple(warnings)) if len(warnings) > len(content.warnings) else content
