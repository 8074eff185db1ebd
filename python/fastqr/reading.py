"""From a place to a payload: lattices, the DenseNet, the decoder. What is between two passes stays in C++."""

from __future__ import annotations

from . import _core
from ._core import SymbolReading as Reading
from .account import Account
from .models import Network
from .trace import Trace

__all__ = ["Reading", "read"]


def read(
    view: _core.MipMap, place: _core.Place, densenet: Network, account: Account, trace: Trace, *, patient: bool = True
) -> Reading | None:
    """Read one place, and where its modules name another version, that one in its place.

    Without patience only the likeliest lattice is looked at, and it is moved once.
    """
    reader = _core.GridReader(view, place, "thorough" if patient else "quick")
    spent = 0
    while True:
        with trace.stage("grid"):
            inputs = reader.next_inputs(account.late())
        if inputs is None:
            return reader.reading
        with trace.stage("densenet"):
            outputs = densenet(*inputs)
        with trace.stage("decode"):
            reader.take(*outputs)
        account.spend(samples=reader.work - spent, macs=densenet.macs * inputs[1].shape[-1] ** 2)
        spent = reader.work
