"""Pictures of a search: one a code that was read or lost, with what was seen of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import fastqr
from conftest import Picture, code_modules, code_picture, place, quad_of, textured
from fastqr import _core
from fastqr.cli import main
from fastqr.demo import DEMO_TEXTS
from fastqr.explanations import differing_modules, explanations, mended_modules, symbol_modules
from fastqr.search import PLAN
from fastqr.trace import Mark
from fastqr.trace_pictures import RED, TracePicture
from symbol_drawing import codeword_of_module

READ, NOTHING_READ, FAILED = 0, 1, 2
WRONG = [3, 17, 40]  # codewords of a symbol of version 3


def picture_of(modules: np.ndarray) -> Picture:
    return np.kron(np.where(np.pad(modules, 4), 0, 255), np.ones((6, 6))).astype(np.uint8)


def damaged(*, mirrored: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Modules of a symbol of which three codewords are wrong, and which modules were turned."""
    modules = code_modules("which codewords were wrong", version=3, error="q", boost_error=False)
    turned = np.zeros_like(modules)
    for codeword in WRONG:
        rows, columns = np.nonzero(codeword_of_module(3) == codeword)
        turned[rows[2:5], columns[2:5]] = True
    modules = modules ^ turned
    return (modules.T, turned.T) if mirrored else (modules, turned)


def torn() -> Picture:
    """A code whose finder patterns are whole and whose data are noise."""
    modules = code_modules("nobody can read this", version=3, error="l", boost_error=False)
    free = _core.function_patterns(29) == 0
    modules[free] = np.random.default_rng(4).random(int(free.sum())) < 0.5
    return picture_of(modules)


def by_name(drawn: list[TracePicture]) -> dict[str, TracePicture]:
    return {picture.name: picture for picture in drawn}


def red(picture: Picture) -> int:
    return int((picture[40:] == RED).all(2).sum())  # the line above the title is no mark


def test_each_code_that_was_read_has_a_picture_in_reading_order(scanner: fastqr.Scanner) -> None:
    scene = fastqr.demo_scene()
    drawn = scanner.explain(scene).draw(scene)
    assert [picture.name for picture in drawn] == ["overview", *(f"code-{i}" for i in range(1, 6))]
    assert [picture.words[0] for picture in drawn[1:]] == [symbol.text for symbol in scanner.decode(scene)]
    assert sorted(picture.words[0] for picture in drawn[1:]) == sorted(DEMO_TEXTS)
    for picture in drawn:
        assert picture.picture.dtype == np.uint8
        assert picture.picture.shape[2] == 3
        assert all(sentence.endswith(".") for sentence in picture.words[1:] if picture.name != "overview")
    assert any("light on dark" in " ".join(picture.words) for picture in drawn)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_marked_codewords_are_those_that_were_wrong(scanner: fastqr.Scanner, mirrored: bool) -> None:
    modules, turned = damaged(mirrored=mirrored)
    picture = picture_of(modules)
    trace = scanner.explain(picture)
    (told,) = explanations(trace)
    assert told.attempt is not None
    assert told.attempt.reading is not None
    assert told.attempt.reading.record.mended_codewords == WRONG
    expected = np.isin(codeword_of_module(3), WRONG)
    np.testing.assert_array_equal(mended_modules(told.attempt), expected.T if mirrored else expected)
    np.testing.assert_array_equal(differing_modules(told.attempt), turned)
    np.testing.assert_array_equal(symbol_modules(told.attempt), modules ^ turned)
    assert any("Of its 70 codewords 3 were corrected; 9 of 841 modules" in sentence for sentence in told.words)
    assert ("The symbol is mirrored." in told.words) == mirrored
    clean = code_picture("which codewords were wrong", version=3)
    marked, unmarked = (by_name(scanner.explain(p).draw(p))["code-1"].picture for p in (picture, clean))
    assert red(marked) > 3 * red(unmarked) + 500


