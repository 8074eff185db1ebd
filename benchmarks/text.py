"""``python -m benchmarks.text``: short messages in many languages whose character set no one names, and who reads them.

Each message is written in each set that its language is written in, and put into a symbol of plain bytes. A reader is
right where it gives exactly the text. Messages are made of names, addresses and companies (Faker) and of phrases
(Django's translations), alone and as fields of contacts, networks, links and labels; fastqr's statistics come from
neither.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gettext
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

LENGTHS = ((5, 12), (13, 25), (26, 60))  # bytes of a message, from and to


@dataclass(frozen=True)
class Language:
    """A language: the sets that it is written in, its locales at Faker and at Django."""

    codecs: tuple[str, ...]
    faker: str
    django: str


_WESTERN, _CENTRAL = ("cp1252", "iso8859-15"), ("cp1250", "iso8859-2")
LANGUAGES = {
    "German": Language(_WESTERN, "de_DE", "de"),
    "French": Language(_WESTERN, "fr_FR", "fr"),
    "Spanish": Language(_WESTERN, "es_ES", "es"),
    "Portuguese": Language(_WESTERN, "pt_PT", "pt"),
    "Italian": Language(_WESTERN, "it_IT", "it"),
    "Dutch": Language(_WESTERN, "nl_NL", "nl"),
    "Swedish": Language(_WESTERN, "sv_SE", "sv"),
    "Danish": Language(_WESTERN, "da_DK", "da"),
    "Finnish": Language(_WESTERN, "fi_FI", "fi"),
    "Icelandic": Language(_WESTERN, "is_IS", "is"),
    "Polish": Language(_CENTRAL, "pl_PL", "pl"),
    "Czech": Language(_CENTRAL, "cs_CZ", "cs"),
    "Hungarian": Language(_CENTRAL, "hu_HU", "hu"),
    "Croatian": Language(_CENTRAL, "hr_HR", "hr"),
    "Romanian": Language(_CENTRAL, "ro_RO", "ro"),
    "Turkish": Language(("cp1254",), "tr_TR", "tr"),
    "Lithuanian": Language(("cp1257",), "lt_LT", "lt"),
    "Russian": Language(("cp1251", "koi8-r", "iso8859-5"), "ru_RU", "ru"),
    "Ukrainian": Language(("cp1251",), "uk_UA", "uk"),
    "Bulgarian": Language(("cp1251",), "bg_BG", "bg"),
    "Greek": Language(("cp1253", "iso8859-7"), "el_GR", "el"),
    "Hebrew": Language(("cp1255",), "he_IL", "he"),
    "Arabic": Language(("cp1256",), "ar_SA", "ar"),
    "Japanese": Language(("cp932", "euc_jp"), "ja_JP", "ja"),
    "Chinese (simplified)": Language(("gb18030",), "zh_CN", "zh_Hans"),
    "Chinese (traditional)": Language(("big5",), "zh_TW", "zh_Hant"),
    "Korean": Language(("cp949",), "ko_KR", "ko"),
}

Read = Callable[[bytes], "str | None"]


@dataclass(frozen=True)
class Message:
    """A text and the set in which it is written."""

    language: str
    codec: str
    text: str

    @functools.cached_property
    def data(self) -> bytes:
        """The message as it stands in a symbol."""
        return self.text.encode(self.codec)


# Messages ------------------------------------------------------------------------------------------------------------


def phrases(language: Language, chance: random.Random) -> Iterator[str]:
    """Names, companies, towns, streets and phrases of a language, for ever."""
    import django
    from faker import Faker

    names = Faker(language.faker)
    names.seed_instance(chance.getrandbits(32))
    texts = []
    for path in sorted(Path(django.__file__).parent.glob(f"**/locale/{language.django}/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            catalogue: dict[str, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        texts += [text for key, text in catalogue.items() if key and isinstance(text, str)]
    texts = [line for text in texts for line in re.split(r"[\n%{<]", text) if line]
    while True:
        make = chance.choice((names.name, names.company, names.city, names.street_address, names.last_name, None, None))
        yield (chance.choice(texts) if make is None else make()).strip()


def fields(phrase: Iterator[str], chance: random.Random) -> Iterator[str]:
    """Messages of all kinds, half of them plain phrases."""
    forms: Sequence[Callable[[], str]] = (
        lambda: f"WIFI:S:{next(phrase)};T:WPA;P:{chance.randrange(10**8)};;",
        lambda: f"MECARD:N:{next(phrase)};TEL:+{chance.randrange(10**10)};;",
        lambda: f"https://example.org/?q={next(phrase)}",
        lambda: f"{next(phrase)} – {chance.randrange(1, 99)},50 €",
        lambda: f"{next(phrase)}: {chance.randrange(1, 40)}°C",
        lambda: f"“{next(phrase)}”",
        lambda: f"{next(phrase)}, {next(phrase)}",
        lambda: f"ID{chance.randrange(10**6):06d}:{next(phrase)}:{chance.randrange(100)}",
        lambda: f"{next(phrase)}\r\n{next(phrase)}",
        lambda: f"NAME={next(phrase)}|NR={chance.randrange(10**4)}",
    )
    while True:
        text = next(phrase) if chance.random() < 0.5 else chance.choice(forms)()
        yield text.upper() if chance.random() < 0.15 else text


def messages(names: Iterable[str], each: int, seed: int = 1) -> Iterator[Message]:
    """So many messages of each language, set and length, of those that no reader could take for ASCII or UTF-8."""
    for name in names:
        language = LANGUAGES[name]
        for codec in language.codecs:
            chance = random.Random(f"{seed} {name} {codec}")
            texts = fields(phrases(language, chance), chance)
            found: Counter[tuple[int, int]] = Counter()
            seen = set()
            for text in (next(texts) for _ in range(each * 400)):
                with contextlib.suppress(UnicodeEncodeError):
                    data = text.encode(codec)
                    length = next(((a, b) for a, b in LENGTHS if a <= len(data) <= b), None)
                    if length is None or found[length] == each or text in seen or data.isascii():
                        continue
                    seen.add(text)
                    found[length] += 1
                    yield Message(name, codec, text)


# Readers -------------------------------------------------------------------------------------------------------------


def _fastqr() -> Read:
    from fastqr.text import decode_bytes

    return decode_bytes


def _charset_normalizer() -> Read:
    from charset_normalizer import from_bytes

    def read(data: bytes) -> str | None:
        best = from_bytes(data).best()
        return None if best is None else str(best)

    return read


def _by_name(detect: Callable[[bytes], str | None]) -> Read:
    def read(data: bytes) -> str | None:
        name = detect(data)
        try:
            return None if name is None else data.decode(name)
        except (UnicodeDecodeError, LookupError):
            return None

    return read


def _chardet() -> Read:
    import chardet

    return _by_name(lambda data: chardet.detect(data)["encoding"])


def _chardetng() -> Read:
    from chardetng_py import detect

    return _by_name(detect)


def _picture(data: bytes) -> Any:
    import segno

    rows = [list(row) for row in segno.make_qr(data, mode="byte", error="l", boost_error=False).matrix_iter(1, 4)]
    return np.kron(np.where(np.array(rows) > 0, 0, 255).astype(np.uint8), np.ones((4, 4), np.uint8))


def _zxing_cpp() -> Read:
    import zxingcpp

    def read(data: bytes) -> str | None:
        found = zxingcpp.read_barcodes(_picture(data))
        return found[0].text if found else None

    return read


def _pyzbar() -> Read:
    from pyzbar.pyzbar import ZBarSymbol, decode

    def read(data: bytes) -> str | None:
        found = decode(_picture(data), symbols=[ZBarSymbol.QRCODE])
        return found[0].data.decode("utf-8", "replace") if found else None

    return read


READERS: dict[str, Callable[[], Read]] = {
    "fastqr": _fastqr,
    "zxing-cpp": _zxing_cpp,
    "pyzbar": _pyzbar,
    "charset-normalizer": _charset_normalizer,
    "chardet": _chardet,
    "chardetng": _chardetng,
}


# The study -----------------------------------------------------------------------------------------------------------


def measure(every: Sequence[Message], readers: dict[str, Read]) -> list[dict[str, Any]]:
    """One row a message and reader."""
    rows = []
    for message in every:
        for name, read in readers.items():
            began = time.perf_counter()
            text = read(message.data)
            rows.append(
                {
                    "reader": name,
                    "language": message.language,
                    "codec": message.codec,
                    "bytes": len(message.data),
                    "text": message.text,
                    "read": text,
                    "right": text == message.text,
                    "ms": (time.perf_counter() - began) * 1e3,
                }
            )
    return rows


def table(rows: Sequence[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> str:
    """Messages right in per cent, as a table of Markdown: a line each value of `key`, a column each reader.

    A cell holds a share for each of `LENGTHS`, shortest first.
    """
    names = list(dict.fromkeys(row["reader"] for row in rows))
    lines = ["| | messages | " + " | ".join(names) + " |", "|---|---:" + "|---:" * len(names) + "|"]
    for value in dict.fromkeys(key(row) for row in rows):
        of_value = [row for row in rows if key(row) == value]
        cells = [" / ".join(_shares([row for row in of_value if row["reader"] == name])) for name in names]
        lines.append(f"| {value} | {len(of_value) // len(names)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _shares(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for first, last in LENGTHS:
        right = [row["right"] for row in rows if first <= row["bytes"] <= last]
        yield f"{100 * np.mean(right):.0f}" if right else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text", description=__doc__)
    parser.add_argument("--each", type=int, default=30, help="messages a language, set and length (default 30)")
    parser.add_argument("--readers", default=",".join(READERS), help="default: %(default)s")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every row to this file")
    options = parser.parse_args(arguments)
    readers = {}
    for name in options.readers.split(","):
        try:
            readers[name] = READERS[name]()
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    rows = measure(list(messages(options.languages.split(","), options.each, options.seed)), readers)
    keys: tuple[Callable[[dict[str, Any]], str], ...] = (
        lambda row: row["language"],
        lambda row: row["codec"],
        lambda row: "all",
    )
    for key in keys:
        print(table(rows, key), end="\n\n")
    for name in readers:
        share = np.mean([row["right"] for row in rows if row["reader"] == name])
        print(f"{name}: {100 * share:.1f} % right")
    for name in readers:
        times = [row["ms"] for row in rows if row["reader"] == name]
        print(f"{name}: {np.median(times):.2f} ms a message, at most {max(times):.1f}")
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
