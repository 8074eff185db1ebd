"""A job on this machine: as many processes as cores, each with one scanner, fed one chunk at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from fastqr.errors import FastQRError

from .job import Job, Task
from .part import Counts, make_scanner, write_part

__all__ = ["run_in_processes"]

MOST_BAD_STARTS = 3  # processes in a row that end before they have made a scanner


def run_in_processes(job: Job, tasks: Iterator[Task], workers: int) -> Iterator[Counts]:
    """Do tasks in processes, and yield what was read, several times a second.

    A process that ends is replaced, and its chunk read anew; a picture that ends a process three times is an error.

    Raises
    ------
    FastQRError
        Processes end as soon as they begin.
    """
    again: deque[Task] = deque()
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks
    running: list[_Worker] = []
    bad_starts = 0
    try:
        while True:
            while len(running) < workers and (task := again.popleft() if again else next(tasks, None)) is not None:
                running.append(_Worker.started(context, job, task))
            if not running:
                return
            wait([worker.connection for worker in running])
            for worker in list(running):
                if not worker.connection.poll():
                    continue
                try:
                    message = worker.connection.recv()
                except (EOFError, OSError):
                    worker.process.join()
                    running.remove(worker)
                    again.append(worker.task)
                    bad_starts += not worker.ready
                    if bad_starts >= MOST_BAD_STARTS:
                        raise FastQRError(
                            f"processes end before they read anything (exit status {worker.process.exitcode})"
                        ) from None
                    continue
                if isinstance(message, Exception):
                    raise message
                worker.ready, bad_starts = True, 0
                if message is not None:
                    yield message
                    continue
                if (task := again.popleft() if again else next(tasks, None)) is None:
                    worker.connection.send(None)
                    worker.process.join()
                    running.remove(worker)
                else:
                    worker.give(task)
    finally:
        for worker in running:
            worker.process.terminate()
        for worker in running:
            worker.process.join()


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    task: Task
    ready: bool = False

    @staticmethod
    def started(context: multiprocessing.context.SpawnContext, job: Job, task: Task) -> _Worker:
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, job), daemon=True)
        process.start()
        theirs.close()  # or its end would not be seen
        worker = _Worker(process, ours, task)
        worker.give(task)
        return worker

    def give(self, task: Task) -> None:
        self.task = task
        self.connection.send(task)


def _work(connection: Connection, job: Job) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches every process of a terminal: who started this one ends it
    try:
        scanner = make_scanner(job.settings)
        while (task := connection.recv()) is not None:
            write_part(job.folder, task.number, job.chunk(task), scanner, job.settings, connection.send)
            connection.send(None)
    except (EOFError, BrokenPipeError):  # who started this process has gone
        os._exit(1)
    except Exception as error:
        connection.send(error if isinstance(error, FastQRError) else FastQRError(f"{type(error).__name__}: {error}"))
