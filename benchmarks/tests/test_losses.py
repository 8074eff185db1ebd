"""The parts of the search for a loss that need no networks."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.losses import data_region, overlap, placement, turn_of, wrong_codewords

SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float32)


def test_overlap_is_intersection_over_union() -> None:
    a, b = np.float32([0, 0, 10, 10]), np.float32([5, 0, 15, 10])
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a, np.float32([10, 0, 20, 10])) == 0


@pytest.mark.parametrize("turn", range(4))
def test_a_quad_that_starts_elsewhere_is_a_turn(turn: int) -> None:
    assert turn_of(np.roll(SQUARE, -turn, 0) + 0.5, SQUARE) == turn


def test_a_quad_that_lies_elsewhere_is_none() -> None:
    assert turn_of(SQUARE + 5, SQUARE) is None


@pytest.mark.parametrize(("size", "codewords"), [(21, 26), (45, 196), (177, 3706)])
def test_the_data_region_holds_the_standards_codewords(size: int, codewords: int) -> None:
    core = pytest.importorskip("fastqr._core")
    assert np.count_nonzero(data_region(np.asarray(core.function_patterns(size)))) // 8 == codewords


def test_one_wrong_module_is_one_wrong_codeword() -> None:
    core = pytest.importorskip("fastqr._core")
    rows, columns = placement(data_region(np.asarray(core.function_patterns(21))))
    assert (rows[0], columns[0]) == (20, 20)
    truth = np.zeros((21, 21), bool)
    seen = truth.copy()
    seen[20, 20] = True
    assert wrong_codewords(seen, truth) == pytest.approx(1 / 26)
