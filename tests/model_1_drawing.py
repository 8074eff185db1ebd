"""Symbols of QR Code Model 1 with any content, and where their codewords stand (ISO/IEC 18004:2000, Annex M).

No encoder that Python can install draws them, so this one does. It shares nothing with the library.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt

from symbol_drawing import bits

VERSIONS = range(1, 15)

# By version, for L, M, Q and H: blocks, data codewords of a block, error correction codewords of a block (Table M.5).
BLOCKS = {
    1: ((1, 19, 7), (1, 16, 10), (1, 13, 13), (1, 9, 17)),
    2: ((1, 36, 10), (1, 30, 16), (1, 24, 22), (1, 16, 30)),
    3: ((1, 57, 15), (1, 44, 28), (1, 36, 36), (1, 24, 48)),
    4: ((1, 80, 20), (1, 60, 40), (1, 50, 50), (1, 34, 66)),
    5: ((1, 108, 26), (1, 82, 52), (1, 68, 66), (2, 23, 44)),
    6: ((1, 136, 34), (2, 53, 32), (2, 43, 42), (2, 29, 56)),
    7: ((1, 170, 42), (2, 66, 40), (2, 54, 52), (3, 24, 46)),
    8: ((2, 104, 24), (2, 80, 48), (2, 64, 64), (3, 29, 56)),
    9: ((2, 123, 30), (2, 93, 60), (3, 52, 50), (3, 34, 68)),
    10: ((2, 145, 34), (2, 111, 68), (3, 61, 58), (4, 31, 58)),
    11: ((2, 168, 40), (4, 64, 40), (4, 52, 52), (5, 29, 54)),
    12: ((2, 192, 46), (4, 73, 46), (4, 61, 58), (5, 33, 62)),
    13: ((3, 144, 36), (4, 83, 52), (4, 69, 66), (6, 32, 58)),
    14: ((3, 163, 40), (4, 92, 60), (5, 62, 60), (6, 35, 66)),
}  # fmt: skip
CODEWORDS = (26, 46, 72, 100, 134, 170, 212, 256, 306, 358, 416, 476, 542, 610)  # that have a place, by version

MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)


def size_of(version: int) -> int:
    return 17 + 4 * version


def parameters(version: int, level: str) -> tuple[int, int, int]:
    return BLOCKS[version]["LMQH".index(level)]


def capacity(version: int, level: str) -> int:
    """Data codewords; of the first one half is free."""
    count, data, _ = parameters(version, level)
    return count * data


def padded(stream: str, version: int, level: str, *, terminator: str = "0000") -> list[int]:
    """Data codewords of a bit stream: four zeros first, then as in Model 2."""
    room = 8 * capacity(version, level)
    stream = "0000" + stream
    assert len(stream) <= room, "the stream is too long"
    stream = (stream + terminator)[:room]
    stream += "0" * (-len(stream) % 8)
    words = [int(stream[i : i + 8], 2) for i in range(0, len(stream), 8)]
    used = len(words)
    return words + [(236, 17)[(i - used) % 2] for i in range(used, room // 8)]


def _multiply(a: int, b: int) -> int:
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11D << (bit - 8)
    return product


@cache
def _generator(count: int) -> tuple[int, ...]:
    generator, root = [1], 1
    for _ in range(count):
        generator = [a ^ _multiply(b, root) for a, b in zip([*generator, 0], [0, *generator], strict=True)]
        root = _multiply(root, 2)
    return tuple(generator)


@cache
def _multiples(count: int) -> list[int]:
    """Of the generator without its first coefficient, each as one number."""
    return [int.from_bytes(bytes(_multiply(v, g) for g in _generator(count)[1:]), "big") for v in range(256)]


def error_correction(data: list[int], count: int) -> list[int]:
    multiples = _multiples(count)
    remainder, most = 0, (1 << 8 * count) - 1
    for word in data:
        remainder = (remainder << 8 & most) ^ multiples[word ^ remainder >> 8 * (count - 1)]
    return list(remainder.to_bytes(count, "big"))


def message(data: list[int], version: int, level: str) -> list[int]:
    """All codewords: the blocks' data one after the other, then their error correction, and padding to the end."""
    count, length, checks = parameters(version, level)
    assert len(data) == count * length
    words = list(data)
    for block in range(count):
        words += error_correction(data[block * length : (block + 1) * length], checks)
    rest = CODEWORDS[version - 1] - len(words)
    return words + [(236, 17)[i % 2] for i in range(rest)]


def blocks(version: int, level: str) -> list[SimpleNamespace]:
    """Blocks with `positions` (in the symbol's sequence; data first) and `data`, the number of data codewords."""
    count, data, checks = parameters(version, level)
    return [
        SimpleNamespace(
            data=data,
            total=data + checks,
            positions=[
                *range(b * data, (b + 1) * data),
                *range(count * data + b * checks, count * data + (b + 1) * checks),
            ],
        )
        for b in range(count)
    ]


