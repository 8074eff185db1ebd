"""What the read rate makes of readers' answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")

from benchmarks import read_rate
from benchmarks.crew import Outcome


class Answering:
    """A reader that gives the same answer to every picture."""

    explains = False

    def __init__(self, name: str, *texts: str) -> None:
        self.name = name
        self.texts = texts


class Answers:
    """Stands in for a crew: no process is started."""

    def __init__(self, *workers: Answering) -> None:
        self.workers = workers

    def __iter__(self) -> Any:
        return iter(self.workers)

    def least_of(self, picture: Any, repeats: int) -> dict[str, Outcome]:
        quad = np.array([[0, 0], [8, 0], [8, 8], [0, 8]], np.float32)
        return {w.name: Outcome(list(w.texts), [quad] * len(w.texts), 2.0) for w in self.workers}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Category a has one code, category b three pictures of one code each; one file is no picture."""
    for category, number in (("a", 0), ("b", 0), ("b", 1), ("b", 2)):
        path = tmp_path / category / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))
        path.with_suffix(".txt").write_text("yes" if (category, number) != ("b", 2) else "no")
    (tmp_path / "a/broken.png").write_bytes(b"")
    (tmp_path / "a/broken.txt").write_text("yes")
    return tmp_path


def test_macro_is_over_categories_and_micro_over_codes(folder: Path) -> None:
    section = read_rate.measure([folder], [], Answers(Answering("one", "yes"), Answering("none")))  # type: ignore[arg-type]
    rates = read_rate.rates(read_rate.frame(section))
    assert rates.loc["one", ["macro", "micro", "wrong"]].tolist() == pytest.approx([(1 + 2 / 3) / 2, 3 / 4, 1])
    assert rates.loc["none", ["macro", "micro", "wrong"]].tolist() == [0, 0, 0]
    assert section["datasets"][0]["left_out"] == {"not a picture that OpenCV reads": 1}


def test_a_code_sets_a_reader_apart_when_all_others_differ(folder: Path) -> None:
    crew = Answers(Answering("yes", "yes"), Answering("no", "no"), Answering("both", "no", "yes"))
    rows = read_rate.frame(read_rate.measure([folder], [], crew))  # type: ignore[arg-type]
    assert read_rate.only_reader(rows, "no", read=False) == [("a/0.png", 0), ("b/0.png", 0), ("b/1.png", 0)]
    assert read_rate.only_reader(rows, "yes", read=False) == [("b/2.png", 0)]
    assert read_rate.only_reader(rows, "both", read=True) == []


def test_what_time_does_not_allow_is_counted(folder: Path) -> None:
    section = read_rate.measure([folder], [], Answers(Answering("one", "yes")), seconds=-1)  # type: ignore[arg-type]
    assert section["rows"] == []
    assert section["datasets"][0]["left_out"] == {"out of time": 5}
