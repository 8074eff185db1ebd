"""The cascade: P-Net proposes windows, R-Net and O-Net reject and calibrate them, O-Net's heat maps give landmarks.

After Zhang, Zhang, Li and Qiao, "Joint Face Detection and Alignment using Multitask Cascaded Convolutional
Networks", 2016, arXiv:1604.02878, with QR codes for faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import _core
from .account import Account
from .models import Models, Network
from .quads import NO_QUADS, inside_quads
from .trace import Trace

__all__ = ["Boxes", "CascadeSettings", "Detection", "detect_boxes", "propose", "refine"]

FloatArray = npt.NDArray[np.float32]

WINDOW, PADDING = 12, 3  # pixels that P-Net sees, and those that are laid around a level


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """Where the cascade sees a code.

    Attributes
    ----------
    box : ndarray of float32, shape (4,)
        x1, y1, x2, y2 in pixels.
    score : float
        O-Net's probability of a code, 0..1.
    landmarks : ndarray of float32, shape (5, 2)
        Centres of the top left, top right and bottom left finder patterns, the point that completes their square,
        and the symbol's centre, x and y in pixels.
    """

    box: FloatArray
    score: float
    landmarks: FloatArray


@dataclass(frozen=True, slots=True)
class CascadeSettings:
    """How far the search goes; each number's reason stands beside it."""

    top: int = 16  # proposals a level
    proposals: int = 140  # proposals that reach R-Net
    candidates: int = 12  # windows that reach O-Net
    p_threshold: float = 0.1  # kept low: R-Net rejects better, and few windows of a level are taken anyway
    r_threshold: float = 0.3  # kept low: geometry and decoding reject better than thresholds do
    o_threshold: float = 0.3


@dataclass(frozen=True, slots=True)
class Boxes:
    """What is left after O-Net, best score first: boxes K×4, scores K, landmarks K×5×2, their strengths K×4."""

    boxes: FloatArray
    scores: FloatArray
    landmarks: FloatArray
    strengths: FloatArray

    def __len__(self) -> int:
        return len(self.scores)


_NO_BOXES = Boxes(
    np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32), np.zeros((0, 4), np.float32)
)


def detect_boxes(
    pyramid: _core.Pyramid,
    models: Models,
    settings: CascadeSettings,
    account: Account,
    trace: Trace,
    known: FloatArray = NO_QUADS,
) -> Boxes:
    """Run the cascade on one picture's pyramid.

    What is centred in one of the `known` quads, Q×4×2, goes no further.
    """
    account.spend(macs=models.pnet.macs * sum(height * width for height, width in pyramid.shapes))
    with trace.stage("pnet"):
        boxes = propose(pyramid, models.pnet, settings, known)
    if not len(boxes):
        return _NO_BOXES
    account.spend(macs=models.rnet.macs * len(boxes))
    with trace.stage("rnet"):
        boxes, _ = refine(pyramid, boxes, models.rnet, settings)
    if not len(boxes):
        return _NO_BOXES
    account.spend(macs=models.onet.macs * len(boxes))
    with trace.stage("onet"):
        probability, offsets, heat = models.onet(pyramid.patches(boxes, 48))
        scores = probability[:, 1]
        likely = np.flatnonzero(scores > settings.o_threshold)
        # The heat maps lie over O-Net's window, so landmarks are read before the box is calibrated.
        landmarks, strengths = _core.heatmap_landmarks(heat[likely], boxes[likely])
        boxes = _core.calibrate_boxes(boxes[likely], offsets[likely])
        # Union, not minimum: a tiny false box on a few modules must not delete the code around it.
        kept = _core.nms(boxes, scores[likely], 0.5, "union")
    return Boxes(boxes[kept], scores[likely][kept], landmarks[kept], strengths[kept])


def propose(
    pyramid: _core.Pyramid,
    pnet: Network,
    settings: CascadeSettings,
    known: FloatArray = NO_QUADS,
) -> FloatArray:
    """P-Net on every level: square windows K×4 in the picture, best first, none centred in a known quad of Q×4×2."""
    found = []
    most = 4 * settings.top * (1 + len(known) // 4)  # windows of a level: a known code takes several of them
    for i, (scale, shape) in enumerate(zip(pyramid.scales, pyramid.shapes, strict=True)):
        if min(shape) + 2 * PADDING < WINDOW:  # a strip so long that it is seen a few pixels high
            continue
        probability, offsets = pnet(pyramid.tensor(i, PADDING))
        boxes, scores, moves = _core.proposals(probability[0, 1], offsets[0], scale, settings.p_threshold, most)
        kept = _core.nms(boxes, scores, 0.5, "union")
        if len(known):
            kept = kept[~inside_quads((boxes[kept, :2] + boxes[kept, 2:]) / np.float32(2), known)]
        kept = kept[: settings.top]
        found.append((boxes[kept], scores[kept], moves[kept]))
    if not found:
        return np.zeros((0, 4), np.float32)
    boxes, scores, moves = (np.concatenate(parts) for parts in zip(*found, strict=True))
    boxes = _core.calibrate_boxes(boxes, moves)
    kept = _core.nms(boxes, scores, 0.7, "union")[: settings.proposals]
    return _core.square_boxes(boxes[kept])


def refine(
    pyramid: _core.Pyramid, boxes: FloatArray, rnet: Network, settings: CascadeSettings
) -> tuple[FloatArray, FloatArray]:
    """R-Net on windows: those that pass, calibrated and square, best first, and their scores."""
    probability, offsets = rnet(pyramid.patches(boxes, 24))
    likely = np.flatnonzero(probability[:, 1] > settings.r_threshold)
    scores = np.ascontiguousarray(probability[likely, 1])
    boxes = _core.calibrate_boxes(boxes[likely], offsets[likely])
    kept = _core.nms(boxes, scores, 0.7, "union")[: settings.candidates]
    return _core.square_boxes(boxes[kept]), scores[kept]
