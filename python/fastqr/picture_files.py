"""The picture files that a command line names: paths, folders and globs, in order."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from .files import kind_of_special_file

__all__ = ["STANDARD_INPUT", "PictureFile", "picture_files"]

STANDARD_INPUT = "-"
SUFFIXES = (
    *(".avif", ".bmp", ".gif", ".heic", ".heif", ".jp2", ".jpeg", ".jpg", ".pbm", ".pgm"),
    *(".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"),
)


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A path that a picture is to be read from, and where it lies below the folder that was named."""

    path: str
    place: PurePath


def picture_files(
    paths: Iterable[str],
    skipped: Callable[[str], None],
    failed: Callable[[str], None],
    suffixes: tuple[str, ...] = SUFFIXES,
) -> Iterator[PictureFile]:
    """Yield the files that paths, folders and globs name.

    Parameters
    ----------
    paths : iterable of str
        Folders are searched for names of pictures, links to folders are not followed; what is no folder is taken as it
        stands.
    skipped, failed : callable
        Told in a sentence about pipes, sockets and devices among a folder's files, and about folders that cannot be
        read.
    suffixes : tuple of str
        Ends of names, in small letters, that are looked for in folders.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield PictureFile(path, PurePath("stdin"))
        elif os.path.isdir(path):
            yield from _in_folder(path, skipped, failed, suffixes)
        elif glob.has_magic(path) and not os.path.lexists(path):
            yield from (PictureFile(found, PurePath(Path(found).name)) for found in sorted(_globbed(path)))
        else:
            yield PictureFile(path, PurePath(Path(path).name))


def _globbed(pattern: str) -> Iterator[str]:
    return (found for found in glob.iglob(pattern, recursive=True) if not os.path.isdir(found))


def _in_folder(
    root: str, skipped: Callable[[str], None], failed: Callable[[str], None], suffixes: tuple[str, ...]
) -> Iterator[PictureFile]:
    """Yield a folder's files in the order of their paths' parts; what is in memory is one folder a level."""
    waiting = [(root, True)]
    while waiting:
        path, is_folder = waiting.pop()
        if is_folder:
            try:
                waiting.extend(sorted(_entries(path, suffixes), reverse=True))
            except OSError as error:
                failed(f"folder {error.filename!r} cannot be read: {error.strerror or error}")
        elif (kind := _special(path)) is None:
            yield PictureFile(path, PurePath(os.path.relpath(path, root)))
        else:
            skipped(f"{path!r} is {kind} and no file: skipped")


def _entries(folder: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield entry.path, True
            elif entry.name.lower().endswith(suffixes) and not os.path.isdir(entry.path):  # no link to a folder
                yield entry.path, False


def _special(path: str) -> str | None:
    try:
        return kind_of_special_file(os.stat(path).st_mode)
    except OSError:  # whoever reads it says why that cannot be done
        return None
