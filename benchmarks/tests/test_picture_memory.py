"""What decoding takes at most is what a file's header says, also for files that are forged to take more."""

from __future__ import annotations

import sys

import cv2
import pytest

from benchmarks.picture_memory import FORGED, KINDS, Measured, Source, measured

MARGIN, FIXED = 1.1, 3 << 20  # of which `load_picture` allows the same share, and 32 MiB
SIDE = 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does it"),
]


def assert_within(name: str, result: Measured) -> None:
    assert result.peak <= MARGIN * result.promised + FIXED, (name, result)


def test_every_format_takes_at_most_what_its_header_says_and_not_much_less() -> None:
    source = Source(SIDE)
    contents = {}
    for name, make in KINDS.items():
        try:
            contents[name] = make(source)
        except (OSError, KeyError, cv2.error):  # not every OpenCV and PIL writes every format
            continue
    assert len(contents) > 40
    for name, result in zip(contents, measured(contents.values()), strict=True):
        assert result.decoded, name
        assert_within(name, result)
        if "WebP" not in name:  # whose prefix codes may take 400 MB that few files take
            assert result.promised <= 2.5 * result.peak, (name, result)


@pytest.mark.parametrize("name", FORGED)
def test_forged_files_take_at_most_what_their_header_says(name: str) -> None:
    (result,) = measured([FORGED[name]()])
    assert_within(name, result)
    assert result.peak > 100 * result.file
