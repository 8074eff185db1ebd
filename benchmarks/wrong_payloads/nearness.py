"""How near the words of one error correction level are to another's: ``python -m benchmarks.wrong_payloads.nearness``.

For every version and ordered pair of levels: the codewords of a block of the reading level that are not those of one
block of the symbol's own level (`foreign`), and the rank of the reading level's checks over all words of the own level.
Where the rank is the number of checks, a word of the own level is as good as random codewords to a block of the
reading level; where it is less, the checks hold once so many codewords come out right. Then the same of data masks
(how many errors the difference of two masks is to a block) and of mirrored symbols (the rank of the checks over the
symbol's bits).
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np

from .algebra import checks, errors_in, interleaved, rank, syndromes
from .symbols import LEVELS, Level, bits_in_order, blocks, masks


@dataclass(frozen=True)
class Nearness:
    """Of the worst block of the reading level."""

    version: int
    own: Level
    reading: Level
    foreign: int
    rank: int
    checks: int


def foreign_places(version: int, own: Level, reading: Level) -> list[list[int]]:
    """Of each block of the reading level, places (from its end) whose codewords are not those of one own block there.

    A Reed-Solomon code's words stay words when they are shifted: the block that most places follow, at any distance.
    """
    at = {
        place: (number, back)
        for number, block in enumerate(blocks(version, own))
        for back, place in enumerate(reversed(block.data + block.correction))
    }
    found = []
    for block in blocks(version, reading):
        follows = [
            (at[place][0], at[place][1] - back) for back, place in enumerate(reversed(block.data + block.correction))
        ]
        most = Counter(follows).most_common(1)[0][0]
        found.append([back for back, one in enumerate(follows) if one != most])
    return found


def nearness(version: int, own: Level, reading: Level) -> Nearness:
    """Compute one pair of levels."""
    correction = len(blocks(version, reading)[0].correction)
    rng = np.random.default_rng(version)
    capacity = sum(len(block.data) for block in blocks(version, own))
    words = interleaved(rng.integers(0, 256, (correction + 8, capacity), np.uint8), version, own)
    least = min(rank(found) for found in checks(words, version, reading))
    least_foreign = min(len(places) for places in foreign_places(version, own, reading))
    return Nearness(version, own, reading, least_foreign, least, correction)


def all_pairs() -> list[Nearness]:
    """Every version and ordered pair of levels."""
    return [
        nearness(version, own, reading)
        for version in range(1, 41)
        for own, reading in itertools.permutations(LEVELS, 2)
    ]


def masks_confused(version: int, own: Level, reading: Level) -> int:
    """Pairs of masks whose difference every block of the reading level would correct.

    The places of each block that are foreign to the own level may hold anything.
    """
    parts = list(zip(blocks(version, reading), foreign_places(version, own, reading), strict=True))
    drawn = masks(17 + 4 * version)
    confused = 0
    for first, second in itertools.combinations(range(8), 2):
        sequence = np.packbits(bits_in_order(drawn[first] ^ drawn[second]))
        confused += all(
            errors_in(
                syndromes(sequence[list(block.data + block.correction)], len(block.correction)),
                len(block.data + block.correction),
                places,
            )
            is not None
            for block, places in parts
        )
    return confused


def mirrored_shortfall(version: int, own: Level, reading: Level) -> int:
    """Bits by which the checks of the first block, over words read mirrored, are of less than full rank over GF(2).

    Full: as many as there are bits of checks, or of data.
    """
    block = blocks(version, reading)[0]
    correction = len(block.correction)
    rng = np.random.default_rng(version)
    capacity = sum(len(part.data) for part in blocks(version, own))
    words = interleaved(rng.integers(0, 256, (8 * correction + 40, capacity), np.uint8), version, own)
    size = 17 + 4 * version
    order = np.arange(size * size).reshape(size, size)
    straight, turned = bits_in_order(order), bits_in_order(order.T)
    place = np.full(size * size, -1)
    place[straight] = np.arange(len(straight))
    # Modules that hold no codeword when read straight show the same in every symbol.
    drawn = np.concatenate([np.unpackbits(words, axis=1), np.zeros((len(words), 1), np.uint8)], 1)
    seen = np.packbits(drawn[:, place[turned]], axis=1)
    found = np.unpackbits(syndromes(seen[:, block.data + block.correction], correction), axis=1)
    return min(8 * correction, 8 * capacity) - rank(found)


def main() -> None:
    """Print the pairs that are near, how far every other pair is, and what masks and mirroring come to."""
    pairs = all_pairs()
    print("version  own  reading  foreign  rank  checks")
    for pair in pairs:
        if pair.rank < pair.checks:
            print(
                f"{pair.version:7}  {pair.own:>3}  {pair.reading:>7}  {pair.foreign:7}  {pair.rank:4}  {pair.checks:6}"
            )
    far = [pair for pair in pairs if pair.rank == pair.checks]
    print(f"{len(far)} other pairs: full rank; at least {min(pair.foreign for pair in far)} foreign codewords,")
    print(f"at least {min(pair.foreign - pair.checks for pair in far)} more than there are checks")
    kinds = list(itertools.product(range(1, 41), LEVELS))
    confused = sum(masks_confused(version, level, level) for version, level in kinds)
    near = [pair for pair in pairs if 0 < pair.foreign == pair.rank]
    confused += sum(masks_confused(pair.version, pair.own, pair.reading) for pair in near)
    print(f"masks: the difference of two is a correctable word in {confused} cases")
    short = max(mirrored_shortfall(version, own, reading) for version, own in kinds for reading in LEVELS)
    print(f"mirrored: rank over GF(2) at most {short} bits less than full")


if __name__ == "__main__":
    main()
