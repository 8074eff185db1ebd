"""The stages that `losses` walks are the scanner's own: none of its inner names has moved away."""

import cv2
import numpy as np
import pytest

import fastqr
from benchmarks.losses import data_region, lost_at
from fastqr import _core

segno = pytest.importorskip("segno")


def test_a_symbol_of_coin_tosses_is_lost_at_a_stage_that_is_known() -> None:
    modules = np.array([list(row) for row in segno.make_qr("lost", version=2).matrix], bool)
    tosses = np.random.default_rng(3).random(modules.shape) < 0.5
    modules = np.where(data_region(np.asarray(_core.function_patterns(25))), tosses, modules)
    drawn = np.kron(np.where(np.pad(modules, 4), 20, 235).astype(np.uint8), np.ones((8, 8), np.uint8))
    picture = cv2.copyMakeBorder(drawn, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=128)
    quad = np.array([[0, 0], [25, 0], [25, 25], [0, 25]], np.float32) * 8 + 72
    scanner = fastqr.Scanner()
    assert scanner.decode(picture) == []
    assert lost_at(scanner, picture, [quad], [None]) == ["grid"]  # seen well, and does not fit together
