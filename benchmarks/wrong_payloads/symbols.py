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
def masks(size: int) -> npt.NDArray[np.bool_]:
    """Modules that each of the eight data masks inverts (ISO/IEC 18004:2015, Table 10)."""
    i, j = np.mgrid[:size, :size]
    product = i * j
    return np.array(
        [
            (i + j) % 2 == 0,
            i % 2 == 0,
            j % 3 == 0,
            (i + j) % 3 == 0,
            (i // 2 + j // 3) % 2 == 0,
            product % 2 + product % 3 == 0,
            (product % 2 + product % 3) % 2 == 0,
            ((i + j) % 2 + product % 3) % 2 == 0,
        ]
    )


@cache
def _bit_places(size: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    rows, columns = placement(data_region(np.asarray(_core.function_patterns(size))))
    whole = len(rows) // 8 * 8
    return rows[:whole], columns[:whole]


def bits_in_order(grid: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """What a grid holds at the modules of the codewords' bits, in their sequence."""
    return grid[_bit_places(len(grid))]


@cache
def format_places(size: int) -> npt.NDArray[np.int64]:
    """Rows and columns, 2 copies x 15 bits x 2, of the format information, least significant bit first (Figure 25)."""
    upright = [(row, 8) for row in (0, 1, 2, 3, 4, 5, 7, 8)] + [(8, column) for column in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(8, size - 1 - bit) for bit in range(8)] + [(size - 7 + bit, 8) for bit in range(7)]
    return np.array([upright, apart])


def format_bits(level: Level, mask: int) -> npt.NDArray[np.bool_]:
    """The 15 bits of 7.9.1, least significant first."""
    data = {"L": 1, "M": 0, "Q": 3, "H": 2}[level] << 3 | mask
    rest = data << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= 0x537 << (bit - 10)
    return np.array([(data << 10 | rest) ^ 0x5412]) >> np.arange(15) & 1 == 1


@cache
def _frame(version: int) -> npt.NDArray[np.bool_]:
    """Any symbol of a version, for its function patterns and version information."""
    made = segno.make_qr("1", version=version, error="L", mask=0, boost_error=False)
    return np.array([list(row) for row in made.matrix], np.uint8) == 1


def drawn(sequence: npt.NDArray[np.uint8], level: Level, mask: int, version: int) -> npt.NDArray[np.bool_]:
    """Modules of a symbol with these codewords in their sequence, under any format."""
    modules = _frame(version).copy()
    size = len(modules)
    modules[_bit_places(size)] = np.unpackbits(sequence)
    region = data_region(np.asarray(_core.function_patterns(size)))
    remainder = region & (owners(size) < 0)
    modules[remainder] = False
    modules[region] ^= masks(size)[mask][region]
    rows, columns = np.moveaxis(format_places(size), -1, 0)
    modules[rows, columns] = format_bits(level, mask)
    return modules


@cache
def owners(size: int) -> npt.NDArray[np.int64]:
    """Index of the codeword that each module is part of, -1 for those that are part of none."""
    places = bits_in_order(np.arange(size * size).reshape(size, size))
    owner = np.full(size * size, -1)
    owner[places] = np.arange(len(places)) // 8
    return owner.reshape(size, size)
