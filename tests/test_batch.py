"""Archives of pictures to Parquet: every picture once, whatever ends in between."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

import fastqr
from conftest import Picture, code_picture
from fastqr.cli import main

pa = pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
import pyarrow.dataset  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from benchmarks.batches import command_line, descendants  # noqa: E402

from fastqr import batch  # noqa: E402
from fastqr.batch.sources import Chunk, Item, chunks_of, pictures_of  # noqa: E402

READ, NOTHING_READ, FAILED = 0, 1, 2
Captured = pytest.CaptureFixture[str]
Row = dict[str, object]
BLANK: Picture = np.full((64, 64), 200, np.uint8)


def encoded(picture: Picture) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


CODES = {f"{number:03d}.png": encoded(code_picture(f"code {number}", scale=3)) for number in range(70)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seventy pictures of a code, one of two, one without, one that is broken."""
    path = tmp_path / "in"
    (path / "deeper").mkdir(parents=True)
    for name, content in CODES.items():
        (path / name).write_bytes(content)
    (path / "deeper" / "two.png").write_bytes(encoded(np.hstack([code_picture("left"), code_picture("right")])))
    (path / "blank.png").write_bytes(encoded(BLANK))
    (path / "broken.png").write_bytes(b"no picture")
    (path / "notes.txt").write_text("no picture")
    return path


def rows_in(out: Path) -> list[Row]:
    table = pyarrow.dataset.dataset(out).to_table()
    assert table.schema.equals(batch.SCHEMA)
    rows: list[Row] = table.to_pylist()
    return sorted(rows, key=lambda row: (row["source"], row["index"], row["symbol"] or 0))


def without_times(rows: list[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if name != "milliseconds"} for row in rows]


def items(*inputs: Path, column: str | None = None, most: int = 1024, dpi: float = 100) -> list[Item]:
    chunks = list(chunks_of(map(str, inputs), most=most, column=column, skipped=lambda _: None))
    assert [Chunk.from_json(chunk.to_json()) for chunk in chunks] == chunks
    return [item for chunk in chunks for item in pictures_of(chunk, dpi=dpi)]


def texts(found: list[Item]) -> list[str]:
    assert [item.error for item in found] == [None] * len(found)
    return [symbol.text for item in found if item.picture is not None for symbol in fastqr.decode(item.picture)]


def test_rows_say_in_which_character_set_a_message_is() -> None:
    text = "Grüße aus Köln"
    pictures = [
        code_picture(text, encoding="utf-8", eci=True),
        code_picture(text.encode()),
        code_picture("ASCII"),
        BLANK,
    ]
    rows = batch.Reader("picture")(pa.table({"picture": [encoded(picture) for picture in pictures]})).to_pylist()
    assert [row["text"] for row in rows] == [text, text, "ASCII", None]
    assert [row["encoding"] for row in rows] == ["utf-8", "utf-8", "ascii", None]
    assert [row["encoding_named"] for row in rows] == [True, False, False, None]


# Rows --------------------------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_row_a_symbol_and_one_a_picture_without(
    folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    assert main(["batch", str(folder), str(out), "--workers", "2"]) == READ
    assert capsys.readouterr() == ("", "")
    rows = {(Path(str(row["source"])).name, row["symbol"]): row for row in rows_in(out)}
    assert len(rows) == len(CODES) + 2 + 1 + 1
    for number, name in enumerate(CODES):
        assert rows[name, 0]["text"] == f"code {number}"
    assert {rows["two.png", 0]["text"], rows["two.png", 1]["text"]} == {"left", "right"}
    blank, broken, first = rows["blank.png", None], rows["broken.png", None], rows["000.png", 0]
    assert (blank["width"], blank["height"], blank["text"], blank["error"]) == (64, 64, None, None)
    assert "is not a picture" in str(broken["error"])
    (symbol,) = fastqr.decode(folder / "000.png")
    assert symbol.quad is not None
    assert first["quad"] == symbol.quad.reshape(-1).tolist()
    for name in ("data", "version", "ec_level", "encoding", "encoding_named", "encoding_certainty"):
        assert first[name] == getattr(symbol, name), name
    assert float(str(first["milliseconds"])) > 0

    assert blank["encoding"] is None

    # The same command again finds it all done; another one does not mix with it.
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    assert main(["batch", str(folder), str(out), "--workers", "2"]) == READ
    assert f"{len(CODES) + 3} of {len(CODES) + 3} pictures were read before" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in out.glob("*.parquet")} == before
    assert main(["batch", str(folder), str(out), "--effort", "quick"]) == FAILED
    assert "holds a job with other settings" in capsys.readouterr().err


