"""Endless batches of samples, made in worker processes, each sample a function of the seed and its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

__all__ = ["batches"]

Sample = tuple[npt.NDArray[Any], ...]


class _Endless(IterableDataset[Sample]):
    def __init__(self, make: Callable[[np.random.Generator], list[Sample]], seed: int) -> None:
        self._make = make
        self._seed = seed

    def __iter__(self) -> Iterator[Sample]:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        worker = get_worker_info()
        number, step = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        while True:
            yield from self._make(np.random.default_rng([self._seed, number]))
            number += step


def batches(
    make: Callable[[np.random.Generator], list[Sample]], seed: int, size: int, workers: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Batches of what `make` returns for one random generator, forever."""
    loader = DataLoader(
        _Endless(make, seed), batch_size=size, num_workers=workers, prefetch_factor=4 if workers else None
    )
    for batch in loader:
        yield tuple(batch)
