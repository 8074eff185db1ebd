"""The unit of work: some pictures of one source, described so that any process on any machine can read them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from fastqr.pictures import ImageLike

__all__ = ["Chunk", "Item", "Kind", "shown"]

Kind = Literal["files", "table", "archive", "document", "unreadable"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some pictures of one source, in order.

    Attributes
    ----------
    kind : {"files", "table", "archive", "document", "unreadable"}
        How they are read.
    count : int
        Number of pictures.
    source : str
        The table's, archive's or document's path; empty for picture files.
    first : int
        Number of the first of them within the source.
    paths : tuple of str
        Of picture files.
    offset : int
        Byte of an archive at which the first begins; -1 where it has to be read from its beginning.
    column : str
        Of a table.
    error : str
        Why a source is unreadable.
    """

    kind: Kind
    count: int
    source: str = ""
    first: int = 0
    paths: tuple[str, ...] = ()
    offset: int = -1
    column: str = ""
    error: str = ""

    def to_json(self) -> str:
        """Return the chunk as one line of ASCII; names of any bytes survive."""
        defaults = asdict(Chunk("files", 0))
        values = asdict(self)
        return json.dumps({name: values[name] for name in values if name == "kind" or values[name] != defaults[name]})

    @staticmethod
    def from_json(line: str) -> Chunk:
        """Return the chunk of a line that `to_json` made."""
        values = json.loads(line)
        return Chunk(**{**values, "paths": tuple(values.get("paths", ()))})


@dataclass(frozen=True, slots=True)
class Item:
    """One picture on its way to the scanner.

    Attributes
    ----------
    source : str
        The picture file, table, archive or document.
    name : str or None
        The member's name within an archive.
    index : int
        Number of the picture within its source, from 0.
    picture : ndarray, path, bytes or None
        What the scanner is to read.
    error : str or None
        Why there is none.
    """

    source: str
    name: str | None
    index: int
    picture: ImageLike | None
    error: str | None = None


def shown(name: str) -> str:
    """Return a file's name as valid Unicode; bytes that are not UTF-8 become backslash sequences."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