def test_a_run_that_was_ended_goes_on_without_loss_or_double_rows(folder: Path, tmp_path: Path) -> None:
    whole, ended = tmp_path / "whole", tmp_path / "ended"
    batch.run([folder], whole, workers=1)
    batch.run([folder], ended, workers=1)
    (ended / "part-000001.parquet").unlink()
    (ended / "_fastqr" / "part-000001.parquet.half").write_bytes(b"PAR1")  # what a killed process leaves
    (ended / "_fastqr" / "begun-000001").write_text("12".ljust(16))
    state = batch.run([folder], ended, workers=1)
    assert (state.before, state.read) == (len(CODES) + 3 - 32, 32)
    assert without_times(rows_in(ended)) == without_times(rows_in(whole))
    assert sorted(path.name for path in (ended / "_fastqr").iterdir()) == ["chunks.jsonl", "job.json"]


def test_a_listing_that_was_ended_is_made_anew(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "_fastqr").mkdir(parents=True)
    (out / "_fastqr" / "chunks.jsonl").write_text('{"kind": "files", "count": 1')
    assert batch.run([folder / "00*.png"], out, workers=1).read == 10
    assert len(rows_in(out)) == 10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda out: (out / "mine.txt").write_text("mine"), "must be empty"),
        (lambda out: ((out / "_fastqr").mkdir(), (out / "_fastqr" / "job.json").write_text("{")), "is damaged"),
    ],
)
def test_a_folder_that_holds_something_else_is_left_alone(
    folder: Path, tmp_path: Path, capsys: Captured, make: object, message: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    make(out)  # type: ignore[operator]
    assert main(["batch", str(folder), str(out)]) == FAILED
    assert message in capsys.readouterr().err


def test_a_job_without_pictures_is_an_error(tmp_path: Path, capsys: Captured) -> None:
    assert main(["batch", str(tmp_path / "*.png"), str(tmp_path / "out")]) == FAILED
    assert "no pictures in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers must be a whole number"),
        ({"part": 0}, "part must be a whole number"),
        ({"dpi": 0}, "dpi must be from 1"),
        ({"effort": "much"}, "effort must be one of"),
    ],
)
def test_wrong_arguments_are_named_before_anything_is_made(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(fastqr.InvalidArgumentError, match=message):
        batch.run([tmp_path], tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


DEADLY = """
import os, sys
from pathlib import Path
from fastqr.batch import part
from fastqr.batch.sources import Chunk
part.MOST_ENDS = 2
read = part.read_item
def ends(scanner, item):
    if item.picture and item.source.endswith(("003.png", "007.png")):
        os._exit(9)
    return read(scanner, item)
part.read_item = ends
out, *paths = sys.argv[1:]
settings = part.Settings({"effort": "quick"})
part.write_part(Path(out), 0, Chunk("files", len(paths), paths=tuple(paths)), part.make_scanner(settings), settings)
"""


def test_pictures_that_end_the_process_each_time_become_errors(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "_fastqr").mkdir(parents=True)
    command = [sys.executable, "-c", DEADLY, str(out), *(str(folder / name) for name in list(CODES)[:10])]
    statuses = [subprocess.run(command).returncode for _ in range(5)]
    assert statuses == [9] * 4 + [0]
    errors = {Path(str(row["source"])).name: row["error"] for row in rows_in(out) if row["error"]}
    assert errors == dict.fromkeys(["003.png", "007.png"], "the process that read it ended 2 times")
    assert len(rows_in(out)) == 10


# Sources -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream", "hugging face", "paths"])
def test_tables_of_pictures_or_of_paths(folder: Path, tmp_path: Path, kind: str) -> None:
    cells: list[object] = list(CODES.values())
    if kind == "hugging face":
        cells = [{"bytes": cell, "path": None} for cell in cells]
    if kind == "paths":
        cells = [f"in/{name}" for name in CODES]  # from the table's folder
    table = pa.table({"id": list(range(len(cells))), "picture": cells})
    path = tmp_path / ("table.arrow" if kind in ("arrow", "stream") else "table.parquet")
    if kind == "arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=9)
    elif kind == "stream":
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=9)
    else:
        pq.write_table(table, path, row_group_size=25)
    found = items(path, most=11)
    assert [item.index for item in found] == list(range(len(cells)))
    assert texts(found) == [f"code {number}" for number in range(len(cells))]


def test_empty_cells_are_errors_and_columns_are_named_where_several_may_be_meant(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"one": [CODES["000.png"], None], "two": [b"", CODES["001.png"]], "n": [1, 2]}), path)
    (item,) = items(path)
    assert item.error is not None
    assert "has 'one' or 'two' that may hold pictures: name the column" in item.error
    assert [item.error for item in items(path, column="one")] == [None, "the cell is empty"]
    assert [item.error for item in items(path, column="two")] == ["the cell is empty", None]
    (item,) = items(path, column="n")
    assert "column must be of bytes or paths, 'one' or 'two'" in str(item.error)


