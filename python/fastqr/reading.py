"""From a candidate to a payload: grid, DenseNet, decoder, and a better grid where nothing decodes.

Every step proposes; only the symbol decoder's algebra accepts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import _core
from ._core import SymbolReading as Reading
from .account import Account
from .candidates import Candidate, resized
from .models import Network
from .normalise import normalise_patch
from .trace import Trace

__all__ = ["MARGIN", "PIXELS_PER_MODULE", "Reading", "read"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

MARGIN = 2  # modules around the symbol that the DenseNet sees: the quiet zone, or what stands in its place
PIXELS_PER_MODULE = 4  # what the DenseNet's stem takes; 2 measured slightly worse, 8 no better
PASSES = 4  # of the network over one lattice that its displacements move; 97 of 100 codes need one
QUICK_PASSES = 2  # where nobody is patient
EXTRA_PASSES = 2  # where the network is sure of its modules and nothing decodes, the grid is what is wrong
SURE = 0.97  # certainty from which further passes paid
FLAT, TORN = 0.25, 8.0  # modules that a bend moves a place by: less changes no reading, more is no registration
LOST = 0.3  # share of the modules that may be covered or washed out without a word about the others
SAMPLES_A_MODULE = 24  # grey values of a pass: of the patch, of the grey levels, and of the lattice's patterns
HOPELESS = 0.93  # certainty below which nothing was ever read: 0.94 was the least


def read(
    view: _core.MipMap, candidate: Candidate, densenet: Network, account: Account, trace: Trace, *, patient: bool = True
) -> Reading | None:
    """Read one candidate, and where its modules name another version, that one in its place.

    Without patience only the likeliest grid is looked at, and it is moved once.
    """
    reading, version = _read_grids(view, candidate, densenet, account, trace, patient)
    if reading is None and version is not None and 17 + 4 * version != candidate.size and not account.late():
        with trace.stage("grid"):
            candidate = resized(view, candidate, 17 + 4 * version)
        reading, _ = _read_grids(view, candidate, densenet, account, trace, patient)
    return reading


def _read_grids(
    view: _core.MipMap, candidate: Candidate, densenet: Network, account: Account, trace: Trace, patient: bool
) -> tuple[Reading | None, int | None]:
    """Read on grids of the homography, bent, and grown from one alignment pattern to the next.

    Returns
    -------
    reading : Reading or None
    version : int or None
        What the version information says, where nothing was read.
    """
    for number, grid in enumerate(GRIDS_WITH_VERSION if candidate.size >= VERSIONED else GRIDS):
        if number and (not patient or account.late()):
            break
        with trace.stage("grid"):
            nodes = grid(view, candidate)
        if nodes is None:
            continue
        passes = PASSES + EXTRA_PASSES if patient else QUICK_PASSES
        reading, version = _read_lattice(view, nodes, candidate, densenet, account, trace, passes)
        if reading is not None or (version is not None and 17 + 4 * version != candidate.size):
            return reading, version
    return None, None


def _straight(view: _core.MipMap, candidate: Candidate) -> FloatArray | None:
    return _core.homography_lattice(candidate.homography, candidate.size, MARGIN)


def _bent(view: _core.MipMap, candidate: Candidate) -> FloatArray | None:
    nodes, largest = _core.bend_lattice(view, candidate.homography, candidate.size, MARGIN)
    return nodes if FLAT < largest < TORN else None


def _grown(view: _core.MipMap, candidate: Candidate) -> FloatArray | None:
    nodes, found, _ = _core.grow_anchors(view, candidate.homography, candidate.size, MARGIN)
    return nodes if found else None


VERSIONED = 45  # modules from which symbols carry version information, and many alignment patterns to grow along
GRIDS = (_straight, _bent, _grown)
GRIDS_WITH_VERSION = (_grown, _straight, _bent)


def _read_lattice(
    view: _core.MipMap,
    nodes: FloatArray,
    candidate: Candidate,
    densenet: Network,
    account: Account,
    trace: Trace,
    passes: int,
) -> tuple[Reading | None, int | None]:
    size = candidate.size
    template = template_of(size)
    inside = slice(MARGIN, MARGIN + size)
    version = None
    for number in range(passes):
        with trace.stage("sample"):
            record = _core.read_levels(view, nodes, size, candidate.inverted)
            if record is not None:  # a clean picture needs no network
                return Reading(record, nodes, size, candidate.inverted), None
            patch = _core.resample_lattice(view, nodes, PIXELS_PER_MODULE)
            if candidate.inverted:
                patch = -patch
        with trace.stage("densenet"):
            logits, displacement = densenet(normalise_patch(patch, size + 2 * MARGIN)[None, None], template)
        account.spend(samples=SAMPLES_A_MODULE * size**2, macs=densenet.macs * (size + 2 * MARGIN) ** 2)
        probabilities = _sigmoid(np.ascontiguousarray(logits[0, 0, inside, inside]))
        certainty = _certainty(probabilities)
        soft = certainty > HOPELESS
        with trace.stage("decode"):
            record = _core.decode_modules(probabilities, soft=soft)
        if record is not None:
            return Reading(record, nodes, size, candidate.inverted), None
        if number == 0:
            version = _core.version_named(probabilities)
            if version is not None and 17 + 4 * version != size:
                break
        if (
            number + 1 == passes
            or certainty < HOPELESS
            or (number + 1 >= PASSES and certainty < SURE)
            or account.late()
        ):
            break
        with trace.stage("grid"):
            nodes = _core.displace_lattice(nodes, displacement[0, :2], displacement[0, 2], 2 + number)
    return None, version


def _certainty(probabilities: FloatArray) -> float:
    """Tell how far the least certain module of those that need not be lost is from a toss of a coin, 0 to 1."""
    certainties = np.abs(2 * probabilities.ravel() - 1)
    lost = int(LOST * len(certainties))
    return float(np.partition(certainties, lost)[lost])


def _sigmoid(logits: FloatArray) -> FloatArray:
    result: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * logits)
    return result


_TEMPLATES: dict[int, FloatArray] = {}


def template_of(size: int) -> FloatArray:
    """Give what is known of an N-module symbol before it is read, for the DenseNet: 1×2×S×S."""
    template = _TEMPLATES.get(size)
    if template is None:
        side = size + 2 * MARGIN
        template = np.zeros((1, 2, side, side), np.float32)
        inside = slice(MARGIN, MARGIN + size)
        template[0, 0, inside, inside] = _core.function_patterns(size)
        template[0, 1, inside, inside] = 1
        _TEMPLATES[size] = template
    return template
