"""What crosses between Python and C++ is counted, and a clean picture crosses once."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("segno")

import fastqr
from benchmarks import crossings, golden
from fastqr import _core


def test_a_clean_picture_crosses_once_and_an_empty_one_with_the_networks() -> None:
    clean = next(golden.pictures([], seed=1, trials=1, pages=0))
    noise = np.random.default_rng(0).normal(128, 20, (15, 15)).repeat(20, 0).repeat(20, 1)
    empty = ("empty", noise.clip(0, 255).astype(np.uint8))
    whole = vars(_core.Place)["corners"], _core.nms, fastqr.scanner.nms
    counts = crossings.crossings([clean, empty], fastqr.Scanner())
    assert (vars(_core.Place)["corners"], _core.nms, fastqr.scanner.nms) == whole, "put back"
    table = crossings.summary(counts)
    assert table.loc["calls", "without"] == 1
    assert counts.loc["search_finder_patterns"].tolist() == [1, 1]
    assert counts.loc[crossings.RUNS].tolist()[0] == 0
    assert table.loc["calls", "with networks"] > table.loc[crossings.RUNS, "with networks"] > 0
