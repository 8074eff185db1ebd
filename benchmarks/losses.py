"""At which stage fastqr loses a code whose corners are known.

The only module here that looks inside fastqr. It walks the stages as the scanner's first round does and says where the
code is gone; where an inner name has changed it answers "unknown" rather than fail.

``no proposal``     no window of P-Net overlaps the code
``no box``          none does after R-Net and O-Net
``no frame``        there is a box, but no square in it lies on the symbol
``wrong turn``      a square lies on it, but starts at another corner
``wrong size``      the turn is right, the number of modules is not
``out of time``     everything is right, and reads when the scanner's patience is not at its end
``grid``            frame and size are right and it is read from the marked corners, or its modules are clear and yet do
                    not fit together: the lattice is off
``too many errors`` more codewords are wrong, against the text that is known, than the level repairs
``refused``         few enough are wrong, and yet the decoder does not vouch for them
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import fastqr

STAGES = (
    "no proposal",
    "no box",
    "no frame",
    "wrong turn",
    "wrong size",
    "out of time",
    "grid",
    "too many errors",
    "refused",
    "unknown",
)

OVERLAP = 0.5  # intersection over union from which a box holds a code
FINDERS_INSET = 3.5  # modules from a symbol's corner to the centre of its finder pattern
ON_SYMBOL = 0.15  # how far, in sides of the symbol, a frame's corners may lie from the symbol's
CLEAR = 0.85  # mean certainty of the modules from which they were seen well, and a lattice that is off is what is wrong
AGREEMENT = 0.8  # share of modules equal to those of the known text from which it is the same drawing of it
REPAIRED = {"L": 0.07, "M": 0.15, "Q": 0.25, "H": 0.30}  # share of wrong codewords, ISO/IEC 18004:2015, Table 8

Picture = npt.NDArray[np.uint8]
Quad = npt.NDArray[np.float32]
Modules = npt.NDArray[np.bool_]


def lost_at(scanner: fastqr.Scanner, picture: Picture, quads: list[Quad], texts: list[str | None]) -> list[str]:
    """Name the stage at which each of the codes with these corners is lost."""
    detections = scanner.detect(picture)
    stages = []
    for quad, text in zip(quads, texts, strict=True):
        try:
            stages.append(_lost_at(scanner, picture, detections, quad, text))
        except (AttributeError, ImportError, TypeError, ValueError, KeyError):
            stages.append("unknown")
    return stages


def _lost_at(scanner: Any, picture: Picture, detections: list[fastqr.Detection], quad: Quad, text: str | None) -> str:
    box = np.concatenate([quad.min(0), quad.max(0)])
    holding = [detection for detection in detections if overlap(box, detection.box) >= OVERLAP]
    if not holding:
        near = any(overlap(box, proposal) >= OVERLAP for proposal in _proposals(scanner, picture))
        return "no box" if near else "no proposal"
    symbol = scanner.decode_quad(picture, quad)
    if symbol is None:
        return _lost_in_reading(scanner, picture, quad, text)
    squares = [detection.landmarks[[0, 1, 3, 2]].astype(np.float64) for detection in holding]
    candidates = [pair for square in squares for pair in _candidates(scanner, picture, square, FINDERS_INSET)]
    return _lost_before_reading(scanner, candidates, symbol)


def overlap(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    """Intersection over union of two boxes x1, y1, x2, y2."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (sides <= 0).any():
        return 0.0
    shared = float(np.prod(sides))
    return shared / (float(np.prod(a[2:] - a[:2])) + float(np.prod(b[2:] - b[:2])) - shared)


def _proposals(scanner: Any, picture: Picture) -> npt.NDArray[np.float32]:
    from fastqr import _core
    from fastqr.cascade import CascadeSettings, propose

    settings = CascadeSettings()
    windows: npt.NDArray[np.float32] = propose(_core.Pyramid(picture, settings.limit), scanner._models.pnet, settings)
    return windows


def _candidates(scanner: Any, picture: Picture, square: npt.NDArray[np.float64], inset: float) -> list[tuple[Any, Any]]:
    """Views and the frames that the scanner would read there, in each of its ways."""
    from fastqr import _core
    from fastqr.candidates import Candidate, by_correlation, by_landmarks, straighten
    from fastqr.sites import UNSURE

    low, high = square.min(0), square.max(0)
    box = np.concatenate([low - 0.5 * (high - low), high + 0.5 * (high - low)]).astype(np.float32)
    view = _core.MipMap(picture, box)
    search = _core.search_finder_patterns(view)
    frames = [
        *by_landmarks(view, *straighten(view, square, scanner._models.lnet), UNSURE),
        *(Candidate(p.homography, p.size, p.score, p.inverted) for p in search.unread),
        *(Candidate(_frame(r.nodes, r.size), r.size, 1.0, r.inverted) for r in search.readings),
        *by_correlation(view, square, inset),
    ]
    return [(view, frame) for frame in frames]


def _frame(nodes: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float64]:
    """Map of a symbol onto the corners of the lattice that it was read on."""
    from fastqr import _core
    from fastqr.reading import MARGIN

    first, last = MARGIN, MARGIN + size
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float64)
    return _core.homography(square, nodes[[first, first, last, last], [first, last, last, first]].astype(np.float64))


