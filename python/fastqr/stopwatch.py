"""Where the time of one call goes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Stopwatch"]


class Stopwatch:
    """Adds up seconds under names; `deadline` is the moment at which the search has to end."""

    __slots__ = ("_start", "deadline", "seconds")

    def __init__(self, budget_ms: float | None = None) -> None:
        self._start = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.deadline = float("inf") if budget_ms is None else self._start + budget_ms / 1e3

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a ``with`` block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def expired(self) -> bool:
        """Whether the budget is used up."""
        return time.perf_counter() >= self.deadline

    def elapsed(self) -> float:
        """Seconds since the call began."""
        return time.perf_counter() - self._start
