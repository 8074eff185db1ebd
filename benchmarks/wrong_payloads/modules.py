"""What the decoder is given: probabilities of dark, one a module, and the payloads that may be read from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from fastqr.training.synthesis.symbols import random_modules

from .patterns import other_symbology, power_noise
from .symbols import blocks, owners, random_symbol, two_symbols

Probabilities: TypeAlias = npt.NDArray[np.float32]
Generator = np.random.Generator

NOTHING: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class Modules:
    """Probabilities of dark of N×N modules. Any payload that is neither allowed nor its own is a wrong one."""

    dark: Probabilities
    allowed: frozenset[bytes]  # of the symbols that it was made of
    own: frozenset[bytes] = NOTHING  # what a mixture spells that is a symbol itself


def random_side(rng: Generator) -> int:
    """Size of a symbol: versions 1 to 10 mostly, any version now and then."""
    return 17 + 4 * int(rng.integers(1, 11) if rng.random() < 0.98 else rng.integers(11, 41))


# No symbol ----------------------------------------------------------------------------------------------------------


def noise(rng: Generator) -> Modules:
    """Noise of any spectrum, from coin tosses to blots; firmly believed, or in every grey."""
    side = random_side(rng)
    field = power_noise(rng, (side, side), float(rng.choice([0.0, 0.5, 1.0, 2.0])))
    return Modules(_believed(field, rng), NOTHING)


def patterns_without_message(rng: Generator) -> Modules:
    """Every function pattern and the format information of a symbol, and coin tosses for codewords."""
    whole = random_symbol(rng)
    if rng.random() < 0.2:
        return Modules(random_modules(rng, len(whole.modules)).astype(np.float32), NOTHING)
    tossed = rng.random(whole.modules.shape, np.float32)
    if rng.random() < 0.5:
        tossed = np.round(tossed)
    return Modules(np.where(owners(len(tossed)) >= 0, tossed, whole.modules).astype(np.float32), NOTHING)


def other_symbologies(rng: Generator) -> Modules:
    """A cut of another symbology on the grid of a symbol, module on module or at any scale."""
    drawn = other_symbology(rng)
    side = random_side(rng)
    if rng.random() < 0.5:
        drawn = np.rot90(drawn, int(rng.integers(4)))
        tiled = np.pad(drawn, ((0, max(0, side - len(drawn))), (0, max(0, side - drawn.shape[1]))), mode="wrap")
        top, left = (int(rng.integers(extent - side + 1)) for extent in tiled.shape)
        dark = (tiled[top : top + side, left : left + side] < 128).astype(np.float32)
    else:
        dark = 1 - cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return Modules(np.ascontiguousarray(dark), NOTHING)


# Damage -------------------------------------------------------------------------------------------------------------


def codewords_wrong(rng: Generator) -> Modules:
    """In one block one to eight codewords more are wrong than it can correct, in the others as many as it can."""
    whole = random_symbol(rng)
    wrong: list[int] = []
    parts = blocks(whole.version, whole.level)
    worst = rng.integers(len(parts))
    for number, block in enumerate(parts):
        limit = len(block.correction) // 2
        count = limit + int(rng.integers(1, 9)) if number == worst else int(rng.integers(limit + 1))
        wrong += rng.permutation(block.data + block.correction)[:count].tolist()
    return Modules(garbled(whole.modules, wrong, rng), frozenset({whole.payload}))


def modules_flipped(rng: Generator) -> Modules:
    """Modules anywhere are wrong, one in fifty to one in three, and firmly believed."""
    whole = random_symbol(rng)
    flipped = whole.modules ^ (rng.random(whole.modules.shape) < rng.uniform(0.02, 0.33))
    return Modules(flipped.astype(np.float32), frozenset({whole.payload}))


def burst(rng: Generator) -> Modules:
    """Codewords one after the other are wrong, a tenth of the symbol to all of it."""
    whole = random_symbol(rng)
    count = int(owners(len(whole.modules)).max()) + 1
    length = int(count * rng.uniform(0.1, 1.0))
    first = int(rng.integers(count - length + 1))
    return Modules(garbled(whole.modules, list(range(first, first + length)), rng), frozenset({whole.payload}))


def occluded(rng: Generator) -> Modules:
    """A rectangle shows something else, or nothing, more or less firmly believed."""
    whole = random_symbol(rng)
    dark = _noisy(whole.modules, float(rng.uniform(0.3, 0.5)), 1.0, rng)
    height, width = rng.integers(3, len(dark), 2)
    top, left = rng.integers(0, len(dark) - height + 1), rng.integers(0, len(dark) - width + 1)
    doubt = rng.choice([0.0, 0.1, 0.3, 0.45, 0.499, 0.5])
    patch = rng.random((height, width)) < rng.choice([0.0, 0.5, 1.0])
    dark[top : top + height, left : left + width] = np.where(patch, 1 - doubt, doubt)
    return Modules(dark, frozenset({whole.payload}))


def unknown(rng: Generator) -> Modules:
    """Much is known to be unknown, so that all of the error correction is spent on it, and some is wrong."""
    whole = random_symbol(rng)
    owner = owners(len(whole.modules))
    count = int(owner.max()) + 1
    order = rng.permutation(count)
    erased, wrong = int(count * rng.uniform(0.05, 0.7)), int(count * rng.uniform(0.0, 0.1)) + 1
    dark = garbled(whole.modules, order[erased : erased + wrong].tolist(), rng)
    dark[np.isin(owner, order[:erased])] = rng.choice([0.5, np.nan])
    return Modules(dark, frozenset({whole.payload}))


def noisy(rng: Generator) -> Modules:
    """Gaussian noise in every module, with probabilities that say how likely it is wrong."""
    whole = random_symbol(rng)
    return Modules(_noisy(whole.modules, float(rng.uniform(0.42, 1.2)), 1.0, rng), frozenset({whole.payload}))


def overconfident(rng: Generator) -> Modules:
    """The same noise, with log-odds two to ten times what they should be: a network that is too sure."""
    whole = random_symbol(rng)
    gain = float(rng.uniform(2, 10))
    return Modules(_noisy(whole.modules, float(rng.uniform(0.42, 1.2)), gain, rng), frozenset({whole.payload}))


def off_the_lattice(rng: Generator) -> Modules:
    """The symbol seen on the grid of another size, shifted by up to two modules, or on a grid that is bent."""
    whole = random_symbol(rng)
    size = len(whole.modules)
    seen = max(21, min(57, size + 4 * int(rng.integers(-2, 3))))
    ticks = (np.arange(seen) + 0.5) * (size / seen if rng.random() < 0.8 else 1.0)
    x, y = np.meshgrid(ticks + rng.uniform(-2, 2), ticks + rng.uniform(-2, 2))
    sway = rng.uniform(0, 2, 2)
    x = x + sway[0] * np.sin(y * rng.uniform(0.5, 3) / size)
    y = y + sway[1] * np.sin(x * rng.uniform(0.5, 3) / size)
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    inside = (column >= 0) & (column < size) & (row >= 0) & (row < size)
    dark = whole.modules[row.clip(0, size - 1), column.clip(0, size - 1)] & inside
    return Modules(dark.astype(np.float32), frozenset({whole.payload}))


# Mixtures of two ----------------------------------------------------------------------------------------------------


def halves(rng: Generator) -> Modules:
    """One symbol on one side of a line, another on the other."""
    first, second = two_symbols(rng)
    side = cut(rng, first.modules.shape)
    dark = np.where(side, first.modules, second.modules).astype(np.float32)
    return Modules(dark, frozenset({first.payload, second.payload}))


def codewords_of_two(rng: Generator) -> Modules:
    """Some codewords of each block are another symbol's: any of them, or its error correction alone."""
    first, second = two_symbols(rng)
    parts = blocks(first.version, first.level)
    if rng.random() < 0.5:
        taken = [place for block in parts for place in block.correction]
    else:
        share = rng.uniform(0.05, 0.95)
        taken = [p for block in parts for p in block.data + block.correction if rng.random() < share]
    mixed = np.where(np.isin(owners(len(first.modules)), taken), second.modules, first.modules)
    return Modules(mixed.astype(np.float32), frozenset({first.payload, second.payload}))