def fixed(version: int) -> npt.NDArray[np.int8]:
    """+1 dark, -1 light, 0 not fixed; format information counts as not fixed."""
    size = size_of(version)
    modules = np.zeros((size, size), np.int8)
    alternating = np.where(np.arange(size) % 2 == 0, 1, -1)
    modules[6, :] = modules[:, 6] = alternating
    rows, columns = np.mgrid[-4:5, -4:5]
    radius = np.maximum(abs(rows), abs(columns))
    finder = np.where((radius == 2) | (radius == 4), -1, 1)
    modules[:8, :8] = finder[1:, 1:]
    modules[:8, -8:] = finder[1:, :-1]
    modules[-8:, :8] = finder[:-1, 1:]
    modules[-8, 8] = 1
    # Extension patterns (M.3.2): every other one of the places of four modules from the lower right corner on, save the
    # last one, and half of one in the corner.
    modules[-2:, -2:] = -1
    modules[-1, -1] = 1
    for begin in range(size - 12, 9, -8):
        modules[begin : begin + 4, -2:] = (-1, 1)
        modules[-2:, begin : begin + 4] = ((-1,), (1,))
    return modules


@cache
def placement(version: int) -> list[list[tuple[int, int]]]:
    """Rows and columns of every codeword's modules, the most significant bit first (M.7)."""
    size = size_of(version)
    free = fixed(version) == 0
    free[8, :9] = free[:9, 8] = free[8, -8:] = free[-8:, 8] = False

    def rectangle(top: int, left: int, height: int, width: int) -> list[tuple[int, int]]:
        return [(top + i // width, left + i % width) for i in reversed(range(height * width))]

    corner = rectangle(size - 4, size - 2, 4, 2)
    rectangles = [rectangle(top, size - 2, 4, 2) for top in range(size - 8, 8, -4)]
    rectangles += [rectangle(top, size - 4, 4, 2) for top in range(size - 4, 8, -4)]
    for left in range(size - 8, 8, -4):
        rectangles += [rectangle(top, left, 2, 4) for top in [*range(size - 2, 6, -2), 4, 2, 0]]
    rectangles += [rectangle(top, left, 4, 2) for left in (7, 4, 2, 0) for top in range(size - 12, 8, -4)]
    codewords = [corner] + [r for r in rectangles if all(free[place] for place in r)]
    assert len(codewords) == CODEWORDS[version - 1]
    assert sum(len(c) for c in codewords) == free.sum() + 4  # half of the first codeword lies under the corner
    return codewords


@cache
def _places(version: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of all bits: rows and columns, which of them are free, and what each data mask does to them."""
    rows, columns = np.array(placement(version)).reshape(-1, 2).T
    masks = np.array([[mask(r, c) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)] for mask in MASKS])
    return np.stack([rows, columns]), fixed(version)[rows, columns] == 0, masks


def format_word(level: str, mask: int) -> int:
    data = "MLHQ".index(level) << 3 | mask
    word = data << 10
    for bit in range(14, 9, -1):
        if word >> bit & 1:
            word ^= 0x537 << (bit - 10)
    return (data << 10 | word) ^ 0x2825


def draw(
    data: list[int], version: int, level: str, mask: int = 0, *, named: str | None = None
) -> npt.NDArray[np.bool_]:
    """Modules of the symbol with these data codewords; its format information may name another level."""
    size = size_of(version)
    pattern = fixed(version)
    modules = pattern > 0
    words = message(data, version, level)
    assert words[0] < 16, "the first codeword has four bits"
    places, free, masks = _places(version)
    drawn = np.unpackbits(np.array(words, np.uint8)).astype(bool) ^ masks[mask]
    modules[tuple(places[:, free])] = drawn[free]
    word = format_word(named or level, mask)
    for bit in range(15):
        dark = bool(word >> bit & 1)
        modules[(bit if bit < 6 else bit + 1, 8) if bit < 8 else (8, 7 if bit == 8 else 14 - bit)] = dark
        modules[(8, size - 1 - bit) if bit < 8 else (size - 15 + bit, 8)] = dark
    return modules


def symbol(text: bytes, version: int, level: str, mask: int = 0) -> npt.NDArray[np.bool_]:
    """A symbol that says these bytes."""
    stream = "0100" + bits(len(text), 8 if version < 10 else 16) + "".join(bits(b, 8) for b in text)
    return draw(padded(stream, version, level), version, level, mask)


def damage(
    modules: npt.NDArray[np.bool_],
    version: int,
    rng: np.random.Generator,
    *,
    wrong: npt.ArrayLike = (),
    erased: npt.ArrayLike = (),
) -> npt.NDArray[np.float32]:
    """Probabilities with some codewords replaced by random other ones, and some unknown."""
    result = modules.astype(np.float32)
    places = placement(version)
    for codeword in np.asarray(wrong, int).tolist():
        own = places[codeword][4 if codeword == 0 else 0 :]
        flips = int(rng.integers(1, 1 << len(own)))
        for bit, place in enumerate(own):
            if flips >> bit & 1:
                result[place] = 1 - result[place]
    for codeword in np.asarray(erased, int).tolist():
        for place in places[codeword]:
            result[place] = 0.5
    return result
