"""The networks of a scanner, loaded when a picture first needs them."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Models

__all__ = ["CPU", "LazyModels"]

CPU = ("CPUExecutionProvider",)


class LazyModels:
    """The networks of one set of options, which a call gives: loaded by the first one, once for all threads.

    Parameters
    ----------
    folder, threads, providers
        As for `fastqr.models.load_models`.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, *, threads: int, providers: Sequence[str] = CPU) -> None:
        self.folder = folder
        self.threads = threads
        self.providers = providers
        self._lock = threading.Lock()
        self._models: Models | None = None

    def __call__(self) -> Models:
        """Return the networks."""
        if self._models is None:
            with self._lock:
                if self._models is None:
                    from .models import load_models

                    self._models = load_models(self.folder, threads=self.threads, providers=self.providers)
        return self._models

    def of_one_thread(self) -> LazyModels:
        """Return the same networks with one thread a call."""
        return self if self.threads == 1 else LazyModels(self.folder, threads=1, providers=self.providers)

    @property
    def are_shipped(self) -> bool:
        """Whether they are those of the package, on the processor."""
        return self.folder is None and isinstance(self.providers, tuple) and self.providers == CPU
