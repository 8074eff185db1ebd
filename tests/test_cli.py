"""The command ``fastqr``: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import fastqr
from conftest import Picture, code_picture, place, quad_of, textured
from fastqr.cli import main
from fastqr.demo import DEMO_TEXTS

READ, NOTHING_READ, FAILED = 0, 1, 2
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures with a code each, one without, one file that is no picture, and one of another kind."""
    one = place(textured(260, 300), code_picture("first"), quad_of((150, 130), 200, degrees=15))
    two = place(textured(260, 300), code_picture("zwei: ü", encoding="utf-8"), quad_of((150, 130), 200, degrees=80))
    (tmp_path / "deeper").mkdir()
    for path, picture in {"a.png": one, "deeper/b.JPG": two, "empty.png": np.full((90, 90), 99, np.uint8)}.items():
        assert cv2.imwrite(str(tmp_path / path), picture)
    (tmp_path / "notes.txt").write_text("no picture, and not named like one")
    return tmp_path


def test_a_file_prints_its_texts(folder: Path, capsys: Captured) -> None:
    assert main(["scan", str(folder / "a.png")]) == READ
    assert capsys.readouterr().out == "first\n"


def test_a_picture_without_codes_prints_nothing(folder: Path, capsys: Captured) -> None:
    assert main(["scan", str(folder / "empty.png")]) == NOTHING_READ
    assert capsys.readouterr().out == ""


def test_a_folder_is_searched_for_pictures(folder: Path, capsys: Captured) -> None:
    assert main(["scan", str(folder)]) == READ
    captured = capsys.readouterr()
    lines = [f"{folder / 'a.png'}: first", f"{folder / 'deeper' / 'b.JPG'}: zwei: ü"]
    assert captured.out.splitlines() == lines
    assert captured.err == ""


def test_globs_that_the_shell_left_are_expanded(folder: Path, capsys: Captured) -> None:
    assert main(["scan", str(folder / "*.png")]) == READ
    assert capsys.readouterr().out == f"{folder / 'a.png'}: first\n"
    assert main(["scan", str(folder / "**" / "*.JPG")]) == READ
    assert capsys.readouterr().out == "zwei: ü\n"


def test_a_file_whose_name_looks_like_a_glob_is_a_file(folder: Path, capsys: Captured) -> None:
    odd = folder / "photo [1].png"
    (folder / "a.png").rename(odd)
    assert main(["scan", str(odd)]) == READ
    assert capsys.readouterr().out == "first\n"


