"""What the drawn sections and the changed photographs make of readers' answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("segno")

from benchmarks import changes, completeness, report
from benchmarks.compare import compare
from benchmarks.completeness import Kinds
from benchmarks.crew import Outcome
from benchmarks.ladders.rendering import Code
from benchmarks.photographs import Photograph
from benchmarks.scenes.printed import Page, PrintedCode

Answer = Callable[[Any], Outcome]


class Crew:
    """Stands in for readers: each is a function of the picture."""

    def __init__(self, **readers: Answer) -> None:
        self.readers = readers

    def least_of(self, picture: Any, repeats: int) -> dict[str, Outcome]:
        return {name: answer(picture) for name, answer in self.readers.items()}


def printed(text: str, x: float) -> PrintedCode:
    return PrintedCode(Code(text, np.ones((21, 21), np.bool_)), (x, 50.0), 2.0)


def outcome(*results: tuple[str, float], ms: float = 2.0) -> Outcome:
    """Texts at places along the page."""
    square = np.array([[-9, -9], [9, -9], [9, 9], [-9, 9]], np.float32)
    return Outcome([text for text, _ in results], [square + np.float32([x, 50]) for _, x in results], ms)


PAGE = Page(np.zeros((100, 300), np.uint8), [printed("one", 50), printed("two", 150)])


def section(**readers: Answer) -> dict[str, Any]:
    kinds = Kinds("Test", lambda rng, what: PAGE, {"a": 1, "b": 2})
    return completeness.measure(Crew(**readers), kinds, each=2)  # type: ignore[arg-type]


# Judging --------------------------------------------------------------------------------------------------------------


def test_codes_count_by_their_text_and_once() -> None:
    score = completeness.judge(PAGE, outcome(("two", 150), ("two", 151), ("ghost", 250), ("", 50)))
    assert (score.read, score.missed, score.wrong) == ([1], [0], [])
    assert score.stray == ["two", "ghost"], "a second time, and where no code is"


def test_another_text_at_the_place_of_a_code_is_wrong() -> None:
    score = completeness.judge(PAGE, outcome(("other", 52), ("two", 150)))
    assert (score.read, score.missed, score.wrong, score.stray) == ([1], [0], [(0, "one", "other")], [])


def test_the_same_seed_draws_the_same_page_of_any_section() -> None:
    for kinds in completeness.SECTIONS.values():
        names = [drawing.name for drawing in kinds.drawings(2)]
        assert len(set(names)) == len(names) == 2 * len(kinds.groups)
    drawing = next(completeness.SECTIONS["nested"].drawings(1))
    np.testing.assert_array_equal(drawing.page(1).picture, drawing.page(1).picture)
    assert drawing.page(1).codes[0].code.text != drawing.page(2).codes[0].code.text


def test_sections_of_the_report_are_those_that_are_drawn() -> None:
    assert tuple(completeness.SECTIONS) == report.DRAWN


# Tables ---------------------------------------------------------------------------------------------------------------


def test_the_table_tells_what_a_reader_lost_that_another_read() -> None:
    made = section(
        fastqr=lambda picture: outcome(("one", 50), ms=3.0),
        **{"zxing-cpp": lambda picture: outcome(("two", 150), ("ghost", 250), ms=2.0)},
    )
    table = completeness.summary(made)
    assert table.loc[("a", "fastqr"), ["codes", "read", "share", "lost", "extra"]].tolist() == [4, 2, 0.5, 2, 0]
    assert table.loc[("all", "fastqr"), ["codes", "ms", "ratio"]].tolist() == [8, 12.0, 1.5]
    assert table.loc[("all", "zxing-cpp"), ["wrong", "extra", "ratio"]].tolist() == [0, 4, 1.0]
    assert [code["missed_by"] for code in completeness.lost_codes(made)] == [["fastqr"], ["zxing-cpp"]] * 4
    assert {item["got"] for item in completeness.not_there(made["rows"])} == {"ghost"}


def test_what_both_miss_is_lost_by_none() -> None:
    made = section(one=lambda picture: outcome(), other=lambda picture: outcome())
    assert completeness.summary(made)["lost"].sum() == 0


def test_shares_by_module_size() -> None:
    made = section(fastqr=lambda picture: outcome(("one", 50)))
    table = completeness.by_module_size(made)
    assert table.index.tolist() == ["2 to 2.5 px"]
    assert table.iloc[0].tolist() == [0.5, 8]


def test_a_call_that_failed_reads_nothing_and_has_no_time() -> None:
    made = section(
        fastqr=lambda picture: Outcome([], [], float("nan"), None, "crashed"), **{"zxing-cpp": lambda p: outcome()}
    )
    row = completeness.summary(made).loc[("all", "fastqr")]
    assert (row["failures"], row["read"]) == (4, 0)
    assert np.isnan(row["ratio"])
    assert report.plain(made)["rows"][0]["ms"] is None


def test_pages_that_time_does_not_allow_are_counted_but_the_first_is_drawn() -> None:
    kinds = Kinds("Test", lambda rng, what: PAGE, {"a": 1})
    made = completeness.measure(Crew(fastqr=lambda p: outcome()), kinds, each=5, seconds=-1)  # type: ignore[arg-type]
    assert (len(made["pictures"]), made["left_out"]) == (1, 4)


# Changes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*changes.DEFAULT, changes.SAME])
def test_marked_corners_go_with_the_picture(name: str) -> None:
    picture = np.full((90, 140, 3), 160, np.uint8)
    quad = np.array([[30, 20], [70, 24], [66, 60], [28, 54]], np.float32)
    cv2.fillPoly(picture, [np.round(quad - 0.5).astype(np.int32)], (30, 30, 30))
    changed, matrix = changes.change_named(name).apply(picture)
    photo = changes.moved_with(Photograph(Path("a.png"), "a", quad[None]), matrix)
    mask = np.zeros(changed.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(photo.quads[0] - 0.5).astype(np.int32)], 1)
    within = cv2.erode(mask, np.ones((7, 7), np.uint8)) > 0
    near = cv2.dilate(mask, np.ones((15, 15), np.uint8)) > cv2.dilate(mask, np.ones((7, 7), np.uint8))
    assert within.any()
    dark, light = changed[within].mean(-1), changed[near].mean(-1)
    if name == "inverted":
        dark, light = light, dark
    if name != "gradient":
        assert np.median(dark) < np.quantile(light, 0.1)
    assert changed.dtype == np.uint8


def test_right_angles_change_no_pixel() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    turned, matrix = changes.change_named("turn 90").apply(picture)
    np.testing.assert_array_equal(turned, np.rot90(picture))
    np.testing.assert_allclose(matrix @ [6, 0, 1], [0, 0], atol=1e-9)  # the top right corner comes to the top left
    back, _ = changes.change_named("turn -90").apply(turned)
    np.testing.assert_array_equal(back, picture)


def test_scales_stand_for_every_step_of_five_percent() -> None:
    names = [change.name for change in changes.changes_named(["scales", "dim"])]
    assert names[:4] == ["same", "x0.5", "x0.55", "x0.6"]
    assert names[-2:] == ["x2.5", "dim"]
    assert len(names) == len(set(names)) == 1 + 40 + 1, "unchanged is scale 1"


@pytest.mark.parametrize("name", ["x", "x0", "x9", "turn", "turn left", "gamma -1", "blur", "jpeg 0", "dim 3"])
def test_a_change_that_is_none_is_named_with_what_is_accepted(name: str) -> None:
    with pytest.raises(ValueError, match=r"accepted|number from"):
        changes.change_named(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photographs of one code each, bright where it is."""
    for number in range(2):
        picture = np.zeros((40, 60, 3), np.uint8)
        picture[10:30, 10:30] = 250
        (tmp_path / "set/a").mkdir(exist_ok=True, parents=True)
        cv2.imwrite(str(tmp_path / f"set/a/{number}.png"), picture)
        (tmp_path / f"set/a/{number}.txt").write_text("10 10 30 10 30 30 10 30")
    return tmp_path / "set"


