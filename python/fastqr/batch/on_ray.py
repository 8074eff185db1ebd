"""The same work on Ray Data, with the extra ``ray``: on this machine or on a cluster of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fastqr.errors import FastQRError, MissingLibraryError

from .job import Job, Task
from .part import Counts, Settings, make_scanner, rows_of, write_part
from .rows import SCHEMA, tables
from .sources import Chunk

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import ray.data

__all__ = ["dataset_of", "run_on_ray"]

ROWS = 4096  # of a table that goes on to the next stage
TASKS_A_BLOCK = 1  # a block is what Ray repeats when a process has gone


def run_on_ray(job: Job, tasks: Iterator[Task], workers: int | None, address: str | None) -> Iterator[Counts]:
    """Do tasks on Ray, and yield what was read; every process must see the folders by the same names."""
    data = _connected(address)
    from ray.exceptions import RayError

    todo = [{"number": task.number, "at": task.at} for task in tasks]
    if not todo:
        return
    blocks = data.from_items(todo, override_num_blocks=len(todo))
    done = blocks.map_batches(
        _PartWriter, fn_constructor_args=(job,), batch_size=TASKS_A_BLOCK, **_actors(workers, len(todo))
    )
    try:
        for row in done.iter_rows():
            yield Counts(int(row["pictures"]), int(row["symbols"]), int(row["errors"]))
    except RayError as error:
        raise FastQRError(f"Ray cannot go on: {str(error).strip().splitlines()[-1]}") from error


def dataset_of(
    chunks: Iterator[Chunk], settings: Settings, workers: int | None, address: str | None
) -> ray.data.Dataset:
    """Return the rows of chunks as a dataset, which is read when it is asked for."""
    data = _connected(address)
    lines = [{"chunk": chunk.to_json()} for chunk in chunks]
    blocks = data.from_items(lines, override_num_blocks=max(1, len(lines)))
    rows: ray.data.Dataset = blocks.map_batches(
        _ChunkReader, fn_constructor_args=(settings,), batch_size=1, **_actors(workers, len(lines))
    )
    return rows


class _PartWriter:
    """An actor's scanner, and the parts that it writes."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._scanner = make_scanner(job.settings)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[int]]:
        counts = Counts()
        for number, at in zip(batch["number"].tolist(), batch["at"].tolist(), strict=True):
            task = Task(number, at)
            counts.add(write_part(self._job.folder, number, self._job.chunk(task), self._scanner, self._job.settings))
        return {"pictures": [counts.pictures], "symbols": [counts.symbols], "errors": [counts.errors]}


class _ChunkReader:
    """An actor's scanner, and the rows that it gives."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._scanner = make_scanner(settings)

    def __call__(self, batch: dict[str, np.ndarray]) -> Iterator[pa.Table]:
        for line in batch["chunk"].tolist():
            yield from tables(rows_of(Chunk.from_json(line), self._scanner, self._settings), SCHEMA, ROWS)


def _actors(workers: int | None, tasks: int) -> dict[str, Any]:
    import ray

    cores = int(ray.cluster_resources().get("CPU", 1))
    size = max(1, min(workers or cores, tasks))
    return {"compute": ray.data.ActorPoolStrategy(size=size), "num_cpus": 1}


def _connected(address: str | None) -> Any:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingLibraryError("Ray is needed: pip install 'fastqr[ray]'", name="ray") from error
    if not ray.is_initialized():
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:  # also a plain one where a machine is too busy to start it
            where = "on this machine" if address is None else f"at {address!r}"
            raise FastQRError(f"Ray {where} does not answer: {error}") from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray.data
