"""The statistics of languages: how many bits each character costs after the one before it.

A text's length in bits under a language's statistics is what an ideal code for that language would need. The lengths of
two readings of the same bytes may be compared, whatever their languages and sets: their difference is the odds.
"""

from __future__ import annotations

import functools
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fastqr.errors import ModelError

from .kinds import ALPHABETIC, CASELESS, IDEOGRAPHIC, KIND_OF, LATIN, LETTER_KINDS, folded, kind_table

__all__ = ["PAIR_SLOTS", "STEP", "Alphabets", "Statistics", "pair_slots", "statistics"]

STEP = 8  # costs are in eighths of a bit
PAIR_SLOTS = 1 << 14  # of a language's table of pairs
#: Bits that a word of ASCII letters costs in a language of another script, of which few are; measured on translations.
OTHER_SCRIPT = 3
#: Bits of one character among its kind, where the language's texts had none of it: all alike.
UNSEEN = {
    **{"digit": 3.3, "control": 5.0, "full-width": 6.0, "other": 9.0, "private": 13.0},
    **{"hiragana": 16.0, "katakana": 16.0, "half-width": 16.0, "han": 24.3, "hangul": 23.3},
}
_NO_WORD = 31.0  # bits: a letter of one script right after one of another
PLAIN = "plain"  # the name of words in ASCII letters of any language