def tarred(path: Path, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in CODES.items():
            for member, data in ((name, content), (name.replace("png", "json"), b"{}")):
                info = tarfile.TarInfo(f"{'long/' * 30}{member}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_archives_as_web_datasets_are(tmp_path: Path, mode: str) -> None:
    path = tarred(tmp_path / ("shard.tar" if mode == "w" else "shard.tar.gz"), mode)
    found = items(path, most=7)
    assert [item.index for item in found] == list(range(len(CODES)))
    assert [str(item.name).split("/")[-1] for item in found] == list(CODES)
    assert texts(found) == [f"code {number}" for number in range(len(CODES))]


@pytest.mark.parametrize("damage", ["cut", "header", "empty"])
def test_what_stands_before_the_damage_of_an_archive_is_read_and_the_damage_named(tmp_path: Path, damage: str) -> None:
    path = tarred(tmp_path / "shard.tar")
    content = bytearray(path.read_bytes())
    with tarfile.open(path) as archive:
        at = archive.getmembers()[40].offset  # of the twentieth picture
    if damage == "header":
        content[at : at + 512] = b"\xff" * 512
    path.write_bytes(b"" if damage == "empty" else content[: at + 700] if damage == "cut" else content)
    found = items(path, most=7)
    errors = [item.error for item in found if item.error is not None]
    assert errors
    assert str(path) in errors[-1]
    assert texts([item for item in found if item.error is None])[:20] == [
        f"code {number}" for number in range(0 if damage == "empty" else 20)
    ]


def test_a_source_that_shrinks_after_it_was_listed_gives_an_error_for_each_missing_picture(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"picture": [CODES["000.png"], CODES["001.png"]]}), path)
    chunk = Chunk("table", 4, str(path), column="picture")
    found = list(pictures_of(chunk, dpi=72))
    assert [item.index for item in found] == [0, 1, 2, 3]
    assert [item.error for item in found] == [None, None] + ["the source ends before it"] * 2
    path.unlink()
    assert [item.index for item in pictures_of(chunk, dpi=72) if item.error] == [0, 1, 2, 3]


def test_documents_page_by_page(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `pdf` is not installed")
    from PIL import Image

    first, *others = (Image.fromarray(code_picture(f"page {number}")) for number in range(3))
    path = tmp_path / "pages.pdf"
    first.save(path, save_all=True, append_images=others, resolution=72)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7")
    found = items(path, most=2)
    assert [item.index for item in found] == [0, 1, 2]
    assert texts(found) == ["page 0", "page 1", "page 2"]
    assert all("pixels at 10000 dpi" in str(item.error) for item in items(path, dpi=10_000))
    (item,) = items(tmp_path / "broken.pdf")
    assert "broken.pdf' cannot be read" in str(item.error)


def test_work_is_cut_into_chunks_that_grow(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"picture": pa.array([b""] * 10_000, pa.binary())}), path)
    counts = [chunk.count for chunk in chunks_of([str(path)], most=100, column=None, skipped=lambda _: None)]
    assert sum(counts) == 10_000
    assert counts[:64] == [32] * 64
    assert counts[64:100] == [64] * 36
    assert max(counts) == 100


# Pipelines of others -----------------------------------------------------------------------------------------------


