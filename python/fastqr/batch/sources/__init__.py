"""Where pictures come from: files, tables, archives and documents, as chunks of work that any process can read.

To take a further kind of source, write a file with ``chunks(path, size)`` and ``pictures(chunk)``, and name it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fastqr.errors import FastQRError
from fastqr.picture_files import SUFFIXES, picture_files

from . import archives, documents, files, tables
from .chunk import Chunk, Item, shown

__all__ = ["ARCHIVES", "DOCUMENTS", "TABLES", "Chunk", "Item", "chunks_of", "pictures_of", "shown"]

TABLES = (".parquet", ".arrow", ".feather")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
DOCUMENTS = (".pdf",)
ALL = (*SUFFIXES, *TABLES, *ARCHIVES, *DOCUMENTS)

FIRST_CHUNK = 32  # pictures
SAME_SIZE = 64  # chunks until they grow to twice as many pictures: few pictures keep many cores busy, too


def chunks_of(
    inputs: Iterable[str], *, most: int, column: str | None, skipped: Callable[[str], None]
) -> Iterator[Chunk]:
    """Yield the work that inputs hold, in an order that is the same each time.

    Parameters
    ----------
    inputs : iterable of str
        Picture files, tables, archives, documents, folders of them, and globs.
    most : int
        Pictures in a chunk; the first chunks hold fewer.
    column : str or None
        Of tables.
    skipped : callable
        Told in a sentence about what is no file.

    Yields
    ------
    Chunk
        A source that cannot be read is a chunk that says so.
    """
    made = 0

    def size() -> int:
        return min(most, FIRST_CHUNK << (made // SAME_SIZE))

    paths: list[str] = []
    unreadable: list[str] = []
    for file in picture_files(inputs, skipped, unreadable.append, ALL):
        found: Iterable[Chunk]
        if _kind(file.path) == "files":
            paths.append(file.path)
            found = [Chunk("files", len(paths), paths=tuple(paths))] if len(paths) == size() else []
        else:
            found = _in_source(file.path, size, column)
        for chunk in found:
            paths = [] if chunk.kind == "files" else paths
            made += 1
            yield chunk
    if paths:
        yield Chunk("files", len(paths), paths=tuple(paths))
    for message in unreadable:
        yield Chunk("unreadable", 1, error=message)


def _in_source(path: str, size: Callable[[], int], column: str | None) -> Iterator[Chunk]:
    kind = _kind(path)
    try:
        if kind == "table":
            yield from tables.chunks(path, size, column)
        elif kind == "archive":
            yield from archives.chunks(path, size)
        else:
            yield from documents.chunks(path, size)
    except Exception as error:  # of a damaged file any library says something else
        yield Chunk("unreadable", 1, path, error=f"{kind} {path!r} cannot be read: {_reason(error)}")


def pictures_of(chunk: Chunk, *, dpi: float) -> Iterator[Item]:
    """Yield a chunk's pictures; a source that cannot be read any more gives an error for each that is missing."""
    index, last = chunk.first, chunk.first + chunk.count
    try:
        for item in _pictures(chunk, dpi):
            yield item
            index = item.index + 1
        missing = "the source ends before it"
    except Exception as error:
        missing = _reason(error)
    if chunk.kind != "files":
        yield from (Item(chunk.source, None, number, None, missing) for number in range(index, last))


def _pictures(chunk: Chunk, dpi: float) -> Iterator[Item]:
    if chunk.kind == "files":
        return files.pictures(chunk)
    if chunk.kind == "table":
        return tables.pictures(chunk)
    if chunk.kind == "archive":
        return archives.pictures(chunk)
    if chunk.kind == "document":
        return documents.pictures(chunk, dpi)
    return iter([Item(chunk.source, None, 0, None, chunk.error)])


def _kind(path: str) -> str:
    name = path.lower()
    kinds = {"table": TABLES, "archive": ARCHIVES, "document": DOCUMENTS}
    return next((kind for kind, suffixes in kinds.items() if name.endswith(suffixes)), "files")


def _reason(error: Exception) -> str:
    if isinstance(error, FastQRError):
        return str(error)
    return f"{type(error).__name__}: {error}"
