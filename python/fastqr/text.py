"""From a segment's bytes to text: the character set that the symbol names, else the likeliest one."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from itertools import groupby

__all__ = ["codec_of_eci", "decode_bytes", "guess_codec", "text_of_segments"]

#: AIM ITS/04-023, ECI Part 3: Register. Where Windows' superset reads every text of the standard one and the texts that
#: encoders really write under that number, it stands here (as in the WHATWG Encoding Standard).
_CODEC_OF_ECI = {
    0: "cp437",
    1: "iso8859-1",
    2: "cp437",
    3: "iso8859-1",
    4: "iso8859-2",
    5: "iso8859-3",
    6: "iso8859-4",
    7: "iso8859-5",
    8: "iso8859-6",
    9: "iso8859-7",
    10: "iso8859-8",
    11: "iso8859-9",
    12: "iso8859-10",
    13: "iso8859-11",
    15: "iso8859-13",
    16: "iso8859-14",
    17: "iso8859-15",
    18: "iso8859-16",
    20: "cp932",
    21: "cp1250",
    22: "cp1251",
    23: "cp1252",
    24: "cp1256",
    25: "utf-16-be",
    26: "utf-8",
    27: "ascii",
    28: "big5hkscs",
    29: "gb18030",
    30: "cp949",
    31: "gbk",
    32: "gb18030",
    33: "utf-16-le",
    34: "utf-32-be",
    35: "utf-32-le",
    170: "ascii",
    899: "iso8859-1",
}

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)


def codec_of_eci(eci: int) -> str:
    """Name of the Python codec for an ECI assignment number.

    Parameters
    ----------
    eci : int
        Assignment number, 0 to 999999.

    Returns
    -------
    str
        The codec; ``"iso8859-1"``, which maps every byte to the character of that value, for numbers that stand for no
        character set known here (899 is binary data).
    """
    return _CODEC_OF_ECI.get(eci, "iso8859-1")


def decode_bytes(data: bytes, *, eci: int | None = None) -> str:
    """Text of the bytes of one run of byte segments.

    Parameters
    ----------
    data : bytes
        The bytes as they stand in the symbol.
    eci : int, optional
        The ECI assignment number in force; without one the character set is guessed (see `guess_codec`).

    Returns
    -------
    str
        The text. Never fails: bytes that the named character set does not have are guessed, and what no character set
        accepts becomes the ISO/IEC 8859-1 characters of the same values.
    """
    if eci is not None:
        try:
            return data.decode(codec_of_eci(eci))
        except UnicodeDecodeError:
            pass
    return data.decode(guess_codec(data), errors="replace")


def guess_codec(data: bytes) -> str:
    """Likeliest character set of bytes that name none.

    A byte order mark decides, then UTF-8 wherever the bytes are valid UTF-8 (chance bytes hardly ever are). Otherwise
    Shift_JIS, GB18030 and ISO/IEC 8859-1 compete by how well their characters would make a text.

    Parameters
    ----------
    data : bytes
        The bytes.

    Returns
    -------
    str
        Name of a Python codec that decodes `data` without error.
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark) and _decodes(data, codec):
            return codec
    if _decodes(data, "utf-8"):
        return "utf-8"
    best, best_score = "iso8859-1", _latin_score(data)
    for codec, score_of in (("cp932", _japanese_score), ("gb18030", _chinese_score)):
        try:
            score = score_of(data.decode(codec))
        except UnicodeDecodeError:
            continue
        if score > max(best_score, 0.0):
            best, best_score = codec, score
    return best


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


# Scores are mean plausibilities of the non-ASCII characters, about -1 .. 1, over the bytes they take: so that a reading
# that needs two bytes a character does not lose for having fewer of them.


def _latin_score(data: bytes) -> float:
    """Accented letters inside words speak for a Western text; C1 controls and runs of symbols against it."""
    high = [i for i, byte in enumerate(data) if byte >= 0x80]
    score = 0.0
    for i in high:
        byte = data[i]
        neighbours = [data[j] for j in (i - 1, i + 1) if 0 <= j < len(data)]
        by_letter = any(chr(n).isalpha() for n in neighbours if n < 0x80)
        alone = not any(n >= 0x80 for n in neighbours)
        if byte < 0xA0:
            score -= 1.0
        elif byte >= 0xC0 and byte not in (0xD7, 0xF7):
            score += 0.9 if by_letter and alone else 0.5 if alone else 0.1
        else:
            score += 0.4 if alone else -0.3
    return score / len(high) if high else 0.0


