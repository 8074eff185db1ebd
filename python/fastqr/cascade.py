"""The cascade: P-Net proposes windows, R-Net and O-Net reject and calibrate them, O-Net's heat maps give landmarks.

After Zhang, Zhang, Li and Qiao, "Joint Face Detection and Alignment using Multitask Cascaded Convolutional
Networks", 2016, arXiv:1604.02878, with QR codes for faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._core import CascadeBoxes, CascadeSettings
from .account import Account
from .quads import NO_QUADS
from .trace import Trace

if TYPE_CHECKING:
    from .models import Models

__all__ = ["CascadeBoxes", "CascadeSettings", "Detection", "changed", "detect_boxes", "next_boxes"]

FloatArray = npt.NDArray[np.float32]

WINDOW = 12  # pixels that P-Net sees


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

    def to_dict(self) -> dict[str, Any]:
        """Return what it holds in plain values, as `json.dumps` takes them, places in hundredths of a pixel."""
        return {
            "box": np.round(self.box.astype(np.float64), 2).tolist(),
            "score": round(float(self.score), 4),
            "landmarks": np.round(self.landmarks.astype(np.float64), 2).tolist(),
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Detection):
            return NotImplemented
        places = np.array_equal(self.box, other.box) and np.array_equal(self.landmarks, other.landmarks)
        return places and self.score == other.score

    def __hash__(self) -> int:
        return hash((self.score, *self.box.tolist()))


def changed(settings: CascadeSettings, **values: float) -> CascadeSettings:
    """Give settings of which some have other values."""
    return CascadeSettings(**{**settings.to_dict(), **values})


def detect_boxes(
    view: _core.MipMap,
    models: Models,
    settings: CascadeSettings,
    account: Account,
    trace: Trace,
    known: FloatArray = NO_QUADS,
    *,
    least: float,
    most: float | None = None,
) -> CascadeBoxes:
    """Run the cascade once on a view.

    Parameters
    ----------
    known : ndarray of float32, shape (Q, 4, 2)
        Quads of symbols that were read: what is centred in one of them goes no further.
    least, most : float
        Sides in pixels of the smallest and largest codes that are looked for; by default those that fill the view.

    Returns
    -------
    CascadeBoxes
        In the picture's pixels, best first.
    """
    with trace.stage("pyramid"):
        cascade = _core.Cascade(view, settings, least=least, most=most, known=known)
    return next_boxes(cascade, models, account, trace)


def next_boxes(cascade: _core.Cascade, models: Models, account: Account, trace: Trace) -> CascadeBoxes:
    """Run the networks on one round of a cascade: on all that it looks for, or on what `extend` added."""
    before = cascade.work
    outputs: list[FloatArray] = []
    while True:
        with trace.stage("pyramid"):
            asked = cascade.next(*outputs)
        if isinstance(asked, CascadeBoxes):
            break
        name, pixels = asked
        with trace.stage(name):
            outputs = getattr(models, name)(pixels)
    work = cascade.work
    account.spend(macs=models.pnet.macs * (work.pnet_pixels - before.pnet_pixels))
    account.spend(macs=models.rnet.macs * (work.rnet_windows - before.rnet_windows))
    account.spend(macs=models.onet.macs * (work.onet_windows - before.onet_windows))
    return asked
