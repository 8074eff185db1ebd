"""``python -m fastqr.training.text --out FILE``: the language statistics by which bytes of no named set become text.

Words and how often they occur come from wordfreq's lists, traditional Chinese ones by OpenCC; how letters, digits and
symbols stand beside each other from the translations of Wagtail's user interface and from the Unicode CLDR (Babel).
Every number is the cost in bits of a character after the one before it, so that the sum over a message is the same
measure for every language and set.
"""

from __future__ import annotations

import argparse
import gettext
import importlib.metadata
import importlib.util
import itertools
import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt

from fastqr.languages.kinds import (
    ALPHABETIC,
    CASELESS,
    IDEOGRAPHIC,
    KINDS,
    LATIN,
    LETTER_KINDS,
    folded,
    kind_table,
)
from fastqr.languages.statistics import PAIR_SLOTS, STEP, pair_slots

from .manifest import update_statistics

__all__ = ["main", "train"]

SEED = 1
WORDS = 30_000  # a language, of those that wordfreq has
#: Counts are taken to this power: names and labels hold rarer words than running text.
TEMPER = 0.8
#: Letters below this share of a language's text are foreign to it.
RAREST_LETTER = 2e-5
FOREIGN = 3e-4  # share of foreign letters in a language's text
OTHER_WORDS = 0.1  # share of words of other languages
#: Share of letters with an accent that stand alone or beside another one: in lists of letters and in abbreviations,
#: which lists of words lack.
SPELLED = 0.2
ANYWHERE = 0.03  # share of characters that stand beside any other as they please
PLAIN_LINES = 0.15  # English lines, to those of a group of languages: fields and links are so everywhere
CAPITALS = 0.15  # share of messages in capitals
LINES = 3000  # of each language, for the symbols
PACKAGES = ("wordfreq", "opencc-python-reimplemented", "wagtail", "Babel")
PAIRS = 5000  # pairs of ideographs, kana or hangul a language that have a cost of their own
SEEN_PAIRS = 0.6  # share of pairs that are among them


