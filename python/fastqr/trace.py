"""What a search did: every step, every place that it looked at, what became of it and what it cost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from ._core import PassEvent, SymbolReading
from .account import Account
from .pictures import ImageLike
from .quads import inside_quads
from .settings import Settings

if TYPE_CHECKING:
    from .trace_pictures import TracePicture

__all__ = ["Attempt", "Look", "Mark", "StepTrace", "Trace", "same_place"]

FloatArray = npt.NDArray[np.float32]

NOT_READ = "not read"  # what the outcome of a look begins with in which modules were read and made no message

SEVERAL = 3  # times a code's length from which a place is not about it but about what surrounds it


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Something that a step saw in the picture.

    Attributes
    ----------
    kind : {"finder pattern", "box", "landmarks", "corner"}
        A finder pattern's outer corners; the corners of a box of the cascade; its five landmarks; what L-Net saw at a
        corner of a square.
    points : ndarray of float32, shape (K, 2)
    score : float or None
        Its probability, or that of the box which the landmarks are of.
    """

    kind: Literal["finder pattern", "box", "landmarks", "corner"]
    points: FloatArray
    score: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One place that was read, or could not be, and the grid on which most was seen of it.

    Attributes
    ----------
    nodes : ndarray of float32, shape (S + 1, S + 1, 2)
        Corners of the modules in the picture, of the symbol's and of a margin on every side.
    size : int
        Modules along a side.
    inverted : bool
        Whether it was taken for light on dark.
    probabilities : ndarray of float32, shape (size, size), or None
        Of dark, by the network or by grey values; None where there was no contrast.
    reading : SymbolReading or None
        What was read.
    passes : tuple of PassEvent
        What became of each pass of the network, in their order; empty where it was not asked.
    """

    nodes: FloatArray
    size: int
    inverted: bool
    probabilities: FloatArray | None
    reading: SymbolReading | None
    passes: tuple[PassEvent, ...] = ()


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
    attempts : sequence of Attempt
        The grids that were read or tried; kept where the trace has `Trace.detail`.
    """

    outcome: str
    quad: FloatArray | None = None
    reading: SymbolReading | None = None
    found: dict[str, Any] = field(default_factory=dict)
    attempts: Sequence[Attempt] = ()

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
    marks : list of Mark
        What was seen in the picture; kept where the trace has `Trace.detail`.
    samples, macs : float
        Grey values visited and multiply-accumulates spent.
    ms : float
        Milliseconds that it took.
    """

    name: str
    skipped: str | None = None
    looks: list[Look] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    samples: float = 0.0
    macs: float = 0.0
    ms: float = 0.0


# Context managers as classes: those that `contextlib` makes of generators take three times as long, which shows where
# a whole picture takes a tenth of a millisecond.


class _StepUnderWay:
    """Takes the time and the work of a step while it is entered."""

    __slots__ = ("_account", "_macs", "_samples", "_start", "_step")

    def __init__(self, step: StepTrace, account: Account) -> None:
        self._step = step
        self._account = account

    def __enter__(self) -> StepTrace:
        self._start, self._samples, self._macs = time.perf_counter(), self._account.samples, self._account.macs
        return self._step

    def __exit__(self, *_: object) -> None:
        self._step.ms = (time.perf_counter() - self._start) * 1e3
        self._step.samples = self._account.samples - self._samples
        self._step.macs = self._account.macs - self._macs


class _Stage:
    """Adds the time while it is entered to a stage's."""

    __slots__ = ("_name", "_stages", "_start")

    def __init__(self, stages: dict[str, float], name: str) -> None:
        self._stages = stages
        self._name = name

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        ms = (time.perf_counter() - self._start) * 1e3
        self._stages[self._name] = self._stages.get(self._name, 0.0) + ms


