"""Picture files: the paths are the work."""

from __future__ import annotations

from collections.abc import Iterator

from .chunk import Chunk, Item

__all__ = ["pictures"]


def pictures(chunk: Chunk) -> Iterator[Item]:
    """Yield the paths of a chunk; who reads a picture opens its file."""
    return (Item(path, None, 0, path) for path in chunk.paths)
