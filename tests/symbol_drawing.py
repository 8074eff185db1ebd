"""Symbols with any content, drawn by segno's encoder, and where their codewords stand."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
from segno import consts, encoder

LEVELS = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M, "Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def bits(value: int, length: int) -> str:
    return format(value, f"0{length}b")


def byte_segment(data: bytes, version: int = 1) -> str:
    return "0100" + bits(len(data), 8 if version < 10 else 16) + "".join(bits(b, 8) for b in data)


def alphanumeric_segment(text: str) -> str:
    """For versions 1 to 9."""
    values = [ALPHANUMERIC.index(c) for c in text]
    pairs = [bits(45 * a + b, 11) for a, b in zip(values[::2], values[1::2], strict=False)]
    return "0010" + bits(len(text), 9) + "".join(pairs) + (bits(values[-1], 6) if len(text) % 2 else "")


def data_capacity(version: int, level: str) -> int:
    """In codewords."""
    return sum(b.num_blocks * b.num_data for b in consts.ECC[version][LEVELS[level]])


def padded(stream: str, version: int, level: str, *, terminator: str = "0000") -> list[int]:
    """Data codewords of a bit stream: terminator, zeros, 236 and 17 in turn (ISO/IEC 18004:2015, 7.4.9, 7.4.10)."""
    capacity = data_capacity(version, level)
    assert len(stream) <= 8 * capacity
    stream = (stream + terminator)[: 8 * capacity]
    stream += "0" * (-len(stream) % 8)
    codewords = [int(stream[i : i + 8], 2) for i in range(0, len(stream), 8)]
    used = len(codewords)
    return codewords + [(236, 17)[(i - used) % 2] for i in range(used, capacity)]


def draw(
    codewords: list[int], version: int, level: str, mask: int = 0, *, named: str | None = None
) -> npt.NDArray[np.bool_]:
    """Modules of the symbol with these data codewords; its format information may name another level."""
    assert len(codewords) == data_capacity(version, level)
    data = encoder.Buffer()
    for codeword in codewords:
        data.append_bits(codeword, 8)
    size = 17 + 4 * version
    matrix = encoder.make_matrix(size, size)
    encoder.add_finder_patterns(matrix, size, size)
    encoder.add_alignment_patterns(matrix, size, size)
    encoder.add_codewords(matrix, encoder.make_final_message(version, LEVELS[level], data), version)
    encoder.find_and_apply_best_mask(matrix, size, size, mask)
    encoder.add_format_info(matrix, version, LEVELS[named or level], mask)
    encoder.add_version_info(matrix, version)
    return np.array([list(row) for row in matrix]) == 1


@cache
def codeword_of_module(version: int) -> npt.NDArray[np.int64]:
    """Index of the codeword that a module belongs to, -1 for modules that belong to none."""
    size = 17 + 4 * version
    planes = []
    empty = encoder.make_matrix(size, size)
    encoder.add_finder_patterns(empty, size, size)
    encoder.add_alignment_patterns(empty, size, size)
    placed = np.array([list(row) for row in empty]) == 2
    count = int(placed.sum())
    total = count // 8
    for shift in (0, 6):  # segno's matrix holds bytes, and takes 2 for a free module: six bits of the index at a time
        matrix = encoder.make_matrix(size, size)
        encoder.add_finder_patterns(matrix, size, size)
        encoder.add_alignment_patterns(matrix, size, size)
        encoder.add_codewords(matrix, [(i // 8 >> shift & 63) | 64 for i in range(count)], version)
        planes.append(np.array([list(row) for row in matrix], np.int64) & 63)
    index = planes[0] | planes[1] << 6
    return np.where(placed & (index < total), index, -1)


@cache
def blocks(version: int, level: str) -> list[SimpleNamespace]:
    """Blocks with `positions` (in the interleaved sequence; data first) and `data`, the number of data codewords."""
    lengths = [(b.num_data, b.num_total) for b in consts.ECC[version][LEVELS[level]] for _ in range(b.num_blocks)]
    result = [SimpleNamespace(data=data, total=total, positions=[]) for data, total in lengths]
    position = 0
    for is_data in (True, False):
        for i in range(max(total for _, total in lengths)):
            for block in result:
                if i < (block.data if is_data else block.total - block.data):
                    block.positions.append(position)
                    position += 1
    return result


def damage(
    modules: npt.NDArray[np.bool_],
    version: int,
    rng: np.random.Generator,
    *,
    wrong: npt.ArrayLike = (),
    erased: npt.ArrayLike = (),
) -> npt.NDArray[np.float32]:
    """Probabilities with some codewords replaced by random other ones, and some unknown."""
    owner = codeword_of_module(version)
    result = modules.astype(np.float32)
    for codeword in np.asarray(wrong, int):
        places = np.argwhere(owner == codeword)
        flips = rng.integers(1, 256)
        for bit, (row, column) in enumerate(places):
            if flips >> bit & 1:
                result[row, column] = 1 - result[row, column]
    result[np.isin(owner, np.asarray(erased, int))] = 0.5
    return result
