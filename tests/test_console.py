"""The command line as a person meets it: short forms, progress, colours, a summary, tables and completion."""

from __future__ import annotations

import base64
import csv
import functools
import io
import json
import operator
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import fastqr
from conftest import code_picture
from fastqr.cli import main
from symbol_drawing import byte_segment, draw, padded

READ, NOTHING_READ, FAILED = 0, 1, 2
Captured = pytest.CaptureFixture[str]
PROGRAM = [sys.executable, "-c", "import sys; from fastqr.cli import main; sys.exit(main())"]
CLEARED = re.compile(r"[^\n]*\r\x1b\[K")  # what stood in a line that was cleared
on_a_terminal = pytest.mark.skipif(sys.platform != "linux", reason="terminals are opened as Linux does it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, picture in {
        "a.png": code_picture("first"),
        "b.png": np.full((90, 90), 99, np.uint8),
        "c.png": np.hstack([code_picture("left"), code_picture("right, and\nbelow")]),
    }.items():
        assert cv2.imwrite(str(tmp_path / name), picture)
    return tmp_path


def on_terminal(
    command: list[str], environment: dict[str, str] | None = None, *, piped: bool = False
) -> tuple[str, str]:
    """Return what a program writes to a terminal of 80 columns, and what to a pipe where its output goes there."""
    import fcntl
    import pty
    import struct
    import termios

    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    settings = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE if piped else end,
        stderr=end,
        env=settings | {"TERM": "xterm"} | (environment or {}),
    )
    os.close(end)
    seen = bytearray()

    def read() -> None:
        while True:
            try:
                block = os.read(terminal, 1 << 16)
            except OSError:  # the last one who had it open has gone
                return
            seen.extend(block)

    reader = threading.Thread(target=read)
    reader.start()
    output, _ = child.communicate(timeout=60)
    reader.join()
    os.close(terminal)
    return seen.decode().replace("\r\n", "\n"), (output or b"").decode()