#: Half-width kana that may stand before a voiced or semi-voiced sound mark and before a small vowel or y-sound. Any
#: byte A1-DF is a half-width kana, so only their order tells Japanese from chance.
_BEFORE_VOICED = frozenset("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ")
_BEFORE_SEMI_VOICED = frozenset("ﾊﾋﾌﾍﾎ")
_BEFORE_SMALL_VOWEL = frozenset("ｳｸﾂﾃﾄﾌｼﾁﾞ")
_BEFORE_SMALL_Y = frozenset("ｷｼﾁﾆﾋﾐﾘﾃﾌﾞﾟ")


def _japanese_score(text: str) -> float:
    weighted = 0.0
    total = 0
    for i, character in enumerate(text):
        if character < "\x80":
            continue
        half_width = _is_half_width(character)
        width = 1 if half_width else 2
        if half_width:
            before = text[i - 1] if i and _is_half_width(text[i - 1]) else ""
            after = text[i + 1] if i + 1 < len(text) and _is_half_width(text[i + 1]) else ""
            weight = _half_width_weight(character, before, after)
        else:
            weight = _japanese_weight(character)
        weighted += weight * width
        total += width
    return weighted / total if total else 0.0


def _is_half_width(character: str) -> bool:
    return "\uff61" <= character <= "\uff9f"


def _half_width_weight(character: str, before: str, after: str) -> float:
    if not before and not after:
        return -0.5
    for marks, allowed in (
        ("ﾞ", _BEFORE_VOICED),
        ("ﾟ", _BEFORE_SEMI_VOICED),
        ("ｧｨｩｪｫ", _BEFORE_SMALL_VOWEL),
        ("ｬｭｮ", _BEFORE_SMALL_Y),
    ):
        if character in marks:
            return 1.0 if before in allowed and before else -1.0
    return 0.66  # just above a common hanzi: bytes that are as good as both are taken for Japanese, as other readers do


def _japanese_weight(character: str) -> float:
    if "\u3040" <= character <= "\u30ff":  # kana
        return 1.0
    if "\u4e00" <= character <= "\u9fff":  # of these the 2965 of level 1 (JIS X 0208 rows 16-47) are in daily use
        return 0.6 if character.encode("cp932")[0] <= 0x98 else 0.1
    if "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e":
        return 0.7
    return -1.0 if character < "\xa0" or "\ue000" <= character <= "\uf8ff" else -0.3  # controls, private use


def _chinese_score(text: str) -> float:
    weights = [(_chinese_weight(c), len(c.encode("gb18030"))) for c in text if c >= "\x80"]
    total = sum(width for _, width in weights)
    return sum(weight * width for weight, width in weights) / total if total else 0.0


def _chinese_weight(character: str) -> float:
    code = character.encode("gb18030")
    if len(code) != 2:
        return -1.0
    lead, trail = code
    if 0xB0 <= lead <= 0xD7 and trail >= 0xA1:  # the 3755 characters of GB 2312's level 1
        return 0.65
    if 0xD8 <= lead <= 0xF7 and trail >= 0xA1:
        return 0.0
    if lead in (0xA1, 0xA3) and trail >= 0xA1:  # punctuation, full-width letters
        return 0.6
    return -0.5


def text_of_segments(segments: Sequence[tuple[str, int | None, bytes]]) -> str:
    """Text of a symbol's segments.

    Neighbouring byte segments under the same ECI are decoded together, since encoders cut texts anywhere.

    Parameters
    ----------
    segments : sequence of (mode, eci, data)
        As the decoder returns them.

    Returns
    -------
    str
        The text.
    """
    parts = []
    for (mode, eci), run in groupby(segments, key=lambda segment: segment[:2]):
        data = b"".join(segment[2] for segment in run)
        if mode in ("numeric", "alphanumeric"):
            parts.append(data.decode("ascii"))
        elif mode == "kanji":
            parts.append(data.decode("cp932", errors="replace"))
        elif mode == "hanzi":
            parts.append(data.decode("gb18030", errors="replace"))
        else:
            parts.append(decode_bytes(data, eci=eci))
    return "".join(parts)
