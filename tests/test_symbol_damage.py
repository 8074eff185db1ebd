"""Damage up to what the error correction can repair, and past it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from fastqr import _core
from symbol_drawing import blocks, byte_segment, damage, data_capacity, draw, padded

ALL = list(itertools.product(range(1, 41), "LMQH"))


def protection(version: int, level: str) -> int:
    """p of ISO/IEC 18004:2015, Table 9."""
    return {(1, "L"): 3, (1, "M"): 2, (1, "Q"): 1, (1, "H"): 1, (2, "L"): 2, (3, "L"): 1}.get((version, level), 0)


def capacity(version: int, level: str) -> list[int]:
    """What 2 * errors + erasures may reach in each block."""
    return [block.total - block.data - protection(version, level) for block in blocks(version, level)]


def checkable_erasures(version: int, level: str, errors: list[int]) -> list[int]:
    """Erasures beside the errors that leave each block 36 bits to vouch with (docs/false-accept.md)."""
    most = []
    for block, limit, wrong in zip(blocks(version, level), capacity(version, level), errors, strict=True):
        correction = block.total - block.data
        erased = limit - 2 * wrong
        while erased > 0:
            sphere = math.log2(math.comb(block.total - erased, wrong)) + wrong * math.log2(255)
            if 8 * (correction - erased) - sphere >= 36:
                break
            erased -= 1
        most.append(erased)
    return most


def random_symbol(
    version: int, level: str, rng: np.random.Generator, *, full: bool = False
) -> tuple[bytes, npt.NDArray[np.bool_]]:
    longest = data_capacity(version, level) - (2 if version < 10 else 3)
    payload = rng.integers(0, 256, longest if full else rng.integers(1, longest + 1), np.uint8).tobytes()
    stream = byte_segment(payload, version)
    return payload, draw(padded(stream, version, level), version, level, mask=int(rng.integers(8)))


def spread(
    version: int, level: str, rng: np.random.Generator, errors: list[int], erasures: list[int]
) -> tuple[list[int], list[int]]:
    """Codewords to be wrong and erased: so many of each block."""
    wrong, erased = [], []
    for block, error_count, erasure_count in zip(blocks(version, level), errors, erasures, strict=True):
        chosen = rng.permutation(block.positions)[: error_count + erasure_count]
        wrong += chosen[:error_count].tolist()
        erased += chosen[error_count:].tolist()
    return wrong, erased


def payload_of(probabilities: npt.NDArray[np.float32]) -> bytes | None:
    record = _core.decode_modules(probabilities)
    return None if record is None else b"".join(data for _, _, data in record.segments)


@pytest.mark.parametrize(("version", "level"), ALL)
@pytest.mark.parametrize("kind", ["errors", "erasures", "both"])
def test_damage_up_to_the_capacity_of_every_block_is_repaired(version: int, level: str, kind: str) -> None:
    rng = np.random.default_rng([version, ord(level)])
    payload, modules = random_symbol(version, level, rng, full=version % 2 == 0)
    limits = capacity(version, level)
    errors = {
        "errors": [limit // 2 for limit in limits],
        "erasures": [0 for _ in limits],
        "both": [int(rng.integers(limit // 2 + 1)) for limit in limits],
    }[kind]
    erasures = checkable_erasures(version, level, errors) if kind != "errors" else [0 for _ in limits]
    wrong, erased = spread(version, level, rng, errors, erasures)
    record = _core.decode_modules(damage(modules, version, rng, wrong=wrong, erased=erased))
    assert record is not None
    assert b"".join(data for _, _, data in record.segments) == payload
    assert (record.corrected_codewords, record.erased_codewords) == (sum(errors), sum(erasures))
    np.testing.assert_array_equal(record.modules, modules)


def test_unknown_modules_are_not_guessed() -> None:
    # All of one block unknown: zeros would be a codeword, and a wrong payload.
    rng = np.random.default_rng(1)
    _, modules = random_symbol(5, "Q", rng, full=True)
    for block in blocks(5, "Q"):
        assert payload_of(damage(modules, 5, rng, erased=block.positions)) is None


def test_erasures_that_leave_nothing_to_check_are_refused() -> None:
    # All of the error correction spent on what is unknown: one wrong codeword beside it makes another message.
    rng = np.random.default_rng(6)
    for version, level in itertools.product(range(1, 11), "LMQH"):
        for full in (False, True):
            payload, modules = random_symbol(version, level, rng, full=full)
            limits = capacity(version, level)
            for wrong_codewords in (0, 1):
                counts = [wrong_codewords, *(0 for _ in limits[1:])]
                wrong, erased = spread(version, level, rng, counts, limits)
                text = payload_of(damage(modules, version, rng, wrong=wrong, erased=erased))
                assert text in (None, payload)
                assert text is None or not full


def noisy(modules: npt.NDArray[np.bool_], deviation: float, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Probabilities that belong to modules of +1 and -1 with Gaussian noise."""
    received = np.where(modules, 1.0, -1.0) + rng.normal(0, deviation, modules.shape)
    return (1 / (1 + np.exp(-2 * received / deviation**2))).astype(np.float32)


def test_soft_decoding_goes_past_the_standard_where_probabilities_vouch() -> None:
    rng = np.random.default_rng(2)
    hard = soft = 0
    for _ in range(200):
        payload, modules = random_symbol(7, "H", rng)
        probabilities = noisy(modules, 0.6, rng)
        for option in (False, True):
            record = _core.decode_modules(probabilities, soft=option)
            if record is not None:
                assert b"".join(data for _, _, data in record.segments) == payload
                hard, soft = hard + (not option), soft + option
    assert hard < 50  # 4.8 % of the modules are read wrong
    assert soft > 90


