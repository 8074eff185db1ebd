"""Codes as designers draw them and printers print them are read without a network, whatever their eyes look like."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
import pytest
import segno
from benchmarks.ladders.rendering import Scene, random_code, render
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


def test_discs_whose_rings_are_no_more_than_dots_are_finder_patterns() -> None:
    scanner = fastqr.Scanner(effort="quick")
    for page in pages_of("discs in dotted rings", 8):
        (symbol,) = scanner.decode(page.picture)
        assert symbol.text == page.codes[0].code.text


@pytest.mark.parametrize("kind", ["halftone", "timing in a third colour"])
def test_what_lies_between_the_middles_of_modules_costs_no_code(kind: str) -> None:
    scanner = fastqr.Scanner()
    for page in pages_of(kind, 3):
        assert [symbol.text for symbol in scanner.decode(page.picture)] == [page.codes[0].code.text]


def test_halftones_are_read_where_a_wider_sample_shows_what_lies_about_the_middles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(styled, "HALFTONE", (6.4, 7.4))
    scanner = fastqr.Scanner(effort="quick")
    for seed in range(6):
        page = styled.styled(np.random.default_rng([5, seed]), "halftone")
        assert [symbol.text for symbol in scanner.decode(page.picture)] == [page.codes[0].code.text]


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("version", [1, 3, 8])
def test_timing_patterns_that_are_painted_over_cost_no_code(version: int, value: bool) -> None:
    rng = np.random.default_rng(version)
    code = random_code(rng, version)
    code.modules[6, 8:-8] = code.modules[8:-8, 6] = value
    picture = render(Scene(code, pixels_per_module=3.0, degrees=20.0), rng)
    assert [symbol.text for symbol in fastqr.Scanner(effort="quick").decode(picture)] == [code.text]


@pytest.mark.parametrize(("period", "thread", "blur"), [(16, 130, 0.0), (10, 90, 4.5), (10, 130, 4.5)])
def test_cloth_that_runs_up_to_a_symbol_costs_no_code(period: int, thread: int, blur: float) -> None:
    code = random_code(np.random.default_rng([3, period]), 3)
    symbol = np.where(np.kron(code.modules, np.ones((9, 9), bool)), 20, 230).astype(np.uint8)
    if blur:
        symbol = cv2.GaussianBlur(symbol, (0, 0), blur).astype(np.uint8)
    side = len(symbol)
    across, down = np.meshgrid(*2 * [np.arange(2 * side) % period < period / 2])
    cloth = np.where(across & down, thread, 220 - thread).astype(np.uint8)
    cloth[side // 2 : side // 2 + side, side // 2 : side // 2 + side] = symbol
    assert [found.text for found in fastqr.Scanner(effort="quick").decode(cloth)] == [code.text]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("version", [1, 4])
@pytest.mark.parametrize("times", [3, 5, 7])
def test_a_symbol_several_times_as_long_as_wide_is_read(times: int, version: int, axis: int) -> None:
    code = random_code(np.random.default_rng(version), version)
    picture = np.where(np.kron(np.pad(code.modules, 4), np.ones((3, 3), bool)), 0, 255).astype(np.uint8)
    stretched = np.repeat(picture, times, axis)
    assert [symbol.text for symbol in fastqr.Scanner(effort="quick").decode(stretched)] == [code.text]


@pytest.mark.parametrize(("bled", "pixels", "length"), [(0.6, 6, 9), (0.6, 10, 9), (0.6, 10, 11), (0.3, 8, 11)])
def test_rings_that_blur_makes_fainter_than_half_of_the_core_are_seen(bled: float, pixels: int, length: int) -> None:
    """Paper that bleeds into ink and motion along a diagonal: the thin ring is ink still, but hardly."""
    text = f"PALE RING {pixels}"
    modules = np.pad(np.array(segno.make(text, version=4, error="m", micro=False).matrix, np.uint8), 6)
    paper = 255 - 205 * np.kron(modules, np.ones((pixels, pixels))).astype(np.float32)
    reach = 2 * int(pixels * bled / 2) + 1
    motion = np.eye(length, dtype=np.float32) / length
    image = cv2.filter2D(cv2.dilate(paper, np.ones((reach, reach))), -1, motion).astype(np.uint8)
    assert [s.text for s in fastqr.Scanner(effort="quick").decode(image)] == [text]