def brightest(least: int) -> Answer:
    """A reader that reads what is at least so bright."""

    def answer(picture: Any) -> Outcome:
        y, x = np.nonzero(picture[..., 0] >= least)
        if not len(x):
            return Outcome([], [], 1.0)
        x1, x2, y1, y2 = x.min(), x.max() + 1, y.min(), y.max() + 1
        return Outcome(["text"], [np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)], 1.0)

    return answer


def test_codes_kept_are_those_of_the_same_photographs_unchanged(folder: Path) -> None:
    crew = Crew(fastqr=brightest(200), other=brightest(50))
    made = changes.measure([folder], crew, names=["x0.5", "turn 90", "dim"], pictures=9)  # type: ignore[arg-type]
    table = changes.kept(made)
    assert table.loc[("turn 90", "fastqr"), ["read", "kept", "gone", "new"]].tolist() == [2, 1, 0, 0]
    assert table.loc[("dim", "fastqr"), ["read", "kept", "gone", "new", "lost"]].tolist() == [0, 0, 2, 0, 2]
    assert table.loc[("dim", "other"), "kept"] == 1
    assert changes.scales(made)["fastqr"].to_dict() == {0.5: 1.0, 1.0: 1.0}


# Comparing and telling ------------------------------------------------------------------------------------------------


