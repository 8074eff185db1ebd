"""Videos of files, cameras and programs: frame by frame, and as the command prints, draws and shows them."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.scenes.film import KINDS, Kind, Shown, film

import fastqr
from conftest import Picture, code_picture, place, quad_of, textured
from fastqr.annotate import draw_followed
from fastqr.cli import main
from fastqr.quads import inside_quads

READ, NOTHING_READ, FAILED = 0, 1, 2
FRAMES = 40
PASSING, BELT, HAND, NOTHING = KINDS
Captured = pytest.CaptureFixture[str]


def frames_of(kind: Kind, frames: int = FRAMES) -> list[tuple[Picture, list[Shown]]]:
    return list(film(kind, height=480, width=640, frames=frames, seed=1))


def code_frame(text: str = "first", x: float = 150) -> Picture:
    return place(textured(260, 300), code_picture(text), quad_of((x, 130), 160, degrees=15))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video file of six frames: a code enters with the third and leaves with the fifth."""
    path = tmp_path_factory.mktemp("video") / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (300, 260))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no video")
    for shown in (False, False, True, True, False, False):
        frame = code_frame() if shown else textured(260, 300)
        writer.write(np.repeat(frame[..., None], 3, axis=2))
    writer.release()
    return path


# Films ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_codes_of_a_film_are_read_at_once_and_nothing_else_is(kind: Kind) -> None:
    tracker = fastqr.Tracker()
    read = whole = 0
    for number, (frame, shown) in enumerate(frames_of(kind)):
        symbols = tracker.decode(frame)
        found = {symbol.text: symbol for symbol in symbols}
        assert len(found) == len(symbols)
        for code in shown:
            whole += 1
            if code.text in found:
                read += 1
                quad = found[code.text].quad
                assert quad is not None
                np.testing.assert_allclose(quad, code.quad, atol=4 if code.plain else 12)
            else:
                assert not code.plain, (number, code)  # what is plain to see is read in every frame
    assert read >= 0.6 * whole
    names = {code.symbol.text for code in tracker.appearances}
    assert len(names) <= kind.codes
    assert all(name.startswith("https://example.org/film/1/") for name in names)


def test_labels_on_a_belt_are_one_appearance_each() -> None:
    tracker = fastqr.Tracker()
    appearances = {
        code.id: code
        for frame in fastqr.track((frame for frame, _ in frames_of(BELT)), tracker)
        for code in frame.ended
    }
    appearances.update((code.id, code) for code in tracker.ended)  # those that were there to the end
    assert sorted(code.symbol.text[-1] for code in appearances.values()) == ["0", "1", "2", "3"]
    for code in appearances.values():
        assert code.path.shape == (code.last - code.first + 1, 4, 2)
        across = code.path.mean(1)[:, 0]
        assert (np.diff(across) > 0).all()


def test_smoothed_corners_lie_near_the_measured_ones_and_shake_less() -> None:
    tracker, random = fastqr.Tracker(), np.random.default_rng(1)
    measured, smooth, truth = [], [], []
    for frame, shown in frames_of(BELT, frames=120)[14:45]:
        seen = frame + random.normal(0, 14, frame.shape)  # noise is what the measured corners shake by
        tracker.decode(np.clip(seen, 0, 255).astype(np.uint8))
        (code,) = [code for code in tracker.appearances if code.symbol.text.endswith("0")] or [None]
        quads = [code.quad for code in shown if code.text.endswith("0")]
        if code is not None and code.measured is not None and quads:
            measured.append(code.measured)
            smooth.append(code.quad)
            truth.append(quads[0])
    assert len(truth) > 12

    def shaking(quads: list[np.ndarray]) -> float:
        return float(np.diff(np.array(quads) - np.array(truth), axis=0)[5:].std())

    assert shaking(smooth) < 0.8 * shaking(measured)
    assert np.abs(np.array(smooth) - truth)[5:].max() < 3


# Sources --------------------------------------------------------------------------------------------------------------


def test_a_file_is_followed_frame_by_frame(clip: Path) -> None:
    frames = list(fastqr.track(clip))
    assert [frame.number for frame in frames] == list(range(6))
    np.testing.assert_allclose([frame.time for frame in frames], np.arange(6) / 20, atol=0.002)
    assert [[symbol.text for symbol in frame.symbols] for frame in frames] == [[], [], ["first"], ["first"], [], []]
    assert [[code.state for code in frame.appearances] for frame in frames] == [
        [],
        [],
        ["decoded"],
        ["decoded"],
        ["expected"],
        ["expected"],
    ]
    assert frames[0].picture.shape == (260, 300, 3)


def test_frames_come_one_by_one_from_any_iterable() -> None:
    taken = []

    def frames() -> Iterator[Picture]:
        for number in itertools.count():
            taken.append(number)
            yield code_frame(x=130 + 5 * number)

    followed = fastqr.track(frames())
    assert taken == []
    for number in range(3):
        frame = next(followed)
        assert taken[-1] == frame.number == number
        assert [(code.id, code.state) for code in frame.appearances] == [(1, "decoded")]
        assert frame.time >= 0


