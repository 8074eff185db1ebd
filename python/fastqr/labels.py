"""Lines of text in a picture, in any script: glyphs of GNU Unifont, whatever fonts and whichever OpenCV there is."""

from __future__ import annotations

import functools
import lzma
import unicodedata
from collections.abc import Iterator
from importlib import resources
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .pixels import Picture
from .printable import escaped

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["ROWS", "Colour", "label_width", "shortened_label", "write_label"]

Colour: TypeAlias = tuple[int, int, int]
Glyph: TypeAlias = tuple[int, npt.NDArray[np.bool_]]  # how far it moves the pen, and 16 × 16 pixels

ROWS = 16  # of a glyph, and so pixels of a line's height at scale 1
_SOFT = 1.5  # pixels over which a magnified glyph's edge goes from ground to text

_MIRRORED = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))


def label_width(text: str, scale: int = 1) -> int:
    """Return how many pixels a line of text is wide."""
    return scale * sum(advance for advance, _ in map(_glyph, _visible(text)))


def shortened_label(text: str, width: int, scale: int = 1) -> str:
    """Return a text, or as much of its beginning and end as is no wider than that with an ellipsis between."""
    text = _visible(text)
    if label_width(text, scale) <= width:
        return text
    room = width - label_width("…", scale)
    begins, ends = 0, len(text)
    while begins < ends:
        from_start = begins <= len(text) - ends
        room -= scale * _glyph(text[begins if from_start else ends - 1])[0]
        if room < 0:
            break
        begins, ends = (begins + 1, ends) if from_start else (begins, ends - 1)
    return f"{text[:begins]}…{text[ends:]}" if begins else ""


def write_label(canvas: Picture, text: str, place: tuple[int, int], colour: Colour, scale: int = 1) -> None:
    """Write a line of text into a BGR picture; what lies outside is cut off.

    Parameters
    ----------
    canvas : ndarray of uint8, shape (height, width, 3)
        Written in place.
    text : str
        What does not print is escaped; right-to-left scripts run so, and Arabic is joined. Scripts whose letters change
        places or melt, as Devanagari, show the letters in the order of the text.
    place : tuple of int
        Left upper corner, x and y.
    colour : tuple of int
        BGR.
    scale : int
        Pixels a row of the glyphs.
    """
    mask = _mask(text)
    if not mask.shape[1]:
        return
    alpha = mask.astype(np.float32)
    if scale > 1:
        large = cv2.resize(alpha, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        alpha = np.clip((np.asarray(large) - 0.5) * (scale / _SOFT) + 0.5, 0, 1)
    x, y = place
    left, top = max(0, -x), max(0, -y)
    under = canvas[max(0, y) : max(0, y + alpha.shape[0]), max(0, x) : max(0, x + alpha.shape[1])]
    alpha = alpha[top : top + under.shape[0], left : left + under.shape[1], None]
    under[:] = np.round(under * (1 - alpha) + np.array(colour, np.float32) * alpha)


def _mask(text: str) -> npt.NDArray[np.bool_]:
    """Return a line's pixels, True for text."""
    glyphs = [_glyph(letter) for letter in _in_visual_order(_joined(_visible(text)))]
    mask = np.zeros((ROWS, 2 * ROWS + sum(advance for advance, _ in glyphs)), np.bool_)
    pen = ROWS  # a margin, for marks before the first letter
    for advance, pixels in glyphs:
        start = pen if advance else pen - ROWS
        mask[:, start : start + ROWS] |= pixels
        pen += advance
    return mask[:, ROWS:pen]


def _visible(text: str) -> str:
    """Return a text in which everything has a glyph: what does not print or is not in the font is escaped."""
    known = _font()
    return "".join(
        letter if letter.isprintable() and ord(letter) in known else _escaped(letter)
        for letter in unicodedata.normalize("NFC", text)
    )


def _escaped(letter: str) -> str:
    return escaped(letter) if not letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


@functools.cache
def _font() -> dict[int, int]:
    """Return the place of each code point's glyph."""
    return {int(code): place for place, code in enumerate(_packed()[0])}


@functools.cache
def _packed() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    """Return code points, advances and rows, as scripts/label_font.py packs them."""
    packed = lzma.decompress((resources.files("fastqr") / "fonts" / "unifont.xz").read_bytes())
    count = int(np.frombuffer(packed, "<u4", 1)[0])
    codes = np.frombuffer(packed, "<u4", count, 4)
    advances = np.frombuffer(packed, np.uint8, count, 4 + 4 * count)
    rows = np.frombuffer(packed, "<u2", ROWS * count, 4 + 5 * count).reshape(count, ROWS)
    return codes, advances, rows


def _glyph(letter: str) -> Glyph:
    _, advances, rows = _packed()
    place = _font()[ord(letter)]
    pixels = np.unpackbits(rows[place].astype(">u2").view(np.uint8)).reshape(ROWS, ROWS)
    return int(advances[place]), pixels.astype(np.bool_)


# Writing from right to left -------------------------------------------------------------------------------------------


@functools.cache
def _forms() -> dict[tuple[str, str], str]:
    """Return Arabic's presentation forms by letter and kind (initial, medial, final, isolated), as Unicode has them."""
    forms: dict[tuple[str, str], str] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)):
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if kind[1:-1] in ("initial", "medial", "final", "isolated") and " " not in letters and code in _font():
            forms.setdefault((chr(int(letters, 16)), kind[1:-1]), chr(code))
    return forms


