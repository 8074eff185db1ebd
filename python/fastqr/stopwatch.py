"""Where the time of one call goes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Stopwatch"]


class Stopwatch:
    """Adds up seconds under names, and knows when a search has to end and when it should no longer try hard."""

    __slots__ = ("_deadline", "_patience", "_start", "seconds")

    def __init__(self, budget_ms: float | None = None, patience_ms: float = float("inf")) -> None:
        self._start = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self._deadline = float("inf") if budget_ms is None else self._start + budget_ms / 1e3
        self._patience = time.thread_time() + patience_ms / 1e3

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a ``with`` block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def extend(self, milliseconds: float) -> None:
        """Be patient for longer: where much was read, more is likely."""
        self._patience += milliseconds / 1e3

    def expired(self) -> bool:
        """Whether the budget is used up."""
        return time.perf_counter() >= self._deadline

    def left_ms(self) -> float:
        """Milliseconds of the budget that are left; infinite without one."""
        return (self._deadline - time.perf_counter()) * 1e3

    def late(self, ahead_ms: float = 0.0) -> bool:
        """Whether what costs so many milliseconds and seldom reads anything should no longer be begun.

        Patience is counted in the thread's own processor time, so that what is read does not hang on other load.
        """
        return time.thread_time() + ahead_ms / 1e3 >= self._patience or self.expired()

    def elapsed(self) -> float:
        """Seconds since the call began."""
        return time.perf_counter() - self._start
