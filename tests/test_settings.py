"""Settings: few, described, stored and found again, and each of them does something."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import cv2
import numpy as np
import pytest

import fastqr
from conftest import code_modules, code_picture
from fastqr import _core
from fastqr.settings import SearchSettings, Settings

STAGES = {stage: type(getattr(Settings(), stage)) for stage in Settings.described()}


def test_there_are_fewer_than_a_hundred_settings() -> None:
    count = sum(len(names) for names in Settings.described().values())
    assert 30 < count < 100


@pytest.mark.parametrize("stage", STAGES)
def test_every_setting_says_its_unit_and_what_it_decides(stage: str) -> None:
    made = getattr(Settings(), stage)
    for name, (unit, meaning, least, most) in Settings.described()[stage].items():
        assert unit, name
        assert len(meaning) > 12, name
        assert meaning.endswith("."), name
        assert least <= getattr(made, name) <= most, name


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "search"])
def test_attributes_of_the_stages_are_documented(stage: str) -> None:
    for name, (unit, *_) in Settings.described()[stage].items():
        assert (getattr(STAGES[stage], name).__doc__ or "").startswith(unit)


@pytest.mark.parametrize("stage", STAGES)
def test_no_other_value_is_left_out_of_the_description(stage: str) -> None:
    public = {name for name in vars(STAGES[stage]) if not name.startswith("_")}
    assert public - {"to_dict", "from_dict", "described"} == set(Settings.described()[stage])


def test_settings_are_stored_and_found_again() -> None:
    settings = Settings()
    for stage, names in Settings.described().items():
        made = getattr(settings, stage)
        for name, (_, _, _, most) in names.items():
            value = getattr(made, name)
            setattr(made, name, type(value)(min(most, value * 1.5 + 1)))
    assert settings != Settings()
    for again in (
        Settings.from_dict(settings.to_dict()),
        copy.deepcopy(settings),
        pickle.loads(pickle.dumps(settings)),
    ):
        assert again == settings
        assert again.to_dict() == settings.to_dict()
    assert Settings.from_dict({"search": {"macs": 1.0}}) == Settings(search=SearchSettings(macs=1.0))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"finding": {}}, "no stage 'finding'; accepted: "),
        ({"decode": {"proof": 1}}, "no setting 'proof' here; accepted: evidence_needed"),
        ({"decode": {"evidence_needed": 3}}, r"evidence_needed must be a number from 20 to 200 \(bits\), got 3"),
        ({"read": {"passes": 1.5}}, "passes must be a whole number from 1 to 100"),
        ({"search": {"macs": -1}}, "macs must be a number from 0 to inf"),
        ({"search": {"macs": "many"}}, "macs must be a number .*, got 'many'"),
        ({"search": {"proof": 1}}, "proof"),
    ],
)
def test_a_value_that_is_wrong_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises((fastqr.InvalidArgumentError, fastqr.ArgumentTypeError), match=message):
        Settings.from_dict(values)


def test_attributes_take_what_is_accepted_alone() -> None:
    decode = _core.DecoderSettings()
    decode.evidence_needed = 50
    assert decode == _core.DecoderSettings(evidence_needed=50.0)
    with pytest.raises(ValueError, match="got 1000"):
        decode.evidence_needed = 1000
    assert decode.evidence_needed == 50


def test_a_scanner_keeps_a_copy_of_its_settings_and_hands_it_on() -> None:
    settings = Settings(search=SearchSettings(macs=5.0))
    scanner = fastqr.Scanner(settings=settings)
    settings.search.macs = 7.0
    again = pickle.loads(pickle.dumps(scanner))
    blank = np.full((64, 64), 200, np.uint8)
    assert scanner.explain(blank).settings.search.macs == 5.0
    assert again.explain(blank).settings == scanner.explain(blank).settings


def read_by_finder_patterns(picture: Any, **stages: Any) -> int:
    """Symbols that are read without networks."""
    scanner = fastqr.Scanner(methods=["finder_patterns"], settings=Settings(**stages))
    return len(scanner.decode(picture))


@pytest.mark.parametrize(
    "stages",
    [
        {"finders": _core.FinderSettings(row_step=64)},
        {"finders": _core.FinderSettings(most_misfit=0.0, credible=0.0)},
        {"read": _core.ReadSettings(coherent=1.0, most_residual=0.0)},
    ],
    ids=str,
)
def test_settings_reach_the_stage_that_they_are_of(stages: dict[str, Any]) -> None:
    picture = cv2.GaussianBlur(code_picture("each of them decides", scale=2), (0, 0), 0.8)
    assert read_by_finder_patterns(picture) == 1
    assert read_by_finder_patterns(picture, **stages) == 0


def test_settings_of_the_cascade_and_of_the_search_reach_them() -> None:
    picture = code_picture("a box")
    assert fastqr.Scanner().detect(picture)
    assert not fastqr.Scanner(settings=Settings(cascade=_core.CascadeSettings(p_threshold=1.0))).detect(picture)
    small = SearchSettings(coarse=1.0, fine=1.0)
    assert fastqr.Scanner(settings=Settings(search=small)).explain(picture).settings.search == small


def test_less_evidence_lets_the_decoder_go_further() -> None:
    modules = code_modules("so much of it is gone", error="h", version=3)
    for share in np.arange(0.01, 0.2, 0.01):
        damaged = modules.astype(np.float32)
        rng = np.random.default_rng(1)
        hit = rng.random(damaged.shape) < share
        hit[:9] = hit[:, :9] = hit[-9:, :9] = False
        damaged[hit] = 0.5
        outcomes = {
            evidence: _core.decode_modules(damaged, settings=_core.DecoderSettings(evidence_needed=evidence))
            for evidence in (20, 36, 200)
        }
        if outcomes[36] is not None and outcomes[200] is None:
            return
    pytest.fail("no damage is read with 36 bits of evidence and not with 200")
