"""What the fuzz targets begin with, and how what they print is read."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fastqr import _core

FOLDER = Path(__file__).resolve().parents[1] / "cpp" / "fuzz"


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("seeds")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("run")


def test_every_target_has_seeds(seeds: ModuleType, tmp_path: Path) -> None:
    assert set(seeds.TARGETS) == {source.stem for source in FOLDER.glob("*.cpp")}
    count = seeds.write(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == count
    assert {path.parent.name for path in files} == set(seeds.TARGETS)


def test_seeds_are_the_same_every_time(seeds: ModuleType) -> None:
    for make in seeds.TARGETS.values():
        assert dict(make()) == dict(make())


def test_symbols_among_the_seeds_decode(seeds: ModuleType) -> None:
    modes = set()
    for name in (*seeds.SYMBOLS, *seeds.MODEL_1):
        record = _core.decode_modules(seeds.modules_of(name) == 1)
        assert record is not None, name
        assert record.model == (1 if name in seeds.MODEL_1 else 2)
        modes |= {mode for mode, _, _ in record.segments}
    assert modes == {"numeric", "alphanumeric", "byte", "kanji", "hanzi"}


def test_scenes_among_the_seeds_show_symbols_where_they_say(seeds: ModuleType) -> None:
    for name, picture, homography, size in seeds.scenes():
        height, width = picture.shape
        map_ = _core.MipMap(picture, np.array([0, 0, width, height], np.float32))
        (reading,) = _core.search_finder_patterns(map_).readings
        assert reading.size == size, name
        corners = np.array([[0, 0, 1], [size, 0, 1], [size, size, 1], [0, size, 1]]) @ homography.T
        found = reading.nodes[[2, 2, -3, -3], [2, -3, -3, 2]]
        np.testing.assert_allclose(found, corners[:, :2] / corners[:, 2:], atol=1.0, err_msg=name)


LOG = """#21	INITED cov: 175 ft: 271 corp: 3/2614b exec/s: 0 rss: 75Mb
#74	NEW    cov: 193 ft: 485 corp: 21/20Kb lim: 1746 exec/s: 0 rss: 75Mb L: 190/1746 MS: 3 ChangeBit-
"""


def test_figures_are_those_that_a_target_stated_last(run: ModuleType) -> None:
    assert run.numbers_in(LOG) == (74, 193, 485, 21)
    assert run.numbers_in(LOG + "stat::number_of_executed_units: 76\n") == (76, 193, 485, 21)
    assert run.numbers_in("") == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ("a.cpp:72:38: runtime error: inf is outside\nSUMMARY: UBSan\n", "runtime error: inf is outside"),
        (
            "does not hold: a level has pixels\n==1== ERROR: libFuzzer: deadly signal\n",
            "does not hold: a level has pixels",
        ),
        ("==1== ERROR: libFuzzer: timeout after 11 seconds\n", "ERROR: libFuzzer: timeout after 11 seconds"),
        ("", "exit status 77"),
    ],
)
def test_a_finding_is_told_with_the_input_that_was_kept(run: ModuleType, log: str, found: str) -> None:
    assert run.finding_in(log, 0) == ""
    assert run.finding_in(log, 77) == found
    assert run.finding_in(log + "x; Test unit written to /w/findings/image-crash-1\n", 77) == (
        f"{found} /w/findings/image-crash-1"
    )
