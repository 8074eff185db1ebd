"""Addresses of the web and of programs: URL, and the bookmarks of mobile telephones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .authority import authority_of
from .caution import url_warnings
from .syntax import after, pairs, semicolon_fields
from .value import Content, Payload

__all__ = ["URL", "url_of"]

# Addresses without a host that are met in codes; a word and a colon alone are no address but writing.
_WITHOUT_HOST = re.compile(
    "https?|about|blob|data|facetime|facetime-audio|fido|file|intent|javascript|ldap|magnet|market|matter|mt|news|sips?|"
    "skype|spotify|tg|urn|vbscript|view-source|whatsapp|xmpp",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,40}):(//)?", re.IGNORECASE | re.ASCII)
_LABELS = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}"
_DOMAIN = re.compile(
    rf"www\.\S|{_LABELS}[a-z]{{2,24}}(?::[0-9]{{1,5}})?/"
    rf"|{_LABELS}(?:[a-z]{{2}}|com|org|net|info|biz|edu|gov|app|dev|shop|store|online)\Z",
    re.IGNORECASE | re.ASCII,
)
_BROKEN = re.compile(r"[ \n\r]")


@dataclass(frozen=True, slots=True, repr=False)
class URL(Content):
    """An address that a browser or another program opens.

    Attributes
    ----------
    url : str
        As the symbol says it, without blanks about it.
    scheme : str
        "https" and so on, in lower case; empty where none is written, as in ``www.example.org``.
    host : str
        The host that a browser asks for, in lower case, in punycode where it is written so; empty where there is none.
    port : int or None
        Where one is written.
    path, query, fragment : str
        As they are written.
    title : str or None
        A bookmark's name.
    """

    kind: ClassVar[str] = "url"
    url: str
    scheme: str
    host: str
    port: int | None = None
    path: str = ""
    query: str = ""
    fragment: str = ""
    title: str | None = None


def url_of(payload: Payload) -> URL | None:
    """Return the address that is the whole payload, if it is one."""
    text = payload.text.strip()
    if (rest := after("MEBKM:", text)) is not None:
        fields = pairs(semicolon_fields(rest, ("URL", "TITLE")))
        return _url(fields["URL"].strip(), fields.get("TITLE")) if fields.get("URL") else None
    if (rest := after("URLTO:", text)) is not None:  # URLTO:title:address
        title, _, address = rest.partition(":")
        return _url(address.strip(), title or None) if address.strip() else None
    if (rest := after("URL:", text)) is not None:
        text = rest.strip()
    if not text or _BROKEN.search(text):
        return None
    named = _SCHEME.match(text)
    if named and len(text) > named.end() and (named[2] or _WITHOUT_HOST.fullmatch(named[1])):
        return _url(text)
    return _url(text) if _DOMAIN.match(text) else None


def _url(url: str, title: str | None = None) -> URL:
    parts = authority_of(url)
    return URL(
        url,
        parts.scheme,
        parts.host,
        parts.port,
        parts.path,
        parts.query,
        parts.fragment,
        title,
        warnings=url_warnings(url),
    )
