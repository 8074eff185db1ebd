"""Clean printed pages from end to end: every code is read, nothing else is, and each lies where it was printed."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.scenes import crowded, pages
from benchmarks.scenes.printed import Page

import fastqr

PAGES = 60  # of 0.3 to 2 megapixels, with 1 to 10 codes of versions 1 to 40, at 2 to 12 pixels a module, at any turn
SEED = 14
ON_THE_CODE = 0.7  # modules that a corner may lie off


def assert_all_is_read(scanner: fastqr.Scanner, page: Page) -> None:
    symbols = {symbol.text: symbol for symbol in scanner.decode(page.picture)}
    printed = {printed.code.text: printed for printed in page.codes}
    lost = [printed[text] for text in printed.keys() - symbols.keys()]
    told = [(code.version, round(code.pixels_per_module, 2), round(code.degrees), code.centre) for code in lost]
    assert told == [], f"lost, of {len(printed)} (version, pixels a module, degrees, centre)"
    assert symbols.keys() == printed.keys(), "what is read and not there"
    for text, code in printed.items():
        quad = symbols[text].quad
        assert quad is not None
        off = np.linalg.norm(quad - code.corners(), axis=1).max() / code.pixels_per_module
        assert off < ON_THE_CODE, f"a corner of version {code.version} is {off:.2f} modules off"


@pytest.mark.parametrize("number", range(PAGES))
def test_every_code_of_a_printed_page_is_read(scanner: fastqr.Scanner, number: int) -> None:
    shape = (4.0, 10.0) if number % 6 == 5 else (1.0, 1.8)  # every sixth is a strip
    rng = np.random.default_rng([SEED, number])
    assert_all_is_read(scanner, pages.random_page(rng, megapixels=(0.3, 2.0), aspect=shape, most=10))


@pytest.mark.parametrize("labels", [140, 200])
def test_every_label_of_a_sheet_is_read(scanner: fastqr.Scanner, labels: int) -> None:
    assert_all_is_read(scanner, crowded.sheet(np.random.default_rng([SEED, labels]), labels))


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("size", crowded.SIZES)
def test_a_small_code_beside_a_large_one_is_read(scanner: fastqr.Scanner, size: str, number: int) -> None:
    assert_all_is_read(scanner, crowded.mixed_sizes(np.random.default_rng([SEED, number]), size))


@pytest.mark.parametrize("number", range(3))
def test_one_code_among_forty_that_cannot_be_read_is_read(scanner: fastqr.Scanner, number: int) -> None:
    assert_all_is_read(scanner, crowded.decoys(np.random.default_rng([SEED, number]), 40))


def test_codes_whose_finder_patterns_make_one_lattice_are_all_read(scanner: fastqr.Scanner) -> None:
    rng = np.random.default_rng([SEED, 0])
    assert_all_is_read(scanner, crowded.nested(rng, "one lattice of finder patterns"))


@pytest.mark.parametrize("number", range(3))
def test_a_code_inside_another_and_the_other_are_both_read(scanner: fastqr.Scanner, number: int) -> None:
    assert_all_is_read(scanner, crowded.nested(np.random.default_rng([SEED, number]), "one inside another"))
