"""What became of each code of a picture, in words: what was read and how, what was lost and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from . import _core
from .printable import escaped
from .quads import inside_quads
from .symbol import symbol_from_record
from .trace import Attempt, Look, Mark, StepTrace, Trace, same_place

__all__ = [
    "Explanation",
    "corners_at",
    "differing_modules",
    "explanations",
    "function_modules",
    "marks_at",
    "mended_modules",
    "symbol_modules",
]

FloatArray = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

FROM_FINDERS = "seen, not read by grey values"  # the outcome of a look that finds a new place


@dataclass(slots=True, eq=False)
class Explanation:
    """One code that was read, or one place that looked like a code and was not.

    Attributes
    ----------
    name : str
        ``"code-1"``, ``"code-2"`` … for what was read, top to bottom; ``"lost-1"`` … for what was not, likeliest first.
    title : str
        The message, or that it was lost.
    quad : ndarray of float32, shape (4, 2)
        Corners in the picture.
    attempt : Attempt or None
        The grid that it was read on, or the one on which most was seen.
    words : list of str
        Sentences.
    """

    name: str
    title: str
    quad: FloatArray
    attempt: Attempt | None
    words: list[str] = field(default_factory=list)


def explanations(trace: Trace) -> list[Explanation]:
    """Give what was read, then what was lost."""
    read = sorted(_read_looks(trace), key=lambda found: (float(found[1].mean(0)[1]), float(found[1].mean(0)[0])))
    told = []
    for number, (step, quad, attempt) in enumerate(read, 1):
        title, words = _words_of_reading(trace, step, quad, attempt)
        told.append(Explanation(f"code-{number}", title, quad, attempt, words))
    for number, quad in enumerate(_lost_places(trace, [quad for _, quad, _ in read]), 1):
        looks = [(step, look) for step, look in _looks(trace) if _is_about(look, quad)]
        best = max((a for _, look in looks for a in look.attempts), key=_certainty, default=None)
        title = f'Not read: lost at the step "{looks[-1][0].name}"' if looks else "Not read: no step looked at it"
        told.append(Explanation(f"lost-{number}", title, quad, best, list(_words_of_loss(trace, quad, looks))))
    return told


# Modules --------------------------------------------------------------------------------------------------------------


def symbol_modules(attempt: Attempt) -> Flags:
    """Give the modules of what was read, as they lie on the grid: those of a mirrored symbol are transposed."""
    assert attempt.reading is not None
    record = attempt.reading.record
    return record.modules.T if record.mirrored else record.modules


def function_modules(size: int) -> npt.NDArray[np.int8]:
    """Give the modules that every symbol of a size shares: 1 dark, -1 light, 0 not fixed."""
    return _core.function_patterns(size)


def mended_modules(attempt: Attempt) -> Flags:
    """Tell which modules of the grid belong to codewords that were corrected or erased."""
    assert attempt.reading is not None
    record = attempt.reading.record
    placement = _core.codeword_placement(attempt.size, record.model)
    mended = np.isin(np.arange(len(placement)) // 8, record.mended_codewords)
    flags = np.zeros((attempt.size, attempt.size), bool)
    flags[tuple(placement[mended].T)] = True
    return flags.T if record.mirrored else flags


def differing_modules(attempt: Attempt) -> Flags:
    """Tell which modules seem otherwise than the symbol has them.

    The remainder bits that follow the codewords do not count: what they hold differs from encoder to encoder.
    """
    assert attempt.reading is not None
    assert attempt.probabilities is not None
    remainder = np.zeros((attempt.size, attempt.size), bool)
    placement = _core.codeword_placement(attempt.size, attempt.reading.record.model)
    remainder[tuple(placement[len(placement) // 8 * 8 :].T)] = True
    if attempt.reading.record.mirrored:
        remainder = remainder.T
    differing = (attempt.probabilities > 0.5) != symbol_modules(attempt)
    return np.asarray(differing & ~remainder, np.bool_)


def marks_at(trace: Trace, kind: str, quad: FloatArray) -> list[Mark]:
    """Give the marks of a kind at one place, best score first."""
    order = [0, 1, 3, 2] if kind == "landmarks" else slice(None)
    marks = (mark for step in trace.steps for mark in step.marks if mark.kind == kind)
    here = [mark for mark in marks if same_place(quad, mark.points[order])]
    return sorted(here, key=lambda mark: -(mark.score or 0))


def corners_at(steps: Sequence[StepTrace], quad: FloatArray) -> list[Mark]:
    """Give the four corners at which L-Net saw finder patterns of one place best, or none."""
    best: list[Mark] = []
    for step in steps:
        corners = [mark for mark in step.marks if mark.kind == "corner"]
        for four in (corners[first : first + 4] for first in range(0, len(corners), 4)):
            square = np.stack([mark.points.mean(0) for mark in four])
            if same_place(quad, square) and (not best or _third(four) > _third(best)):
                best = four
    return best


def _third(four: list[Mark]) -> float:
    """Give the third best probability of four: a grid takes three."""
    return sorted(mark.score or 0.0 for mark in four)[1]


# What was read --------------------------------------------------------------------------------------------------------


def _looks(trace: Trace) -> Iterator[tuple[StepTrace, Look]]:
    return ((step, look) for step in trace.steps for look in step.looks)


def _is_about(look: Look, quad: FloatArray) -> bool:
    """Whether a look was at one place, and not one of the cascade at whatever may be about it."""
    return look.quad is not None and "scores" not in look.found and same_place(quad, look.quad)


def _read_looks(trace: Trace) -> Iterator[tuple[StepTrace, FloatArray, Attempt]]:
    for step, look in _looks(trace):
        if look.outcome == "read":
            for attempt in look.attempts:
                if attempt.reading is not None:
                    yield step, attempt.reading.quad, attempt


def _words_of_reading(trace: Trace, step: StepTrace, quad: FloatArray, attempt: Attempt) -> tuple[str, list[str]]:
    assert attempt.reading is not None
    record = attempt.reading.record
    symbol = symbol_from_record(record)
    before = sum(s.ms for s in trace.steps[: trace.steps.index(step)])
    others = sum(look.outcome == "read" for look in step.looks) - 1
    beside = f", which read {others + 1} codes" if others else ""
    if not attempt.passes or attempt.passes[-1].outcome == "read by grey values":
        how = "by its grey values alone"
    else:
        last = attempt.passes[-1]
        how = (
            f"by the network on the {last.grid} grid, pass {last.number + 1}, {last.certainty:.3f} sure of its modules"
        )
    model = "Model 1, version" if symbol.model == 1 else "Version"
    words = [
        f'Read in the step "{step.name}", {how}. '
        f"The step took {step.ms:.1f} ms{beside} and began after {before:.1f} ms.",
        f"{model} {symbol.version} ({attempt.size} x {attempt.size} modules), "
        f"error correction level {symbol.ec_level}, data mask {symbol.mask}, confidence {symbol.confidence:.2f}.",
        _words_of_correction(attempt),
    ]
    kinds = [
        kind
        for kind, held in (("light on dark", symbol.inverted or attempt.inverted), ("mirrored", symbol.mirrored))
        if held
    ]
    if kinds:
        words.append(f"The symbol is {' and '.join(kinds)}.")
    words.extend(
        f'Before, in the step "{s.name}": {_sentence(s, look)}'
        for s, look in _looks(trace)
        if look.outcome not in ("read", "read before") and _is_about(look, quad)
    )
    return escaped(symbol.text) or "(no text)", words


def _words_of_correction(attempt: Attempt) -> str:
    assert attempt.reading is not None
    record = attempt.reading.record
    total = len(_core.codeword_placement(attempt.size, record.model)) // 8
    if not record.mended_codewords:
        said = f"All of its {total} codewords were read right"
    else:
        said = f"Of its {total} codewords {record.corrected_codewords} {_were(record.corrected_codewords)} corrected"
        if record.erased_codewords:
            said += f" and {record.erased_codewords} {_were(record.erased_codewords)} filled in without being relied on"
    if attempt.probabilities is None:
        return f"{said}."
    differing = differing_modules(attempt)
    said += f"; {int(differing.sum())} of {attempt.size**2} modules looked otherwise than the symbol has them"
    outside = int((differing & ~mended_modules(attempt)).sum())
    return f"{said}, {outside} of them outside of codewords that were mended." if outside else f"{said}."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


# What was lost --------------------------------------------------------------------------------------------------------


def _lost_places(trace: Trace, read: list[FloatArray]) -> list[FloatArray]:
    """Give the places that looked like a code and were not read, each once: those with a grid first, then by score."""
    grids = [
        (float(look.found["score"]), look.quad)
        for _, look in _looks(trace)
        if look.outcome == FROM_FINDERS and look.quad is not None
    ]
    marks = [mark for step in trace.steps for mark in step.marks if mark.kind == "box"]
    likely = trace.settings.search.likely
    boxes = [(mark.score, mark.points) for mark in marks if mark.score is not None and mark.score > likely]
    places: list[FloatArray] = []
    for found in grids, boxes:
        for _, quad in sorted(found, key=lambda scored: -scored[0]):
            centre = quad.mean(0)[None]
            if any(inside_quads(centre, other[None])[0] or same_place(quad, other) for other in read):
                continue
            if not any(same_place(quad, other) for other in places):
                places.append(quad)
    return places


def _words_of_loss(trace: Trace, quad: FloatArray, looks: list[tuple[StepTrace, Look]]) -> Iterator[str]:
    for mark in marks_at(trace, "box", quad)[:1]:
        yield f"The cascade takes it for a code with a probability of {mark.score:.2f}."
    if not looks:
        yield "No step looked at it, for the steps that would have were left out."
    for step, look in looks:
        last = " It was lost here." if look is looks[-1][1] else ""
        yield f'In the step "{step.name}": {_sentence(step, look)}{last}'
    # Without a look the steps count that came after the cascade saw it.
    steps = [looks[-1][0]] if looks else [step for step in trace.steps if any(m.kind == "box" for m in step.marks)]
    last_step = trace.steps.index(steps[0]) if steps else -1
    left_out: dict[str, list[str]] = {}
    for step in trace.steps[last_step + 1 :]:
        if step.skipped is not None:
            left_out.setdefault(step.skipped, []).append(step.name)
    for why, names in left_out.items():
        left = f"{_count(len(names), 'step')} after that {_were(len(names))} left out"
        yield f"{left}, {_LEFT_OUT.get(why, why)}: {'; '.join(names)}."
    yield f"The search ended because {_ENDED.get(trace.ended, trace.ended)}."


_LEFT_OUT = {
    "not needed": "taken only where nothing is read or finder patterns stay unexplained",
    "the work is used up": "for the work was used up",
}
_ENDED = {
    "the plan is done": "its plan was done",
    "the work is used up": "the work that it may spend on what leads to no symbol was used up",
    "out of time": "its time was over",
    "as many symbols as wanted": "as many symbols were read as were wanted",
}


def _sentence(step: StepTrace, look: Look) -> str:
    """Say what a look at a place found that was not read."""
    if look.outcome == FROM_FINDERS:
        size = f" of {look.attempts[0].size} x {look.attempts[0].size} modules" if look.attempts else ""
        agreement = (
            f", whose function patterns agree by {look.found['score']:.2f} of 1," if "score" in look.found else ""
        )
        return f"finder patterns span a grid{size}{agreement} but its modules do not decode by their grey values."
    if look.outcome == "too few finder patterns at its corners":
        seen = [] if look.quad is None else [mark.score or 0.0 for mark in corners_at([step], look.quad)]
        shown = f" ({', '.join(f'{p:.2f}' for p in seen)})" if seen else ""
        return f"L-Net is not sure enough of three finder patterns at its four corners{shown}, so no grid can be laid."
    if not look.attempts:
        return f"{look.outcome}; no grid was tried that had not been tried before."
    best = max(look.attempts, key=_certainty)
    tried = f"{_count(len(look.attempts), 'grid')} tried, the best of {best.size} x {best.size} modules"
    certainty = _certainty(best)
    if not best.passes or certainty <= 0:
        return f"{look.outcome}; {tried}."
    uncertain = all(event.outcome not in ("too many errors", "no message") for event in best.passes)
    why = "too little to decode" if uncertain else "yet they hold more errors than the error correction can vouch for"
    return f"{look.outcome}; {tried}: the network is {certainty:.2f} sure of its modules, {why}."


def _certainty(attempt: Attempt) -> float:
    """Say how sure the network was of a grid; below 0 where it was not asked."""
    return max((event.certainty for event in attempt.passes if event.certainty is not None), default=-1.0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
