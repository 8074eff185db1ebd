"""Languages with their scripts, and the kinds of characters of which texts consist."""

from __future__ import annotations

import functools
import unicodedata

import numpy as np
import numpy.typing as npt

__all__ = [
    "ALPHABETIC",
    "CASELESS",
    "IDEOGRAPHIC",
    "KINDS",
    "KIND_OF",
    "LATIN",
    "LETTER_KINDS",
    "SINGLE_BYTE_SETS",
    "SPEAKERS",
    "SYMBOLS",
    "folded",
    "kind_table",
]

Ranges = tuple[tuple[str, str], ...]

LATIN: Ranges = (("a", "z"), ("\xdf", "\u024f"))
_CYRILLIC: Ranges = (("\u0430", "\u04ff"),)
_GREEK: Ranges = (("\u0390", "\u03ff"),)
_HEBREW: Ranges = (("\u05b0", "\u05ff"),)
_ARABIC: Ranges = (("\u0620", "\u06ff"), ("\u200c", "\u200d"))

WESTERN = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is", "ca")
CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "sl")
BALTIC = ("lt", "lv")
EASTERN = ("ru", "uk", "bg", "mk")
ARABIC = ("ar", "fa")

#: Languages written in letters, and the ranges of their small ones.
ALPHABETIC: dict[str, Ranges] = {
    **dict.fromkeys((*WESTERN, *CENTRAL, "tr", *BALTIC), LATIN),
    **dict.fromkeys(EASTERN, _CYRILLIC),
    "el": _GREEK,
    "he": _HEBREW,
    **dict.fromkeys(ARABIC, _ARABIC),
}
#: Millions of people who speak each: messages are the more likely in a language, the more people write it.
SPEAKERS: dict[str, float] = {
    **{"en": 400, "de": 95, "fr": 90, "es": 480, "pt": 260, "it": 65, "nl": 25, "sv": 10, "da": 6, "nb": 5, "fi": 5.5},
    **{"is": 0.4, "ca": 9, "pl": 40, "cs": 11, "sk": 5, "hu": 13, "ro": 24, "hr": 18, "sl": 2, "tr": 85, "lt": 3},
    **{"lv": 1.5, "ru": 150, "uk": 35, "bg": 7, "mk": 2, "el": 13, "he": 9, "ar": 400, "fa": 80},
}
#: Languages whose letters are neither small nor capital.
CASELESS = ("he", *ARABIC)
#: Languages written in ideographs, kana or hangul.
IDEOGRAPHIC = ("ja", "zh", "zh_Hant", "ko")

#: Sets of one byte a character, and the languages that they are made for.
SINGLE_BYTE_SETS: dict[str, tuple[str, ...]] = {
    "cp1252": WESTERN,
    "iso8859-15": WESTERN,
    "cp1250": CENTRAL,
    "iso8859-2": CENTRAL,
    "cp1251": EASTERN,
    "koi8-r": ("ru",),
    "koi8-u": ("uk",),
    "iso8859-5": EASTERN,
    "cp1253": ("el",),
    "iso8859-7": ("el",),
    "cp1254": ("tr",),
    "cp1255": ("he",),
    "cp1256": ARABIC,
    "cp1257": BALTIC,
}

LETTER_KINDS = ("lower", "upper", "caseless")
_IDEOGRAPHIC_SYMBOLS = (
    "‐−\u3000、。〃「」『』【】〔〕〈〉《》・〜～（）：；，．！？％＆＋－／＝￥〒①②③④⑤⑥⑦⑧⑨⑩㈱㈲№℡℃※★☆○●◎◇◆□■△▲▽▼→←↑↓♪"
)


def _symbols() -> str:
    """Characters of the sets above that are no letters, and the commonest of ideographic texts."""
    upper_half = {bytes([byte]).decode(codec, "replace") for codec in SINGLE_BYTE_SETS for byte in range(0x80, 0x100)}
    found = {character for character in upper_half if unicodedata.category(character)[0] in "SPZN"} - {"\ufffd"}
    return "".join(sorted(found | set("ªºµ" + _IDEOGRAPHIC_SYMBOLS)))


SYMBOLS = _symbols()
#: Kinds of characters; each symbol stands beside others in its own manner, so it is a kind.
KINDS = (
    *("space", "digit", "punctuation", *LETTER_KINDS),
    *("hiragana", "katakana", "half-width", "han", "hangul", "full-width", "other", "control", "private"),
    *SYMBOLS,
)
KIND_OF = {kind: i for i, kind in enumerate(KINDS)}

_BLOCKS = (
    (0x3041, 0x3097, "hiragana"),
    (0x30A1, 0x3100, "katakana"),
    (0xFF61, 0xFFA0, "half-width"),
    (0x3005, 0x3008, "han"),
    (0x4E00, 0xA000, "han"),
    (0xAC00, 0xD7A4, "hangul"),
    (0xFF01, 0xFF5F, "full-width"),
    (0x0000, 0x0020, "control"),
    (0x007F, 0x00A0, "control"),
    (0xD800, 0xF900, "private"),
    (0xFFFE, 0x10000, "private"),
)


@functools.cache
def kind_table() -> npt.NDArray[np.uint8]:
    """Kind of each character of the basic plane, as its place in `KINDS`."""
    table = np.full(1 << 16, KIND_OF["other"], np.uint8)
    for first, end, kind in _BLOCKS:
        table[first:end] = KIND_OF[kind]
    for code in range(0x21, 0x700):
        category = unicodedata.category(chr(code))
        if category in ("Lu", "Ll", "Lo", "Mn", "Lm"):
            table[code] = KIND_OF[{"Lu": "upper", "Ll": "lower"}.get(category, "caseless")]
        elif code < 0x7F:
            table[code] = KIND_OF["digit" if chr(code).isdigit() else "punctuation"]
    table[0x200C:0x2010] = KIND_OF["caseless"]  # joiners and marks of direction
    table[[0x20, 0x0A, 0x0D, 0x09]] = KIND_OF["space"]
    table[0x1C:0x1F] = KIND_OF["punctuation"]  # separators of data formats
    table[[ord(symbol) for symbol in SYMBOLS]] = [KIND_OF[symbol] for symbol in SYMBOLS]
    return table


def folded(letter: str) -> str:
    """Return a letter's small form, where that is one character too."""
    small = letter.lower().replace("i\u0307", "i")
    return small if len(small) == 1 else letter
