"""A date to keep: the first VEVENT of an iCalendar payload (RFC 5545)."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import ClassVar

from .caution import url_warnings
from .lines import Line, content_lines, unescaped
from .syntax import after
from .value import Content, Payload

__all__ = ["Event", "event_of"]

_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?(Z)?)?", re.ASCII)
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.ASCII
)

Moment = datetime.datetime | datetime.date


@dataclass(frozen=True, slots=True, repr=False)
class Event(Content):
    """An event.

    Attributes
    ----------
    summary : str
        What it is.
    start, end : datetime, date or None
        A date for whole days, of which `end` is the first that is no longer part of it; a time of `datetime.UTC` where
        the payload says so, else without a zone.
    time_zone : str or None
        Name of the zone of `start`, where one is named, as "Europe/Vienna".
    location, description, organizer, url, uid : str or None
        As written.
    recurrence : str or None
        The rule by which it comes back, as written.
    """

    kind: ClassVar[str] = "event"
    summary: str
    start: Moment | None = None
    end: Moment | None = None
    time_zone: str | None = None
    location: str | None = None
    description: str | None = None
    organizer: str | None = None
    url: str | None = None
    uid: str | None = None
    recurrence: str | None = None


def event_of(payload: Payload) -> Event | None:
    """Return the event of a payload that begins as a calendar or an event."""
    text = payload.text.strip()
    if after("BEGIN:VCALENDAR", text) is None and after("BEGIN:VEVENT", text) is None:
        return None
    found: dict[str, Line] = {}
    events, inside = 0, ""
    for line in content_lines(Payload(text, payload.data)):
        if line.name == "BEGIN":
            inside = line.value.strip().upper()
            events += inside == "VEVENT"
        elif line.name == "END":
            inside = "VEVENT" if inside != "VEVENT" else ""  # an alarm ends within its event
        elif inside == "VEVENT" and events == 1:
            found.setdefault(line.name, line)
    if not found:
        return None

    def words(name: str) -> str | None:
        return (unescaped(found[name].value) or None) if name in found else None

    start, end = (_moment(found[name].value) if name in found else None for name in ("DTSTART", "DTEND"))
    if start is not None and end is None and "DURATION" in found:
        end = _later(start, found["DURATION"].value)
    url = words("URL")
    others = (f"events: {events - 1} more events stand in the text",) if events > 1 else ()
    return Event(
        summary=words("SUMMARY") or "",
        start=start,
        end=end,
        time_zone=found["DTSTART"].parameters.get("TZID", "").strip('"') or None if "DTSTART" in found else None,
        location=words("LOCATION"),
        description=words("DESCRIPTION"),
        organizer=words("ORGANIZER"),
        url=url,
        uid=words("UID"),
        recurrence=words("RRULE"),
        warnings=others + (url_warnings(url) if url else ()),
    )


def _moment(text: str) -> Moment | None:
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups()[:6])
    try:
        if hour is None or minute is None:
            return datetime.date(year or 0, month or 0, day or 0)
        zone = datetime.timezone.utc if found[7] else None
        return datetime.datetime(year or 0, month or 0, day or 0, hour, minute, min(second or 0, 59), tzinfo=zone)
    except ValueError:  # the 31st of February
        return None


def _later(start: Moment, duration: str) -> Moment | None:
    found = _DURATION.fullmatch(duration.strip())
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return start + datetime.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