def blocks_of_two(rng: Generator) -> Modules:
    """Whole blocks are another symbol's: each is a codeword, so the result is a symbol, with a message of its own.

    No reader can tell, for the standard has no check beyond the block. What such a symbol says is counted apart.
    """
    first, second = two_symbols(rng, (3, 10))
    parts = blocks(first.version, first.level)
    while len(parts) == 1 or (first.level, first.mask) != (second.level, second.mask):
        first, second = two_symbols(rng, (3, 10))
        parts = blocks(first.version, first.level)
    theirs = rng.permutation(len(parts))[: rng.integers(1, len(parts))]
    taken = [place for number in theirs for place in parts[number].data + parts[number].correction]
    mixed = np.where(np.isin(owners(len(first.modules)), taken), second.modules, first.modules)
    originals = frozenset({first.payload, second.payload})
    return Modules(mixed.astype(np.float32), originals, read_by_another(mixed) - originals)


def read_by_another(modules: npt.NDArray[np.bool_]) -> frozenset[bytes]:
    """Payload that another implementation of the standard reads from modules that are clean, stray ends or not."""
    drawn = np.kron(np.where(np.pad(modules, 4), 0, 255).astype(np.uint8), np.ones((2, 2), np.uint8))
    read = zxingcpp.read_barcodes(drawn, formats=zxingcpp.BarcodeFormat.QRCode, is_pure=True, return_errors=True)
    return frozenset(barcode.bytes for barcode in read if barcode.bytes)


