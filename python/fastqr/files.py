"""Files that a caller named: opened without waiting, and only where they are files."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

__all__ = ["NotAFileError", "kind_of_special_file", "open_file"]

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

# Opening a pipe waits for its writer, opening a terminal's device may make it the process's own.
_WITHOUT_SIDE_EFFECTS = (
    getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


class NotAFileError(OSError):
    """What lies at a path is a pipe, a socket or a device."""


def kind_of_special_file(mode: int) -> str | None:
    """Say what a file of this ``st_mode`` is where it is a pipe, a socket or a device."""
    return next((kind for is_of_kind, kind in _KINDS if is_of_kind(mode)), None)


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading.

    Raises
    ------
    NotAFileError
        It is a pipe, a socket or a device; none of those is opened, so nothing waits for a writer.
    OSError, ValueError
        As `open`.
    """
    _check_regular(os.stat(path).st_mode)
    descriptor = os.open(path, os.O_RDONLY | _WITHOUT_SIDE_EFFECTS)
    try:
        _check_regular(os.fstat(descriptor).st_mode)  # another one may lie there by now
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    kind = kind_of_special_file(mode)
    if kind is not None:
        raise NotAFileError(errno.EINVAL, f"it is {kind} and no file")