def pair_slots(
    before: npt.NDArray[np.integer], after: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Place of each pair of characters in a table of pairs, and the number that tells it from others there."""
    mixed = (before.astype(np.int64) * 0x9E3779B1 + after.astype(np.int64) * 0x85EBCA77) & 0xFFFFFFFF
    mixed ^= mixed >> 15
    mixed = (mixed * 0x2C1B3C6D) & 0xFFFFFFFF
    return mixed >> 18, ((mixed >> 8) & 0xFF | 1).astype(np.uint8)


class Statistics:
    """A file of statistics, laid out for look-ups.

    Parameters
    ----------
    path : Path
        As ``python -m fastqr.training.text`` writes it.

    Raises
    ------
    ModelError
        The file is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            self._lay_out(arrays)
        except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ModelError(f"language statistics {str(path)!r} cannot be read: {error}") from error

    def _lay_out(self, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
        names = (*ALPHABETIC, PLAIN)
        self.alphabets = {name: str(alphabet) for name, alphabet in zip(names, arrays["alphabets"], strict=True)}
        sizes = [len(alphabet) + 2 for alphabet in self.alphabets.values()]
        flat = np.split(arrays["letter_pairs"], np.cumsum(np.square(sizes))[:-1])
        tables = [table.reshape(size, size).astype(np.int32) for table, size in zip(flat, sizes, strict=True)]
        self.letters = dict(zip(names, tables, strict=True))
        self.plain = self.letters.pop(PLAIN)
        self.plain_abroad = self.plain.copy()
        self.plain_abroad[0, 1:-1] += OTHER_SCRIPT * STEP
        self.plain_class = np.zeros(1 << 16, np.uint8)
        self.plain_class[np.isin(kind_table(), [KIND_OF[kind] for kind in LETTER_KINDS])] = len(self.plain) - 1
        for i in range(26):
            self.plain_class[[ord("a") + i, ord("A") + i]] = i + 1

        groups = ("cased", "caseless", "ja", "zh", "ko")
        self.kinds = {group: arrays[f"kinds_{group}"].astype(np.int32) for group in groups}
        unseen = np.zeros(len(KIND_OF))
        for kind, bits in UNSEEN.items():
            unseen[KIND_OF[kind]] = bits * STEP
        self.unseen = unseen[kind_table()].astype(np.uint8)
        punctuation = kind_table()[:128] == KIND_OF["punctuation"]
        self.unseen[:128][punctuation] = arrays["punctuation"][punctuation]
        self.characters, self.pairs = {}, {}
        for language in IDEOGRAPHIC:
            self.characters[language] = self.unseen.copy()
            self.characters[language][arrays[f"characters_{language}"]] = arrays[f"costs_{language}"]
            self.pairs[language] = arrays[f"pairs_{language}"]

    def ideographic(self, text: str, language: str) -> float:
        """Bits of a text in a language of ideographs, kana or hangul."""
        codes = np.frombuffer(f" {text} ".encode("utf-32-le", "surrogatepass"), np.uint32).clip(max=0xFFFF)
        before, after = codes[:-1], codes[1:]
        kinds, classes = kind_table()[codes], self.plain_class[codes]
        slots, checks = pair_slots(before, after)
        known, gains = self.pairs[language][:, slots]
        total = (
            self.kinds[language[:2]][kinds[:-1], kinds[1:]].sum()
            + self.characters[language][codes].sum(dtype=np.int64)
            + self.plain_abroad[classes[:-1], classes[1:]].sum()
            - gains[known == checks].sum(dtype=np.int64)
        )
        return float(total) / STEP


@functools.cache
def statistics() -> Statistics:
    """Load the statistics that ship with the package, once."""
    return Statistics(Path(__file__).parent.parent / "models" / "text.npz")


class Alphabets:
    """Costs of bytes in sets of one byte a character, each set in each of its languages at once.

    Parameters
    ----------
    sets : mapping of str to sequence of str
        The sets' codecs, and the languages that each is tried with.
    """

    def __init__(self, sets: dict[str, tuple[str, ...]]) -> None:
        self._statistics = statistics()
        self.codecs, self.languages = list(sets), dict(sets)
        readings = [(i, language) for i, languages in enumerate(sets.values()) for language in languages]
        self.codec_of = np.array([i for i, _ in readings])
        self._latin = np.array([ALPHABETIC[language] == LATIN for _, language in readings])

        # One flat table of all languages' pairs of letters; a reading's class of each byte leads into it.
        languages = list(dict.fromkeys(language for _, language in readings))
        tables = {language: self._with_plain_words(language) for language in languages}
        sizes = [tables[language][0].size for language in languages]
        starts = dict(zip(languages, np.cumsum(sizes) - sizes, strict=True))
        self._letters = np.concatenate([tables[language][0].ravel() for language in languages])
        self._start = np.array([starts[language] for _, language in readings])[:, None]
        self._size = np.array([len(tables[language][0]) for _, language in readings])[:, None]

        groups = [self._statistics.kinds["caseless" if set(sets[c]) <= set(CASELESS) else "cased"] for c in sets]
        self._kinds = np.stack(groups)
        characters = [[bytes([byte]).decode(codec, "replace") for byte in range(256)] for codec in self.codecs]
        codes = np.array([[ord(character) for character in of_codec] for of_codec in characters])
        self._byte_kind = kind_table()[codes].astype(np.int64)
        self._byte_cost = self._statistics.unseen[codes].astype(np.int32)
        self._byte_class = np.array([self._classes(characters[i], *tables[language][1:]) for i, language in readings])

    def _with_plain_words(self, language: str) -> tuple[npt.NDArray[np.int32], str, int]:
        """Pairs of a language's letters, with ASCII ones also in other scripts; the letters, and the foreign class."""
        table, alphabet = self._statistics.letters[language], self._statistics.alphabets[language]
        foreign = len(alphabet) + 1
        if ALPHABETIC[language] == LATIN:
            return table, alphabet, foreign
        plain = self._statistics.plain_abroad
        n, m = len(table), len(plain) - 2
        whole = np.full((n + m, n + m), round(_NO_WORD * STEP), np.int32)
        whole[:n, :n] = table
        whole[n:, n:] = plain[1:-1, 1:-1]
        whole[0, n:] = plain[0, 1:-1]
        whole[n:, 0] = plain[1:-1, 0]
        return whole, alphabet + "\0" + self._statistics.alphabets[PLAIN], foreign

    @staticmethod
    def _classes(characters: list[str], alphabet: str, foreign: int) -> list[int]:
        letters = kind_table()[[ord(character) for character in characters]]
        is_letter = np.isin(letters, [KIND_OF[kind] for kind in LETTER_KINDS]).tolist()
        small = map(folded, characters)
        places = {letter: i + 1 for i, letter in enumerate(alphabet)}
        return [places.get(c, foreign) if letter else 0 for c, letter in zip(small, is_letter, strict=True)]

    def bits(self, data: bytes) -> npt.NDArray[np.float64]:
        """Bits of the bytes in each set and language, in the order of `codec_of`."""
        values = np.frombuffer(b" " + data + b" ", np.uint8)
        kinds = self._byte_kind[:, values]
        each = np.arange(len(self.codecs))[:, None]
        of_set = self._kinds[each, kinds[:, :-1], kinds[:, 1:]].sum(1) + self._byte_cost[:, values].sum(1)
        classes = self._byte_class[:, values]
        letters = self._letters[self._start + classes[:, :-1] * self._size + classes[:, 1:]]
        result: npt.NDArray[np.float64] = (letters.sum(1) + of_set[self.codec_of]) / STEP
        result[self._latin] -= self._saved_by_plain_words(values, letters[self._latin])
        return result

    def _saved_by_plain_words(
        self, values: npt.NDArray[np.uint8], letters: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.float64] | float:
        """Bits saved where words of ASCII letters are half the language's, half of any: fields, links, names."""
        plain_class = self._statistics.plain_class[values]
        plain_class[values >= 0x80] = 0
        edges = np.flatnonzero(np.diff(plain_class > 0))  # the pairs that lead into a word and out of it
        first, last = edges[::2], edges[1::2]
        whole = (values[first] < 0x80) & (values[last + 1] < 0x80)
        first, last = first[whole], last[whole]
        if not len(first):
            return 0.0
        plain = np.cumsum(self._statistics.plain[plain_class[:-1], plain_class[1:]])
        own = np.cumsum(letters, axis=1)
        own_word = (own[:, last] - own[:, first] + letters[:, first]) / STEP
        plain_word = (plain[last] - plain[first] + self._statistics.plain[0, plain_class[first + 1]]) / STEP
        mixed = 1 - np.logaddexp2(-own_word, -plain_word)
        saved: npt.NDArray[np.float64] = (own_word - mixed).sum(1)
        return saved
