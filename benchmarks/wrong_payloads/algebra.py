"""Reed-Solomon codes over GF(256) as linear algebra: words of a symbol, checks, and what satisfies several of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .symbols import Level, blocks

Words: TypeAlias = npt.NDArray[np.uint8]  # codewords along the last axis


def _products() -> npt.NDArray[np.uint8]:
    table = np.zeros((256, 256), np.uint8)
    for a in range(1, 256):
        for b in range(a, 256):
            x, y, product = a, b, 0
            while y:
                product ^= x if y & 1 else 0
                x = x << 1 ^ (0x11D if x & 0x80 else 0)
                y >>= 1
            table[a, b] = table[b, a] = product
    return table


TIMES = _products()
_INVERSE = np.array([0, *(int(np.argmax(TIMES[a] == 1)) for a in range(1, 256))], np.uint8)
_ROOTS = [1]
for _ in range(254):
    _ROOTS.append(int(TIMES[_ROOTS[-1], 2]))


def syndromes(words: Words, correction: int) -> Words:
    """Check words at the generator's roots 2^0, 2^1, …: all 0 for the words of the code."""
    roots = np.array(_ROOTS[:correction], np.uint8)
    sums = np.zeros((*words.shape[:-1], correction), np.uint8)
    for place in range(words.shape[-1]):
        sums = TIMES[sums, roots] ^ words[..., place, None]
    return sums


@cache
def _generator(correction: int) -> Words:
    generator = np.array([1], np.uint8)
    for root in _ROOTS[:correction]:
        generator = np.append(generator, np.uint8(0)) ^ np.append(np.uint8(0), TIMES[generator, root])
    return generator


def with_correction(data: Words, correction: int) -> Words:
    """Append the error correction codewords."""
    generator = _generator(correction)
    rest = np.zeros((*data.shape[:-1], correction), np.uint8)
    for place in range(data.shape[-1]):
        factor = data[..., place] ^ rest[..., 0]
        rest = (
            np.concatenate([rest[..., 1:], np.zeros_like(rest[..., :1])], -1) ^ TIMES[factor[..., None], generator[1:]]
        )
    return np.concatenate([data, rest], -1)


def interleaved(data: Words, version: int, level: Level) -> Words:
    """Codewords of a whole symbol in their sequence (ISO/IEC 18004:2015, 7.6) from its data in the message's order."""
    parts = blocks(version, level)
    sequence = np.zeros((*data.shape[:-1], sum(len(b.data) + len(b.correction) for b in parts)), np.uint8)
    first = 0
    for block in parts:
        own = data[..., first : first + len(block.data)]
        sequence[..., block.data + block.correction] = with_correction(own, len(block.correction))
        first += len(block.data)
    return sequence


def message_of(sequence: Words, version: int, level: Level) -> Words:
    """Data codewords in the message's order."""
    return sequence[..., [place for block in blocks(version, level) for place in block.data]]


def checks(sequence: Words, version: int, level: Level) -> list[Words]:
    """Syndromes of each block of a level."""
    return [
        syndromes(sequence[..., block.data + block.correction], len(block.correction))
        for block in blocks(version, level)
    ]


def errors_in(found: Words, count: int, erased: Iterable[int] = ()) -> int | None:
    """Errors that explain syndromes, within what a block can correct (Berlekamp and Massey); nothing where none do.

    Parameters
    ----------
    found : array of shape (E,)
    count : int
        Codewords of the block.
    erased : ints
        Places, counted from the block's end, that may hold anything.
    """
    sequence = list(found)
    for power in erased:  # combinations of neighbours that do not see the place
        sequence = [int(TIMES[a, _ROOTS[power % 255]]) ^ int(b) for a, b in itertools.pairwise(sequence)]
    connection, previous = [1], [1]
    length, since, old = 0, 1, 1
    for n, value in enumerate(sequence):
        discrepancy = int(value)
        for i in range(1, length + 1):
            if i < len(connection):
                discrepancy ^= int(TIMES[connection[i], sequence[n - i]])
        if not discrepancy:
            since += 1
            continue
        factor = TIMES[discrepancy, _INVERSE[old]]
        shifted = [0] * since + [int(TIMES[factor, c]) for c in previous]
        longer = [a ^ b for a, b in itertools.zip_longest(connection, shifted, fillvalue=0)]
        if 2 * length <= n:
            length, previous, old, since = n + 1 - length, connection, discrepancy, 1
        else:
            since += 1
        connection = longer
    if 2 * length > len(sequence):
        return None
    roots = 0
    for place in range(0, -count, -1):
        value = 0
        for coefficient in reversed(connection[: length + 1]):
            value = int(TIMES[value, _ROOTS[place % 255]]) ^ int(coefficient)
        roots += value == 0
    return length if roots == length else None


def reduced(rows: Words) -> tuple[Words, list[int]]:
    """Row echelon form with leading ones and zeros above them, and the leading columns."""
    rows = rows.copy()
    leading: list[int] = []
    for column in range(rows.shape[1]):
        done = len(leading)
        if done == len(rows):
            break
        candidates = np.flatnonzero(rows[done:, column])
        if not len(candidates):
            continue
        pivot = done + int(candidates[0])
        rows[[done, pivot]] = rows[[pivot, done]]
        rows[done] = TIMES[rows[done], _INVERSE[rows[done, column]]]
        factors = rows[:, column].copy()
        factors[done] = 0
        touched = np.flatnonzero(factors)
        rows[touched] ^= TIMES[factors[touched, None], rows[done]]
        leading.append(column)
    return rows, leading


def rank(rows: Words) -> int:
    """Rank over GF(256)."""
    return len(reduced(rows)[1])


def solved(coefficients: Words, wanted: Words, rng: np.random.Generator) -> Words | None:
    """Any x with coefficients · x = wanted, the free unknowns at random; nothing where there is none."""
    rows, leading = reduced(np.concatenate([coefficients, wanted[:, None]], 1))
    unknowns = coefficients.shape[1]
    if unknowns in leading:
        return None
    x = rng.integers(0, 256, unknowns, np.uint8)
    x[leading] = 0
    for number, column in enumerate(leading):
        x[column] = rows[number, -1] ^ np.bitwise_xor.reduce(TIMES[rows[number, :-1], x])
    return x