class Trace:
    """The steps of one search in their order, and the milliseconds of each stage.

    Attributes
    ----------
    steps : list of StepTrace
    stages : dict of str to float
        Milliseconds of each stage, over all steps.
    ended : str
        Why the search ended, in words.
    detail : bool
        Whether marks and attempts are kept, which `draw` shows: `fastqr.Scanner.explain` keeps them.
    shape : tuple of int or None
        Height and width of the picture.
    settings : Settings
        What the search was set to.
    """

    __slots__ = ("_attempts", "_steps", "detail", "ended", "settings", "shape", "stages")

    def __init__(
        self, *, detail: bool = False, shape: tuple[int, int] | None = None, settings: Settings | None = None
    ) -> None:
        self._steps: list[StepTrace | tuple[str, str]] = []  # those that were skipped as their name and why
        self.stages: dict[str, float] = {}
        self.ended = ""
        self.detail = detail
        self.shape = shape
        self.settings = settings or Settings()
        self._attempts: list[Attempt] = []  # of the look that is under way

    @property
    def steps(self) -> list[StepTrace]:
        """The steps of the search in their order, those that were left out as well."""
        # Most of a clean picture's steps are left out, and nobody asks.
        self._steps[:] = (step if isinstance(step, StepTrace) else StepTrace(*step) for step in self._steps)
        return cast("list[StepTrace]", self._steps)

    @steps.setter
    def steps(self, steps: Iterable[StepTrace]) -> None:
        self._steps = list(steps)

    @property
    def _last(self) -> StepTrace:
        """The step that is under way."""
        step = self._steps[-1]
        assert isinstance(step, StepTrace)
        return step

    def step(self, name: str, account: Account) -> _StepUnderWay:
        """Record a step of the plan, its time and its work: what is done in a ``with`` block."""
        step = StepTrace(name)
        self._steps.append(step)
        return _StepUnderWay(step, account)

    def skip(self, name: str, why: str) -> None:
        """Record a step that was left out."""
        self._steps.append((name, why))

    def read(self, readings: Iterable[SymbolReading], quads: FloatArray) -> None:
        """Record what the step that is under way has read, and where."""
        self._last.looks.extend(Look("read", quad, reading) for reading, quad in zip(readings, quads, strict=True))
        self._attach_attempts()

    def look(self, outcome: str, quad: FloatArray | None = None, **found: Any) -> Look:
        """Record a look of the step that is under way."""
        look = Look(outcome, quad, found=found)
        self._last.looks.append(look)
        self._attach_attempts()
        return look

    def mark(
        self,
        kind: Literal["finder pattern", "box", "landmarks", "corner"],
        points: npt.NDArray[np.floating],
        score: float | None = None,
    ) -> None:
        """Keep what the step that is under way saw."""
        self._last.marks.append(Mark(kind, np.asarray(points, np.float32), score))

    def _attach_attempts(self) -> None:
        if self._attempts:
            self._last.looks[-1].attempts, self._attempts = self._attempts, []

    def attempt(self, attempt: Attempt) -> None:
        """Keep a grid of the look that is recorded next."""
        self._attempts.append(attempt)

    def stage(self, name: str) -> _Stage:
        """Time a ``with`` block under a stage's name."""
        return _Stage(self.stages, name)

    def looks(self, step: str | None = None) -> Sequence[Look]:
        """Return all looks, or those of the step of a name."""
        under_way = (s for s in self._steps if isinstance(s, StepTrace))
        return [look for s in under_way if step in (None, s.name) for look in s.looks]

    def why(self, quad: npt.ArrayLike) -> str:
        """Say what became of a code whose corners are known: ``"read"``, or where and why it was lost.

        Parameters
        ----------
        quad : array_like, shape (4, 2)
            Corners of the code in the picture.

        Returns
        -------
        str
            The last step that tried to read the code, or, where none did, looked at it; and what it found there.
        """
        code = np.asarray(quad, np.float32).reshape(4, 2)
        told, tried = "nothing was seen there", False
        for step in self.steps:
            for look in step.looks:
                if look.quad is None or not same_place(code, look.quad):
                    continue
                if look.outcome in ("read", "read before"):
                    return "read"
                if not tried or look.outcome.startswith(NOT_READ):
                    told, tried = f"{step.name}: {look.outcome}", look.outcome.startswith(NOT_READ)
        return told

    def draw(self, image: ImageLike) -> list[TracePicture]:
        """Draw what was seen: an overview, then one picture a code that was read and a place that was lost.

        Parameters
        ----------
        image : ndarray, PIL.Image.Image, path or bytes
            The picture that was searched.

        Returns
        -------
        list of TracePicture
            Each with a ``name``, a BGR ``picture`` and its account in ``words``.

        Raises
        ------
        InvalidArgumentError
            The picture has another size than the one that was searched, or the trace was kept without details.

        Examples
        --------
        >>> import fastqr
        >>> scene = fastqr.demo_scene()
        >>> [drawn.name for drawn in fastqr.Scanner().explain(scene).draw(scene)][:2]
        ['overview', 'code-1']
        """
        from .trace_pictures import draw_trace

        return draw_trace(self, image)

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


def same_place(a: FloatArray, b: FloatArray) -> bool:
    """Whether the centre of one quad lies in the other, and neither is several times as long as the other."""
    (ax, ay, side), (bx, by, other) = _centre_and_side(a), _centre_and_side(b)
    longer = max(side, other)
    if longer > SEVERAL * min(side, other) or max(abs(ax - bx), abs(ay - by)) > longer:
        return False
    return bool(inside_quads(np.array([[ax, ay]]), b[None])[0] or inside_quads(np.array([[bx, by]]), a[None])[0])


def _centre_and_side(quad: FloatArray) -> tuple[float, float, float]:
    xs, ys = quad.T.tolist()
    return sum(xs) / 4, sum(ys) / 4, max(max(xs) - min(xs), max(ys) - min(ys))
