"""Archives of pictures to Parquet: on all cores of a machine, or on a Ray cluster; see docs/batch.md.

It needs pyarrow: ``pip install 'fastqr[batch]'``.

>>> import fastqr.batch
>>> "text" in fastqr.batch.SCHEMA.names
True
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastqr.errors import InvalidArgumentError, MissingLibraryError
from fastqr.options import ScannerOptions

try:
    import pyarrow  # noqa: F401
except ImportError as missing:
    raise MissingLibraryError("batches need pyarrow: pip install 'fastqr[batch]'", name="pyarrow") from missing

from . import job as jobs
from .part import Settings
from .processes import run_in_processes
from .reader import Reader
from .rows import SCHEMA, SYMBOL_SCHEMA
from .sources import chunks_of

if TYPE_CHECKING:
    import ray.data
    from typing_extensions import Unpack

__all__ = ["SCHEMA", "SYMBOL_SCHEMA", "Progress", "Reader", "read", "run"]

PART = 1024  # pictures in a part, where nothing else is asked for


@dataclass(slots=True)
class Progress:
    """How far a job is.

    Attributes
    ----------
    total : int
        Pictures of the whole job.
    before : int
        Pictures that earlier runs have read.
    read, symbols, errors : int
        Pictures that this run has read, what it found, and how many of them could not be read.
    """

    total: int = 0
    before: int = 0
    read: int = 0
    symbols: int = 0
    errors: int = 0


def run(
    inputs: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    column: str | None = None,
    dpi: float = 200.0,
    part: int = PART,
    ray: str | bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    skipped: Callable[[str], None] = lambda _: None,
    **options: Unpack[ScannerOptions],
) -> Progress:
    """Read every picture of `inputs` and write a folder of Parquet files: a row a symbol, and one a picture without.

    Called again with the same arguments it goes on with what an ended run has left.

    Parameters
    ----------
    inputs : iterable of path
        Picture files, folders, globs; Parquet and Arrow tables with a column of pictures or paths (relative ones from
        the table's folder); tar archives; PDF documents.
    out : path
        A folder, made where it does not exist; empty, or with what an ended run has left.
    workers : int, optional
        Processes; as many as cores where it is not given.
    column : str, optional
        Of tables.
    dpi : float, default 200
        Dots an inch at which a document's pages are rendered.
    part : int, default 1024
        Most pictures whose rows are in one file.
    ray : str or bool, default False
        True to run on Ray, or the address of a Ray cluster.
    progress : callable
        Called several times a second, and at the end.
    skipped : callable
        Told in a sentence about what is no file.
    **options
        As for `fastqr.Scanner`.

    Returns
    -------
    Progress
        At the end.

    Raises
    ------
    FastQRError
        There are no pictures, or the folder holds something else.
    """
    settings = Settings(_checked(options, workers=workers, part=part, dpi=dpi), float(dpi))
    job = jobs.begin(inputs, out, settings, column=column, most=part, skipped=skipped)
    state = Progress(job.pictures)
    todo = []
    for task, chunk in job.tasks():
        if job.is_done(task.number):
            state.before += chunk.count
        else:
            todo.append(task)
    progress(state)
    if ray:
        from .on_ray import run_on_ray

        counts = run_on_ray(job, iter(todo), workers, None if ray is True else ray)
    else:
        counts = run_in_processes(job, iter(todo), workers or _cores())
    for fresh in counts:
        state.read += fresh.pictures
        state.symbols += fresh.symbols
        state.errors += fresh.errors
        progress(state)
    job.clean()
    return state


def read(
    inputs: Iterable[str | os.PathLike[str]],
    *,
    workers: int | None = None,
    column: str | None = None,
    dpi: float = 200.0,
    part: int = PART,
    address: str | None = None,
    **options: Unpack[ScannerOptions],
) -> ray.data.Dataset:
    """Return the rows of `run` as a Ray dataset, for a pipeline of one's own.

    Parameters
    ----------
    inputs, workers, column, dpi, **options
        As for `run`.
    part : int, default 1024
        Most pictures that one call of a worker reads.
    address : str, optional
        Of a Ray cluster; where Ray runs already or none is named, that one, or one on this machine.

    Returns
    -------
    ray.data.Dataset
        With the columns of `SCHEMA`.
    """
    from .on_ray import dataset_of

    settings = Settings(_checked(options, workers=workers, part=part, dpi=dpi), float(dpi))
    paths = [os.path.abspath(path) for path in inputs]
    chunks = chunks_of(paths, most=part, column=column, skipped=lambda _: None)
    return dataset_of(chunks, settings, workers, address)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _checked(options: ScannerOptions, *, workers: int | None, part: int, dpi: float) -> dict[str, Any]:
    """Say at once, not in every process, what is wrong with an argument."""
    from fastqr import Scanner

    for name, value in (("workers", 1 if workers is None else workers), ("part", part)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidArgumentError(f"{name} must be a whole number of at least 1, got {value!r}")
    if not 1 <= dpi <= 10_000:
        raise InvalidArgumentError(f"dpi must be from 1 to 10000, got {dpi!r}")
    Scanner(**options)
    return {**options}
