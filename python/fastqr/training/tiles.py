"""Tiles of P-Net's levels with a label for every window of them: what it is given in use, in the same light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from .. import _core
from ..cascade import CascadeSettings
from .samples import Sample
from .scenes import make_scene
from .windows import COARSE, NEGATIVE, PART, POSITIVE, labels_of

__all__ = ["TILE", "tile_loss", "tile_samples"]

WINDOWS = 21  # along a tile's side
STRIDE, SEEN = 4, 20  # pixels from a window to the next, and that P-Net sees of one and about it
TILE = (WINDOWS - 1) * STRIDE + SEEN  # pixels
OUTSIDE = -1  # the class of windows that are none
LEAST = 12.0  # pixels: side of the smallest codes that are looked for in a scene
TILES = 12  # of a scene
FOCUS = 2.0  # exponent of the focal loss
WHOLE = 1 << 30  # pixels of the largest level that is seen whole

FloatArray = npt.NDArray[np.float32]


def tile_samples(rng: np.random.Generator, backgrounds: Path | None) -> list[Sample]:
    """Tiles of one scene's levels, half of them where they show a code.

    Returns
    -------
    list of tuple
        tile 1×100×100, classes 21×21, offsets 4×21×21.
    """
    scene = make_scene(rng, backgrounds)
    height, width = scene.picture.shape
    view = _core.MipMap(scene.picture, np.array([0, 0, width, height], np.float32))
    cascade = _core.Cascade(view, CascadeSettings(whole_pixels=WHOLE), least=LEAST)
    levels = []
    while (pixels := cascade.pnet_input()) is not None:
        rows, columns = ((side - SEEN) // STRIDE + 1 for side in pixels.shape[2:])
        windows = cascade.pnet_windows().reshape(rows, columns, 4)
        levels.append((pixels[0, 0], windows))
        cascade.take_pnet(*(np.zeros((1, maps, rows, columns), np.float32) for maps in (2, 4)))
    if not levels:
        return []
    samples: list[Sample] = []
    areas = np.array([windows[..., 0].size for _, windows in levels], np.float64)
    for number in range(TILES):
        place = None
        if scene.codes and number % 2 == 0:
            box = scene.codes[int(rng.integers(len(scene.codes)))].box
            side, place = float((box[2:] - box[:2]).max()), (box[:2] + box[2:]) / 2
            misfit = [abs(np.log(side / float(windows[0, 0, 2] - windows[0, 0, 0]))) for _, windows in levels]
            level, windows = levels[int(np.argmin(misfit))]
        else:
            level, windows = levels[int(rng.choice(len(levels), p=np.sqrt(areas) / np.sqrt(areas).sum()))]
        rows, columns = windows.shape[:2]
        row, column = int(rng.integers(max(rows - WINDOWS, 0) + 1)), int(rng.integers(max(columns - WINDOWS, 0) + 1))
        if place is not None:
            pixel = float(windows[0, 0, 2] - windows[0, 0, 0]) / 12
            at = (place - windows[0, 0, :2]) / (pixel * STRIDE)  # in windows
            column, row = (
                int(np.clip(a - rng.integers(3, WINDOWS - 3), 0, max(count - WINDOWS, 0)))
                for a, count in zip(at, (columns, rows), strict=True)
            )
        samples.append(_tile(level, windows, row, column, [code.box for code in scene.codes]))
    return samples


def _tile(level: FloatArray, windows: FloatArray, row: int, column: int, boxes: list[FloatArray]) -> Sample:
    seen = windows[row : row + WINDOWS, column : column + WINDOWS]
    rows, columns = seen.shape[:2]
    tile = np.zeros((1, TILE, TILE), np.float32)
    pixels = level[row * STRIDE : row * STRIDE + TILE, column * STRIDE : column * STRIDE + TILE]
    tile[0, : pixels.shape[0], : pixels.shape[1]] = pixels
    classes = np.full((WINDOWS, WINDOWS), OUTSIDE, np.int64)
    offsets = np.zeros((4, WINDOWS, WINDOWS), np.float32)
    kinds, moves, _ = labels_of(seen.reshape(-1, 4), boxes, COARSE)
    classes[:rows, :columns] = kinds.reshape(rows, columns)
    offsets[:, :rows, :columns] = moves.reshape(rows, columns, 4).transpose(2, 0, 1)
    return tile, classes, offsets


def tile_loss(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Class of all windows and box offsets of what shows a code.

    Hundreds of windows are none for each that shows a code, and most are plain: the focal loss (Lin et al. 2017,
    arXiv:1708.02002) lets each count by how wrong it is. The hardest alone would be those that nobody can tell.
    """
    tiles, classes, targets = batch
    scores, offsets = network(tiles)
    kinds = classes.flatten()
    each = functional.cross_entropy(
        scores.float().movedim(1, -1).reshape(-1, 2), (kinds == POSITIVE).long(), reduction="none"
    )
    counted = (kinds == POSITIVE) | (kinds == NEGATIVE)
    focal = ((1 - torch.exp(-each)) ** FOCUS * each)[counted].sum() / (kinds == POSITIVE).sum().clamp(min=1)
    shown = (kinds == POSITIVE) | (kinds == PART)
    distance = functional.smooth_l1_loss(
        offsets.float().movedim(1, -1).reshape(-1, 4)[shown],
        targets.movedim(1, -1).reshape(-1, 4)[shown],
        beta=0.1,
        reduction="sum",
    )
    return focal + 0.5 * distance / shown.sum().clamp(min=1)
