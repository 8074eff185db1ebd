"""Every error that fastqr raises of its own; each is also what a Python user would expect to catch."""

from __future__ import annotations

__all__ = [
    "ArgumentTypeError",
    "FastQRError",
    "InvalidArgumentError",
    "InvalidImageError",
    "MissingLibraryError",
    "ModelError",
    "UndecodableError",
    "VideoError",
]


class FastQRError(Exception):
    """Base of all errors of this library."""


class InvalidArgumentError(FastQRError, ValueError):
    """An argument has the right type and a value that is not accepted."""


class ArgumentTypeError(FastQRError, TypeError):
    """An argument has a type that is not accepted."""


class InvalidImageError(FastQRError, ValueError):
    """A picture cannot be read, or has a shape that is not accepted."""


class UndecodableError(FastQRError, ValueError):
    """Modules do not form a symbol that the error correction vouches for."""


class ModelError(FastQRError, OSError):
    """A model file is missing, damaged or not one of fastqr's."""


class MissingLibraryError(FastQRError, ImportError):
    """A library that the call needs is not installed, or cannot be loaded on this machine."""


class VideoError(FastQRError, OSError):
    """A video, a camera or a stream cannot be opened."""