# Short forms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["a.png"], ["--quiet", "a.png"], ["./a.png", "--effort", "quick"]])
def test_a_picture_alone_is_scanned(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(folder)
    assert main(arguments) == READ
    assert capsys.readouterr().out == "first\n"


def test_a_picture_that_is_missing_is_named(capsys: Captured) -> None:
    assert main(["absent.png"]) == FAILED
    assert "image file 'absent.png' cannot be read: No such file" in capsys.readouterr().err


def test_a_misspelt_command_is_no_picture(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["skan"])
    assert "invalid choice: 'skan'" in capsys.readouterr().err


def test_codes_below_the_smallest_size_are_not_looked_for(folder: Path, capsys: Captured) -> None:
    photo = np.full((600, 600), 90, np.uint8)  # nothing shows its finder patterns after the blur
    small = cv2.GaussianBlur(np.pad(code_picture("small", scale=2), 12, constant_values=255), (0, 0), 1.3)
    photo[: small.shape[0], : small.shape[1]] = small
    assert cv2.imwrite(str(folder / "small.png"), photo)
    assert main(["scan", str(folder / "small.png")]) == READ
    assert main(["scan", str(folder / "small.png"), "--min-size", "300"]) == NOTHING_READ
    assert capsys.readouterr().out == "small\n"


def test_other_networks_may_be_named(folder: Path, capsys: Captured) -> None:
    assert main(["scan", str(folder / "a.png"), "--models", str(folder)]) == FAILED
    assert str(folder) in capsys.readouterr().err


# Tables ------------------------------------------------------------------------------------------------------------


def test_csv_has_a_row_a_symbol_and_one_for_a_picture_without(folder: Path, capsys: Captured) -> None:
    assert main(["scan", "--csv", str(folder)]) == READ
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    assert [(Path(row["image"]).name, row["text"]) for row in rows] == [
        ("a.png", "first"),
        ("b.png", ""),
        ("c.png", "left"),
        ("c.png", "right, and\nbelow"),
    ]
    (symbol,) = fastqr.decode(folder / "a.png")
    assert symbol.quad is not None
    assert [float(rows[0][name]) for name in ("x1", "y1", "x3", "y3")] == pytest.approx(
        [*symbol.quad[0], *symbol.quad[2]], abs=0.01
    )
    assert bytes.fromhex(rows[0]["data"]) == b"first"
    assert (rows[0]["version"], rows[0]["ec_level"]) == (str(symbol.version), symbol.ec_level)
    assert set(rows[1].values()) == {rows[1]["image"], ""}


def test_escaped_csv_has_a_line_a_row(folder: Path, capsys: Captured) -> None:
    assert main(["scan", "--csv", "--escape", str(folder / "c.png")]) == READ
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert r'"right, and\nbelow"' in lines[2]


def test_json_and_csv_exclude_each_other(folder: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["scan", "--csv", "--json", str(folder)])
    assert caught.value.code == FAILED
    assert "not allowed with argument" in capsys.readouterr().err


# Terminals ---------------------------------------------------------------------------------------------------------


@on_a_terminal
def test_a_terminal_shows_progress_that_leaves_nothing_among_results(folder: Path) -> None:
    seen, _ = on_terminal([*PROGRAM, "scan", str(folder)], {"NO_COLOR": "1"})
    assert re.search(r"\[#+ *\] +33%  1 of 3 pictures  [0-9.]+ a second", seen)
    lines = CLEARED.sub("", seen).splitlines()
    assert lines[:3] == [f"{folder}/a.png: first", f"{folder}/c.png: left", f"{folder}/c.png: right, and\\nbelow"]
    assert re.fullmatch(r"3 codes in 2 of 3 pictures; [0-9.]+ s, [0-9.]+ pictures a second", lines[3])
    assert len(lines) == 4


@on_a_terminal
def test_results_in_a_pipe_are_results_alone(folder: Path) -> None:
    (folder / "d.png").write_bytes(b"no picture")
    seen, output = on_terminal([*PROGRAM, "scan", "--json", str(folder)], {"NO_COLOR": "1"}, piped=True)
    assert len(output.splitlines()) == 3
    assert output.isascii()
    assert "\x1b" not in output
    complaint, summary = CLEARED.sub("", seen).splitlines()
    assert complaint.startswith("fastqr: image file ")
    assert summary.startswith("3 codes in 2 of 4 pictures, 1 error; ")


@on_a_terminal
def test_a_quiet_command_shows_results_alone(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    seen, _ = on_terminal([*PROGRAM, "scan", "--quiet", str(folder)], {"NO_COLOR": "1"})
    assert [line.rsplit(": ", 1)[1] for line in seen.splitlines()] == ["first", "left", r"right, and\nbelow"]


@on_a_terminal
@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_names_are_coloured_on_a_terminal_that_may(folder: Path, environment: dict[str, str], coloured: bool) -> None:
    seen, _ = on_terminal([*PROGRAM, "scan", str(folder)], environment)
    name = f"{folder}/a.png"
    assert (f"\x1b[35m{name}\x1b[0m: first" if coloured else f"{name}: first") in seen
    assert ("\x1b[35m" in seen) == coloured


# Completion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "offered"),
    [("fastqr sc", {"scan "}), ("fastqr scan --ef", {"--effort "}), ("fastqr scan --effort q", {"quick "})],
)
def test_a_shell_completes_commands_options_and_choices(tmp_path: Path, line: str, offered: set[str]) -> None:
    pytest.importorskip("argcomplete", reason="the extra `cli` is not installed")
    environment = os.environ | {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(tmp_path / "offered"),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
    }
    assert subprocess.run(PROGRAM, env=environment, stdout=subprocess.DEVNULL).returncode == 0
    assert set((tmp_path / "offered").read_text().split("\n")) == offered


def test_help_imports_no_engine() -> None:
    program = "import sys\nfrom fastqr.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    program += "assert 'fastqr.commands.scan' not in sys.modules\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "scan" in done.stdout


# Messages over several symbols --------------------------------------------------------------------------------------


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Pictures of the three parts of a message; UTF-8, one byte each, is cut inside a character."""
    data = "Grüße".encode()
    parity = functools.reduce(operator.xor, data)
    paths = []
    for i, piece in enumerate((data[:3], data[3:5], data[5:])):
        stream = f"0011{i:04b}{2:04b}{parity:08b}" + byte_segment(piece)
        modules = draw(padded(stream, 1, "L"), 1, "L")
        picture = np.kron(np.pad(modules, 4), np.ones((4, 4), bool))
        paths.append(tmp_path / f"part {i + 1}.png")
        assert cv2.imwrite(str(paths[-1]), np.where(picture, 0, 255).astype(np.uint8))
    return paths


def test_a_message_over_several_pictures_is_printed_once_it_is_complete(parts: list[Path], capsys: Captured) -> None:
    first, second, third = map(str, parts)
    assert main(["scan", third, first, third, second, first]) == READ
    captured = capsys.readouterr()
    assert captured.out == f"{first} + {second} + {third}: Grüße\n"
    assert captured.err == ""


def test_a_message_in_one_picture_is_printed_alone(parts: list[Path], capsys: Captured) -> None:
    together = parts[0].with_name("together.png")
    assert cv2.imwrite(str(together), np.hstack([np.asarray(cv2.imread(str(path))) for path in parts]))
    assert main(["scan", str(together)]) == READ
    assert capsys.readouterr().out == "Grüße\n"


def test_parts_without_their_message_are_printed_at_the_end_and_it_is_said_what_lacks(
    parts: list[Path], folder: Path, capsys: Captured
) -> None:
    assert main(["scan", str(parts[0]), str(parts[2]), str(folder / "a.png")]) == READ
    captured = capsys.readouterr()
    assert [line.rpartition(": ")[0] for line in captured.out.splitlines()] == [
        str(path) for path in (folder / "a.png", parts[0], parts[2])
    ]
    assert captured.err == f"fastqr: {parts[0]} + {parts[2]}: a message lacks part 2 of 3\n"


def test_parts_are_not_lost_where_a_scan_is_interrupted(
    parts: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = fastqr.Scanner.decode

    def interrupted(scanner: fastqr.Scanner, picture: Any) -> list[fastqr.Symbol]:
        if shown:
            raise KeyboardInterrupt
        shown.append(True)
        return decode(scanner, picture)

    shown: list[bool] = []
    monkeypatch.setattr(fastqr.Scanner, "decode", interrupted)
    assert main(["scan", *map(str, parts)]) == 130
    assert capsys.readouterr().out.startswith(f"{parts[0]}: ")


def test_json_has_each_part_in_its_picture_and_the_message_in_a_line_of_its_own(
    parts: list[Path], capsys: Captured
) -> None:
    assert main(["scan", "--json", "--bytes", *map(str, parts)]) == READ
    *pictures, joined = map(json.loads, capsys.readouterr().out.splitlines())
    assert [picture["symbols"][0]["structured_append"]["index"] for picture in pictures] == [0, 1, 2]
    assert joined["images"] == [str(path) for path in parts]
    assert (joined["message"]["text"], joined["message"]["encoding"]) == ("Grüße", "utf-8")
    assert bytes.fromhex(joined["message"]["data"]) == base64.b64decode(joined["message"]["bytes"]) == "Grüße".encode()


def test_csv_has_a_row_a_message(parts: list[Path], capsys: Captured) -> None:
    assert main(["scan", "--csv", *map(str, parts)]) == READ
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert (row["image"], row["text"], row["x1"]) == (" + ".join(map(str, parts)), "Grüße", "")


def test_character_sets_to_expect_may_be_named(parts: list[Path], capsys: Captured) -> None:
    assert main(["scan", "--encodings", "ascii,cp1251", *map(str, parts)]) == READ
    assert capsys.readouterr().out.endswith(": " + "Grüße".encode().decode("cp1251") + "\n")
    assert main(["scan", "--encodings", "utf-9", str(parts[0])]) == FAILED
    assert "got 'utf-9' among them" in capsys.readouterr().err