def test_a_reader_keeps_the_other_columns_beside_what_was_read() -> None:
    both = encoded(np.hstack([code_picture("left"), code_picture("right")]))
    table = pa.table({"id": [7, 8, 9], "picture": [both, encoded(BLANK), b"no picture"]})
    rows = batch.Reader()(table).to_pylist()
    assert [(row["id"], row["symbol"]) for row in rows] == [(7, 0), (7, 1), (8, None), (9, None)]
    assert {rows[0]["text"], rows[1]["text"]} == {"left", "right"}
    assert [row["error"] is None for row in rows] == [True, True, True, False]
    assert "picture" not in rows[0]
    with pytest.raises(fastqr.InvalidArgumentError, match="no column named text"):
        batch.Reader("picture")(table.append_column("text", pa.array(["a", "b", "c"])))


# Ends in between, and Ray: minutes --------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found as Linux lists them")
def test_processes_killed_again_and_again_lose_and_double_nothing(tmp_path: Path) -> None:
    names = [f"{number:04d}.png" for number in range(2000)]
    (tmp_path / "in").mkdir()
    for number, name in enumerate(names):
        (tmp_path / "in" / name).write_bytes(CODES[f"{number % len(CODES):03d}.png"])
    out = tmp_path / "out"
    command = [sys.executable, "-m", "fastqr", "batch", str(tmp_path / "in"), str(out), "--workers", "2"]
    rng = np.random.default_rng(5)
    kills = 0
    for victim in ["worker", "all", "all", "worker", "parent", "all", "none"]:
        done = len(list(out.glob("*.parquet")))
        with subprocess.Popen(command, start_new_session=True) as job:
            while victim != "none" and job.poll() is None:
                time.sleep(rng.uniform(0, 0.2))
                if len(list(out.glob("*.parquet"))) <= done + 4 or not (workers := children(job.pid)):
                    continue
                kills += 1
                if victim == "worker":  # the job goes on and is ended by the next
                    os.kill(workers[-1], signal.SIGKILL)
                    victim = "all"
                    done = len(list(out.glob("*.parquet")))
                elif victim == "all":
                    os.killpg(job.pid, signal.SIGKILL)
                else:
                    os.kill(job.pid, signal.SIGKILL)
            assert job.wait() in (0, -signal.SIGKILL)
    assert job.returncode == 0
    assert kills >= 5
    rows = rows_in(out)
    assert Counter(Path(str(row["source"])).name for row in rows) == Counter(names)
    assert [row["text"] for row in rows] == [f"code {number % len(CODES)}" for number in range(2000)]


@pytest.mark.slow
def test_ray_gives_the_same_rows_also_when_a_worker_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    names = [f"{number:04d}.png" for number in range(1200)]
    (tmp_path / "in").mkdir()
    for number, name in enumerate(names):
        (tmp_path / "in" / name).write_bytes(CODES[f"{number % len(CODES):03d}.png"])
    local, out = tmp_path / "local", tmp_path / "out"
    batch.run([tmp_path / "in"], local, workers=2)
    command = [sys.executable, "-m", "fastqr", "batch", str(tmp_path / "in"), str(out), "--workers", "2", "--ray"]
    killed = 0
    with subprocess.Popen(command) as job:
        while job.poll() is None:
            time.sleep(0.02)
            readers = [pid for pid in descendants(job.pid) if b"ray::MapWorker" in command_line(pid)]
            if not killed and len(list(out.glob("*.parquet"))) >= 5 and readers:
                os.kill(readers[0], signal.SIGKILL)
                killed = readers[0]
    assert job.returncode == 0
    assert killed
    assert without_times(rows_in(out)) == without_times(rows_in(local))


PIPELINES = """
import sys
import pyarrow as pa
import ray.data
import fastqr.batch

rows = fastqr.batch.read([sys.argv[1]], workers=1, part=40).take_all()
print(sorted(row["text"] for row in rows) == sorted(f"code {n}" for n in range(70)))

pictures = ray.data.read_binary_files(sys.argv[1], include_paths=True)
read = pictures.map_batches(
    fastqr.batch.Reader, fn_constructor_kwargs={"column": "bytes"}, batch_format="pyarrow", batch_size=32, concurrency=1
)
print({row["path"][-7:-4]: row["text"] for row in read.take_all()} == {f"{n:03d}": f"code {n}" for n in range(70)})
ray.shutdown()
"""


@pytest.mark.slow
def test_ray_datasets_for_pipelines_of_ones_own(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    for name, content in CODES.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run([sys.executable, "-c", PIPELINES, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "True\nTrue\n")
