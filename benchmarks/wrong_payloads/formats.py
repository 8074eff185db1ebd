"""Symbols whose format information is lost, or is another level's, and forged ones that two levels can read."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import numpy.typing as npt

from .algebra import interleaved
from .forged import Forged, forged
from .modules import Generator, Modules, garbled, read_by_another
from .symbols import LEVELS, Level, blocks, drawn, format_bits, format_places

ALL = (1, 40)
NEAR = (1, 14)  # versions in which words of one level are near another's, and those between
FORGED = (1, 10)  # to solve for larger ones takes seconds
PROTECTION = {(1, "L"): 3, (1, "M"): 2, (1, "Q"): 1, (1, "H"): 1, (2, "L"): 2, (3, "L"): 1}  # p of Table 9


@cache
def _symbol(version: int, level: Level, share: float, mask: int) -> tuple[bytes, npt.NDArray[np.bool_]]:
    """Payload and modules of a symbol that a byte segment fills to a share of its capacity."""
    rng = np.random.default_rng([version, ord(level), int(2 * share)])
    capacity = sum(len(block.data) for block in blocks(version, level))
    header = 2 if version < 10 else 3
    payload = rng.integers(0, 256, int((capacity - header) * share), np.uint8).tobytes()
    bits = "0100" + format(len(payload), "08b" if version < 10 else "016b")
    bits += "".join(format(byte, "08b") for byte in payload) + "0000"
    data = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    data += [(236, 17)[number % 2] for number in range(capacity - len(data))]
    return payload, drawn(interleaved(np.array(data, np.uint8), version, level), level, mask, version)


def _wrong(version: int, level: Level, rng: Generator) -> list[int]:
    """Codewords to be wrong: none, some, or as many as each block of a level corrects."""
    amount = rng.integers(3)
    wrong: list[int] = []
    for block in blocks(version, level) if amount else ():
        most = (len(block.correction) - PROTECTION.get((version, level), 0)) // 2
        count = most if amount == 2 else int(rng.integers(most + 1))
        wrong += rng.permutation(block.data + block.correction)[:count].tolist()
    return wrong


def _any(rng: Generator, versions: tuple[int, int]) -> tuple[bytes, npt.NDArray[np.bool_], int, Level, int]:
    """Any version, level and mask, full or half full; none, some or all of what each block corrects is wrong."""
    first, last = versions if rng.random() < 0.5 else (versions[0], min(versions[1], NEAR[1]))
    version, level, mask = int(rng.integers(first, last + 1)), LEVELS[rng.integers(4)], int(rng.integers(8))
    payload, modules = _symbol(version, level, float(rng.choice([0.5, 1.0])), mask)
    wrong = _wrong(version, level, rng)
    return payload, garbled(modules, wrong, rng) > 0.5, version, level, mask


def _with_format(modules: npt.NDArray[np.bool_], copies: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Probabilities with both copies of the format information, 2 x 15 from the least significant bit, replaced."""
    dark = modules.astype(np.float32)
    rows, columns = np.moveaxis(format_places(len(dark)), -1, 0)
    dark[rows, columns] = copies
    return dark


def _another(level: Level, rng: Generator) -> Level:
    return [other for other in LEVELS if other != level][rng.integers(3)]


def _in_error(copies: npt.NDArray[np.bool_], rng: Generator) -> npt.NDArray[np.bool_]:
    """One to three wrong bits in each copy: as many as the standard corrects."""
    result = copies.copy()
    for copy in result:
        copy[rng.permutation(15)[: rng.integers(1, 4)]] ^= True
    return result


def _read_as(modules: npt.NDArray[np.bool_], version: int, own: Level, named: Level, mask: int) -> frozenset[bytes]:
    """What another implementation reads under the level that is named, where it can be anything.

    To every other level words of the own one are no words, nor near to one (docs/false-accept.md).
    """
    weaker = LEVELS.index(named) < LEVELS.index(own)
    near = len(blocks(version, named)) == len(blocks(version, own))
    if not (weaker and near):
        return frozenset()
    return read_by_another(_with_format(modules, format_bits(named, mask)) > 0.5)


def unknown(rng: Generator, versions: tuple[int, int] = ALL) -> Modules:
    """Nothing is known of the format modules."""
    payload, modules, *_ = _any(rng, versions)
    return Modules(_with_format(modules, rng.choice([0.5, np.nan])), frozenset({payload}))


