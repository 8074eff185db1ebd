"""One chunk read into one Parquet file, whole or not at all, by whatever process on whatever machine."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from .rows import SCHEMA, read_item, tables
from .sources import Chunk, Item, pictures_of

if TYPE_CHECKING:
    from fastqr import Scanner

__all__ = ["Counts", "Settings", "make_scanner", "part_path", "private_folder", "rows_of", "write_part"]

ROW_GROUP = 8192  # rows that are in memory until they are written
REPORTED = 0.25  # seconds between two reports of what was read
MOST_ENDS = 3  # times that a process ended while it read a picture, until that picture is left alone


@dataclass(frozen=True, slots=True)
class Settings:
    """How pictures are read.

    Attributes
    ----------
    options : dict
        Keywords of `fastqr.Scanner`.
    dpi : float
        Dots an inch of a document's page.
    """

    options: dict[str, Any] = field(default_factory=dict)
    dpi: float = 200.0


@dataclass(slots=True)
class Counts:
    """What was read so far."""

    pictures: int = 0
    symbols: int = 0
    errors: int = 0

    def add(self, other: Counts) -> None:
        """Add what was read elsewhere."""
        self.pictures += other.pictures
        self.symbols += other.symbols
        self.errors += other.errors


def make_scanner(settings: Settings) -> Scanner:
    """Return the one scanner of a process that shares the machine with others of its kind."""
    import cv2

    from fastqr import Scanner

    cv2.setNumThreads(1)
    return Scanner(**settings.options)


def part_path(folder: Path, number: int) -> Path:
    """Return where a chunk's rows lie."""
    return folder / f"part-{number:06d}.parquet"


def private_folder(folder: Path) -> Path:
    """Return where a job keeps its records; readers of Parquet folders pass over names that begin so."""
    return folder / "_fastqr"


def write_part(
    folder: Path,
    number: int,
    chunk: Chunk,
    scanner: Scanner,
    settings: Settings,
    report: Callable[[Counts], None] = lambda _: None,
) -> Counts:
    """Read a chunk and write its rows; where that was done before, nothing is.

    The file gets its name when it is complete, so that a process that ends in between leaves nothing behind that
    counts, and two that do the same write the same.

    Parameters
    ----------
    report : callable
        Told several times a second what was read since the last time.
    """
    path = part_path(folder, number)
    if path.exists():
        return Counts()
    unfinished = private_folder(folder) / f"{path.name}.{uuid.uuid4().hex}"
    begun = _Begun(private_folder(folder) / f"begun-{number:06d}")
    total = Counts()
    try:
        with open(unfinished, "wb") as file:
            with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
                for table in tables(_rows(chunk, scanner, settings, begun, total, report), SCHEMA, ROW_GROUP):
                    writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        begun.close()
        unfinished.unlink(missing_ok=True)
    begun.forget()
    return total


def rows_of(chunk: Chunk, scanner: Scanner, settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield a chunk's rows."""
    return _rows(chunk, scanner, settings, None, Counts(), lambda _: None)


def _rows(
    chunk: Chunk,
    scanner: Scanner,
    settings: Settings,
    begun: _Begun | None,
    total: Counts,
    report: Callable[[Counts], None],
) -> Iterator[dict[str, Any]]:
    fresh, reported = Counts(), time.monotonic()
    for number, item in enumerate(pictures_of(chunk, dpi=settings.dpi)):
        if begun is not None and not begun.may_begin(number):
            error = f"the process that read it ended {MOST_ENDS} times"
            item = Item(item.source, item.name, item.index, None, error)
        rows = read_item(scanner, item)
        fresh.add(Counts(1, rows.symbols, rows.error is not None))
        yield from rows.values
        if time.monotonic() - reported > REPORTED:
            report(fresh)
            total.add(fresh)
            fresh, reported = Counts(), time.monotonic()
    report(fresh)
    total.add(fresh)


class _Begun:
    """Which picture of a chunk is being read, in a file: one that ends its process is known to the next.

    The file begins with the picture's number in `WIDTH` bytes; a line follows for every time that a process ended.
    """

    WIDTH = 16

    def __init__(self, path: Path) -> None:
        self._path = path
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        self._file = open(path, "r+b", buffering=0)  # noqa: SIM115
        content = self._file.read()
        last, ends = content[: self.WIDTH].strip(), content[self.WIDTH :].split()
        if last:
            ends.append(last)
            self._file.seek(0, os.SEEK_END)
            self._file.write(last + b"\n")
        self._ends = Counter(int(end) for end in ends)
        self._put(b"")

    def may_begin(self, number: int) -> bool:
        """Whether a picture may be read; if so it counts as begun."""
        may = self._ends[number] < MOST_ENDS
        self._put(b"%d" % number if may else b"")
        return may

    def close(self) -> None:
        self._put(b"")  # an exception is no end of the process
        self._file.close()

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def _put(self, number: bytes) -> None:
        self._file.seek(0)
        self._file.write(number.ljust(self.WIDTH))
