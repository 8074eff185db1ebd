"""Pictures out: encoded in memory, for OpenCV's own writer ends the process on a name that is not UTF-8."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from .errors import FastQRError
from .pictures import Picture

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["PictureFolder", "write_picture"]

_NEW = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL  # neither a file that is there already nor what a link leads to
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class PictureFolder:
    """A folder that gets one new PNG file a picture; what is there already stays as it is.

    Parameters
    ----------
    path : path
        Made where it does not exist.

    Raises
    ------
    FastQRError
        The folder cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._taken: set[str] = set()
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FastQRError(f"folder {str(path)!r} cannot be made: {error.strerror or error}") from error

    def write(self, place: PurePath, picture: Picture) -> Path:
        """Write a picture at a place below the folder, with the suffix ``.png``.

        The name is numbered where a picture has it that was written before; folders between are made, and none of them
        may be a link.

        Raises
        ------
        FastQRError
            The picture cannot be written, or a file of another origin lies there.
        """
        path = self._path / self._unused(place)
        encoded = _encoded(path, picture)
        try:
            self._make_folders(path.parent)
            _write_new(path, encoded)
        except FileExistsError as error:
            raise FastQRError(
                f"picture {str(path)!r} is there already and was left as it is: name another folder, or empty this one"
            ) from error
        except OSError as error:
            raise _unwritable(path, error) from error
        return path

    def _unused(self, place: PurePath) -> PurePath:
        stem, number = place.stem, 1
        candidate = place.with_name(f"{stem}.png")
        while str(candidate).lower() in self._taken:
            number += 1
            candidate = place.with_name(f"{stem}-{number}.png")
        self._taken.add(str(candidate).lower())
        return candidate

    def _make_folders(self, folder: Path) -> None:
        """Make a folder below this one, level by level: a link in between might lead elsewhere."""
        level = self._path
        for part in folder.relative_to(self._path).parts:
            level /= part
            with suppress(FileExistsError):
                level.mkdir()
            if not stat.S_ISDIR(level.lstat().st_mode):
                raise NotADirectoryError(None, f"{str(level)!r} is a link or a file and no folder")


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture as PNG to the very file that a caller named, over what was there.

    Raises
    ------
    FastQRError
        The picture cannot be written.
    """
    encoded = _encoded(path, picture)
    try:
        path.write_bytes(encoded)
    except OSError as error:
        raise _unwritable(path, error) from error


def _encoded(path: Path, picture: Picture) -> bytes:
    try:
        done, encoded = cv2.imencode(".png", picture)
    except cv2.error as error:
        raise FastQRError(f"picture {str(path)!r} cannot be encoded: {getattr(error, 'err', error)}") from error
    if not done:
        raise FastQRError(f"picture {str(path)!r} cannot be encoded as PNG")
    return bytes(encoded)


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, _NEW, 0o666), "wb") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:  # half a picture is none
            path.unlink(missing_ok=True)
            raise


def _unwritable(path: Path, error: OSError) -> FastQRError:
    return FastQRError(f"picture {str(path)!r} cannot be written: {error.strerror or error}")
