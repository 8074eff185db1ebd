"""A long run tells steady scanners from others; the scanners are simulated."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("segno")

from benchmarks import long_run
from benchmarks.long_run import GROWTH_MB, Frame, Minute, all_frames, run, table, text_page, verdict

FRAMES = [Frame("blank", str(grey), np.full((4, 4), grey, np.uint8)) for grey in range(3)]


class Simulated:
    """Reads the grey of a frame, and from some call on something else."""

    def __init__(self, steady_calls: float = np.inf, seconds: float = 0.0) -> None:
        self.calls = 0
        self.steady_calls = steady_calls
        self.seconds = seconds

    def decode(self, picture: np.ndarray) -> list[SimpleNamespace]:
        self.calls += 1
        time.sleep(self.seconds)
        data = b"changed" if self.calls > self.steady_calls else bytes(picture[0, :1])
        return [SimpleNamespace(data=data, quad=np.zeros((4, 2), np.float32))]


def simulated_run(scanner: Simulated, calls: float = 30) -> tuple[list[Minute], list[long_run.Change], dict[str, int]]:
    return run(FRAMES, scanner, seconds=60, calls=calls, every=60, seed=1)  # type: ignore[arg-type]


def test_a_run_makes_the_calls_that_were_asked_for() -> None:
    scanner = Simulated()
    minutes, changes, counts = simulated_run(scanner)
    assert scanner.calls == sum(minute.frames for minute in minutes) == 30
    assert minutes[-1].rounds == 10
    assert not changes
    assert counts == {"changed": 0, "payloads": 0}


def test_a_result_that_is_not_the_first_one_is_a_change() -> None:
    minutes, changes, counts = simulated_run(Simulated(steady_calls=24))
    assert counts == {"changed": 6, "payloads": 6}
    assert {change.frame for change in changes} == {0, 1, 2}
    assert not verdict(minutes, counts)["results_same"]


def minutes_of(rss: list[float], ms: list[float]) -> list[Minute]:
    return [
        Minute(60.0 * (k + 1), 10, 10, 0, k + 1, held, held, {"p50": t, "p95": t, "p99": t, "worst": t}, {0: t})
        for k, (held, t) in enumerate(zip(rss, ms, strict=True))
    ]


SAME = {"changed": 0, "payloads": 0}


def test_memory_that_settles_is_flat_and_memory_that_grows_is_not() -> None:
    settles = [200.0, 260.0, *[300.0] * 18]
    grows = [300.0 + GROWTH_MB / 10 * minute for minute in range(20)]
    flat = verdict(minutes_of(settles, [10.0] * 20), SAME)
    assert flat["rss_flat"]
    assert flat["rss_growth_mb"] == 0
    leaking = verdict(minutes_of(grows, [10.0] * 20), SAME)
    assert not leaking["rss_flat"]
    assert leaking["rss_slope_mb_an_hour"] == pytest.approx(60 * GROWTH_MB / 10)


def test_latency_is_compared_frame_by_frame() -> None:
    assert verdict(minutes_of([300.0] * 20, [10.0] * 10 + [15.0] * 10), SAME)["latency_ratio"] == pytest.approx(1.5)


def test_a_short_run_says_nothing_of_memory() -> None:
    judged = verdict(minutes_of([300.0] * 3, [10.0] * 3), SAME)
    assert judged["rss_flat"] is None
    assert judged["latency_ratio"] is None


def test_every_interval_is_a_row_and_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    minutes = minutes_of([300.0] * 5, [10.0] * 5)
    assert table(minutes)["ms p99"].tolist() == [10.0] * 5
    assert long_run.draw(minutes, tmp_path / "run.png")
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_frames_are_of_every_kind_and_the_same_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def small_scene(megapixels: float, codes: int, seed: int) -> np.ndarray:
        return np.full((40, 40, 3), seed + codes, np.uint8)

    monkeypatch.setattr(long_run, "cluttered_scene", small_scene)
    first, second = (all_frames([], 0, 1) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)
    kinds = {frame.kind for frame in first}
    assert kinds == {"scene", "small", "blank", "noise", "no code", "text", "many codes", "12 megapixels"}
    assert all(frame.picture.dtype == np.uint8 for frame in first)


def test_a_text_page_has_dark_letters_on_paper() -> None:
    page = text_page(np.random.default_rng(1))
    assert 0.01 < (page < 128).mean() < 0.3
    assert np.median(page) == 245


@pytest.fixture(autouse=True)
def _no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_run.console, "quiet", True)