def cost(probability: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Bits of a probability, in steps of ``1 / STEP``."""
    bits = -np.log2(np.maximum(np.asarray(probability, np.float64), 1e-300)) * STEP
    steps: npt.NDArray[np.uint8] = np.clip(np.rint(bits), 0, 255).astype(np.uint8)
    return steps


def words_of(language: str) -> dict[str, float]:
    """Words of a language and their tempered counts."""
    import wordfreq

    code = {"zh_Hant": "zh", "hr": "sh"}.get(language, language)
    counts = dict(list(wordfreq.get_frequency_dict(code, "best").items())[:WORDS])
    if language == "zh_Hant":
        from opencc import OpenCC

        convert = OpenCC("s2twp").convert
        counts = {convert(word): count for word, count in counts.items()}
    if language == "hr":  # wordfreq's Serbo-Croatian is in both scripts
        counts = {word: count for word, count in counts.items() if word[0] < "\u0370"}
    if language == "ro":  # its letters with a comma below stand in the sets as those with a cedilla
        counts = {word.translate({0x219: "ş", 0x21B: "ţ"}): count for word, count in counts.items()}
    return {word: count**TEMPER for word, count in counts.items()}


# Alphabets -----------------------------------------------------------------------------------------------------------


def alphabet_of(words: dict[str, float], *, own: Sequence[tuple[str, str]]) -> str:
    """Letters of a language's words, within its script's ranges, that are not rare."""
    shares: dict[str, float] = defaultdict(float)
    for word, weight in words.items():
        for letter in word:
            if any(first <= letter <= last for first, last in own) and unicodedata.category(letter)[0] in "LM":
                shares[letter] += weight
    total = sum(shares.values())
    common = {letter for letter, weight in shares.items() if weight > RAREST_LETTER * total}
    return "".join(sorted(common | set(ascii_lowercase if own == LATIN else "")))


def letter_pairs(words: dict[str, float], alphabet: str) -> npt.NDArray[np.float64]:
    """Probability of a class after another: no letter, the alphabet's letters, a foreign letter."""
    place = {letter: i + 1 for i, letter in enumerate(alphabet)}
    n = len(alphabet) + 2
    counts = np.zeros((n, n))
    for word, weight in words.items():
        classes = [0, *(place.get(letter, n - 1 if letter.isalpha() else 0) for letter in word), 0]
        if n - 1 in classes:
            continue
        for before, after in itertools.pairwise(classes):
            counts[before, after] += weight
    counts[0, 0] = 0.0
    # Witten–Bell: a pair that was never seen is as likely as the number of kinds of pairs seen says.
    shares = counts.sum(0) / counts.sum()
    unit = counts[counts > 0].min()
    scaled = counts / unit
    kinds = (scaled > 0).sum(1, keepdims=True).clip(1)
    smooth = 0.9 * shares + 0.1 / n
    result: npt.NDArray[np.float64] = (scaled + kinds * smooth) / (scaled.sum(1, keepdims=True) + kinds)
    result[:, n - 1] = 0.0
    result *= (1 - FOREIGN) / result.sum(1, keepdims=True)
    result[:, n - 1] = FOREIGN / 60  # each of some sixty letters
    result[n - 1, 1 : n - 1] = shares[1 : n - 1] * 0.8
    result[n - 1, [0, n - 1]] = shares[0], 0.1 / 60
    accented = [i + 1 for i, letter in enumerate(alphabet) if letter > "z"]
    if alphabet[0] == "a" and accented:
        rows = [0, *accented]
        result[rows] *= 1 - SPELLED
        result[np.ix_(rows, accented)] += SPELLED / 2 / len(accented)
        result[rows, 0] += SPELLED / 2
    result[0, 0] = 1.0  # what follows a character that is no letter is the matter of its kind
    return result


# Symbols and kinds ---------------------------------------------------------------------------------------------------


def catalogue_lines(language: str) -> Iterator[str]:
    """Wagtail's messages in a language."""
    spec = importlib.util.find_spec("wagtail")
    if spec is None or spec.origin is None:
        raise SystemExit("python -m fastqr.training.text needs wagtail: pip install --no-deps wagtail")
    names = {"zh": ("zh_Hans", "zh_CN"), "zh_Hant": ("zh_Hant", "zh_TW"), "pt": ("pt_PT", "pt_BR"), "hr": ("hr_HR",)}
    for name in names.get(language, (language,)):
        for path in sorted(Path(spec.origin).parent.glob(f"**/locale/{name}/LC_MESSAGES/django.mo")):
            with path.open("rb") as file:
                catalogue: dict[str, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            for key, text in catalogue.items():
                if key and isinstance(text, str):
                    yield from text.splitlines()


_AFTER_NUMBERS = ("½", "¼", " × 3", "±1", "²", " m²", " m³", "° 30′", "°", " µm", "ª", "º")


def cldr_lines(language: str, chance: random.Random) -> Iterator[str]:
    """Names, prices, measures, dates and quotations as a language writes them."""
    from datetime import date

    from babel import Locale, dates, numbers, units

    locale = Locale.parse({"zh_Hant": "zh_Hant_TW", "zh": "zh_Hans_CN"}.get(language, language))
    names = [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]
    yield from names
    for currency in ("EUR", "EUR", "EUR", "GBP", "USD", "JPY", "PLN", "TRY", "CNY", "KRW", "ILS"):
        for _ in range(12):
            amount = round(chance.lognormvariate(3, 2), 2)
            yield numbers.format_currency(amount, currency, locale=locale)
            yield f"{chance.choice(names)}: {numbers.format_currency(amount, currency, locale=locale)}"
    for unit in ("temperature-celsius", "area-square-meter", "volume-cubic-meter", "angle-degree", "length-micrometer"):
        for _ in range(12):
            yield units.format_unit(chance.randint(1, 200), unit, length="short", locale=locale)
    for _ in range(60):
        day = date(chance.randint(2000, 2030), chance.randint(1, 12), chance.randint(1, 28))
        yield dates.format_date(day, chance.choice(("full", "medium", "short")), locale=locale)
        yield f"{chance.choice(names)} – {chance.choice(names)}"
    year, name = chance.randint(1990, 2030), chance.choice
    for _ in range(15):
        yield f"© {year} {name(names)}"
        yield f"©{year} {name(names)}"
        yield f"{name(names)}{name('®™®')}"
        yield f"{name(('§ ', '§'))}{chance.randint(1, 999)}"
        yield f"{name(names)}, {name(('Nº', 'N°', 'nº', '№'))} {chance.randint(1, 99)}"
        yield f"{chance.randint(1, 99)}{name(_AFTER_NUMBERS)}"
        yield f"{name(('£', '¥', '€', '¢'))}{chance.randint(1, 999)}"
        if language == "es":
            yield f"¡{name(names)}!"
            yield f"¿{name(names)}?"
    data = locale._data
    for start, end in ((data.get("quotation_start"), data.get("quotation_end")), ("“", "”"), ("„", "“"), ("«", "»")):
        if start and end:
            for _ in range(40):
                yield f"{start}{chance.choice(names)}{end}"


def lines_of(language: str) -> list[str]:
    """Lines like messages: whole sentences, cut ones, fields, capitals."""
    chance = random.Random(f"{SEED} {language}")
    try:
        lines = [*catalogue_lines(language), *cldr_lines(language, chance)]
    except ValueError:  # the CLDR has no such language
        lines = [*catalogue_lines(language)]
    chance.shuffle(lines)
    result = []
    for line in lines[:LINES]:
        text = line.strip().replace("\u202f", "\xa0")
        words = text.split(" ")
        if chance.random() < 0.6:
            first = chance.randrange(len(words))
            text = " ".join(words[first : first + chance.randint(1, 4)])
        if chance.random() < 0.3:
            text = chance.choice(("N:", "S:", "=", "FN:", "/", ";")) + text + chance.choice(("", ";", "\n", "|"))
        if chance.random() < CAPITALS:
            text = text.upper()
        result.append(text)
    return result


def kind_pairs(lines: Iterable[str]) -> npt.NDArray[np.float64]:
    """Probability of a kind after another; a message begins and ends as beside a space."""
    table = kind_table()
    n = len(KINDS)
    counts = np.zeros((n, n))
    for line in lines:
        kinds = table[[32, *(min(ord(c), 0xFFFF) for c in line), 32]]
        np.add.at(counts, (kinds[:-1], kinds[1:]), 1)
    shares = counts.sum(0) / counts.sum() + 1e-4
    shares[[KINDS.index("control"), KINDS.index("private")]] = 1e-8
    total = counts.sum(1, keepdims=True) + 3
    result: npt.NDArray[np.float64] = (1 - ANYWHERE) * (counts + 3 * shares) / total + ANYWHERE * shares
    # Within words and at their end the alphabet's own table says how likely a letter is.
    letters = [KINDS.index(kind) for kind in LETTER_KINDS]
    others = [i for i in range(n) if i not in letters]
    for row in letters:
        for columns in (letters, others):
            result[row, columns] /= result[row, columns].sum()
    return result


# Ideographs, kana, hangul --------------------------------------------------------------------------------------------


def half_width(word: str) -> str:
    """Return a word in half-width katakana, where it is all katakana."""
    decomposed = unicodedata.normalize("NFD", word)
    table = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}
    table |= {"\u3099": "ﾞ", "\u309a": "ﾟ", "ー": "ｰ"}
    return "".join(table.get(c, "") for c in decomposed) if all(c in table for c in decomposed) else ""


def character_costs(words: dict[str, float]) -> dict[str, int]:
    """Cost of each character among those of its kind."""
    table = kind_table()
    counts: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for word, weight in words.items():
        for character in word:
            if 0x3000 <= ord(character) <= 0xFFFF:
                counts[int(table[ord(character)])][character] += weight
    result: dict[str, int] = {}
    for kind, of_kind in counts.items():
        if KINDS[kind] not in ("hiragana", "katakana", "half-width", "han", "hangul"):
            continue
        total = sum(of_kind.values())
        least = min(of_kind.values()) / 2
        result |= {c: int(cost(0.999 * (n + least) / (total + least * len(of_kind)))) for c, n in of_kind.items()}
    return result


def pair_gains(words: dict[str, float], costs: dict[str, int]) -> dict[tuple[str, str], int]:
    """Say of the commonest pairs how much cheaper the second character is after the first."""
    pairs: dict[tuple[str, str], float] = defaultdict(float)
    firsts: dict[str, float] = defaultdict(float)
    for word, weight in words.items():
        for before, after in itertools.pairwise(word):
            if before in costs and after in costs:
                pairs[before, after] += weight
                firsts[before] += weight
    gains = {}
    for (before, after), weight in pairs.items():
        alone = 2.0 ** (-costs[after] / STEP)
        together = SEEN_PAIRS * weight / firsts[before] + (1 - SEEN_PAIRS) * alone
        gains[before, after] = min(255, max(0, int(costs[after] - int(cost(together)))))
    telling = sorted(gains, key=lambda pair: -gains[pair] * pairs[pair])[:PAIRS]
    return {pair: gains[pair] for pair in telling}


# All of it -----------------------------------------------------------------------------------------------------------


def train() -> dict[str, npt.NDArray[np.generic]]:
    """Make the statistics."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    words = {language: words_of(language) for language in (*ALPHABETIC, *IDEOGRAPHIC)}
    alphabets, tables = [], []
    plain: dict[str, float] = defaultdict(float)
    for language, own in ALPHABETIC.items():
        of_language = {"".join(map(folded, word)): weight for word, weight in words[language].items()}
        if own == LATIN:
            total = sum(of_language.values())
            for word, weight in of_language.items():
                bare = "".join(c for c in unicodedata.normalize("NFD", word) if "a" <= c <= "z")
                plain[bare] += weight / total * (3 if language == "en" else 1)
        alphabet = alphabet_of(of_language, own=own)
        alphabets.append(alphabet)
        tables.append(letter_pairs(of_language, alphabet))
    alphabets.append(ascii_lowercase)
    tables.append(letter_pairs(plain, ascii_lowercase))
    for alphabet, table in zip(alphabets[:-1], tables[:-1], strict=True):
        if alphabet[0] == "a":  # names and addresses have words of other languages in every language
            at = [0, *(1 + alphabet.index(letter) for letter in ascii_lowercase)]
            table *= 1 - OTHER_WORDS
            table[np.ix_(at, at)] += OTHER_WORDS * tables[-1][:-1, :-1]
    arrays["alphabets"] = np.array(alphabets)
    arrays["letter_pairs"] = np.concatenate([cost(table).ravel() for table in tables])

    groups: dict[str, list[str]] = defaultdict(list)
    for language in (*ALPHABETIC, *IDEOGRAPHIC):
        group = language[:2] if language in IDEOGRAPHIC else "caseless" if language in CASELESS else "cased"
        groups[group] += lines_of(language)
    for group in groups:
        groups[group] += lines_of("en")[: round(len(groups[group]) * PLAIN_LINES)]
    groups["ja"] += [h for word in list(words["ja"])[:900] if (h := half_width(word))]
    for group, lines in groups.items():
        arrays[f"kinds_{group}"] = cost(kind_pairs(lines))
    everything = Counter(c for lines in groups.values() for line in lines for c in line if " " < c < "\x7f" or c < " ")
    others = {c: everything[c] + 20 for c in map(chr, range(33, 127)) if not c.isalnum()}
    arrays["punctuation"] = cost([others.get(chr(i), 1) / sum(others.values()) for i in range(128)])

    for language in IDEOGRAPHIC:
        of_language = dict(words[language])
        if language == "ja":
            of_language |= {h: weight for word, weight in words["ja"].items() if (h := half_width(word))}
        costs = character_costs(of_language)
        ordered = sorted(costs)
        arrays[f"characters_{language}"] = np.array([ord(c) for c in ordered], np.uint16)
        arrays[f"costs_{language}"] = np.array([costs[c] for c in ordered], np.uint8)
        gains = pair_gains(of_language, costs)
        before = np.array([ord(a) for a, _ in gains])
        after = np.array([ord(b) for _, b in gains])
        slots, checks = pair_slots(before, after)
        table = np.zeros((2, PAIR_SLOTS), np.uint8)
        order = np.argsort(list(gains.values()), kind="stable")  # of two in one slot the larger gain stays
        table[0, slots[order]] = checks[order]
        table[1, slots[order]] = np.array(list(gains.values()), np.uint8)[order]
        arrays[f"pairs_{language}"] = table
    return arrays


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m fastqr.training.text", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for text.npz and manifest.json")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "text.npz"
    np.savez_compressed(path, **train())  # type: ignore[arg-type]
    facts = {
        "command": "python -m fastqr.training.text --out DIR",
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "seed": SEED,
    }
    update_statistics(path, facts)
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
