"""Readers run in processes of their own and fail alone."""

from __future__ import annotations

import sys

import numpy as np
import pytest

pytest.importorskip("segno")

from benchmarks.crew import Crew, Worker
from benchmarks.ladders.rendering import Scene, random_code, render
from benchmarks.readers import READERS, Options

HERE = {"opencv": sys.executable, "wechat": sys.executable}  # not an environment that happens to be made


@pytest.mark.slow
def test_a_reader_answers_and_is_started_again_after_it_died() -> None:
    rng = np.random.default_rng(1)
    code = random_code(rng, 2)
    picture = render(Scene(code, pixels_per_module=4), rng)
    with Crew(["opencv", "wechat"], HERE, Options(), 20) as crew:
        assert "wechat" in crew.absent
        [worker] = crew
        outcome = worker.read(picture)
        assert outcome.texts == [code.text]
        assert np.abs(outcome.quads[0].mean(0) - len(picture) / 2).max() < 4
        assert worker._process is not None
        worker._process.kill()
        assert worker.read(picture).status == "crashed"
        assert worker.read(picture).texts == [code.text]


def test_an_interpreter_that_is_none_makes_its_reader_absent() -> None:
    worker = Worker("opencv", "/no/such/python", Options(), 5)
    assert "/no/such/python" in str(worker.absent)


def test_every_reader_that_prefers_an_environment_names_one_that_can_be_made() -> None:
    from benchmarks.environments import REQUIREMENTS

    wanted = {kind.environment for kind in READERS.values() if kind.environment}
    assert wanted == set(REQUIREMENTS)
