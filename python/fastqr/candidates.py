"""From a rough square to places worth reading: by L-Net's look at its corners, or by all turns and sizes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from . import _core
from ._core import Place as Candidate

if TYPE_CHECKING:
    from .models import Network

__all__ = ["Candidate", "by_correlation", "by_landmarks", "by_pairs", "seeming_size", "straighten"]

MODULES = 7  # along a finder pattern

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]


def straighten(
    view: _core.MipMap,
    square: DoubleArray,
    lnet: Network,
    settings: _core.StageSettings,
    least: float = 0.0,
    rounds: int = 1,
    known: _core.SeenCorners | None = None,
) -> tuple[_core.SeenCorners, int]:
    """Look at the four corners of a rough square with L-Net, and once more from near.

    Parameters
    ----------
    view : MipMap
    square : ndarray of float64, shape (4, 2)
        Centres of three finder patterns and the fourth point in any turn, clockwise, in pixels.
    lnet : Network
    least : float, default 0
        Probability that three of the corners must have for another look from near.
    rounds : int, default 1
        Looks from far and near, at most: another one where fewer than three finder patterns were seen.
    known : SeenCorners, optional
        What the first of them saw, where it was gone through before.

    Returns
    -------
    seen : SeenCorners
        Probability of a finder pattern at each point, and its outer corners.
    count : int
        Patches that L-Net saw.
    """
    finder = _core.CornerFinder(view, square, settings, rounds, known)
    outputs: list[FloatArray] = []
    count = 0
    while (patches := finder.next_patches(*outputs)) is not None:
        if count and finder.seen.reached_by(3) < least:
            break
        outputs = lnet(patches)
        count += len(patches)
    return finder.seen, count


def by_landmarks(
    view: _core.MipMap,
    seen: _core.SeenCorners,
    least: float,
    settings: _core.StageSettings,
    *,
    rolled: bool = False,
    turns: int = 2,
) -> Iterator[Candidate]:
    """Yield candidates from what L-Net saw at the corners of one rough square, as `straighten` gives it.

    Only turns whose three finder patterns all have a probability of `least` are worth a registration, the likeliest
    ones of them. Those on paper that is `rolled` so much that no homography has them are sought where that is asked
    for: it costs ten registrations.
    """
    return _core.places_by_corners(view, seen, least, rolled, settings, turns)


def by_pairs(
    view: _core.MipMap, seen: _core.SeenCorners, least: float, settings: _core.StageSettings
) -> Iterator[Candidate]:
    """Candidates of which two finder patterns of a probability of `least` are seen; the third may be covered or torn.

    Whichever of the two other corners it belongs to: three registrations at most.
    """
    return _core.places_by_pairs(view, seen, least, settings)


def by_correlation(
    view: _core.MipMap, square: DoubleArray, inset: float, settings: _core.StageSettings, seems: float | None = None
) -> Iterator[Candidate]:
    """Candidates from all turns and sizes of a square whose corners lie `inset` modules inside the symbol's.

    Where it `seems` to have some modules a side, sizes far from that are left out.
    """
    return _core.places_by_correlation(view, square, inset, seems, settings)


def seeming_size(seen: _core.SeenCorners, square: DoubleArray, inset: float, least: float) -> float | None:
    """Give the modules a side that finder patterns of a probability of `least` at a square's corners tell, if any."""
    finders = seen.corners[seen.finder >= least]
    if not len(finders):
        return None
    module = _side(finders) / MODULES
    return _side(square) / module + 2 * inset if module > 0 else None


def _side(quads: DoubleArray) -> float:
    """Give the mean length of quads' sides."""
    return float(np.hypot(*np.moveaxis(quads - np.roll(quads, 1, -2), -1, 0)).mean())
