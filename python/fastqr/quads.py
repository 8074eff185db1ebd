"""Quads: four corners of a place in the picture, in order around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._core import inside_quads

__all__ = ["NO_QUADS", "areas", "inside_quads"]

FloatArray = npt.NDArray[np.float32]

NO_QUADS = np.zeros((0, 4, 2), np.float32)


def areas(quads: FloatArray) -> FloatArray:
    """Give the areas of Q convex quads, Q×4×2, in square pixels."""
    across, down = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
    return np.asarray(np.abs(across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]) / 2, np.float32)
