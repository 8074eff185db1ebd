"""Patience is counted in work: the same picture gives the same result however slow the machine is."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest

import fastqr
import fastqr.scanner
from conftest import Picture, code_picture
from fastqr import costs
from fastqr.stopwatch import Stopwatch


class Delayed:
    """A network as it is on a slow machine, which counts its calls."""

    def __init__(self, network: Any, seconds: float) -> None:
        self.network = network
        self.seconds = seconds
        self.calls = 0

    def __call__(self, *inputs: Any) -> Any:
        self.calls += 1
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        return self.network(*inputs)


def scanner_with(seconds: float) -> tuple[fastqr.Scanner, list[Delayed]]:
    scanner = fastqr.Scanner()
    names = [field.name for field in dataclasses.fields(scanner._models)]
    delayed = {name: Delayed(getattr(scanner._models, name), seconds) for name in names}
    scanner._models = dataclasses.replace(scanner._models, **delayed)
    return scanner, list(delayed.values())


def hard_picture() -> Picture:
    """Codes under noise, more and more of them covered: some are beyond reading."""
    rng = np.random.default_rng(4)
    picture = np.full((480, 640), 200.0)
    for number in range(6):
        code = code_picture(f"patience {number}", scale=3, error="h").astype(float)
        code[20 : 20 + 8 * number, 30:] = 128
        y, x = 10 + 230 * (number // 3), 10 + 210 * (number % 3)
        picture[y : y + len(code), x : x + len(code)] = code
    return np.clip(picture + rng.normal(0, 25, picture.shape), 0, 255).astype(np.uint8)


def facts(symbols: list[fastqr.Symbol]) -> list[tuple[object, ...]]:
    assert all(symbol.quad is not None for symbol in symbols)
    return [(symbol.data, symbol.confidence, symbol.quad.tobytes()) for symbol in symbols]  # type: ignore[union-attr]


def test_a_slow_machine_reads_the_same_by_as_many_calls() -> None:
    picture = hard_picture()
    fast, calls_fast = scanner_with(0)
    slow, calls_slow = scanner_with(0.02)
    read = facts(fast.decode(picture))
    assert read
    assert facts(slow.decode(picture)) == read
    assert [network.calls for network in calls_slow] == [network.calls for network in calls_fast]
    assert slow.timings["total"] > fastqr.scanner.PATIENCE


def test_no_patience_is_less_work(monkeypatch: pytest.MonkeyPatch) -> None:
    work = []
    for patience in (0.0, float("inf")):
        monkeypatch.setattr(fastqr.scanner, "PATIENCE", patience)
        scanner, networks = scanner_with(0)
        scanner.decode(hard_picture())
        work.append(sum(network.calls for network in networks))
    assert work[0] < work[1]


def test_what_a_stage_costs_is_taken_from_the_patience() -> None:
    stopwatch = Stopwatch(patience=3.0)
    with stopwatch.stage("a", 2.0):
        assert not stopwatch.late()
    assert not stopwatch.late(0.5)
    assert stopwatch.late(1.0)
    stopwatch.spend(1.0)
    assert stopwatch.late()
    stopwatch.spend(-0.5)
    assert not stopwatch.late()


def test_a_budget_ends_patience_too() -> None:
    stopwatch = Stopwatch(budget_ms=1e-6)
    assert stopwatch.expired()
    assert stopwatch.late()


@pytest.mark.parametrize("cost", [costs.lattice, costs.sampled, costs.densenet, lambda n: costs.decoded(n, soft=True)])
def test_a_larger_symbol_costs_more(cost: Any) -> None:
    assert 0 < cost(21) < cost(25) < cost(177)


def test_levels_and_places_add_up() -> None:
    assert costs.pnet([(10, 20), (20, 40)]) == pytest.approx(costs.pnet([(10, 20)]) + costs.pnet([(20, 40)]))
    assert costs.seen_directly([21], [25]) == pytest.approx(
        costs.seen_directly([21], []) + costs.seen_directly([], [25])
    )
    assert costs.seen_directly([], []) == 0
