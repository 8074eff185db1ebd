"""Photographs of the public benchmarks, where they are at hand: what must be read, and where nothing may be."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from benchmarks.photographs import Photograph, photographs_in, score

import fastqr

pytestmark = pytest.mark.slow

EXACT = 0.88  # share of zxing-cpp's own samples; zxing-cpp reads 0.90 of them


def read(scanner: fastqr.Scanner, photo: Photograph) -> tuple[list[str], list[str]]:
    """Texts that are exactly what is known to be there, and those that belong to nothing or contradict."""
    symbols = [symbol for symbol in scanner.decode(photo.pixels()) if symbol.quad is not None]
    result = score(photo, [symbol.text for symbol in symbols], [symbol.quad for symbol in symbols])
    return [photo.texts[index] for index in result.read if index in photo.texts], result.stray


def test_photographs_without_a_code_read_nothing(photographs: Path, scanner: fastqr.Scanner) -> None:
    negatives = [p for p in photographs_in(photographs / "photos" / "zxing-cpp")[0] if p.layout == "negative"]
    negatives = [p for p in negatives if cv2.haveImageReader(str(p.path))]  # one WebP is too odd for OpenCV
    assert len(negatives) > 20
    assert {p.name: texts for p in negatives if (texts := read(scanner, p)[1])} == {}


@pytest.mark.parametrize("kind", ["barcode", "natural", "text"])
def test_backgrounds_and_other_symbologies_read_nothing(photographs: Path, scanner: fastqr.Scanner, kind: str) -> None:
    found, _ = photographs_in(photographs / "backgrounds", negative=True)
    found = [p for p in found if p.path.name.startswith(kind)]
    some = found[:: max(1, len(found) // 20)]
    assert len(some) >= 20
    assert {p.name: texts for p in some if (texts := read(scanner, p)[1])} == {}


def test_zxing_cpps_samples_are_read_exactly(photographs: Path, scanner: fastqr.Scanner) -> None:
    found, _ = photographs_in(photographs / "photos" / "zxing-cpp")
    samples = [p for p in found if p.layout == "text" and p.category.startswith("qrcode")]
    assert len(samples) > 100
    missed = [p.name for p in samples if not read(scanner, p)[0]]
    share = 1 - len(missed) / len(samples)
    assert share >= EXACT, f"{share:.3f}, missed: {missed}"


def test_no_marked_code_is_read_as_something_else(photographs: Path, scanner: fastqr.Scanner) -> None:
    found, _ = photographs_in(photographs / "photos" / "boofcv-dev")
    known = [p for p in found if p.layout == "corners" and p.texts]
    contradictions = {}
    for photo in known[::6]:
        symbols = [symbol for symbol in scanner.decode(photo.pixels()) if symbol.quad is not None]
        result = score(photo, [symbol.text for symbol in symbols], [symbol.quad for symbol in symbols])
        if result.wrong:
            contradictions[photo.name] = result.wrong
    assert len(known) > 100
    assert contradictions == {}