def of(made: dict[str, Any], name: str = "pages") -> dict[str, Any]:
    return {"schema": report.SCHEMA, "machine": {"processor": "one"}, name: made}


def verdicts(before: dict[str, Any], after: dict[str, Any], name: str = "pages") -> dict[str, str]:
    return {change.subject: change.verdict for change in compare(of(before, name), of(after, name))}


def test_lost_codes_and_texts_that_are_not_there_are_a_regression() -> None:
    full = section(fastqr=lambda picture: outcome(("one", 50), ("two", 150)))
    less = section(fastqr=lambda picture: outcome(("one", 50), ("ghost", 250)))
    assert verdicts(full, full)["pages: codes read"] == "same"
    assert verdicts(full, less)["pages: codes read"] == "same", "four codes may be chance"
    for made in (full, less):
        made["rows"] = [row | {"picture": f"{row['picture']} {k}"} for row in made["rows"] for k in range(3)]
    found = verdicts(full, less)
    assert found["pages: codes read"] == "worse"
    assert found["pages: texts that are not there"] == "worse"
    assert found["pages: wrong payloads"] == "same"
    assert verdicts(full, less | {"seed": 2}) == {}


def test_changed_photographs_are_compared_picture_by_picture(folder: Path) -> None:
    makes = [
        changes.measure([folder], Crew(fastqr=brightest(least)), names=["dim", "gamma 2", "gamma 3", "jpeg 90"])  # type: ignore[arg-type]
        for least in (10, 255)
    ]
    found = verdicts(*makes, name="changes")
    assert found["changes: codes read"] == "worse"
    assert "changes: texts that are not there" not in found, "photographs may show codes that nobody marked"


def test_the_page_tells_of_both(tmp_path: Path, folder: Path) -> None:
    for needed in ("matplotlib", "jinja2"):
        pytest.importorskip(needed)
    from benchmarks import page

    crew = Crew(**{"fastqr": brightest(10), "zxing-cpp": brightest(200)})
    made = report.plain(
        report.begin("test")
        | {
            "pages": section(fastqr=lambda p: outcome(("one", 50), ("<ghost>", 250))),
            "changes": changes.measure([folder], crew, names=["x0.5", "x0.75", "x2", "dim"]),  # type: ignore[arg-type]
        }
    )
    text = page.write(made, tmp_path / "page.html").read_text()
    assert "Printed pages" in text
    assert "&lt;ghost&gt;" in text
    assert "Changed photographs" in text
    assert "share of the codes kept over the scale" in text