def test_codewords_are_placed_as_in_the_standard() -> None:
    for version in (1, 2, 7, 14, 40):
        owner = codeword_of_module(version)
        placement = _core.codeword_placement(17 + 4 * version)
        whole = placement[: len(placement) // 8 * 8]
        np.testing.assert_array_equal(owner[tuple(whole.T)], np.arange(len(whole)) // 8)
    with pytest.raises(ValueError, match="size must be"):
        _core.codeword_placement(22)


def test_erased_codewords_count_as_mended() -> None:
    modules = code_modules("which codewords were wrong", version=3, error="q", boost_error=False)
    probabilities = np.where(np.isin(codeword_of_module(3), [5, 6]), 0.5, modules).astype(np.float32)
    record = _core.decode_modules(probabilities)
    assert record is not None
    assert (record.erased_codewords, record.mended_codewords) == (2, [5, 6])


def test_a_code_that_was_lost_has_one_picture_that_says_where_and_why(scanner: fastqr.Scanner) -> None:
    picture = torn()
    trace = scanner.explain(picture)
    drawn = by_name(trace.draw(picture))
    assert list(drawn) == ["overview", "lost-1"]
    title, *sentences = drawn["lost-1"].words
    assert title.startswith("Not read: lost at the step ")
    step = title.split('"')[1]
    assert step in {s.name for s in PLAN}
    assert any("do not decode by their grey values" in sentence for sentence in sentences)
    assert any("the network is" in sentence for sentence in sentences)
    assert any(
        sentence.startswith(f'In the step "{step}"') and "It was lost here." in sentence for sentence in sentences
    )
    assert sum("It was lost here." in sentence for sentence in sentences) == 1
    assert sentences[-1].startswith("The search ended because ")


def test_a_box_on_which_no_grid_was_laid_is_shown_straightened(scanner: fastqr.Scanner) -> None:
    picture = textured(300, 300)
    trace = scanner.explain(picture)
    step = trace.steps[0]
    step.looks.clear()
    box = np.array([[60, 60], [160, 60], [160, 160], [60, 160]], np.float32)
    trace.steps = [step, *trace.steps[1:2]]
    trace.steps[1].skipped = "the work is used up"
    step.marks = [Mark("box", box, 0.93), Mark("landmarks", np.vstack([box[[0, 1, 3, 2]], [[110, 110]]]), 0.93)]
    drawn = by_name(trace.draw(picture))
    assert list(drawn) == ["overview", "lost-1"]
    assert drawn["lost-1"].words[:4] == (
        "Not read: no step looked at it",
        "The cascade takes it for a code with a probability of 0.93.",
        "No step looked at it, for the steps that would have were left out.",
        f"1 step after that was left out, for the work was used up: {trace.steps[1].name}.",
    )
    step.marks = [Mark("box", box, 0.5)]  # texture's boxes seldom have more than 0.8
    assert [drawing.name for drawing in trace.draw(picture)] == ["overview"]


def test_what_was_read_beside_what_was_lost(scanner: fastqr.Scanner) -> None:
    scene = textured(420, 760)
    scene = place(scene, code_picture("beside it"), quad_of((200, 210), 300, degrees=10))
    scene = place(scene, torn(), quad_of((560, 210), 300, degrees=-8))
    trace = scanner.explain(scene)
    told = {explanation.name: explanation for explanation in explanations(trace)}
    assert list(told) == ["code-1", "lost-1"]
    assert told["code-1"].title == "beside it"
    assert np.abs(told["lost-1"].quad.mean(0) - (560, 210)).max() < 40
    assert trace.draw(scene)[0].words[0].startswith("1 read, 1 place not read, ")


def test_a_picture_without_codes_has_an_overview_alone(scanner: fastqr.Scanner) -> None:
    for shape in ((90, 120), (4, 4), (1, 1), (30, 3000), (3000, 30)):
        blank = np.full(shape, 99, np.uint8)
        (overview,) = scanner.explain(blank).draw(blank)
        assert overview.name == "overview"
        assert overview.words[0].startswith("0 read, 0 places not read, ")


@pytest.mark.parametrize("scale", [1, 5])
def test_pictures_of_any_size_give_results_of_one_size(scanner: fastqr.Scanner, scale: int) -> None:
    side = 400 * scale
    picture = place(textured(side, side), code_picture("size"), quad_of((side / 2, side / 2), side / 2))
    overview, code = scanner.explain(picture).draw(picture)
    assert 500 < overview.picture.shape[0] < 1200
    assert 1200 < overview.picture.shape[1] < 2000
    assert 500 < code.picture.shape[0] < 900
    assert 1500 < code.picture.shape[1] < 2000


def test_letters_beyond_ascii_are_escaped_in_pictures_and_kept_in_words(scanner: fastqr.Scanner) -> None:
    picture = code_picture("größer\n→", encoding="utf-8")
    drawn = scanner.explain(picture).draw(picture)
    assert drawn[1].words[0] == "größer\\n→"


def test_only_explanations_keep_what_pictures_need(scanner: fastqr.Scanner) -> None:
    picture = torn()
    trace = scanner._searched(picture, PLAN).trace
    assert not any(step.marks or look.attempts for step in trace.steps for look in step.looks)
    with pytest.raises(fastqr.InvalidArgumentError, match="take that of Scanner"):
        trace.draw(picture)
    with pytest.raises(fastqr.InvalidArgumentError, match=r"shape \(222, 222\), got \(50, 60\)"):
        scanner.explain(picture).draw(np.zeros((50, 60), np.uint8))


def test_explaining_reads_what_decoding_reads(scanner: fastqr.Scanner) -> None:
    scene = fastqr.demo_scene(seed=3)
    explained, plain = scanner.explain(scene), scanner._searched(scene, PLAN).trace
    strip = [[(look.outcome, look.text) for look in step.looks] for step in explained.steps]
    assert strip == [[(look.outcome, look.text) for look in step.looks] for step in plain.steps]
    assert [(s.samples, s.macs) for s in explained.steps] == [(s.samples, s.macs) for s in plain.steps]


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_writes_an_overview_and_a_picture_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures, out = tmp_path / "pictures", tmp_path / "out"
    (pictures / "deeper").mkdir(parents=True)
    cv2.imwrite(str(pictures / "a.png"), code_picture("one"))
    cv2.imwrite(str(pictures / "deeper" / "b.c.png"), torn())
    assert main(["scan", str(pictures), "--explain", str(out)]) == READ
    assert capsys.readouterr().out.endswith("one\n")
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*.png"))
    assert written == ["a-code-1.png", "a-overview.png", "deeper/b.c-lost-1.png", "deeper/b.c-overview.png"]
    assert np.asarray(cv2.imread(str(out / "a-code-1.png"))).shape[1] > 1500


def test_explaining_never_overwrites_and_follows_no_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), code_picture("one"))
    out, kept = tmp_path / "out", tmp_path / "kept"
    out.mkdir()
    kept.write_bytes(b"kept")
    (out / "a-overview.png").write_bytes(b"another origin")
    (out / "a-code-1.png").symlink_to(kept)
    assert main(["scan", str(tmp_path / "a.png"), "--explain", str(out)]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == "one\n"
    assert "a-overview.png" in captured.err
    assert "is there already and was left as it is" in captured.err
    assert (out / "a-overview.png").read_bytes() == b"another origin"
    (out / "a-overview.png").unlink()
    assert main(["scan", str(tmp_path / "a.png"), "--explain", str(out)]) == FAILED
    assert kept.read_bytes() == b"kept"
    assert "a-code-1.png" in capsys.readouterr().err
