"""Codes as designers draw them are read without a network, whatever their eyes look like."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from benchmarks.scenes import styled

import fastqr

NO_MARGIN = ["light on white, no margin", "dark on black, no margin"]


def pages_of(kind: str, count: int) -> list[styled.Page]:
    rngs = [np.random.default_rng([3, number, zlib.crc32(kind.encode())]) for number in range(count)]
    return [styled.styled(rng, kind, most_pixels=5.0) for rng in rngs]


@pytest.mark.parametrize("kind", ["circular eyes", "rounded eyes", *NO_MARGIN])
def test_eyes_without_corners_and_rings_without_an_end_are_finder_patterns_in_any_turn(kind: str) -> None:
    scanner = fastqr.Scanner(effort="quick")
    pages = pages_of(kind, 6)
    assert len({page.codes[0].degrees for page in pages}) >= 2, "upright and turned"
    for page in pages:
        (symbol,) = scanner.decode(page.picture)
        assert symbol.text == page.codes[0].code.text
        np.testing.assert_allclose(symbol.quad, page.codes[0].corners(), atol=1.5)


@pytest.mark.parametrize("kind", ["halftone", "timing in a third colour"])
def test_what_lies_between_the_middles_of_modules_costs_no_code(kind: str) -> None:
    scanner = fastqr.Scanner()
    for page in pages_of(kind, 3):
        assert [symbol.text for symbol in scanner.decode(page.picture)] == [page.codes[0].code.text]
