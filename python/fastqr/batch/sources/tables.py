"""Tables: a column of pictures or of their paths, in Parquet or Arrow files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from fastqr.errors import FastQRError

from .chunk import Chunk, Item

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["chunks", "content_of", "picture_column", "pictures"]

Batches: TypeAlias = "Callable[[str, int], Iterator[tuple[int, pa.Array]]]"  # first row and cells, from a row on

AT_A_TIME = 64  # rows that are in memory, each perhaps a picture of megabytes


def chunks(path: str, size: Callable[[], int], column: str | None) -> Iterator[Chunk]:
    """Yield a table's rows in chunks."""
    with _opened(path) as table:
        name = picture_column(table.schema, column, f"table {path!r}")
        first = 0
        while first < table.rows:
            count = min(size(), table.rows - first)
            yield Chunk("table", count, path, first, column=name)
            first += count


def pictures(chunk: Chunk) -> Iterator[Item]:
    """Yield the cells of a chunk: bytes, or a path."""
    with _opened(chunk.source) as table:
        index = chunk.first
        for cells in table.cells(chunk.column, chunk.first, chunk.count):
            for cell in cells.to_pylist():
                picture = content_of(cell)
                if isinstance(picture, str):
                    picture = os.path.join(os.path.dirname(chunk.source), picture)
                yield Item(chunk.source, None, index, picture, None if picture is not None else "the cell is empty")
                index += 1


def content_of(cell: object) -> bytes | str | None:
    """Return what a cell holds: bytes, a path, or Hugging Face's pair of both."""
    if isinstance(cell, dict):
        cell = cell.get("bytes") or cell.get("path")
    return cell if isinstance(cell, (bytes, str)) and cell else None


def picture_column(schema: pa.Schema, asked: str | None, table: str) -> str:
    """Return the name of the column of pictures: what was asked for, or the only one that holds bytes.

    Raises
    ------
    FastQRError
        There is none of that name, or it is not clear which is meant.
    """
    names = [field.name for field in schema if _may_hold_pictures(field.type)]
    if asked is not None:
        if asked in names:
            return asked
        raise FastQRError(f"column must be of bytes or paths, {_listed(names)} of {table}, got {asked!r}")
    binary = [name for name in names if not _is_string(schema.field(name).type)] or names
    if len(binary) == 1:
        return str(binary[0])
    raise FastQRError(f"{table} has {_listed(binary)} that may hold pictures: name the column")


def _listed(names: list[str]) -> str:
    return " or ".join(map(repr, names)) or "no column"


def _is_string(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _may_hold_pictures(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):  # as Hugging Face's datasets keep pictures
        return "bytes" in {kind.field(i).name for i in range(kind.num_fields)}
    return bool(_is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


class _Table:
    """A file of rows, read a few at a time."""

    def __init__(self, schema: pa.Schema, rows: int, batches: Batches) -> None:
        self.schema, self.rows, self._batches = schema, rows, batches

    def cells(self, column: str, first: int, count: int) -> Iterator[pa.Array]:
        """Yield the cells of so many rows, in arrays of few."""
        for start, cells in self._batches(column, first):
            skipped = max(0, first - start)
            taken = cells.slice(skipped, max(0, first + count - start - skipped))
            for at in range(0, len(taken), AT_A_TIME):
                yield taken.slice(at, AT_A_TIME)
            if start + len(cells) >= first + count:
                return


@contextlib.contextmanager
def _opened(path: str) -> Iterator[_Table]:
    import pyarrow as pa

    with contextlib.ExitStack() as closing:
        if path.lower().endswith(".parquet"):
            yield _parquet(path, closing)
            return
        file = closing.enter_context(pa.memory_map(path))
        try:
            table = _arrow(pa.ipc.open_file(file))
        except pa.ArrowInvalid:  # a stream, as Hugging Face's datasets write
            table = _stream(file)
        yield table


def _parquet(path: str, closing: contextlib.ExitStack) -> _Table:
    import pyarrow.parquet as pq

    # Where nothing is buffered, a row group's whole column is read into memory.
    file = closing.enter_context(pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False))
    groups = file.metadata.num_row_groups
    starts = list(accumulate((file.metadata.row_group(i).num_rows for i in range(groups)), initial=0))

    def batches(column: str, first: int) -> Iterator[tuple[int, pa.Array]]:
        wanted = [i for i in range(groups) if starts[i + 1] > first]
        start = starts[wanted[0]] if wanted else 0
        for batch in file.iter_batches(AT_A_TIME, row_groups=wanted, columns=[column], use_threads=False):
            yield start, batch.column(0)
            start += batch.num_rows

    return _Table(file.schema_arrow, file.metadata.num_rows, batches)


def _arrow(reader: pa.RecordBatchFileReader) -> _Table:
    number = reader.num_record_batches
    starts = list(accumulate((reader.get_batch(i).num_rows for i in range(number)), initial=0))

    def batches(column: str, first: int) -> Iterator[tuple[int, pa.Array]]:
        return ((starts[i], reader.get_batch(i).column(column)) for i in range(number) if starts[i + 1] > first)

    return _Table(reader.schema, starts[-1], batches)


def _stream(file: pa.NativeFile) -> _Table:
    import pyarrow as pa

    def opened() -> pa.RecordBatchStreamReader:
        file.seek(0)
        return pa.ipc.open_stream(file)

    def batches(column: str, _: int) -> Iterator[tuple[int, pa.Array]]:
        start = 0
        for batch in opened():
            yield start, batch.column(column)
            start += batch.num_rows

    return _Table(opened().schema, sum(batch.num_rows for batch in opened()), batches)