def test_standard_input_is_a_dash(folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO((folder / "a.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert main(["scan", "-", "--json"]) == READ
    record = json.loads(capsys.readouterr().out)
    assert record["image"] == "standard input"
    assert [symbol["text"] for symbol in record["symbols"]] == ["first"]


def test_json_is_one_object_a_picture_and_line(folder: Path, capsys: Captured) -> None:
    assert main(["scan", "--json", str(folder)]) == READ
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(record["image"]).name for record in records] == ["a.png", "b.JPG", "empty.png"]
    assert records[2]["symbols"] == []
    (symbol,) = records[1]["symbols"]
    assert symbol["text"] == "zwei: ü"
    assert bytes.fromhex(symbol["data"]).decode() == "zwei: ü"
    assert np.shape(symbol["quad"]) == (4, 2)
    assert 1 <= symbol["version"] <= 40
    assert symbol["ec_level"] in "LMQH"
    assert 0 < symbol["confidence"] <= 1
    assert (symbol["inverted"], symbol["mirrored"]) == (False, False)


def test_annotated_pictures_are_written_with_the_quads_drawn_in(folder: Path, capsys: Captured) -> None:
    out = folder / "out" / "deep"
    assert main(["scan", str(folder / "a.png"), str(folder / "empty.png"), "--annotate", str(out)]) == READ
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "empty.png"]
    drawn, original = (np.asarray(cv2.imread(str(path))) for path in (out / "a.png", folder / "a.png"))
    assert drawn.shape == original.shape
    changed = (drawn != original).any(2)
    (symbol,) = fastqr.decode(folder / "a.png")
    for x, y in symbol.quad:
        assert changed[int(y) - 4 : int(y) + 5, int(x) - 4 : int(x) + 5].any()
    assert changed.mean() < 0.2
    capsys.readouterr()


def test_pictures_of_the_same_name_do_not_overwrite_each_other(folder: Path, capsys: Captured) -> None:
    (folder / "deeper" / "b.JPG").rename(folder / "deeper" / "a.jpg")
    out = folder / "out"
    assert main(["scan", str(folder), "--annotate", str(out)]) == READ
    assert len(list(out.iterdir())) == 3
    capsys.readouterr()


def test_the_number_of_symbols_may_be_limited(folder: Path, capsys: Captured) -> None:
    both: Picture = np.hstack([np.asarray(cv2.imread(str(folder / name), 0)) for name in ("a.png", "deeper/b.JPG")])
    path = folder / "both.png"
    assert cv2.imwrite(str(path), both)
    assert main(["scan", str(path)]) == READ
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["scan", str(path), "--max-symbols", "1"]) == READ
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_broken_file_among_good_ones_is_named_and_the_others_are_read(folder: Path, capsys: Captured) -> None:
    (folder / "broken.png").write_bytes(b"not a picture")
    assert main(["scan", str(folder)]) == FAILED
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert captured.err.startswith("fastqr: image file ")
    assert "broken.png" in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_folder_of_broken_files_is_gone_through_to_its_end(folder: Path, capsys: Captured) -> None:
    whole = (folder / "a.png").read_bytes()
    broken = {
        "0-empty.png": b"",
        "1-cut.png": whole[:20],
        "2-huge.png": whole[:16] + b"\x7f\xff\xff\xff" * 2 + whole[24:],
        "z-text.jpg": b"text",
    }
    for name, content in broken.items():
        (folder / name).write_bytes(content)
    (folder / "gone.png").symlink_to(folder / "absent.png")
    (folder / "round.png").symlink_to(folder / "round.png")
    (folder / "deeper" / "up").symlink_to(folder)
    (folder / "folder.png").mkdir()
    assert main(["scan", str(folder)]) == FAILED
    captured = capsys.readouterr()
    assert [line.split(": ", 1)[1] for line in captured.out.splitlines()] == ["first", "zwei: ü"]
    named = [line for line in captured.err.splitlines() if line.startswith("fastqr: image file ")]
    assert len(named) == len(captured.err.splitlines()) == 6
    for line, name in zip(named, sorted([*broken, "gone.png", "round.png"]), strict=True):
        assert name in line


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_names_and_texts_without_letters_for_them_are_printed_all_the_same(folder: Path) -> None:
    (folder / "a.png").rename(folder / "caf\udce9.png")  # a Latin-1 name
    program = "import sys; from fastqr.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "scan", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (READ, "")
    assert done.stdout.splitlines()[0].endswith("caf\\udce9.png: first")
    assert done.stdout.splitlines()[1].endswith("b.JPG: zwei: \\xfc")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.png"], "absent.png"),
        (["a" * 5000], "File name too long"),
        (["no*such*glob.png"], "no picture files in"),
        (["empty.png", "--threads", "0"], "threads must be a whole number"),
        (["empty.png", "--budget-ms", "-1"], "budget_ms must be"),
        (["empty.png", "--max-symbols", "0"], "max_symbols must be"),
    ],
)
def test_errors_are_one_line_and_status_2(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(folder)
    assert main(["scan", *arguments]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("fastqr: ")
    assert message in captured.err
    assert "Traceback" not in captured.err


def test_a_folder_that_cannot_be_made_is_an_error_too(folder: Path, capsys: Captured) -> None:
    assert main(["scan", str(folder / "a.png"), "--annotate", str(folder / "notes.txt")]) == FAILED
    assert "notes.txt" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["scan"], ["unknown"], ["scan", "a.png", "--threads", "two"]])
def test_a_wrong_command_line_shows_the_usage(capsys: Captured, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == FAILED
    assert "usage: fastqr" in capsys.readouterr().err


def test_the_demo_reads_its_scene_and_writes_the_picture(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "demo.png"
    assert main(["demo", "--out", str(out)]) == READ
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(DEMO_TEXTS)
    drawn = np.asarray(cv2.imread(str(out)))
    assert drawn.shape == fastqr.demo_scene().shape
    assert (drawn != fastqr.demo_scene()).any()


def test_the_demo_names_a_picture_that_cannot_be_written(tmp_path: Path, capsys: Captured) -> None:
    assert main(["demo", "--out", str(tmp_path / "absent" / "demo.png")]) == FAILED
    assert "demo.png' cannot be written" in capsys.readouterr().err


def test_info_is_json(capsys: Captured) -> None:
    assert main(["info"]) == READ
    assert json.loads(capsys.readouterr().out) == fastqr.build_info()


def test_the_version_is_printed(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"fastqr {fastqr.__version__}\n"


def test_a_video_prints_each_text_once(folder: Path, capsys: Captured) -> None:
    path = folder / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (300, 260))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no video")
    frame = np.asarray(cv2.imread(str(folder / "a.png")))
    for _ in range(3):
        writer.write(frame)
    writer.release()
    assert main(["video", str(path)]) == READ
    assert capsys.readouterr().out == "frame 0: first\n"


def test_a_video_that_cannot_be_opened_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["video", str(tmp_path / "absent.avi")]) == FAILED
    assert "absent.avi" in capfd.readouterr().err


def test_the_command_runs_as_a_program(folder: Path) -> None:
    program = "import sys; from fastqr.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "scan", str(folder / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (READ, "first\n", "")