def _lost_before_reading(scanner: Any, candidates: list[tuple[Any, Any]], symbol: fastqr.Symbol) -> str:
    """The marked corners lead to the text, so what the cascade found does not: how far does that come?"""
    from fastqr.reading import read
    from fastqr.stopwatch import Stopwatch

    assert symbol.quad is not None
    # A mirrored symbol is read through its transpose.
    truth = symbol.quad[[0, 3, 2, 1]] if symbol.mirrored else symbol.quad
    turns = [turn_of(frame.corners(), truth) for _, frame in candidates]
    if all(turn is None for turn in turns):
        return "no frame"
    upright = [pair for pair, turn in zip(candidates, turns, strict=True) if turn == 0]
    if not upright:
        return "wrong turn"
    fitting = [(view, frame) for view, frame in upright if frame.size == len(symbol.modules)]
    if not fitting:
        return "wrong size"
    if any(read(view, frame, scanner._models.densenet, Stopwatch()) is not None for view, frame in fitting):
        return "out of time"
    return "grid"


def turn_of(corners: npt.NDArray[np.float64], truth: Quad) -> int | None:
    """By how many corners a quad is turned against the true one; None where it lies elsewhere."""
    side = float(np.linalg.norm(truth - np.roll(truth, 1, 0), axis=1).mean())
    for turn in range(4):
        if np.linalg.norm(np.roll(corners, turn, 0) - truth, axis=1).max() <= ON_SYMBOL * side:
            return turn
    return None


def _lost_in_reading(scanner: Any, picture: Picture, quad: Quad, text: str | None) -> str:
    """Not even the marked corners lead to the text: are the modules seen, and how many codewords are wrong?"""
    candidates = _candidates(scanner, picture, quad.astype(np.float64), 0.0)
    looks = [_probabilities(scanner, view, frame) for view, frame in candidates]
    if not looks:
        return "no frame"
    if text:
        for dark in looks:
            if (verdict := _against_text(dark, text)) is not None:
                return verdict
    certainty = max(float(np.abs(2 * dark - 1).mean()) for dark in looks)
    return "grid" if certainty >= CLEAR else "too many errors"


def _probabilities(scanner: Any, view: Any, frame: Any) -> npt.NDArray[np.float32]:
    """The DenseNet's view of one frame on its first lattice: N×N probabilities of dark."""
    from fastqr import _core
    from fastqr.normalise import normalise_patch
    from fastqr.reading import MARGIN, PIXELS_PER_MODULE, template_of

    nodes = _core.homography_lattice(frame.homography, frame.size, MARGIN)
    patch = _core.resample_lattice(view, nodes, PIXELS_PER_MODULE)
    patch = normalise_patch(-patch if frame.inverted else patch, frame.size + 2 * MARGIN)
    logits = scanner._models.densenet(patch[None, None], template_of(frame.size))[0]
    inside = slice(MARGIN, MARGIN + frame.size)
    dark: npt.NDArray[np.float32] = 0.5 + 0.5 * np.tanh(0.5 * logits[0, 0, inside, inside])
    return dark


def _against_text(dark: npt.NDArray[np.float32], text: str) -> str | None:
    """Whether the decoder could have repaired what was seen, if the known text was drawn as segno draws it."""
    seen = dark > 0.5
    best: tuple[float, float] | None = None
    for modules, level in _drawings(text, (len(dark) - 17) // 4):
        agreement = float((seen == modules).mean())
        if agreement >= AGREEMENT and (best is None or agreement > best[0]):
            best = agreement, wrong_codewords(seen, modules) / REPAIRED[level]
    if best is None:
        return None
    return "refused" if best[1] <= 1 else "too many errors"


def _drawings(text: str, version: int) -> list[tuple[Modules, str]]:
    import segno

    drawings = []
    for level, mask in itertools.product("LMQH", range(8)):
        try:
            code = segno.make_qr(text, version=version, error=level, mask=mask, boost_error=False)
        except ValueError:  # does not fit
            continue
        drawings.append((np.array([list(row) for row in code.matrix], np.uint8) == 1, level))
    return drawings


def wrong_codewords(seen: Modules, truth: Modules) -> float:
    """Share of codewords with a wrong module, in the order of ISO/IEC 18004:2015, 7.7.3."""
    from fastqr import _core

    wrong = (seen != truth)[placement(data_region(np.asarray(_core.function_patterns(len(truth)))))]
    whole = len(wrong) // 8 * 8
    return float(wrong[:whole].reshape(-1, 8).any(1).mean())


def data_region(function_patterns: npt.NDArray[np.int8]) -> Modules:
    """Modules that hold codewords: neither patterns nor format and version information."""
    size = len(function_patterns)
    data: Modules = function_patterns == 0
    data[8, :9] = data[:9, 8] = data[8, -8:] = data[-8:, 8] = False
    if size >= 45:  # version 7
        data[:6, -11:-8] = data[-11:-8, :6] = False
    return data


def placement(data: Modules) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the data modules in the order in which bits fill them: two columns at a time, up and down."""
    size = len(data)
    rows, columns = [], []
    for number, right in enumerate(column - (column <= 6) for column in range(size - 1, 0, -2)):
        for row in range(size) if number % 2 else range(size - 1, -1, -1):
            for column in (right, right - 1):
                if data[row, column]:
                    rows.append(row)
                    columns.append(column)
    return np.array(rows, np.intp), np.array(columns, np.intp)
