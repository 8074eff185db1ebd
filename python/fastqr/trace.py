"""What a search did: every step, every place that it looked at, what became of it and what it cost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ._core import SymbolReading
from .account import Account
from .quads import inside_quads

__all__ = ["Look", "StepTrace", "Trace"]

FloatArray = npt.NDArray[np.float32]

SEVERAL = 3  # times a code's length from which a place is not about it but about what surrounds it


@dataclass(slots=True, eq=False)
class Look:
    """One look of a step at one place.

    Attributes
    ----------
    outcome : str
        What became of it, in words: ``"read"``, or why not.
    quad : ndarray of float32, shape (4, 2), or None
        Corners of the place in the picture; None for the whole picture.
    reading : SymbolReading or None
        What was read there.
    found : dict
        What the look saw: numbers of patterns, boxes with their scores, sizes.
    """

    outcome: str
    quad: FloatArray | None = None
    reading: SymbolReading | None = None
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str | None:
        """What was read there, as far as it is ASCII."""
        if self.reading is None:
            return None
        return b"".join(data for _, _, data in self.reading.record.segments).decode("ascii", "backslashreplace")


@dataclass(slots=True, eq=False)
class StepTrace:
    """One step of the plan.

    Attributes
    ----------
    name : str
        The step's name in the plan.
    skipped : str or None
        Why nothing was looked at, where the step was left out.
    looks : list of Look
    samples, macs : float
        Grey values visited and multiply-accumulates spent.
    ms : float
        Milliseconds that it took.
    """

    name: str
    skipped: str | None = None
    looks: list[Look] = field(default_factory=list)
    samples: float = 0.0
    macs: float = 0.0
    ms: float = 0.0


class Trace:
    """The steps of one search in their order, and the milliseconds of each stage.

    Attributes
    ----------
    steps : list of StepTrace
    stages : dict of str to float
        Milliseconds of each stage, over all steps.
    ended : str
        Why the search ended, in words.
    """

    __slots__ = ("ended", "stages", "steps")

    def __init__(self) -> None:
        self.steps: list[StepTrace] = []
        self.stages: dict[str, float] = {}
        self.ended = ""

    @contextmanager
    def step(self, name: str, account: Account) -> Iterator[StepTrace]:
        """Record a step of the plan, its time and its work."""
        step = StepTrace(name)
        self.steps.append(step)
        start, samples, macs = time.perf_counter(), account.samples, account.macs
        try:
            yield step
        finally:
            step.ms = (time.perf_counter() - start) * 1e3
            step.samples, step.macs = account.samples - samples, account.macs - macs

    def skip(self, name: str, why: str) -> None:
        """Record a step that was left out."""
        self.steps.append(StepTrace(name, why))

    def read(self, readings: Iterable[SymbolReading], quads: FloatArray) -> None:
        """Record what the step that is under way has read, and where."""
        self.steps[-1].looks.extend(Look("read", quad, reading) for reading, quad in zip(readings, quads, strict=True))

    def look(self, outcome: str, quad: FloatArray | None = None, **found: Any) -> Look:
        """Record a look of the step that is under way."""
        look = Look(outcome, quad, found=found)
        self.steps[-1].looks.append(look)
        return look

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a ``with`` block under a stage's name."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + (time.perf_counter() - start) * 1e3

    def looks(self, step: str | None = None) -> Sequence[Look]:
        """Return all looks, or those of the step of a name."""
        return [look for s in self.steps if step in (None, s.name) for look in s.looks]

    def why(self, quad: npt.ArrayLike) -> str:
        """Say what became of a code whose corners are known: ``"read"``, or where and why it was lost.

        Parameters
        ----------
        quad : array_like, shape (4, 2)
            Corners of the code in the picture.

        Returns
        -------
        str
            The last step that looked at the code and what it found there.
        """
        code = np.asarray(quad, np.float32).reshape(4, 2)
        told = "nothing was seen there"
        for step in self.steps:
            for look in step.looks:
                if look.quad is None or not _same_place(code, look.quad):
                    continue
                if look.outcome in ("read", "read before"):
                    return "read"
                told = f"{step.name}: {look.outcome}"
        return told

    def __str__(self) -> str:
        lines = []
        for step in self.steps:
            if step.skipped is not None:
                lines.append(f"{step.name}: left out, {step.skipped}")
                continue
            lines.append(f"{step.name}: {step.ms:.2f} ms, {step.samples:.0f} grey values, {step.macs / 1e6:.1f} M macs")
            for look in step.looks:
                where = "the picture" if look.quad is None else "({:.0f}, {:.0f})".format(*look.quad.mean(0))
                seen = "".join(f", {name} {value}" for name, value in look.found.items())
                said = "" if look.text is None else f": {look.text!r}"
                lines.append(f"  {where}: {look.outcome}{said}{seen}")
        return "\n".join([*lines, f"ended: {self.ended}"])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON holds."""
        return {
            "ended": self.ended,
            "stages": {name: round(ms, 4) for name, ms in self.stages.items()},
            "steps": [
                {
                    "name": step.name,
                    "skipped": step.skipped,
                    "ms": round(step.ms, 4),
                    "samples": round(step.samples),
                    "macs": round(step.macs),
                    "looks": [
                        {
                            "outcome": look.outcome,
                            "quad": None if look.quad is None else np.asarray(look.quad, float).round(2).tolist(),
                            "text": look.text,
                            "found": look.found,
                        }
                        for look in step.looks
                    ],
                }
                for step in self.steps
            ],
        }


def _same_place(a: FloatArray, b: FloatArray) -> bool:
    """Whether the centre of one quad lies in the other, and neither is several times as long as the other."""
    sides = float(np.ptp(a, axis=0).max()), float(np.ptp(b, axis=0).max())
    if max(sides) > SEVERAL * min(sides):
        return False
    return bool(inside_quads(a.mean(0)[None], b[None])[0] or inside_quads(b.mean(0)[None], a[None])[0])