def grey(rng: Generator, versions: tuple[int, int] = ALL) -> Modules:
    """The format modules lean to either side, a little."""
    payload, modules, *_ = _any(rng, versions)
    lean = rng.normal(0.5, rng.choice([0.01, 0.05, 0.15]), (2, 15))
    return Modules(_with_format(modules, np.clip(lean, 0, 1)), frozenset({payload}))


def tossed(rng: Generator, versions: tuple[int, int] = ALL) -> Modules:
    """The format modules are coin tosses, firmly believed."""
    payload, modules, *_ = _any(rng, versions)
    return Modules(_with_format(modules, rng.integers(0, 2, (2, 15))), frozenset({payload}))


def another_level(rng: Generator, versions: tuple[int, int] = ALL) -> Modules:
    """Both copies name another level: its own result by the standard is right, or none."""
    _, modules, version, level, mask = _any(rng, versions)
    named = _another(level, rng)
    dark = _with_format(modules, format_bits(named, mask))
    return Modules(dark, _read_as(modules, version, level, named, mask))


def another_level_in_error(rng: Generator, versions: tuple[int, int] = ALL) -> Modules:
    """The same with one to three wrong bits in each copy."""
    _, modules, version, level, mask = _any(rng, versions)
    named = _another(level, rng)
    dark = _with_format(modules, _in_error(np.array([format_bits(named, mask)] * 2), rng))
    return Modules(dark, _read_as(modules, version, level, named, mask))


def at_odds(rng: Generator, versions: tuple[int, int] = ALL) -> Modules:
    """One copy is right, or right but for three bits; the other one names another level, clearly or in error."""
    payload, modules, version, level, mask = _any(rng, versions)
    named = _another(level, rng)
    own, other = format_bits(level, mask), format_bits(named, mask)
    copies = np.array([own, other] if rng.random() < 0.5 else [other, own])
    if rng.random() < 0.5:
        copies = _in_error(copies, rng)
    elsewhere = _read_as(modules, version, level, named, mask)
    return Modules(_with_format(modules, copies), frozenset({payload}) | elsewhere)


@cache
def _all_forged() -> list[Forged]:
    pairs = itertools.product(range(FORGED[0], FORGED[1] + 1), itertools.combinations(LEVELS, 2))
    found = [forged(version, weaker, stronger) for version, (weaker, stronger) in pairs]
    return [symbol for symbol in found if symbol is not None]


def two_levels(rng: Generator, versions: tuple[int, int] = FORGED) -> Modules:
    """A symbol that two levels can read, under the format of either; where it is lost, no result is right.

    The format is clean, or each copy has up to three wrong bits, or one copy is unknown or tossed, or both are.
    """
    symbols = [symbol for symbol in _all_forged() if versions[0] <= symbol.version <= versions[1]]
    symbol = symbols[rng.integers(len(symbols))]
    mask = int(rng.integers(8))
    named = list(symbol.texts)[rng.integers(2)]
    copies = np.array([format_bits(named, mask)] * 2)
    damage = rng.integers(4)
    if damage == 1:
        copies = _in_error(copies, rng)
    lost = rng.permutation(2)[: max(0, int(damage) - 1)]
    seen = copies.astype(np.float32)
    seen[lost] = 0.5 if rng.random() < 0.5 else rng.integers(0, 2, (len(lost), 15))
    clean = symbol.modules(named, mask)
    modules = garbled(clean, _wrong(symbol.version, list(symbol.texts)[rng.integers(2)], rng), rng) > 0.5
    # Tosses that name a level by the standard, with at most three wrong bits in a copy, do name it.
    wrong = {level: np.abs(seen - format_bits(level, mask)).sum(1).min() for level in symbol.texts}
    allowed = [
        symbol.texts[level] for level in symbol.texts if (level == named if len(lost) < 2 else wrong[level] <= 3)
    ]
    return Modules(_with_format(modules, seen), frozenset(allowed))


KINDS = {
    "format unknown": unknown,
    "format grey": grey,
    "format tossed": tossed,
    "another level's format": another_level,
    "another level's format in error": another_level_in_error,
    "formats at odds": at_odds,
    "forged for two levels": two_levels,
}
