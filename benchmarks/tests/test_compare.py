"""What counts as a regression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")

from benchmarks import report
from benchmarks.compare import Change, chance_of_loss, compare, judge_interval, judge_pairs, ratio_interval, typical
from benchmarks.micro import instructions

Report = dict[str, Any]


def blank(**sections: Any) -> Report:
    return {"schema": report.SCHEMA, "machine": {"processor": "one"}, **sections}


def photographs(read: int, *, codes: int = 100, wrong: int = 0, stray: int = 0) -> Report:
    """A report in which the first `read` of so many one-code photographs are read."""

    def row(number: int) -> dict[str, Any]:
        found = number < read
        return {
            **{"dataset": 0, "reader": "fastqr", "picture": f"a/{number}", "category": "a", "layout": "corners"},
            **{"codes": 1, "read": [0] * found, "missed": [] if found else [0], "ms": 5.0, "stray": []},
            "wrong": [[0, "x", "y"]] if number < wrong else [],
        }

    rows = [row(number) for number in range(codes)]
    rows.append(row(codes) | {"layout": "negative", "codes": 0, "read": [], "missed": [], "stray": ["ghost"] * stray})
    return blank(read_rate={"datasets": [{"name": "set"}], "rows": rows})


def latencies(own: float, reference: float, *, spread: float = 0.2, pictures: int = 40, seed: int = 0) -> Report:
    rng = np.random.default_rng(seed)
    rows = [
        {"picture": f"p{k}", "reader": reader, "ms": ms * (1 + k / 10) * float(np.exp(rng.normal(0, spread / 10)))}
        for k in range(pictures)
        for reader, ms in (("fastqr", own), ("zxing-cpp", reference))
    ]
    start = [{"reader": "fastqr", "peak_mb": 100.0}]
    return blank(latency={"photographs": rows, "growth": [], "start": start})


def ladder(read: int, *, trials: int = 40, seed: int = 1) -> Report:
    rows = [
        {"ladder": "noise", "amount": 10, "trial": trial, "reader": "fastqr", "read": trial < read}
        for trial in range(trials)
    ]
    return blank(ladders={"seed": seed, "rows": rows})


def loops(own: float, other: float) -> Report:
    rows = [{"task": "nms", "contender": name, "us_min": us} for name, us in (("fastqr", own), ("OpenCV", other))]
    return blank(micro={"rows": rows})


def verdicts(before: Report, after: Report) -> dict[str, str]:
    return {change.subject: change.verdict for change in compare(before, after)}


def worse(before: Report, after: Report) -> list[Change]:
    return [change for change in compare(before, after) if change.verdict == "worse"]


# Codes ----------------------------------------------------------------------------------------------------------------


def test_equal_reports_have_no_regression() -> None:
    for same in (photographs(90), latencies(10, 5), ladder(20), loops(10, 100)):
        assert not worse(same, same)


def test_codes_lost_beyond_chance_are_a_regression() -> None:
    assert verdicts(photographs(90), photographs(80))["set: codes read (micro)"] == "worse"
    assert verdicts(photographs(80), photographs(90))["set: codes read (micro)"] == "better"


def test_a_few_codes_more_or_less_are_noise() -> None:
    assert verdicts(photographs(90), photographs(88))["set: codes read (micro)"] == "same"


def test_one_code_of_many_is_within_the_tolerance_however_sure_it_is() -> None:
    assert judge_pairs(lost=6, gained=0, pairs=2000, tolerance=0.005, chance=0.05) == "same"
    assert judge_pairs(lost=6, gained=0, pairs=1000, tolerance=0.005, chance=0.05) == "worse"


def test_the_chance_of_losses_is_that_of_a_fair_coin() -> None:
    assert chance_of_loss(0, 0) == 1
    assert chance_of_loss(5, 0) == pytest.approx(1 / 32)
    assert chance_of_loss(1, 1) == pytest.approx(3 / 4)


def test_any_new_wrong_payload_or_false_read_is_a_regression() -> None:
    assert verdicts(photographs(90), photographs(90, wrong=1))["set: wrong payloads"] == "worse"
    assert verdicts(photographs(90), photographs(90, stray=1))["set: false reads"] == "worse"


def test_only_pictures_in_both_reports_count() -> None:
    quick = photographs(50, codes=50)
    assert not worse(photographs(90), quick)


def test_ladders_are_compared_step_by_step() -> None:
    assert verdicts(ladder(30), ladder(18))["ladder: noise"] == "worse"
    assert verdicts(ladder(30), ladder(29))["ladder: noise"] == "same"


def test_ladders_of_different_seeds_are_not_compared() -> None:
    assert compare(ladder(30), ladder(10, seed=2)) == []


# Times ----------------------------------------------------------------------------------------------------------------


def test_a_slower_reader_is_a_regression() -> None:
    assert verdicts(latencies(10, 5), latencies(14, 5, seed=1))["latency: ms of a typical picture"] == "worse"


def test_a_slower_machine_is_none() -> None:
    assert verdicts(latencies(10, 5), latencies(14, 7, seed=1))["latency: ms of a typical picture"] == "same"


def test_times_of_another_machine_or_of_too_few_pictures_are_not_judged() -> None:
    elsewhere = latencies(20, 5) | {"machine": {"processor": "another"}}
    assert verdicts(latencies(10, 5), elsewhere)["latency: ms of a typical picture"] == "not judged"
    few = {"pictures": 4}
    assert (
        verdicts(latencies(10, 5, **few), latencies(20, 5, **few))["latency: ms of a typical picture"] == "not judged"
    )


def test_the_interval_of_a_ratio_widens_with_the_noise() -> None:
    rng = np.random.default_rng(0)
    before = np.full(50, 10.0)
    quiet, loud = (10 * np.exp(rng.normal(0, spread, 50)) for spread in (0.01, 0.5))
    _, *steady = ratio_interval(before, quiet, typical)
    _, *shaky = ratio_interval(before, loud, typical)
    assert shaky[1] - shaky[0] > 5 * (steady[1] - steady[0])


@pytest.mark.parametrize(("low", "high", "verdict"), [(1.2, 1.4, "worse"), (1.05, 1.4, "same"), (0.7, 0.8, "better")])
def test_an_interval_is_worse_only_as_a_whole(low: float, high: float, verdict: str) -> None:
    assert judge_interval(low, high, 0.1) == verdict


def test_hot_loops_are_judged_by_their_contenders() -> None:
    assert verdicts(loops(10, 100), loops(20, 100))["micro: nms, us"] == "worse"
    assert verdicts(loops(10, 100), loops(20, 200))["micro: nms, us"] == "same"


def counted(instructions: float) -> Report:
    rows = [{"picture": "version 2", "instructions": instructions}]
    return blank(micro={"rows": [], "instructions": {"rows": rows, "left_out": None}})


def test_instructions_of_a_clean_picture_are_held_to_a_few_percent() -> None:
    assert verdicts(counted(1e6), counted(1.1e6))["instructions: version 2"] == "worse"
    assert verdicts(counted(1e6), counted(1.01e6))["instructions: version 2"] == "same"
    assert verdicts(counted(1e6), counted(0.8e6))["instructions: version 2"] == "better"
    assert verdicts(loops(10, 100), counted(1e6)) == {}


def test_instructions_are_left_out_with_a_reason_where_nothing_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions.shutil, "which", lambda _: None)
    assert instructions.measure() == {"rows": [], "left_out": "valgrind is not installed"}


# Command --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "status"), [(photographs(90), 0), (photographs(70), 1), ({"schema": 0}, 2)])
def test_the_exit_status_tells(tmp_path: Path, after: Report, status: int) -> None:
    for needed in ("matplotlib", "jinja2", "segno"):
        pytest.importorskip(needed)
    import json

    from benchmarks.__main__ import main

    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, content in zip(paths, (photographs(90), after), strict=True):
        path.write_text(json.dumps(content))
    assert main(["compare", *map(str, paths)]) == status
