"""Where the time of one call goes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Stopwatch"]


class Stopwatch:
    """Adds up seconds under names, and knows when a search has to end and when it should no longer try hard.

    The end is a matter of time, patience of work: its unit is a millisecond as `costs` counts them.
    """

    __slots__ = ("_deadline", "_patience", "_start", "seconds")

    def __init__(self, budget_ms: float | None = None, patience: float = float("inf")) -> None:
        self._start = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self._deadline = float("inf") if budget_ms is None else self._start + budget_ms / 1e3
        self._patience = patience

    @contextmanager
    def stage(self, name: str, cost: float = 0.0) -> Iterator[None]:
        """Time a ``with`` block that costs so much patience."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self._patience -= cost

    def spend(self, cost: float) -> None:
        """Take from the patience, or add to it by a cost below 0."""
        self._patience -= cost

    def expired(self) -> bool:
        """Whether the budget is used up."""
        return time.perf_counter() >= self._deadline

    def left_ms(self) -> float:
        """Milliseconds of the budget that are left; infinite without one."""
        return (self._deadline - time.perf_counter()) * 1e3

    def late(self, ahead: float = 0.0) -> bool:
        """Whether what costs so much and seldom reads anything should no longer be begun."""
        return self._patience <= ahead or self.expired()

    def elapsed(self) -> float:
        """Seconds since the call began."""
        return time.perf_counter() - self._start
