"""Symbols whose codewords satisfy two error correction levels with different texts.

``python -m benchmarks.wrong_payloads.forged`` makes one for every version and pair of levels for which there is one,
under the format of either level, and compares what fastqr reads with what zxing-cpp and OpenCV read.

The data codewords of the stronger level are the unknowns of a linear system over GF(256): the checks of the weaker
level's blocks must be 0, and both levels' headers and texts stand where each level reads them.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from fastqr import _core

from .algebra import Words, checks, interleaved, message_of, solved
from .nearness import nearness
from .symbols import LEVELS, Level, blocks, drawn

LETTERS = range(4, 8)  # high halves of the bytes that a text is made of, where they are to be chosen
MASK = 3
LEAST_FIXED = 5  # codewords of two headers and texts of one byte each, the first of which is the same


@dataclass(frozen=True)
class Forged:
    """Codewords of both levels in their sequence, and the text that each level reads."""

    version: int
    texts: dict[Level, bytes]
    sequence: tuple[int, ...]

    def modules(self, named: Level, mask: int = MASK) -> npt.NDArray[np.bool_]:
        """Draw it under the format of one of its levels."""
        return drawn(np.array(self.sequence, np.uint8), named, mask, self.version)


@lru_cache(maxsize=1024)
def forged(version: int, weaker: Level, stronger: Level) -> Forged | None:
    """Forge a symbol of two levels; nothing where the system has no solution for any of the texts that are tried."""
    rng = np.random.default_rng([version, ord(weaker), ord(stronger)])
    own = sum(len(block.data) for block in blocks(version, stronger))
    checked = nearness(version, stronger, weaker).rank * len(blocks(version, weaker))
    shared = [block.data + block.correction for block in blocks(version, weaker)]
    same = shared == [block.data + block.correction for block in blocks(version, stronger)]
    if checked + LEAST_FIXED > own:
        return None
    words = interleaved(np.eye(own, dtype=np.uint8), version, stronger)
    held = np.zeros((0, own), np.uint8) if same else np.concatenate(checks(words, version, weaker), 1).T
    attempts = (
        _two_segments(version, weaker, stronger) if len(shared) == 1 and same else _texts(version, weaker, stronger)
    )
    places = {level: message_of(np.arange(words.shape[1]), version, level) for level in (weaker, stronger)}
    for streams in attempts:
        fixed = _fixed(streams, places[stronger], places[weaker], rng)
        if fixed is None or len(fixed) + checked > own:
            continue
        rows = np.concatenate([held, words[:, list(fixed)].T])
        wanted = np.array([0] * len(held) + list(fixed.values()), np.uint8)
        data = solved(rows, wanted, rng)
        if data is None:
            continue
        sequence = interleaved(data, version, stronger)
        assert not any(found.any() for level in (weaker, stronger) for found in checks(sequence, version, level))
        texts = {level: text_of(message_of(sequence, version, level), version) for level in (weaker, stronger)}
        if None not in texts.values() and texts[weaker] != texts[stronger]:
            return Forged(version, {k: v for k, v in texts.items() if v is not None}, tuple(sequence.tolist()))
    return None


Half: TypeAlias = int | None  # of a codeword; None: to be chosen
Stream: TypeAlias = list[tuple[Half, Half] | None]  # None: a codeword that the system of equations chooses


def _in_twos(halves: list[Half]) -> Stream:
    return list(zip(halves[::2], halves[1::2], strict=True))


def _byte_segment(count: int, version: int, free: int = 0) -> Stream:
    """Codewords of a byte segment and its terminator; `free` of the first are left to the equations."""
    shifts = (4, 0) if version < 10 else (12, 8, 4, 0)
    header: list[Half] = [4, *(count >> shift & 15 for shift in shifts)]
    stream = _in_twos([*header, *[None] * (2 * count), 0])
    first = (len(header) + 2) // 2
    stream[first : first + free] = [None] * free
    return stream


def _texts(version: int, weaker: Level, stronger: Level) -> list[tuple[Stream, Stream, bool]]:
    """Texts to try, those of letters alone first."""
    lengths = [*range(1, 13), 16, 32, 54]
    pairs = [(a, b, 0) for a, b in itertools.permutations(lengths, 2)]
    # Where levels share their blocks the headers are the same, and texts differ from the second block on.
    first, other = len(blocks(version, stronger)[0].data), len(blocks(version, weaker)[0].data)
    alike = [(count, count, min(first - 3, count - first + 6)) for count in (first + 3, first, first + 1, other + 2)]
    near = len(blocks(version, weaker)) == len(blocks(version, stronger))
    return [
        (_byte_segment(a, version, free), _byte_segment(b, version, free), letters)
        for letters in (True, False)
        for a, b, free in (alike if near else pairs)
    ]


def _two_segments(version: int, weaker: Level, stronger: Level) -> list[tuple[Stream, Stream, bool]]:
    """One block: the stronger level's data end without room for a terminator, the weaker level's go on.

    A byte segment of what the codewords come to, four digits up to the last bit; then, in the stronger level's error
    correction, another byte segment.
    """
    own = len(blocks(version, stronger)[0].data)
    room = len(blocks(version, weaker)[0].data) - own
    count = own - 5  # 12 + 8 * count + 28 bits
    digits = format(0b0001, "04b") + format(4, "010b") + format(271, "010b") + format(8, "04b")
    tail = [int(digits[i : i + 4], 2) for i in range(0, 28, 4)]
    found = []
    for more in (min(room - 2, 3), 1):
        free = min(count - 1, more + 3)
        middle: Stream = [*[(None, None)] * (count - 1 - free), *[None] * free]
        both: Stream = [(4, count >> 4), (count & 15, None), *middle, *_in_twos([None, *tail])]
        found.append((both, both + _byte_segment(more, version), True))
    return found


def _fixed(
    streams: tuple[Stream, Stream, bool], first: Words, second: Words, rng: np.random.Generator
) -> dict[int, int] | None:
    """Values by place in the sequence, letters drawn; nothing where both levels want different ones.

    The halves of a text's codewords are the low half of a byte and the high half of the next.
    """
    *both, letters = streams
    wanted: dict[int, tuple[Half, Half]] = {}
    for stream, places in zip(both, (first, second), strict=True):
        if len(stream) > len(places):
            return None
        for place, halves in zip(places.tolist(), stream, strict=False):
            if halves is None:
                continue
            there = wanted.get(place, (None, None))
            if any(a is not None and b is not None and a != b for a, b in zip(halves, there, strict=True)):
                return None
            high, low = (a if b is None else b for a, b in zip(halves, there, strict=True))
            letter = place in wanted and (halves[1] is None) != (there[1] is None)  # a byte's high half
            if letters and letter and low not in LETTERS:
                return None
            wanted[place] = high, low
    return {
        place: (int(rng.integers(1, 11)) if high is None else high) << 4
        | (int(rng.choice(LETTERS)) if low is None else low)
        for place, (high, low) in wanted.items()
    }


def text_of(data: Words, version: int) -> bytes | None:
    """Read byte and numeric segments."""
    stream = "".join(format(codeword, "08b") for codeword in data.tolist())
    text, at = b"", 0
    wide = version >= 10

    def take(length: int) -> int | None:
        nonlocal at
        at += length
        return int(stream[at - length : at], 2) if at <= len(stream) else None

    while (mode := take(4)) not in (None, 0):
        if mode == 4:
            count = take(16 if wide else 8)
            values = [take(8) for _ in range(count)] if count is not None else [None]
            if None in values:
                return None
            text += bytes(value for value in values if value is not None)
        elif mode == 1:
            count = take(12 if wide else 10)
            if count != 4:  # of the one that is made here
                return None
            hundreds, unit = take(10), take(4)
            if hundreds is None or unit is None or hundreds > 999 or unit > 9:
                return None
            text += f"{hundreds:03}{unit}".encode()
        else:
            return None
    return text


# Against other readers ----------------------------------------------------------------------------------------------


def _readings(modules: npt.NDArray[np.bool_], texts: Iterable[bytes]) -> dict[str, bytes | None]:
    picture = np.kron(np.where(np.pad(modules, 4), 0, 255).astype(np.uint8), np.ones((4, 4), np.uint8))
    record = _core.decode_modules(modules)
    theirs = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return {
        "fastqr": b"".join(data for _, _, data in record.segments) if record else None,
        "zxing-cpp": theirs[0].bytes if theirs else None,
        "opencv": _bytes_of(text, texts) if text else None,
    }


def _bytes_of(text: str, texts: Iterable[bytes]) -> bytes:
    """Bytes that a reader took for one of its character sets, if they are one of those that are expected."""
    for character_set in ("utf-8", "latin-1", "cp1252", "shift_jis"):
        encoded = text.encode(character_set, errors="replace")
        if encoded in texts:
            return encoded
    return text.encode(errors="replace")


def main() -> None:
    """Print a table by version and pair."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wrong_payloads.forged", description=__doc__)
    parser.add_argument("--versions", type=int, nargs=2, default=(1, 40), metavar=("FIRST", "LAST"))
    parser.add_argument("--out", type=Path, help="where to write the symbols as JSON")
    args = parser.parse_args()
    kept, sums = [], Counter[str]()
    for version in range(args.versions[0], args.versions[1] + 1):
        for weaker, stronger in itertools.combinations(LEVELS, 2):
            symbol = forged(version, weaker, stronger)
            if symbol is None:
                print(f"{version:2} {weaker}/{stronger}: there is none", flush=True)
                sums["none"] += 1
                continue
            kept.append({"version": version, "texts": {k: v.hex() for k, v in symbol.texts.items()}})
            for named, other in ((weaker, stronger), (stronger, weaker)):
                said = []
                for reader, payload in _readings(symbol.modules(named), symbol.texts.values()).items():
                    known = {None: "nothing", symbol.texts[named]: "named", symbol.texts[other]: "OTHER"}
                    said.append(f"{reader} {known.get(payload, 'something else')}")
                    sums[said[-1]] += 1
                print(f"{version:2} {weaker}/{stronger} named {named}: {', '.join(said)}", flush=True)
            kept[-1]["sequence"] = bytes(symbol.sequence).hex()
    print(dict(sums))
    if args.out:
        args.out.write_text(json.dumps(kept))


if __name__ == "__main__":
    main()
