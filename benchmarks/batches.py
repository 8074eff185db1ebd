"""Pictures a second of an archive, and whether each is read once: ``python -m benchmarks.batches``.

``make DIR`` renders an archive of small codes, ``rate DIR`` reads any with several readers in processes that are
driven in the same way, ``check DIR OUT`` compares what ``fastqr batch DIR OUT`` wrote with what was rendered, and
``kill DIR OUT`` reads it on a local Ray, kills a worker half-way and checks what was written.
"""

from __future__ import annotations

import argparse
import io
import itertools
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from fastqr.batch.sources import Chunk, chunks_of, pictures_of
from fastqr.pictures import load_picture

from .readers import READERS, OpenReader, Options, Picture

A_FOLDER = 1000  # pictures
_SCHEMA = pa.schema([("source", pa.string()), ("item", pa.string()), ("index", pa.int64()), ("text", pa.string())])

_reader: OpenReader  # of this process


def payload(number: int) -> str:
    """Return what a rendered picture says."""
    return f"https://example.org/item/{number:09d}"


def rendered(number: int) -> Picture:
    """Return a code of 70 to 140 pixels, dim, a little blurred and noisy."""
    rng = np.random.default_rng(number)
    modules = np.asarray(cv2.QRCodeEncoder.create().encode(payload(number)), np.uint8)
    scale = int(rng.integers(2, 5))
    code = np.pad(modules, 2, constant_values=255).repeat(scale, 0).repeat(scale, 1)  # beside the encoder's own border
    seen = cv2.GaussianBlur(code * rng.uniform(0.5, 1) + 5, (0, 0), float(rng.uniform(0.3, 0.8)))
    noisy = seen + rng.normal(0, rng.uniform(0, 6), seen.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def make(folder: Path, pictures: int, tarred: int) -> None:
    """Render an archive: folders of files, then tar archives of `tarred` of the pictures."""
    for number in range(pictures - tarred):
        within = folder / f"{number // A_FOLDER:04d}"
        within.mkdir(parents=True, exist_ok=True)
        (within / f"{number:09d}.jpg").write_bytes(_encoded(number))
    for first in range(pictures - tarred, pictures, A_FOLDER * 10):
        with tarfile.open(folder / f"shard-{first:09d}.tar", "w") as archive:
            for number in range(first, min(first + A_FOLDER * 10, pictures)):
                content = _encoded(number)
                member = tarfile.TarInfo(f"{number:09d}.jpg")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def _encoded(number: int) -> bytes:
    return cv2.imencode(".jpg", rendered(number), [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def check(folder: Path, out: Path) -> bool:
    """Whether `out` has every picture of an archive that `make` rendered once; prints what was read."""
    rows = Counter[tuple[str, int]]()
    right = wrong = unread = errors = 0
    table = pyarrow.dataset.dataset(out).to_table(columns=["source", "item", "index", "symbol", "text", "error"])
    for row in table.to_pylist():
        rows[row["source"], row["index"]] += 1
        said = payload(int(Path(row["item"] or row["source"]).stem))
        right += row["text"] == said
        wrong += row["text"] not in (None, said)
        unread += row["symbol"] is None
        errors += row["error"] is not None
    listed = set[tuple[str, int]]()
    for chunk in chunks_of([str(folder.absolute())], most=1024, column=None, skipped=print):
        numbers = range(chunk.first, chunk.first + chunk.count)
        listed |= {(path, 0) for path in chunk.paths} or {(chunk.source, number) for number in numbers}
    lost, foreign = len(listed - rows.keys()), len(rows.keys() - listed)
    doubled = sum(count > 1 for count in rows.values())
    print(f"{len(listed):,} pictures: {right:,} read, {unread:,} not, {errors:,} errors, {wrong:,} wrong; ", end="")
    print(f"{lost:,} lost, {doubled:,} doubled, {foreign:,} that are none")
    return not (lost or doubled or foreign or wrong or errors)


def kill(folder: Path, out: Path, workers: int) -> bool:
    """Read an archive on a local Ray of so many workers, one of which is killed half-way, and check the rows."""
    started, killed = time.monotonic(), 0
    command = [sys.executable, "-m", "fastqr", "batch", folder, out, "--workers", str(workers), "--ray"]
    with subprocess.Popen(command) as job:
        while job.poll() is None:
            time.sleep(0.2)
            parts = len(list(out.glob("part-*.parquet")))
            if not killed and parts and 2 * parts >= _parts_in_all(out):
                killed = next((pid for pid in descendants(job.pid) if b"ray::MapWorker" in command_line(pid)), 0)
                if killed:
                    os.kill(killed, signal.SIGKILL)
                    print(f"a worker was killed when {parts:,} of {_parts_in_all(out):,} parts stood")
    print(f"exit status {job.returncode}, {time.monotonic() - started:.0f} s by the clock")
    return job.returncode == 0 and killed > 0 and check(folder, out)


def _parts_in_all(out: Path) -> int:
    with open(out / "_fastqr" / "chunks.jsonl", "rb") as chunks:
        return sum(1 for _ in chunks)


def descendants(pid: int) -> list[int]:
    """Give the processes that a process began, and those that these began, as Linux lists them."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has gone
        return []
    return [*children, *(further for child in children for further in descendants(child))]


def command_line(pid: int) -> bytes:
    """Give the words that a process was begun with, each ended by a zero; none where it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def rate(folder: Path, workers: list[int], readers: list[str], rounds: int) -> None:
    """Print how many pictures a second each reader reads in so many processes, and the processor time of each."""
    chunks = list(chunks_of([str(folder)], most=256, column=None, skipped=print))
    pictures = sum(chunk.count for chunk in chunks)
    print(f"{pictures:,} pictures, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    measured: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(rounds):
        for number, name in itertools.product(workers, readers):
            measured.setdefault((name, number), []).append(_measure(name, number, chunks))
    for (name, number), each in measured.items():
        wall, processor = (
            statistics.median(values) for values in zip(*((m.wall, m.processor) for m in each), strict=True)
        )
        print(
            f"{name:10} {number} processes: {pictures / wall:8,.0f} a second, "
            f"{processor / pictures * 1e3:6.2f} ms of a core each, {each[0].read:,} read"
        )


@dataclass(frozen=True)
class Measured:
    """Seconds of a run by the clock and of processors, and pictures in which something was read."""

    wall: float
    processor: float
    read: int


def _measure(name: str, workers: int, chunks: list[Chunk]) -> Measured:
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as out,
        ProcessPoolExecutor(workers, context, initializer=_open, initargs=(name,)) as pool,
    ):
        list(pool.map(_read_chunk, chunks[:workers] * 2, [out] * workers * 2))  # until every process has begun
        start = time.perf_counter()
        each = list(pool.map(_read_chunk, chunks, [out] * len(chunks)))
        wall = time.perf_counter() - start
    return Measured(wall, sum(seconds for seconds, _ in each), sum(read for _, read in each))


def _open(name: str) -> None:
    global _reader
    cv2.setNumThreads(1)
    _reader = READERS[name].open(Options())


def _read_chunk(chunk: Chunk, out: str) -> tuple[float, int]:
    """Read a chunk into a Parquet file; processor seconds, and pictures in which something was read."""
    start = time.process_time()
    rows: dict[str, list[object]] = {"source": [], "item": [], "index": [], "text": []}
    for item in pictures_of(chunk, dpi=200):
        assert item.picture is not None, item.error
        texts = [reading.text for reading in _reader.read(load_picture(item.picture))]
        for text in texts or [None]:
            for name, value in zip(rows, (item.source, item.name, item.index, text), strict=True):
                rows[name].append(value)
    pq.write_table(pa.table(rows, _SCHEMA), Path(out, f"{uuid.uuid4().hex}.parquet"), compression="zstd")
    read = len({(s, i) for s, i, t in zip(rows["source"], rows["index"], rows["text"], strict=True) if t is not None})
    return time.process_time() - start, read


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batches", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    command = commands.add_parser("make", help="render an archive")
    command.add_argument("folder", type=Path)
    command.add_argument("--pictures", type=int, default=20_000)
    command.add_argument("--tarred", type=int, default=0, help="how many of them are in tar archives")
    command = commands.add_parser("rate", help="pictures a second")
    command.add_argument("folder", type=Path)
    command.add_argument("--workers", default="1,2")
    command.add_argument("--readers", default="fastqr,zxing-cpp,pyzbar")
    command.add_argument("--rounds", type=int, default=3)
    command = commands.add_parser("check", help="exit status 1 where a picture is lost, doubled or wrong")
    command.add_argument("folder", type=Path)
    command.add_argument("out", type=Path)
    command = commands.add_parser("kill", help="the same of an archive that Ray reads while a worker is killed")
    command.add_argument("folder", type=Path)
    command.add_argument("out", type=Path)
    command.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.command == "make":
        make(options.folder, options.pictures, options.tarred)
    elif options.command == "rate":
        rate(options.folder, [int(n) for n in options.workers.split(",")], options.readers.split(","), options.rounds)
    elif options.command == "kill":
        return not kill(options.folder, options.out, options.workers)
    else:
        return not check(options.folder, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
