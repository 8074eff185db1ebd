"""What a search may cost and has cost: grey values visited, multiply-accumulates of networks, and wall time."""

from __future__ import annotations

import time

__all__ = ["Account"]

NEVER = float("inf")


class Account:
    """The work and the time of one search.

    Work is counted in what was done, not in milliseconds, so that a picture gives the same result on any machine under
    any load; a budget of time comes on top, where the caller sets one.

    Parameters
    ----------
    samples, macs : float
        Grey values that may be visited beyond the picture's own, and multiply-accumulates of networks that may be
        spent, on what leads to no symbol.
    budget_ms : float, optional
        Milliseconds after which the search ends.
    started : float, optional
        When it began, in seconds of ``time.perf_counter``; by default now.
    """

    __slots__ = ("_deadline", "_start", "allowed_macs", "allowed_samples", "macs", "samples")

    def __init__(
        self,
        samples: float = float("inf"),
        macs: float = float("inf"),
        budget_ms: float | None = None,
        started: float | None = None,
    ) -> None:
        self._start = time.perf_counter() if started is None else started
        self._deadline = NEVER if budget_ms is None else self._start + budget_ms / 1e3
        self.allowed_samples, self.allowed_macs = samples, macs
        self.samples = self.macs = 0.0

    def spend(self, samples: float = 0.0, macs: float = 0.0) -> None:
        """Count work that was done."""
        self.samples += samples
        self.macs += macs

    def allow(self, samples: float = 0.0, macs: float = 0.0) -> None:
        """Allow more work: where much was found, more may be looked at."""
        self.allowed_samples += samples
        self.allowed_macs += macs

    @property
    def samples_left(self) -> float:
        """Grey values that may still be visited."""
        return max(0.0, self.allowed_samples - self.samples)

    def spent(self, share: float = 1.0) -> bool:
        """Whether a share of either kind of work is used up."""
        return self.samples >= share * self.allowed_samples or self.macs >= share * self.allowed_macs

    def late(self) -> bool:
        """Whether nothing more may be begun: the work or the time is used up."""
        return self.spent() or self.expired()

    def expired(self) -> bool:
        """Whether the time is used up."""
        return self._deadline != NEVER and time.perf_counter() >= self._deadline

    def left_ms(self) -> float:
        """Milliseconds of the budget that are left; infinite without one."""
        return (self._deadline - time.perf_counter()) * 1e3

    def elapsed_ms(self) -> float:
        """Milliseconds since the search began."""
        return (time.perf_counter() - self._start) * 1e3