def cut(rng: Generator, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """One side of a straight line through the middle, more or less: upright, level, or at any angle."""
    height, width = shape
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]) + rng.choice([0, np.pi])
    y, x = np.mgrid[0:height, 0:width]
    across = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    side: npt.NDArray[np.bool_] = across > rng.uniform(-0.25, 0.25)
    return side


# What they are made of ----------------------------------------------------------------------------------------------


def _believed(field: npt.NDArray[np.float64], rng: Generator) -> Probabilities:
    """Probabilities of a field of mean 0 and deviation 1: certain, or the softer the smaller it is."""
    if rng.random() < 0.4:
        return (field > 0).astype(np.float32)
    return (0.5 + 0.5 * np.tanh(field * rng.choice([0.3, 1.0, 4.0]))).astype(np.float32)


def garbled(modules: npt.NDArray[np.bool_], wrong: list[int], rng: Generator) -> Probabilities:
    """Codewords replaced by others, any but their own."""
    owner = owners(len(modules))
    change = np.zeros(int(owner.max()) + 2, np.int64)  # the last for modules of no codeword
    change[wrong] = rng.integers(1, 256, len(wrong))
    bit = _bits(len(modules))
    return (modules ^ ((change[owner] >> bit & 1) == 1)).astype(np.float32)


@cache
def _bits(size: int) -> npt.NDArray[np.int64]:
    """Which bit of its codeword each module is, in any fixed order."""
    owner = owners(size)
    order = np.argsort(owner, axis=None, kind="stable")
    bit = np.zeros(size * size, np.int64)
    none = int((owner < 0).sum())
    bit[order[none:]] = np.arange(size * size - none) % 8
    return bit.reshape(size, size)


def _noisy(modules: npt.NDArray[np.bool_], deviation: float, gain: float, rng: Generator) -> Probabilities:
    received = np.where(modules, 1.0, -1.0) + rng.normal(0, deviation, modules.shape)
    return (0.5 + 0.5 * np.tanh(gain * received / deviation**2)).astype(np.float32)


KINDS: dict[str, Callable[[Generator], Modules]] = {
    "noise": noise,
    "patterns without a message": patterns_without_message,
    "other symbologies": other_symbologies,
    "codewords wrong": codewords_wrong,
    "modules flipped": modules_flipped,
    "burst": burst,
    "occluded": occluded,
    "unknown modules": unknown,
    "noisy": noisy,
    "overconfident": overconfident,
    "off the lattice": off_the_lattice,
    "halves of two": halves,
    "codewords of two": codewords_of_two,
    "blocks of two": blocks_of_two,
}
