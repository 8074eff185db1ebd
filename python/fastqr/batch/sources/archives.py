"""Tar archives, as WebDataset's shards are: every member that is named like a picture."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from fastqr.picture_files import SUFFIXES

from .chunk import Chunk, Item

__all__ = ["chunks", "pictures"]


def chunks(path: str, size: Callable[[], int]) -> Iterator[Chunk]:
    """Yield an archive's pictures in chunks; a compressed archive is one, for it is read from its beginning only."""
    if _is_compressed(path):
        with tarfile.open(path, "r|*") as archive:
            yield Chunk("archive", sum(1 for _ in _members(archive)), path)
        return
    first = count = offset = 0
    wanted, damage = size(), None
    with open(path, "rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
        try:
            for member in _members(archive):
                if count == wanted:
                    yield Chunk("archive", count, path, first, offset=offset)
                    first, count, wanted = first + count, 0, size()
                if count == 0:
                    offset = member.offset
                count += 1
            _check_end(file, archive.offset)
        except tarfile.TarError as error:  # what stands before it can be read
            damage = error
    if count:
        yield Chunk("archive", count, path, first, offset=offset)
    if damage is not None:
        raise damage


def pictures(chunk: Chunk) -> Iterator[Item]:
    """Yield the members of a chunk with their bytes."""
    with open(chunk.source, "rb") as file:
        file.seek(max(chunk.offset, 0))
        with tarfile.open(fileobj=file, mode="r|*" if chunk.offset < 0 else "r:") as archive:
            for index, member in enumerate(_members(archive), chunk.first):
                if index == chunk.first + chunk.count:
                    return
                content = archive.extractfile(member)
                assert content is not None  # a regular file
                yield Item(chunk.source, member.name, index, content.read())


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # or it keeps every one
        if member.isreg() and member.name.lower().endswith(SUFFIXES):
            yield member


def _check_end(file: BinaryIO, at: int) -> None:
    """Raise where an archive does not end as archives do: tarfile takes a header that is damaged for the end."""
    file.seek(at)
    if file.read(tarfile.BLOCKSIZE).strip(b"\0"):
        raise tarfile.ReadError(f"damaged header at byte {at}")


def _is_compressed(path: str) -> bool:
    try:
        with tarfile.open(path, "r:"):
            return False
    except tarfile.ReadError:
        return True