def _joined(text: str) -> str:
    """Return a text whose Arabic letters have the forms in which they join their neighbours."""
    if not any("\u0600" <= letter <= "\u06ff" for letter in text):
        return text
    forms = _forms()
    letters = list(text)
    bases = [place for place, letter in enumerate(text) if not unicodedata.combining(letter)]
    for number, place in enumerate(bases):
        letter = text[place]
        before = text[bases[number - 1]] if number else ""
        after = text[bases[number + 1]] if number + 1 < len(bases) else ""
        from_before = (before, "initial") in forms and (letter, "final") in forms
        to_after = (letter, "initial") in forms and (after, "final") in forms
        kind = {(True, True): "medial", (True, False): "final", (False, True): "initial"}.get((from_before, to_after))
        letters[place] = forms.get((letter, kind or "isolated"), letter)
    return "".join(letters)


def _in_visual_order(text: str) -> str:
    """Return a line's letters from left to right: the bidirectional algorithm (UAX 9) without embeddings."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    if not any(kind in ("R", "AL") for kind in kinds):
        return text
    clusters = list(_clusters(text))
    base = next(1 if kind in ("R", "AL") else 0 for kind in kinds if kind in ("L", "R", "AL"))
    levels = _levels([unicodedata.bidirectional(cluster[0]) for cluster in clusters], base)
    for level in range(max(levels), 0, -1):
        place = 0
        while place < len(clusters):
            end = place
            while end < len(clusters) and levels[end] >= level:
                end += 1
            clusters[place:end] = clusters[place:end][::-1]
            levels[place:end] = levels[place:end][::-1]
            place = end + 1
    shown = zip(clusters, levels, strict=True)
    return "".join(_MIRRORED.get(cluster, cluster) if level % 2 else cluster for cluster, level in shown)


def _clusters(text: str) -> Iterator[str]:
    """Give each letter with the marks upon it."""
    cluster = ""
    for letter in text:
        if cluster and not unicodedata.combining(letter):
            yield cluster
            cluster = ""
        cluster += letter
    yield cluster


def _levels(kinds: list[str], base: int) -> list[int]:
    """Return each cluster's embedding level: odd ones run from right to left, numbers never do."""
    strong: list[int | None] = []  # 0 to the right, 1 to the left
    last = base
    for kind in kinds:
        direction = 0 if kind == "L" else 1 if kind in ("R", "AL") else None
        last = last if direction is None else direction
        strong.append(last if kind in ("EN", "AN") else direction)
    levels = []
    last = base
    for place, (kind, direction) in enumerate(zip(kinds, strong, strict=True)):
        if direction is None:  # what has none goes with its neighbours where these agree, else with the line
            following = next((each for each in strong[place:] if each is not None), base)
            direction = last if last == following else base
        else:
            last = direction
        to_the_right = kind in ("EN", "AN") or not direction
        levels.append(1 if not to_the_right else 2 if base or direction else 0)
    return levels
