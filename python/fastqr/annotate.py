"""Pictures of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .cascade import Detection
from .pictures import Picture
from .symbol import Symbol

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["annotated"]

GREEN, ORANGE, WHITE = (80, 200, 0), (0, 140, 255), (255, 255, 255)


def annotated(picture: Picture, symbols: Sequence[Symbol], detections: Sequence[Detection] = ()) -> Picture:
    """Return a BGR copy with each symbol's quad and text, and the boxes in which nothing was read.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width) or (height, width, 3)
    symbols : sequence of Symbol
    detections : sequence of Detection, optional
        Drawn thinly where no symbol's centre lies in the box.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    canvas = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture.copy()
    thick = max(1, round(max(canvas.shape[:2]) / 400))
    quads = [symbol.quad for symbol in symbols if symbol.quad is not None]
    for detection in detections:
        x1, y1, x2, y2 = detection.box
        if not any(x1 <= x <= x2 and y1 <= y <= y2 for x, y in (quad.mean(0) for quad in quads)):
            cv2.rectangle(canvas, (round(x1), round(y1)), (round(x2), round(y2)), ORANGE, thick)
    for symbol in symbols:
        if symbol.quad is None:
            continue
        cv2.polylines(canvas, [np.round(symbol.quad).astype(np.int32)], True, GREEN, 2 * thick, cv2.LINE_AA)
        x, y = symbol.quad.min(0)
        # OpenCV's stroke font holds ASCII alone.
        label = symbol.text.encode("ascii", "replace").decode()[:40]
        place = (round(x), max(round(y) - 3 * thick, 12 * thick))
        for colour, width in ((WHITE, 4 * thick), (GREEN, thick)):
            cv2.putText(canvas, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45 * thick, colour, width, cv2.LINE_AA)
    return np.asarray(canvas, np.uint8)
