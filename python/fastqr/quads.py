"""Quads: four corners of a place in the picture, in order around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["NO_QUADS", "areas", "inside_quads"]

FloatArray = npt.NDArray[np.float32]

NO_QUADS = np.zeros((0, 4, 2), np.float32)


def inside_quads(points: FloatArray, quads: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell which of K points, K×2, lie in any of Q convex quads, Q×4×2 in either direction; the edge counts as in."""
    along = quads[:, (1, 2, 3, 0)] - quads
    off = points[:, None, None] - quads[None]
    side = along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0]
    return np.asarray(np.any(np.all(side >= 0, axis=2) | np.all(side <= 0, axis=2), axis=1), np.bool_)


def areas(quads: FloatArray) -> FloatArray:
    """Give the areas of Q convex quads, Q×4×2, in square pixels."""
    across, down = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
    return np.asarray(np.abs(across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]) / 2, np.float32)
