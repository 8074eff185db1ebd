"""The study of settings: pictures that come again, changed values, and what is told of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fastqr.settings import Description, Settings

from ..sensitivity import Outcome, changed_value, changes, compared, run, table
from ..varied import varied_pictures

USUAL = Outcome({"a": 2, "b": 1}, wrong=0, samples=100.0, macs=1000.0, seconds=1.0)


@pytest.mark.parametrize(
    ("value", "factor", "expected"),
    [(10.0, 0.7, 7.0), (0.9, 1.3, 1.0), (3, 1.3, 4), (1, 0.7, 1), (2, 0.7, 1), (20, 1.3, 26)],
)
def test_values_change_by_a_third_or_by_one_within_what_is_accepted(
    value: float, factor: float, expected: float
) -> None:
    most = 1.0 if isinstance(value, float) and value < 1 else 100.0
    described = Description("windows", "", 1.0 if isinstance(value, int) else 0.0, most)
    assert changed_value(value, factor, described) == pytest.approx(expected)


def test_every_setting_is_changed_and_nothing_else() -> None:
    names = {f"{stage}.{name}" for stage, named in Settings.described().items() for name in named}
    seen = set()
    for name, value, settings in changes(Settings()):
        stage, key = name.split(".")
        values = settings.to_dict()
        assert values[stage][key] == pytest.approx(value)
        values[stage][key] = Settings().to_dict()[stage][key]
        assert values == Settings().to_dict()
        seen.add(name)
    assert seen == names
    assert {name for name, _, _ in changes(Settings(), ["decode", "search.macs"])} >= {"decode.evidence_needed"}


def test_what_a_change_did_is_told() -> None:
    assert compared(USUAL, USUAL) == "same"
    other = Outcome({"a": 1, "b": 2}, wrong=1, samples=103.0, macs=900.0, seconds=1.0)
    assert compared(USUAL, other) == "−1, +1, 1 wrong, +3 % px, −10 % mac"
    rows = list(table(USUAL, {"decode.evidence_needed": [(25.2, other)]}))
    assert any(row.startswith("| `evidence_needed` | 36 | bits |") and "25.2: −1, +1, 1 wrong" in row for row in rows)


def test_the_set_comes_again_and_is_read() -> None:
    once, again, other = (list(itertools.islice(varied_pictures(None, seed=seed), 3)) for seed in (1, 1, 2))
    assert [picture.name for picture in once] == [f"ladder/pixels per module/{number}" for number in range(3)]
    for first, second, third in zip(once, again, other, strict=True):
        assert np.array_equal(first.pixels, second.pixels)
        assert not np.array_equal(first.pixels, third.pixels)
    outcome = run(once, Settings())
    assert outcome.wrong == 0
    assert sum(outcome.read.values()) > 0
    assert outcome.samples > 0
