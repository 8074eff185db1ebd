"""What is measured of films, with readers that are simulated, and what the tables say of it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("segno")

from benchmarks import video
from benchmarks.crew import Crew, Outcome, Worker
from benchmarks.readers import Options, Picture
from benchmarks.scenes.film import KINDS, film


class Simulated(Worker):
    """A reader that reads each second frame in two milliseconds, and as a follower every frame in one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hello = {"follows": name == "fastqr"}
        self.films = self.frames = 0

    def read(self, picture: Picture) -> Outcome:
        self.frames += 1
        texts = ["https://example.org/film/1/0"] if self.frames % 2 == 0 else []
        return Outcome(texts, [], 2.0)

    def follow(self, picture: Picture, *, begin: bool) -> Outcome:
        self.films += begin
        return Outcome(["https://example.org/film/1/0"], [], 1.0)


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Crew:
    monkeypatch.setattr(video, "SIZES", ((240, 320),))
    crew = Crew([], {}, Options(), 5)
    crew.workers = [Simulated("fastqr"), Simulated("zxing-cpp")]
    return crew


def test_films_are_read_in_turn_and_followed_where_a_reader_can(crew: Crew) -> None:
    section = video.measure(crew, seed=1, frames=6)
    films = len(KINDS) * len(video.SIZES)
    assert crew.workers[0].films == films
    assert len(section["rows"]) == films * 6 * 3
    table = video.summary(section)
    assert len(table) == films * 3
    one = table.loc["two codes, by hand, 320 x 240"]
    assert one.loc["fastqr, Tracker", "read"] == 0.5  # of two codes
    assert one.loc["fastqr", "read"] == 0.25
    assert one.loc["fastqr, Tracker", "frames read"] == 6
    assert one.loc["fastqr, Tracker", "median ms"] == 1.0
    assert (one.loc["fastqr, Tracker", "first read after"], one.loc["fastqr", "at most"]) == (3.0, 6)
    assert np.isnan(table.loc[("no code, 320 x 240", "fastqr"), "read"])
    ratios = video.ratios(section)
    assert ratios.loc[("320 x 240", "fastqr, Tracker"), "median, with a code"] == 0.5
    assert ratios.loc[("320 x 240", "fastqr, Tracker"), "codes read"] == 2.0
    assert ratios.loc[("320 x 240", "zxing-cpp"), "p99, without"] == 1.0


def test_what_time_does_not_allow_is_left_out(crew: Crew) -> None:
    section = video.measure(crew, frames=2, seconds=0)
    assert section["left_out"] == len(KINDS) * len(video.SIZES)
    assert section["rows"] == []
    assert video.summary(section).empty
    assert video.ratios(section).empty


def test_films_are_the_same_every_time_and_say_what_they_show() -> None:
    for kind in KINDS:
        once = list(film(kind, height=240, width=320, frames=12, seed=3))
        again = list(film(kind, height=240, width=320, frames=12, seed=3))
        assert all((a == b).all() for (a, _), (b, _) in zip(once, again, strict=True))
        shown = [code for _, codes in once for code in codes]
        assert bool(shown) == (kind.codes > 0)
        assert {code.text for code in shown} <= {f"https://example.org/film/3/{n}" for n in range(kind.codes)}
        for code in shown:
            assert (code.quad >= 0).all()
            assert (code.quad <= [320, 240]).all()
