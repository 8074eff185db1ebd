"""A person or a firm: vCard 2.1 to 4.0, MeCard and BIZCARD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .caution import url_warnings
from .lines import content_lines, parts, unescaped
from .syntax import after, first_of, pairs, semicolon_fields
from .value import Content, Payload

__all__ = ["Contact", "Labelled", "contact_of"]

_MECARD = ("N", "SOUND", "TEL", "TEL-AV", "EMAIL", "NOTE", "BDAY", "ADR", "URL", "NICKNAME", "ORG", "TITLE", "ROLE")
_BIZCARD = ("N", "X", "T", "C", "A", "B", "M", "E", "F")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A number, address or page of a contact, and what kind of one it is.

    Attributes
    ----------
    value : str
        The number or address; of a postal address its parts with commas between.
    labels : tuple of str
        In lower case: "work", "home", "cell" and so on.
    """

    value: str
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, repr=False)
class Contact(Content):
    """A contact.

    Attributes
    ----------
    name : str
        As it is shown.
    form : str
        "vCard", "MeCard" or "BIZCARD".
    family_name, given_name, nickname, organisation, job_title, birthday, note : str or None
        As they are written.
    phones, emails, addresses, urls : tuple of Labelled
        In the payload's order.
    """

    kind: ClassVar[str] = "contact"
    name: str
    form: str
    family_name: str | None = None
    given_name: str | None = None
    nickname: str | None = None
    organisation: str | None = None
    job_title: str | None = None
    birthday: str | None = None
    note: str | None = None
    phones: tuple[Labelled, ...] = ()
    emails: tuple[Labelled, ...] = ()
    addresses: tuple[Labelled, ...] = ()
    urls: tuple[Labelled, ...] = ()


def contact_of(payload: Payload) -> Contact | None:
    """Return the contact of a payload in one of the forms."""
    text = payload.text.strip()
    if after("BEGIN:VCARD", text) is not None:
        return _of_vcard(Payload(text, payload.data))
    if (rest := after("MECARD:", text)) is not None:
        return _of_mecard(rest)
    if (rest := after("BIZCARD:", text)) is not None:
        return _of_bizcard(rest)
    return None


def _of_vcard(payload: Payload) -> Contact:
    single: dict[str, str] = {}
    several: dict[str, list[Labelled]] = {"TEL": [], "EMAIL": [], "ADR": [], "URL": []}
    name: list[str] = []
    for line in content_lines(payload):
        if line.name == "END":
            break
        text = unescaped(line.value)
        if line.name in several:
            if line.name == "ADR":
                text = ", ".join(part for part in parts(line.value) if part)
            text = after("tel:", text) or text
            labels = line.parameters.get("TYPE", "").replace('"', "").lower().split(",")
            if text:
                several[line.name].append(Labelled(text, tuple(label.strip() for label in labels if label.strip())))
        elif line.name == "N" and not name:
            name = parts(line.value)
        elif line.name == "ORG":
            single.setdefault("ORG", ", ".join(part for part in parts(line.value) if part))
        else:
            single.setdefault(line.name, text)
    family, given, middle, before, behind = (part or None for part in (*name, *[""] * 5)[:5])
    phones, emails, addresses, urls = map(tuple, several.values())
    composed = " ".join(part for part in (before, given, middle, family, behind) if part)
    return Contact(
        name=first_of(single, "FN") or composed or first_of(single, "ORG", "NICKNAME") or "",
        form="vCard",
        family_name=family,
        given_name=given,
        nickname=first_of(single, "NICKNAME"),
        organisation=first_of(single, "ORG"),
        job_title=first_of(single, "TITLE", "ROLE"),
        birthday=first_of(single, "BDAY"),
        note=first_of(single, "NOTE"),
        phones=phones,
        emails=emails,
        addresses=addresses,
        urls=urls,
        warnings=_warnings_of(urls),
    )


def _of_mecard(text: str) -> Contact | None:
    fields = semicolon_fields(text, _MECARD)
    single = pairs(fields)
    family, comma, given = (part.strip() for part in single.get("N", "").partition(","))
    name = f"{given} {family}".strip() if comma else family
    phones, emails, addresses, urls = (
        tuple(Labelled(value) for name, value in fields if name in names and value)
        for names in (("TEL", "TEL-AV"), ("EMAIL",), ("ADR",), ("URL",))
    )
    if not (name or phones or emails or urls):
        return None
    return Contact(
        name=name or first_of(single, "ORG", "NICKNAME") or "",
        form="MeCard",
        family_name=family if comma else None,
        given_name=given or None,
        nickname=first_of(single, "NICKNAME"),
        organisation=first_of(single, "ORG"),
        job_title=first_of(single, "TITLE", "ROLE"),
        birthday=first_of(single, "BDAY"),
        note=first_of(single, "NOTE"),
        phones=phones,
        emails=emails,
        addresses=tuple(Labelled(_without_gaps(address.value)) for address in addresses),
        urls=urls,
        warnings=_warnings_of(urls),
    )


def _of_bizcard(text: str) -> Contact | None:
    fields = semicolon_fields(text, _BIZCARD)
    single = pairs(fields)
    given, family = first_of(single, "N"), first_of(single, "X")
    if not (given or family or single.get("C")):
        return None
    labels = {"B": ("work",), "M": ("cell",), "F": ("fax",)}
    return Contact(
        name=" ".join(part for part in (given, family) if part) or single.get("C", ""),
        form="BIZCARD",
        family_name=family,
        given_name=given,
        organisation=first_of(single, "C"),
        job_title=first_of(single, "T"),
        phones=tuple(Labelled(value, labels[name]) for name, value in fields if name in labels and value),
        emails=tuple(Labelled(value) for name, value in fields if name == "E" and value),
        addresses=tuple(Labelled(value) for name, value in fields if name == "A" and value),
    )


def _without_gaps(address: str) -> str:
    return ", ".join(part.strip() for part in address.split(",") if part.strip())


def _warnings_of(urls: tuple[Labelled, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(warning for url in urls for warning in url_warnings(url.value)))
