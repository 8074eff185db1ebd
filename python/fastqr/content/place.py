"""A place on earth: ``geo:`` of RFC 5870, and as Android and iOS write it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import ClassVar

from .syntax import after, query
from .value import Content, Payload

__all__ = ["Geo", "geo_of"]

_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,4}(?:\.[0-9]{0,20})?\s*", re.ASCII)
_LABELLED = re.compile(r"([^,()]*),([^,()]*)(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class Geo(Content):
    """A place.

    Attributes
    ----------
    latitude, longitude : float
        Degrees north and east (WGS 84).
    altitude : float or None
        Metres.
    uncertainty : float or None
        Metres about it.
    query : str or None
        What a map is to look for, as an address or a name; the coordinates may then be 0, 0.
    """

    kind: ClassVar[str] = "geo"
    latitude: float
    longitude: float
    altitude: float | None = None
    uncertainty: float | None = None
    query: str | None = None


def geo_of(payload: Payload) -> Geo | None:
    """Return the place of a ``geo:`` payload with coordinates that are on earth."""
    rest = after("geo:", payload.text.strip())
    if rest is None:
        return None
    place, _, fields = rest.partition("?")
    coordinates, *parameters = place.split(";")
    numbers = [_number(each) for each in coordinates.split(",")]
    if not 2 <= len(numbers) <= 3 or numbers[0] is None or numbers[1] is None:
        return None
    latitude, longitude = numbers[0], numbers[1]
    wanted = query(fields, plus_is_blank=True).get("q")
    if wanted and latitude == longitude == 0 and (named := _LABELLED.fullmatch(wanted)):
        north, east = _number(named[1]), _number(named[2])  # geo:0,0?q=48.2,16.37(label)
        if north is not None and east is not None:
            latitude, longitude, wanted = north, east, named[3]
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    uncertainty = next((_number(value) for each in parameters if (value := after("u=", each))), None)
    return Geo(latitude, longitude, numbers[2] if len(numbers) == 3 else None, uncertainty, wanted or None)


def _number(text: str) -> float | None:
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None
