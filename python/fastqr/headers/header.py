"""What a file's header promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["MOST", "Encoded", "Header"]

Encoded: TypeAlias = bytes | bytearray

MOST = 10_000  # chunks, segments, entries or boxes that are looked at: no camera writes as many


@dataclass(frozen=True, slots=True)
class Header:
    """A picture before it is decoded.

    Attributes
    ----------
    kind : str
        The format's name.
    width, height : int
        In pixels, or the largest of each where a file names several.
    memory : int
        Bytes that OpenCV takes at most to decode it and to hand over an array, without the file itself. The numbers of
        bytes a pixel are measured by ``python -m benchmarks.picture_memory``, or stand in the decoder's source where a
        file that shows them would have to be forged.
    may_be_turned : bool
        Whether it may have an EXIF rotation that OpenCV has to be asked to apply.
    """

    kind: str
    width: int
    height: int
    memory: int
    may_be_turned: bool = False