def test_modules_that_know_how_sure_they_are_are_decoded_where_most_codewords_hold_a_wrong_one() -> None:
    rng = np.random.default_rng(3)
    for version, level in [(1, "Q"), (4, "M"), (7, "H"), (20, "Q")]:
        payload, modules = random_symbol(version, level, rng, full=True)
        doubted = rng.random(modules.shape) < (0.3 if level in "QH" else 0.15)
        probabilities = np.where(modules, 0.99, 0.01)
        probabilities[doubted] = np.where(modules, 0.6, 0.4)[doubted]
        patterns = np.asarray(_core.function_patterns(len(modules))) != 0
        turned = doubted & (rng.random(modules.shape) < 0.4) & ~patterns
        probabilities[turned] = 1 - probabilities[turned]
        record = _core.decode_modules(probabilities.astype(np.float32))
        assert record is not None
        assert b"".join(data for _, _, data in record.segments) == payload
        assert _core.decode_modules(probabilities.astype(np.float32), soft=False) is None


def damaged_past_capacity(trials: int, seed: int) -> tuple[int, int]:
    """(misread, refused): wrong codewords, at most eight more in one block than can be corrected, versions 1 to 10."""
    rng = np.random.default_rng(seed)
    kinds = list(itertools.product(range(1, 11), "LMQH"))
    misread = refused = 0
    for _ in range(max(1, trials // 100)):
        version, level = kinds[rng.integers(len(kinds))]
        payload, modules = random_symbol(version, level, rng, full=bool(rng.integers(2)))
        limits = capacity(version, level)
        for _ in range(100):
            errors = [int(rng.integers(limit // 2 + 1)) for limit in limits]
            worst = int(rng.integers(len(limits)))
            errors[worst] = limits[worst] // 2 + int(rng.integers(1, 9))
            wrong, _ = spread(version, level, rng, errors, [0] * len(limits))
            text = payload_of(damage(modules, version, rng, wrong=wrong))
            misread += text is not None and text != payload
            refused += text is None
    return misread, refused


def noisy_past_capacity(trials: int, seed: int) -> tuple[int, int]:
    """(misread, refused): 1 to 20 % of the modules read wrong, with probabilities that say how likely that is."""
    rng = np.random.default_rng(seed)
    kinds = list(itertools.product(range(1, 8), "LMQH"))
    misread = refused = 0
    for _ in range(max(1, trials // 100)):
        version, level = kinds[rng.integers(len(kinds))]
        payload, modules = random_symbol(version, level, rng, full=bool(rng.integers(2)))
        for _ in range(100):
            text = payload_of(noisy(modules, rng.uniform(0.42, 1.2), rng))
            misread += text is not None and text != payload
            refused += text is None
    return misread, refused


def patched(trials: int, seed: int) -> tuple[int, int]:
    """(misread, refused): a rectangle shows something else, which the probabilities believe more or less firmly."""
    rng = np.random.default_rng(seed)
    kinds = list(itertools.product(range(1, 8), "LMQH"))
    misread = refused = 0
    for _ in range(max(1, trials // 100)):
        version, level = kinds[rng.integers(len(kinds))]
        payload, modules = random_symbol(version, level, rng, full=bool(rng.integers(2)))
        size = len(modules)
        for _ in range(100):
            probabilities = noisy(modules, rng.uniform(0.3, 0.5), rng)
            height, width = rng.integers(3, size, 2)
            top, left = rng.integers(0, size - height + 1), rng.integers(0, size - width + 1)
            believed = rng.choice([0.1, 0.3, 0.45, 0.499])
            patch = rng.random((height, width)) < rng.choice([0.0, 0.5, 1.0])
            probabilities[top : top + height, left : left + width] = np.where(patch, 1 - believed, believed)
            text = payload_of(probabilities)
            misread += text is not None and text != payload
            refused += text is None
    return misread, refused


def noise(trials: int, seed: int) -> tuple[int, int]:
    """(read, refused): no symbol at all, in versions 1 to 7; half of it firmly believed."""
    rng = np.random.default_rng(seed)
    read = refused = 0
    for trial in range(trials):
        size = 17 + 4 * int(rng.integers(1, 8))
        values = rng.random((size, size), np.float32)
        text = payload_of(np.round(values) if trial % 2 else values)
        read += text is not None
        refused += text is None
    return read, refused


@pytest.mark.parametrize("kind", [damaged_past_capacity, noisy_past_capacity, patched, noise])
def test_what_cannot_be_read_is_refused_and_never_misread(kind: Callable[[int, int], tuple[int, int]]) -> None:
    misread, refused = kind(500, 3)
    assert misread == 0
    assert refused > 100


@pytest.mark.slow
@pytest.mark.parametrize("kind", [damaged_past_capacity, noisy_past_capacity, patched, noise])
def test_what_cannot_be_read_is_refused_and_never_misread_in_100000_trials(
    kind: Callable[[int, int], tuple[int, int]],
) -> None:
    misread, refused = kind(100_000, 4)
    print(f"{kind.__name__}: {misread} misread, {refused} refused of 100000")  # for docs/false-accept.md
    assert misread == 0
    assert refused > 20_000
