"""Symbols of versions 20 to 40 on tilted and rolled paper, end to end: each is read by its finder patterns alone."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.scenes import dense

import fastqr

SCENES = 12
SEED = 14
MODULES = (2.2, 3.0)  # pixels


@pytest.fixture(scope="module")
def quick() -> fastqr.Scanner:
    return fastqr.Scanner(effort="quick")


@pytest.mark.parametrize("number", range(SCENES))
@pytest.mark.parametrize("kind", ["flat", "tilted", "rolled"])
def test_a_dense_symbol_is_read_without_a_network(quick: fastqr.Scanner, kind: str, number: int) -> None:
    page = dense.dense(np.random.default_rng([SEED, number]), kind, MODULES)
    assert [symbol.text for symbol in quick.decode(page.picture)] == [printed.code.text for printed in page.codes]


@pytest.mark.parametrize("number", [0, 3])
def test_a_dense_symbol_light_on_dark_or_mirrored_is_read_on_rolled_paper(quick: fastqr.Scanner, number: int) -> None:
    page = dense.dense(np.random.default_rng([SEED, number]), "rolled", MODULES)
    for picture in (255 - page.picture, page.picture[:, ::-1]):
        assert [symbol.text for symbol in quick.decode(picture)] == [page.codes[0].code.text]
