"""The command ``fastqr``: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import subprocess
import sys
from pathlib import Path, PurePath
from typing import BinaryIO

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastqr
from conftest import Picture, code_picture, place, quad_of, textured
from fastqr.cli import main
from fastqr.demo import DEMO_TEXTS
from fastqr.picture_files import picture_files
from fastqr.picture_folder import PictureFolder
from fastqr.printable import escaped

READ, NOTHING_READ, FAILED = 0, 1, 2
Captured = pytest.CaptureFixture[str]
TempFolders = pytest.TempPathFactory
PROGRAM = [sys.executable, "-c", "import sys; from fastqr.cli import main; sys.exit(main())"]


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


# Files that are none, and files that must stay as they are -----------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_sockets_and_devices_in_a_folder_are_named_and_left_alone(folder: Path) -> None:
    os.mkfifo(folder / "b.png")
    (folder / "deeper" / "zero.png").symlink_to("/dev/zero")
    (folder / "deeper" / "link.png").symlink_to(folder / "b.png")
    done = subprocess.run([*PROGRAM, "scan", str(folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == READ
    assert [line.split(": ", 1)[1] for line in done.stdout.splitlines()] == ["first", "zwei: ü"]
    assert done.stderr.splitlines() == [
        f"fastqr: {str(folder / 'b.png')!r} is a named pipe and no file: skipped",
        f"fastqr: {str(folder / 'deeper' / 'link.png')!r} is a named pipe and no file: skipped",
        f"fastqr: {str(folder / 'deeper' / 'zero.png')!r} is a device and no file: skipped",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_given_by_name_is_an_error_of_that_file(folder: Path) -> None:
    os.mkfifo(folder / "b.png")
    command = [*PROGRAM, "scan", str(folder / "b.png"), str(folder / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == FAILED
    assert done.stdout == f"{folder / 'a.png'}: first\n"
    assert "b.png' cannot be read: it is a named pipe and no file" in done.stderr


def test_a_file_that_vanishes_is_an_error_of_that_file(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed_and_gone(*arguments: object) -> list[object]:
        files = list(picture_files(*arguments))  # type: ignore[arg-type]
        (folder / "a.png").unlink()
        return list(files)

    monkeypatch.setattr("fastqr.commands.scan.picture_files", listed_and_gone)
    assert main(["scan", str(folder)]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == f"{folder / 'deeper' / 'b.JPG'}: zwei: ü\n"
    assert captured.err == f"fastqr: image file {str(folder / 'a.png')!r} cannot be read: No such file or directory\n"


def test_a_folder_that_cannot_be_read_is_an_error_and_not_the_end(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refused(path: str) -> object:
        if Path(path).name == "deeper":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert main(["scan", str(folder)]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == f"{folder / 'a.png'}: first\n"
    assert captured.err == f"fastqr: folder {str(folder / 'deeper')!r} cannot be read: Permission denied\n"


def test_annotated_pictures_lie_as_the_pictures_of_a_folder_do(folder: Path, tmp_path_factory: TempFolders) -> None:
    (folder / "deeper" / "b.JPG").rename(folder / "deeper" / "a.jpg")
    (folder / "deeper" / "a.png").write_bytes((folder / "a.png").read_bytes())
    out = tmp_path_factory.mktemp("out")
    assert main(["scan", str(folder), str(folder / "a.png"), "--annotate", str(out)]) == READ
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*.png"))
    assert written == ["a-2.png", "a.png", "deeper/a-2.png", "deeper/a.png", "empty.png"]


def test_annotating_never_overwrites_a_file_of_another_origin(folder: Path, capsys: Captured) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(["scan", str(folder), "--annotate", str(folder)]) == FAILED
    captured = capsys.readouterr()
    assert {path: path.read_bytes() for path in before} == before
    assert (folder / "deeper" / "b.png").exists()  # b.JPG is another file
    errors = captured.err.splitlines()
    assert [line.split("'")[1] for line in errors] == [str(folder / "a.png"), str(folder / "empty.png")]
    assert all("is there already and was left as it is" in line for line in errors)
    assert len(captured.out.splitlines()) == 2


def test_annotating_never_follows_a_link(folder: Path, tmp_path_factory: TempFolders, capsys: Captured) -> None:
    out, elsewhere = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "kept.png").write_bytes(b"kept")
    (out / "a.png").symlink_to(elsewhere / "kept.png")
    (out / "empty.png").symlink_to(elsewhere / "new.png")  # leads to nothing yet
    (out / "deeper").symlink_to(elsewhere)
    assert main(["scan", str(folder), "--annotate", str(out)]) == FAILED
    assert [path.name for path in elsewhere.iterdir()] == ["kept.png"]
    assert (elsewhere / "kept.png").read_bytes() == b"kept"
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert len(captured.err.splitlines()) == 3


def test_annotating_never_writes_into_a_file_of_two_names(
    folder: Path, tmp_path_factory: TempFolders, capsys: Captured
) -> None:
    out = tmp_path_factory.mktemp("out")
    (folder / "kept").write_bytes(b"kept")
    (out / "a.png").hardlink_to(folder / "kept")
    assert main(["scan", str(folder / "a.png"), "--annotate", str(out)]) == FAILED
    assert (folder / "kept").read_bytes() == b"kept"
    capsys.readouterr()


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_pictures_of_any_name_are_annotated(folder: Path) -> None:
    (folder / "a.png").rename(folder / "caf\udce9.png")
    out = folder / "o\udce9ut"
    done = subprocess.run([*PROGRAM, "scan", str(folder), "--annotate", str(out)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (READ, "")
    assert sorted(path.name for path in out.iterdir()) == ["caf\udce9.png", "deeper", "empty.png"]
    assert fastqr.decode(out / "deeper" / "b.png")[0].text == "zwei: ü"


def test_a_picture_that_cannot_be_written_is_not_the_end_of_the_scan(
    folder: Path, tmp_path_factory: TempFolders, capsys: Captured
) -> None:
    out = tmp_path_factory.mktemp("out")
    (out / "deeper").write_text("a file where a folder would have to be")
    (out / "a.png").mkdir()
    assert main(["scan", str(folder), "--annotate", str(out)]) == FAILED
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert [line.split("'")[1] for line in captured.err.splitlines()] == [
        str(out / "a.png"),
        str(out / "deeper" / "b.png"),
    ]
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "deeper", "empty.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_half_a_picture_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> BinaryIO:
        return open("/dev/full", "wb")

    folder = PictureFolder(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("os.fdopen", full)
        with pytest.raises(fastqr.FastQRError, match=r"a\.png' cannot be written: No space left"):
            folder.write(PurePath("a.png"), np.zeros((2000, 2000), np.uint8))
    assert list(tmp_path.iterdir()) == []


# Output -----------------------------------------------------------------------------------------------------------

HOSTILE = "one\r\nb.png: two\x1b[31m\x7f\x9b5A\u2028\u202e\u200b\\n\U000e0041"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A picture whose payload would steer a terminal and pass for several."""
    path = tmp_path / "hostile.png"
    picture = place(textured(460, 460), code_picture(HOSTILE, encoding="utf-8", scale=6), quad_of((230, 230), 380))
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    assert [symbol.text for symbol in fastqr.decode(path)] == [HOSTILE]
    return path


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_json_is_valid_in_every_encoding_and_holds_nothing_that_does_not_print(hostile: Path, encoding: str) -> None:
    path = hostile.rename(hostile.with_name("\u202e\x9b\x7f本.png"))
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([*PROGRAM, "scan", "--json", str(path)], capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (READ, b"")
    printed = done.stdout.decode(encoding)
    assert printed.rstrip("\r\n").isascii()
    assert printed.rstrip("\r\n").isprintable()
    record = json.loads(printed)
    assert record["image"] == str(path)
    assert [symbol["text"] for symbol in record["symbols"]] == [HOSTILE]


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_json_has_names_of_any_bytes(folder: Path) -> None:
    path = (folder / "a.png").rename(folder / "caf\udce9.png")
    done = subprocess.run([*PROGRAM, "scan", "--json", str(path)], capture_output=True)
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["image"] == str(path)


def test_bytes_are_the_exact_data_in_base64(tmp_path: Path, capsys: Captured) -> None:
    data = bytes(range(256))
    path = tmp_path / "binary.png"
    picture = np.pad(code_picture(data, scale=4), 20, constant_values=255)
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    assert main(["scan", "--json", "--bytes", str(path)]) == READ
    (symbol,) = json.loads(capsys.readouterr().out)["symbols"]
    assert base64.b64decode(symbol["bytes"], validate=True) == data
    assert main(["scan", "--json", str(path)]) == READ
    (symbol,) = json.loads(capsys.readouterr().out)["symbols"]
    assert "bytes" not in symbol


def test_bytes_without_json_show_the_usage(folder: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["scan", "--bytes", str(folder)])
    assert caught.value.code == FAILED
    assert "--bytes needs --json" in capsys.readouterr().err


ESCAPED = r"one\r\nb.png: two\x1b[31m\x7f\x9b5A\u2028\u202e\u200b\\n\U000e0041"


def test_an_escaped_payload_is_one_line_that_prints(hostile: Path, capsys: Captured) -> None:
    assert main(["scan", "--escape", str(hostile)]) == READ
    assert capsys.readouterr().out == ESCAPED + "\n"
    assert ESCAPED.isprintable()


def test_what_is_no_terminal_gets_payloads_as_they_are(hostile: Path, capsys: Captured) -> None:
    assert main(["scan", str(hostile)]) == READ
    assert capsys.readouterr().out == HOSTILE + "\n"


def test_names_are_escaped_too(folder: Path, capsys: Captured) -> None:
    named = folder / "a\n.png"
    (folder / "a.png").rename(named)
    assert main(["scan", "--escape", str(folder)]) == READ
    assert capsys.readouterr().out.splitlines()[0] == f"{folder}/a\\n.png: first"


@pytest.mark.skipif(sys.platform != "linux", reason="terminals are opened as Linux does it")
@pytest.mark.parametrize(("options", "shown"), [([], ESCAPED), (["--no-escape"], HOSTILE)])
def test_a_terminal_gets_escaped_payloads(hostile: Path, options: list[str], shown: str) -> None:
    import pty

    terminal, end = pty.openpty()
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([*PROGRAM, "scan", *options, str(hostile)], stdout=end, env=environment)
    os.close(end)
    printed = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert done.returncode == READ
    assert printed.removesuffix("\r\n") == shown.replace("\n", "\r\n")


@given(st.text(alphabet=st.characters()), st.text(alphabet=st.characters()))
def test_escaped_texts_print_and_differ_where_the_texts_do(one: str, other: str) -> None:
    assert escaped(one).isprintable()
    assert (escaped(one) == escaped(other)) == (one == other)
    assert ast.literal_eval("'" + escaped(one).replace("'", r"\'") + "'") == one


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_names_and_texts_without_letters_for_them_are_printed_all_the_same(folder: Path) -> None:
    (folder / "a.png").rename(folder / "caf\udce9.png")  # a Latin-1 name
    command = [*PROGRAM, "scan", str(folder)]
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


@pytest.mark.parametrize("command", ["scan", "video", "batch"])
def test_qr_codes_are_the_one_format_that_may_be_asked_for(folder: Path, capsys: Captured, command: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, str(folder), "out", "--formats", "qr,aztec"])
    assert caught.value.code == FAILED
    assert "--formats: 'aztec' is not read: fastqr reads QR codes (qr) and no other format" in capsys.readouterr().err
    assert main(["scan", str(folder / "a.png"), "--formats", "QR-Code"]) == READ
    assert capsys.readouterr().out == "first\n"


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


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_a_video_may_have_any_name(tmp_path: Path) -> None:
    done = subprocess.run([*PROGRAM, "video", str(tmp_path / "caf\udce9.avi")], capture_output=True, text=True)
    assert done.returncode == FAILED
    assert "caf\\udce9.avi' cannot be opened" in done.stderr


def test_a_video_that_cannot_be_opened_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["video", str(tmp_path / "absent.avi")]) == FAILED
    assert "absent.avi" in capfd.readouterr().err


def test_the_command_runs_as_a_program(folder: Path) -> None:
    command = [*PROGRAM, "scan", str(folder / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (READ, "first\n", "")
