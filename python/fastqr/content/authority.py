"""Whom an address leads to, as a browser reads it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

__all__ = ["Authority", "authority_of"]

_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):|([a-z][a-z0-9+.-]*):(?=//)", re.IGNORECASE | re.ASCII)
_IGNORED = re.compile("[\t\n\r]")  # which browsers leave out of an address (WHATWG URL, 4.4)
_PORT = re.compile(r":([0-9]{0,5})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Authority:
    """Scheme, user, host, port and the rest of an address.

    Attributes
    ----------
    scheme, host : str
        In lower case; the host without percent signs and normalised (NFKC), in punycode where it is written so.
    written_host : str
        The host as it stands.
    user : str
        What stands before an @, of users' names and passwords.
    port : int or None
        Where one is written.
    path, query, fragment : str
        As they stand, without their separators.
    """

    scheme: str = ""
    user: str = ""
    host: str = ""
    written_host: str = ""
    port: int | None = None
    path: str = ""
    query: str = ""
    fragment: str = ""


def authority_of(url: str) -> Authority:
    """Take an address apart, which begins with its host where no scheme is written.

    Nothing is refused, for browsers open what no standard allows.
    """
    rest = _IGNORED.sub("", url.strip())
    named = _SCHEME.match(rest)
    scheme = (named[1] or named[2]).lower() if named else ""
    rest = rest[named.end() :] if named else rest
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    if scheme in ("", "http", "https", "ftp", "ws", "wss"):  # any number of slashes, of either kind
        rest = rest.lstrip("/\\")
        place, ends = rest, "/\\"
    elif rest.startswith("//"):
        place, ends = rest[2:], "/"
    else:
        return Authority(scheme, path=rest, query=query, fragment=fragment)
    end = min((at for at in map(place.find, ends) if at >= 0), default=len(place))
    authority, path = place[:end], place[end:]
    user, _, host = authority.rpartition("@")
    port = _PORT.search(host)
    written = host[: port.start()] if port else host
    return Authority(
        scheme,
        user,
        unicodedata.normalize("NFKC", unquote(written)).lower().replace("\u3002", "."),  # IDNA's other full stop
        written,
        int(port[1]) if port and port[1] else None,
        path,
        query,
        fragment,
    )
