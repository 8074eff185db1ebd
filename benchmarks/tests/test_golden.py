"""A recording tells a refactoring from a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("segno")

import fastqr
from benchmarks import golden

SQUARE = [[10.0, 10.0], [50.0, 10.0], [50.0, 50.0], [10.0, 50.0]]


def symbol(text: str = "a", *, shift: float = 0.0, **facts: Any) -> dict[str, Any]:
    quad = (np.array(SQUARE) + shift).tolist()
    return {"text": text, "quad": quad, "version": 1, "level": "M", "inverted": False, "mirrored": False} | facts


def step(name: str = "boxes", *looks: tuple[str, float], skipped: str | None = None) -> dict[str, Any]:
    seen = [{"outcome": outcome, "quad": (np.array(SQUARE) + shift).tolist()} for outcome, shift in looks]
    return {"name": name, "skipped": skipped, "looks": seen}


def line(
    *found: dict[str, Any],
    steps: tuple[dict[str, Any], ...] = (),
    ended: str = "the plan is done",
    picture: str = "set/one",
) -> dict[str, Any]:
    return {"picture": picture, "found": list(found), "steps": list(steps), "ended": ended}


def kinds(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [kind for kind, _ in golden.differences(before, after)]


def test_the_same_is_no_difference_in_any_order() -> None:
    one, two = symbol("a"), symbol("b", shift=100)
    assert kinds(line(one, two), line(two, one)) == []
    assert kinds(line(one), line(symbol("a", shift=0.5))) == [], "half a pixel is rounding"


def test_lost_gained_moved_and_changed_are_told_apart() -> None:
    assert kinds(line(symbol("a")), line()) == ["lost"]
    assert kinds(line(), line(symbol("a"))) == ["gained"]
    assert kinds(line(symbol("a")), line(symbol("b"))) == ["lost", "gained"], "another payload"
    assert kinds(line(symbol("a")), line(symbol("a", shift=3))) == ["moved"]
    assert kinds(line(symbol("a")), line(symbol("a", level="Q"))) == ["changed"]


def test_a_search_that_goes_another_way_is_told_at_its_first_step() -> None:
    looked = step("boxes", ("read", 0.0), ("too few finder patterns", 90.0))
    before = line(steps=(step("network"), looked, step("check", skipped="not needed")))
    assert kinds(before, before) == []
    assert (
        kinds(
            before,
            line(
                steps=(
                    step("network"),
                    step("boxes", ("read", 0.5), ("too few finder patterns", 90.0)),
                    step("check", skipped="not needed"),
                )
            ),
        )
        == []
    ), "half a pixel is rounding"
    for change, sentence in [
        ((step("boxes", ("read", 0.0), ("read", 90.0)),), "boxes: 1 read, 1 too few finder patterns → boxes: 2 read"),
        ((step("boxes", ("read", 0.0)),), "boxes: 1 read, 1 too few finder patterns → boxes: 1 read"),
        (
            (step("boxes", ("read", 5.0), ("too few finder patterns", 90.0)),),
            "boxes: 1 read, 1 too few finder patterns → elsewhere",
        ),
        ((looked, step("check")), "check: left out, not needed → check: nothing"),
        ((looked,), "check: left out, not needed → none"),
    ]:
        after = line(steps=(step("network"), *change))
        assert golden.differences(before, after) == [("other steps", sentence)]
    assert kinds(line(), line(ended="out of time")) == ["other steps"]


def test_two_codes_of_one_text_are_told_apart_by_their_place() -> None:
    near, far = symbol("a"), symbol("a", shift=200)
    assert kinds(line(near, far), line(far)) == ["lost"]
    assert kinds(line(near, far), line(far, near)) == []


def test_a_recording_holds_what_was_read_on_half_pixels(scanner: fastqr.Scanner) -> None:
    name, picture = next(golden.pictures([], seed=1, trials=1, pages=0))
    recorded = golden.line_of(name, picture, scanner)
    assert recorded == golden.line_of(name, picture, scanner)
    (found,) = recorded["found"]
    assert found["version"] == 4
    assert all(2 * value == round(2 * value) for point in found["quad"] for value in point)
    assert recorded["steps"][0]["looks"] == [{"outcome": "read", "quad": found["quad"]}]
    assert json.loads(json.dumps(recorded)) == recorded


@pytest.fixture(scope="module")
def scanner() -> fastqr.Scanner:
    return fastqr.Scanner()


@pytest.mark.parametrize(("after", "status"), [(line(symbol("a")), 0), (line(), 1), (line(symbol("b")), 1)])
def test_the_exit_status_tells(tmp_path: Path, after: Any, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, content in zip(paths, (line(symbol("a")), after), strict=True):
        path.write_text(json.dumps(content) + "\n")
    assert golden.main(["compare", *map(str, paths)]) == status
    assert "set: 1 pictures" in capsys.readouterr().out
