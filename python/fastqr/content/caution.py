"""What deceives in a text or an address: letters that do not show, directions that turn, hosts like others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from ..printable import escaped
from .authority import Authority, authority_of

__all__ = ["text_warnings", "url_warnings"]

# Unicode's bidirectional embeddings, overrides and isolates (UAX 9); in addresses also the marks of direction.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile("[\u061c\u200e\u200f]")
# Letters that take no room: soft hyphen, fillers, zero widths, tags. Joiners are writing in some scripts, not in hosts.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f]|(?!^)\ufeff"
)
_JOINERS = re.compile("[\u200c\u200d]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROLS_OF_ADDRESSES = re.compile("[\x00-\x1f\x7f-\x9f]")
_SEPARATORS = re.compile("[\x1c-\x1e\x04]")  # of data: ISO/IEC 15434 and GS1
_ADDRESS = re.compile(r"\bhttps?:[/\\]{1,2}\S+", re.IGNORECASE)

_NAMED = 4  # characters of one kind that are named

_HOST_NUMBER = re.compile("0x[0-9a-f]{0,8}|[0-9]{1,12}", re.ASCII)

_ACTIVE = ("javascript", "vbscript", "data", "file", "blob", "intent")

# Scripts that are written together, UTS 39 section 5.2 (highly restrictive).
_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
_NO_SCRIPT = {"DIGIT", "HYPHEN-MINUS", "MIDDLE", "IDEOGRAPHIC", "KATAKANA-HIRAGANA"}
# Lower-case letters of other scripts that look like Latin ones (UTS 39, confusables): Cyrillic, Greek, Armenian.
_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуүѵαικνορυωօսցհոզ")


def text_warnings(text: str, *, data: bool = False) -> tuple[str, ...]:
    """Say what does not show in a text as it is, or leads elsewhere than it looks, addresses within it too.

    Parameters
    ----------
    text : str
        What a symbol says.
    data : bool, default False
        Whether the separators of data formats belong to it.
    """
    return tuple(dict.fromkeys(_of_text(text, data=data)))


def url_warnings(url: str) -> tuple[str, ...]:
    """Say how an address deceives: who looks at it expects another host, or does not see what it holds."""
    return tuple(dict.fromkeys(_of_url(url)))


def _of_text(text: str, *, data: bool) -> Iterator[str]:
    yield from _told("bidi", _TURNING.findall(text), "characters that turn the direction in which the text is shown")
    yield from _told("hidden", _HIDDEN.findall(text), "characters that take no room and are not seen")
    controls = _CONTROLS.findall(_SEPARATORS.sub("", text) if data else text)
    yield from _told("control", controls, "control characters")
    for found in _ADDRESS.finditer(text):
        yield from _of_url(found[0])


def _of_url(url: str) -> Iterator[str]:
    yield from _told("control", _CONTROLS_OF_ADDRESSES.findall(url), "control characters, which browsers leave out")
    yield from _told(
        "bidi", _TURNING.findall(url) + _MARKS.findall(url), "characters that turn the direction of what is shown"
    )
    yield from _told("hidden", _HIDDEN.findall(url), "characters that take no room and are not seen")
    authority = authority_of(url)
    if authority.scheme in _ACTIVE:
        yield f"active: an address of {authority.scheme}: may run a program or open a file"
    if "\\" in re.split("[?#]", url, maxsplit=1)[0]:
        yield "backslash: some programs read a backslash as a slash, others do not, so they open different hosts"
    if authority.user:
        yield (
            f"user-info: the host is {escaped(authority.host)!r}; "
            f"what stands before the @ is a user's name, {escaped(authority.user)!r}"
        )
    yield from _of_host(authority)


def _of_host(authority: Authority) -> Iterator[str]:
    host = authority.host
    if "%" in authority.written_host:
        yield f"percent: the host is written with percent signs and is {escaped(host)!r}"
    elif unquote(authority.written_host).lower() != host:
        yield f"normalised: the host is written {escaped(authority.written_host)!r} and is {escaped(host)!r}"
    yield from _told("hidden", _JOINERS.findall(host), "characters that take no room in the host")
    if (address := _numeric_address(host)) and address != host:
        yield f"numeric-host: {host!r} is the address {address}"
    labels = host.split(".")
    own = {_script(letter) for letter in _of_punycode(labels[-1]) or ""}  # of the top-level domain
    for label in labels:
        shown = _of_punycode(label)
        if shown is None:
            yield f"punycode: {label!r} in the host is no valid form of letters"
            continue
        if shown != label:
            yield f"punycode: {label!r} in the host is shown as {escaped(shown)!r}"
        yield from _of_label(shown, own)


def _of_label(label: str, own: set[str | None]) -> Iterator[str]:
    scripts = {script for letter in label if (script := _script(letter))}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        yield f"mixed-scripts: {escaped(label)!r} in the host mixes letters of {', '.join(sorted(scripts)).lower()}"
    elif scripts - own - {"LATIN"} and all(x in _LIKE_LATIN or not _script(x) for x in label):
        yield f"look-alike: {escaped(label)!r} in the host looks like Latin letters and is {min(scripts).lower()}"


def _script(letter: str) -> str | None:
    """Return a letter's script as its Unicode name begins with it; None for digits, marks and signs."""
    if letter.isascii():
        return "LATIN" if letter.isalpha() else None
    if not letter.isalpha():
        return None
    script = unicodedata.name(letter, "UNNAMED").split(" ")[0]
    return None if script in _NO_SCRIPT else script


def _of_punycode(label: str) -> str | None:
    """Return what a label of a host shows (RFC 3492), None where it begins like one and is none."""
    if not label.startswith("xn--"):
        return label
    if len(label) > 63:  # octets, the most of DNS
        return None
    try:
        return label[4:].encode("ascii").decode("punycode")
    except ValueError:
        return None


def _numeric_address(host: str) -> str | None:
    """Return the IPv4 address of one to four numbers, decimal, octal or hexadecimal, as browsers read it."""
    parts = host.split(".")
    if len(parts) > 4 or not all(map(_HOST_NUMBER.fullmatch, parts)):
        return None
    try:
        numbers = [int(p[2:] or "0", 16) if p[:2] == "0x" else int(p, 8 if p[0] == "0" else 10) for p in parts]
    except ValueError:  # a nine in an octal number
        return None
    *front, last = numbers
    if any(number > 255 for number in front) or last >= 256 ** (5 - len(parts)):
        return None
    value = last + sum(number << 8 * (3 - place) for place, number in enumerate(front))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _told(name: str, letters: list[str], what: str) -> Iterator[str]:
    """Name the characters of one kind, the first of them by their code points."""
    codes = [f"U+{ord(letter):04X}" for letter in dict.fromkeys(letters)]
    if codes:
        more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
        yield f"{name}: {what}: {', '.join(codes[:_NAMED])}{more}"
