"""The one normalisation of straightened patches, for training and for reading alike."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["LOCAL_CELLS", "normalise_patch"]

LOCAL_CELLS = 29  # side in cells of the window whose statistics count: the crops that the DenseNet is trained on
_LEAST_DEVIATION = 2.0  # grey levels; a flat patch must not be blown up to noise


def normalise_patch(patch: npt.NDArray[np.float32], cells: int, pixels: int = 4) -> npt.NDArray[np.float32]:
    """Bring a patch to zero mean and unit deviation.

    Parameters
    ----------
    patch : ndarray of float32, shape (cells · pixels, cells · pixels)
        Grey values.
    cells : int
        Modules along a side, the margin included. Up to `LOCAL_CELLS` the whole patch is one window; above, each
        pixel is normalised by the window around it, since light falls unevenly over a large symbol.
    pixels : int
        Pixels a module.

    Returns
    -------
    ndarray of float32
        Same shape.
    """
    if cells <= LOCAL_CELLS:
        mean, deviation = patch.mean(), patch.std()
        return np.asarray((patch - mean) / max(float(deviation), _LEAST_DEVIATION), np.float32)
    window = (LOCAL_CELLS * pixels, LOCAL_CELLS * pixels)
    local = cv2.boxFilter(patch, cv2.CV_32F, window, borderType=cv2.BORDER_REFLECT)
    squares = cv2.boxFilter(patch * patch, cv2.CV_32F, window, borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(np.maximum(squares - local * local, _LEAST_DEVIATION**2))
    return np.asarray((patch - local) / spread, np.float32)
