"""From a place to a payload: lattices, the DenseNet, the decoder. What is between two passes stays in C++."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from . import _core
from ._core import SymbolReading as Reading
from ._core import SymbolRecord
from .account import Account
from .trace import Attempt, Trace

if TYPE_CHECKING:
    from .models import Network

__all__ = ["Reading", "attempt_by_levels", "read"]

FloatArray = npt.NDArray[np.float32]


def read(
    view: _core.MipMap,
    place: _core.Place,
    densenet: Network | None,
    settings: _core.StageSettings,
    account: Account,
    trace: Trace,
    *,
    patient: bool = True,
    known: Sequence[SymbolRecord] = (),
    once: bool = False,
) -> _core.GridReader:
    """Read one place, and where its modules name another version, that one in its place; return the reader when done.

    Without patience only the likeliest lattice is looked at, and it is moved once; without a network grey values alone
    are asked. `known` are the symbols that may be recognised. Where it is read `once`, nothing is begun after the
    network was asked.
    """
    reader = _core.GridReader(view, place, "thorough" if patient else "quick", settings, known)
    spent = 0
    surest: tuple[float, FloatArray, FloatArray] | None = None  # certainty, nodes, probabilities; for the trace
    while True:
        with trace.stage("grid"):
            inputs = reader.next_inputs(once or account.late())
        account.spend(samples=reader.work - spent)
        spent = reader.work
        if inputs is None or densenet is None:
            if trace.detail:
                trace.attempt(_attempt(view, place, reader, surest))
            return reader
        nodes = reader.nodes if trace.detail else None
        with trace.stage("densenet"):
            outputs = densenet(*inputs)
        account.spend(macs=densenet.macs * inputs[1].shape[-1] ** 2)
        with trace.stage("decode"):
            reader.take(*outputs)
        if nodes is not None and reader.probabilities is not None:
            certainty = next(event.certainty for event in reversed(reader.events) if event.certainty is not None)
            if surest is None or certainty > surest[0] or reader.reading is not None:
                surest = certainty, nodes, reader.probabilities


def attempt_by_levels(
    view: _core.MipMap, nodes: FloatArray, size: int, inverted: bool, reading: Reading | None = None
) -> Attempt:
    """Give what grey values alone say of a grid, for a trace."""
    return Attempt(nodes, size, inverted, _core.module_probabilities(view, nodes, size, inverted), reading)


def _attempt(
    view: _core.MipMap,
    place: _core.Place,
    reader: _core.GridReader,
    surest: tuple[float, FloatArray, FloatArray] | None,
) -> Attempt:
    """Give what the network made of a place: the grid that was read, or the one of which it was surest."""
    reading, passes = reader.reading, tuple(reader.events)
    if surest is not None and not (reading is not None and passes[-1].outcome == "read by grey values"):
        _, nodes, probabilities = surest
        return Attempt(nodes, len(probabilities), place.inverted, probabilities, reading, passes)
    nodes = reading.nodes if reading is not None else _core.homography_lattice(place.homography, place.size)
    by_levels = attempt_by_levels(view, nodes, reader.size if reading else place.size, place.inverted, reading)
    return Attempt(nodes, by_levels.size, place.inverted, by_levels.probabilities, reading, passes)
