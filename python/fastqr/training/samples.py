"""Endless batches of samples, made in worker processes, each sample a function of the seed and its picture's number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

__all__ = ["Batches", "Make", "Sample"]

Sample = tuple[npt.NDArray[Any], ...]
Make = Callable[[np.random.Generator], list[Sample]]


class _Endless(IterableDataset[Sample]):
    """Samples of picture after picture, each with its picture's number as the last part."""

    def __init__(self, make: Make, seed: int, first: int) -> None:
        self._make = make
        self._seed = seed
        self._first = first

    def __iter__(self) -> Iterator[Sample]:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        worker = get_worker_info()
        offset, step = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        number = self._first + offset
        while True:
            for sample in self._make(np.random.default_rng([self._seed, number])):
                yield (*sample, np.asarray(number))
            number += step


class Batches(Iterator[tuple[torch.Tensor, ...]]):
    """Batches of what `make` returns for one random generator after the other, forever.

    Parameters
    ----------
    make : callable
        Samples of one picture, from a random generator.
    seed : int
    size : int
        Samples a batch.
    workers : int
        Processes that make them; 0 for this one.

    Attributes
    ----------
    following : int
        Number of the first picture that no batch has shown yet, nor any picture after it. A run that goes on sets it
        before the first batch.
    """

    def __init__(self, make: Make, seed: int, size: int, workers: int) -> None:
        self.following = 0
        self._make = make
        self._seed = seed
        self._size = size
        self._workers = workers
        self._loaded: Iterator[list[torch.Tensor]] | None = None

    def __next__(self) -> tuple[torch.Tensor, ...]:
        if self._loaded is None:
            self._loaded = iter(
                DataLoader(
                    _Endless(self._make, self._seed, self.following),
                    batch_size=self._size,
                    num_workers=self._workers,
                    prefetch_factor=4 if self._workers else None,
                    # A forked process inherits the locks of OpenCV's and PyTorch's threads and may wait for ever.
                    multiprocessing_context="spawn" if self._workers else None,
                )
            )
        *batch, numbers = next(self._loaded)
        self.following = max(self.following, int(numbers.max()) + 1)
        return tuple(batch)
