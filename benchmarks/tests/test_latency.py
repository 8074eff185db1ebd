"""What is measured of time and memory, with readers that are simulated, and what the tables say of it."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("segno")

from benchmarks import latency
from benchmarks.crew import Crew, Outcome, Worker
from benchmarks.readers import OpenReader, Options, Picture
from benchmarks.worker import steady

MS = {"fastqr": 3.0, "zxing-cpp": 2.0}  # a thousand pixels


class Simulated(Worker):
    """A reader that takes the same time a pixel for every picture, and holds more with every frame."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hello = {"open_ms": 7.0, "idle_mb": 50.0}

    def read(self, picture: Picture) -> Outcome:
        return Outcome(["text"], [np.zeros((4, 2), np.float32)], MS[self.name] * picture[..., 0].size / 1e3)

    def restart(self) -> None:
        pass

    def throughput(self, picture: Picture, threads: int, seconds: float) -> float | None:
        return 10.0 * threads

    def peak_megabytes(self) -> float | None:
        return 60.0

    def own_import_ms(self) -> float | None:
        return 5.0

    def steady(self, picture: Picture, warm_up: int, frames: int) -> dict[str, float | None]:
        return {"warm_mb": 50.0, "end_mb": 50.0 + frames / 100}


@pytest.fixture
def crew() -> Crew:
    crew = Crew([], {}, Options(), 5)
    crew.workers = [Simulated(name) for name in MS]
    return crew


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Two folders: five pictures with a text, and two without a code."""
    for name in ("qrcode-1/1", "qrcode-1/2", "qrcode-2/1", "qrcode-2/2", "qrcode-2/3"):
        path = tmp_path / "samples" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), np.zeros((20, 10 * int(path.stem), 3), np.uint8))
        path.with_suffix(".txt").write_text("text")
    for number in (1, 2):
        path = tmp_path / "other" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        assert cv2.imwrite(str(path), np.zeros((20, 20, 3), np.uint8))
    return [tmp_path / "samples", tmp_path / "other"]


@pytest.fixture
def measured(crew: Crew, folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr(latency, "MEGAPIXELS", (0.1,))
    monkeypatch.setattr(latency, "CODES_MEGAPIXELS", 0.2)
    monkeypatch.setattr(latency, "CODES", (1, 2, 4))
    monkeypatch.setattr(latency, "THREADS_MEGAPIXELS", 0.1)
    monkeypatch.setattr(latency, "FRAME_MEGAPIXELS", 0.1)
    monkeypatch.setattr(latency, "STEADY_MEGAPIXELS", 0.1)
    monkeypatch.setattr(latency, "BARE_SIDE", 96)
    effort = latency.Effort(pictures=4, repeats=1, starts=1, bare=3, frames=400)
    return latency.measure(folders[:1], folders[1:], crew, effort=effort)


def test_each_folder_has_its_ratios_with_a_code_and_without(measured: dict[str, object]) -> None:
    table = latency.groups(measured)
    assert dict(table["pictures"]) == {"samples": 4, "other, no code": 2, "rendered, no code": 3}
    ratios = table[["ratio, median", "ratio of totals", "ratio of p99"]].to_numpy()
    np.testing.assert_allclose(ratios, 1.5)
    assert table.loc["other, no code", "p99 / median"] == pytest.approx(1)
    assert table.loc["samples", "p99 / median"] > 1.2


def test_ratios_of_totals_and_of_the_slowest_are_of_sums_and_of_percentiles() -> None:
    def rows(reader: str, times: list[float]) -> list[dict[str, object]]:
        about = {"dataset": "d", "with_code": True, "reader": reader}
        return [about | {"picture": str(number), "ms": ms} for number, ms in enumerate(times)]

    section = {"photographs": rows("fastqr", [1, 2, 9]) + rows("zxing-cpp", [1, 1, 2])}
    row = latency.groups(section).loc["d"]
    assert row["ratio, median"] == 2
    assert row["ratio of totals"] == 3
    assert row["ratio of p99"] == pytest.approx((2 + 0.98 * 7) / (1 + 0.98))


def test_frames_are_told_in_nanoseconds_a_pixel_beside_a_copy(measured: dict[str, object]) -> None:
    table = latency.frames(measured)
    assert list(table.index) == ["grey, one code", "BGR, one code", "grey, blank", "BGR, blank"]
    assert list(table.columns) == ["copy", "fastqr", "zxing-cpp"]
    np.testing.assert_allclose(table.loc["BGR, blank", "fastqr"], 3000)
    assert (table["copy"] > 0).all()


def test_one_more_code_is_the_slope_between_the_two_largest_numbers() -> None:
    codes = {1: 5.0, 4: 8.0, 16: 20.0, 64: 68.0}
    rows = [{"by": "codes", "amount": amount, "reader": "fastqr", "ms": ms} for amount, ms in codes.items()]
    assert latency.per_code({"growth": rows}).loc["fastqr", "ms a code"] == 1
    assert latency.per_code({"growth": rows[:2]}).empty
    assert latency.per_code({"growth": []}).empty


def test_a_long_video_tells_what_memory_grew_by(measured: dict[str, object]) -> None:
    table = latency.steady(measured)
    assert list(table.index) == list(MS)
    assert table.loc["fastqr", ["frames", "warm_mb", "end_mb", "growth"]].tolist() == [400, 50, 54, 4]


def test_starts_tell_the_import_beyond_the_dependencies(measured: dict[str, object]) -> None:
    assert [row["own_import_ms"] for row in measured["start"]] == [5, 5]  # type: ignore[attr-defined]


def test_a_report_of_before_has_none_of_the_new_tables() -> None:
    section = {"photographs": [{"picture": "a", "reader": "fastqr", "ms": 1.0, "megapixels": 1}], "growth": []}
    for table in (latency.groups, latency.frames, latency.per_code, latency.steady):
        assert table(section).empty


def test_the_page_shows_the_tables(measured: dict[str, object], tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    from benchmarks import page, report

    made = report.begin("test") | {"latency": measured}
    text = page.write(made, tmp_path / "report.html").read_text()
    for words in ("Folder by folder", "Camera frames", "BGR, blank", "A long video", "rendered, no code"):
        assert words in text


def test_a_worker_reads_every_frame_of_a_video_in_one_size() -> None:
    shapes = []

    def read(picture: Picture) -> list[object]:
        shapes.append(picture.shape)
        return []

    reader = OpenReader("1", read)  # type: ignore[arg-type]
    held = steady(reader, np.zeros((40, 60, 3), np.uint8), {"warm_up": 20, "frames": 50})
    assert shapes == [(40, 44, 3)] * 70
    assert set(held) == {"warm_mb", "end_mb"}


@pytest.mark.slow
def test_own_imports_are_measured_in_a_fresh_process() -> None:
    worker = Worker("fastqr", sys.executable, Options(), 20)
    try:
        own = worker.own_import_ms()
        assert own is not None
        assert 0 < own < 5000
    finally:
        worker.close()