def test_the_end_of_a_video_ends_its_appearances() -> None:
    tracker = fastqr.Tracker()
    assert len(list(fastqr.track([code_frame()] * 2, tracker))) == 2
    assert tracker.appearances == []
    assert [(code.symbol.text, code.first, code.last) for code in tracker.ended] == [("first", 0, 1)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("absent.avi", "video 'absent.avi' cannot be opened: there is no such file"),
        (64, "camera 64 cannot be opened: no such camera is connected, or another program has it"),
        ("http://127.0.0.1:9/none", "video 'http://127.0.0.1:9/none' cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_named(source: str | int, message: str) -> None:
    with pytest.raises(fastqr.VideoError, match=message):
        fastqr.track(source)


@pytest.mark.parametrize("source", [None, 2.5, True, b"clip.avi", np.zeros((20, 20), np.uint8)])
def test_sources_of_other_types_are_named(source: object) -> None:
    with pytest.raises(fastqr.ArgumentTypeError, match="source must be a camera's number, a video's path or address"):
        fastqr.track(source)  # type: ignore[arg-type]


def test_frames_that_are_none_are_named() -> None:
    with pytest.raises(fastqr.ArgumentTypeError, match="frame must be"):
        next(fastqr.track(["frame.png"]))  # type: ignore[list-item]


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_tells_in_json_what_becomes_of_each_code(clip: Path, capsys: Captured) -> None:
    assert main(["video", str(clip), "--json", "--bytes"]) == READ
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["frame"], line["track"], line["state"]) for line in lines] == [
        (2, 1, "decoded"),
        (3, 1, "decoded"),
        (4, 1, "expected"),
        (5, 1, "expected"),
    ]
    first = lines[0]
    assert (first["text"], first["data"], first["bytes"]) == ("first", b"first".hex(), "Zmlyc3Q=")
    assert first["time"] == pytest.approx(0.1, abs=0.002)
    assert np.array(first["corners"]).shape == np.array(first["measured"]).shape == (4, 2)
    assert lines[2]["measured"] is None


def test_the_command_draws_a_video(clip: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "drawn.mp4"
    assert main(["video", str(clip), "--annotate", str(out)]) == READ
    assert capsys.readouterr().out == "frame 2: first\n"
    drawn = list(fastqr.track(out))
    assert len(drawn) == 6
    before = [frame.picture for frame in fastqr.track(clip)]
    changed = [float(np.abs(a.picture.astype(int) - b).mean()) for a, b in zip(drawn, before, strict=True)]
    assert min(changed[2:4]) > 2 * max(changed[:2])
    assert main(["video", str(clip), "--annotate", str(out)]) == FAILED
    assert "exists already" in capsys.readouterr().err


def test_codes_are_drawn_with_their_numbers_and_paths() -> None:
    tracker = fastqr.Tracker()
    for number in range(3):
        tracker.decode(code_frame(x=120 + 30 * number))
    blank = np.full((260, 300), 255, np.uint8)
    drawn = draw_followed(blank, tracker.appearances)
    assert drawn.shape == (260, 300, 3)
    assert (blank == 255).all()
    (code,) = tracker.appearances
    ink = np.argwhere((drawn != 255).any(2))[:, ::-1].astype(np.float32)
    assert inside_quads(ink, code.quad[None]).any()  # the path of its centre
    for corner in code.quad:
        assert np.linalg.norm(ink - corner, axis=1).min() < 3


def test_a_window_shows_the_frames_until_a_key_ends_it(
    clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    shown: list[Picture] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(cv2, "imshow", lambda name, picture: shown.append(picture))
    monkeypatch.setattr(cv2, "waitKey", lambda ms: ord("q") if len(shown) == 4 else -1)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda name, which: 1.0)
    monkeypatch.setattr(cv2, "destroyAllWindows", lambda: None)
    assert main(["video", str(clip), "--show"]) == READ
    assert len(shown) == 4
    assert capsys.readouterr().out == "frame 2: first\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_machine_without_a_screen_says_so(clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert main(["video", str(clip), "--show"]) == FAILED
    assert "--show needs a screen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("64", "camera 64 cannot be opened: no such camera is connected, or another program has it"),
        ("garbage.mp4", "video 'garbage.mp4' cannot be opened: it is no video that this OpenCV decodes"),
    ],
)
def test_what_cannot_be_opened_is_one_line(tmp_path: Path, source: str, complaint: str) -> None:
    (tmp_path / "garbage.mp4").write_bytes(b"no video at all" * 100)
    program = [sys.executable, "-m", "fastqr", "video", source]
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    done = subprocess.run(
        program, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}
    )
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert done.stderr.splitlines() == [f"fastqr: {complaint}"]


CAMERA = """
import os, sys, time
import cv2, numpy as np

class Camera:
    "Gives a frame every 40 ms, of which the third one shows a code, and then none."

    def __init__(self, source):
        self.frames = list(np.load(sys.argv[1]))

    def isOpened(self):
        return True

    def get(self, what):
        return 25.0

    def read(self):
        time.sleep(0.04)
        if not self.frames:
            time.sleep(60)  # nothing more comes, and what has not reached the other program by then never does
            os._exit(1)
        return True, self.frames.pop(0)

    def release(self):
        pass

cv2.VideoCapture = Camera
from fastqr.cli import main
main(["video", "0", *sys.argv[2:]])
"""


@pytest.mark.parametrize("options", [["--json"], []])
def test_a_line_reaches_another_program_before_the_next_frame_is_there(tmp_path: Path, options: list[str]) -> None:
    frames = np.stack(
        [np.repeat(f[..., None], 3, axis=2) for f in (textured(260, 300), textured(260, 300), code_frame())]
    )
    np.save(tmp_path / "frames.npy", frames)
    program = [sys.executable, "-c", CAMERA, str(tmp_path / "frames.npy"), *options]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=buffered
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
        finally:
            process.kill()
    assert "first" in line
