"""Symbols whose payload is known, and which module belongs to which block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import segno
from segno import consts

from fastqr import _core

from ..codewords import data_region, placement

Level = Literal["L", "M", "Q", "H"]
LEVELS: tuple[Level, ...] = ("L", "M", "Q", "H")
VARIANTS = 32  # symbols of each version and level, four of each data mask; the damage is another one every time

_ECC = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M, "Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}


@dataclass(frozen=True)
class Symbol:
    """A symbol with one byte segment, and its modules, true where dark."""

    payload: bytes
    modules: npt.NDArray[np.bool_]
    version: int
    level: Level
    mask: int


@dataclass(frozen=True)
class Block:
    """Codewords of one block by their place in the symbol's sequence: data, then error correction."""

    data: tuple[int, ...]
    correction: tuple[int, ...]


@lru_cache(maxsize=2048)
def symbol(version: int, level: Level, variant: int) -> Symbol:
    """Symbol of a version and level; every second one is full, so that no padding is left to check."""
    rng = np.random.default_rng([version, ord(level), variant])
    longest = sum(len(block.data) for block in blocks(version, level)) - (2 if version < 10 else 3)
    payload = rng.integers(0, 256, longest if variant % 2 else rng.integers(1, longest + 1), np.uint8).tobytes()
    mask = variant // 2 % 8
    made = segno.make_qr(payload, version=version, error=level, mask=mask, mode="byte", boost_error=False)
    return Symbol(payload, np.array([list(row) for row in made.matrix], np.uint8) == 1, version, level, mask)


def random_symbol(rng: np.random.Generator, versions: tuple[int, int] = (1, 10)) -> Symbol:
    """Any symbol of the versions from the first to the last."""
    version = int(rng.integers(versions[0], versions[1] + 1))
    return symbol(version, LEVELS[rng.integers(4)], int(rng.integers(VARIANTS)))


def two_symbols(rng: np.random.Generator, versions: tuple[int, int] = (1, 10)) -> tuple[Symbol, Symbol]:
    """Two of one version with different payloads; mostly of one level, and half the time of one data mask too."""
    version = int(rng.integers(versions[0], versions[1] + 1))
    level, variant = LEVELS[rng.integers(4)], int(rng.integers(VARIANTS))
    other = LEVELS[rng.integers(4)] if rng.random() < 0.2 else level
    step = VARIANTS // 2 if rng.random() < 0.5 else int(rng.integers(1, VARIANTS))
    return symbol(version, level, variant), symbol(version, other, (variant + step) % VARIANTS)


@cache
def blocks(version: int, level: Level) -> tuple[Block, ...]:
    """Blocks of a version and level, interleaved as ISO/IEC 18004:2015, 7.6 has it."""
    lengths = [(b.num_data, b.num_total) for b in consts.ECC[version][_ECC[level]] for _ in range(b.num_blocks)]
    data: list[list[int]] = [[] for _ in lengths]
    correction: list[list[int]] = [[] for _ in lengths]
    place = 0
    for places, counts in (
        (data, [n for n, _ in lengths]),
        (correction, [total - n for n, total in lengths]),
    ):
        for turn in range(max(counts)):
            for number, count in enumerate(counts):
                if turn < count:
                    places[number].append(place)
                    place += 1
    return tuple(Block(tuple(d), tuple(c)) for d, c in zip(data, correction, strict=True))


@cache
def owners(size: int) -> npt.NDArray[np.int64]:
    """Index of the codeword that each module is part of, -1 for those that are part of none."""
    rows, columns = placement(data_region(np.asarray(_core.function_patterns(size))))
    whole = len(rows) // 8 * 8
    owner = np.full((size, size), -1)
    owner[rows[:whole], columns[:whole]] = np.arange(whole) // 8
    return owner
