"""Windows on scenes for P-Net, R-Net and O-Net: positives, parts and negatives by overlap, as MTCNN mines them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from .. import _core
from .samples import Sample
from .scenes import Code, Scene, make_scene

__all__ = [
    "AS_MTCNN",
    "COARSE",
    "HEAT_CELLS",
    "NEGATIVE",
    "PART",
    "POSITIVE",
    "Overlaps",
    "class_and_box_loss",
    "labels_of",
    "window_loss",
    "window_samples",
]

FloatArray = npt.NDArray[np.float32]
POSITIVE, PART, NEGATIVE = 1, 2, 0
HEAT_CELLS = 24  # side of O-Net's heat maps
HEAT_SIGMA = 0.9  # cells
KEPT = 0.7  # share of the highest class losses that count: online hard example mining, MTCNN section II.C


class Overlaps(NamedTuple):
    """Intersection over union above which a window is a positive, or a part, and below which it is a negative."""

    positive: float
    part: float
    negative: float


AS_MTCNN = Overlaps(0.65, 0.4, 0.3)  # section III of the paper
# Of P-Net's windows every 4 pixels, on levels √2 apart, the nearest to a code may overlap it by half only, and R-Net
# sees them little better; it moves them onto the code, and O-Net judges what it then sees.
COARSE = Overlaps(0.5, 0.35, 0.25)

Propose = Callable[[Scene], FloatArray]


def window_samples(
    rng: np.random.Generator,
    backgrounds: Path | None,
    size: int,
    propose: Propose | None,
    overlaps: Overlaps,
    *,
    tones: bool = False,
    heat: bool = False,
) -> list[Sample]:
    """Windows of one scene as patches of `size` pixels with their labels.

    Parameters
    ----------
    propose : callable, optional
        What the nets before let through on a scene: boxes (K, 4). Their mistakes are this net's lessons.
    overlaps : Overlaps
        That make a window a positive, a part or a negative.
    tones : bool
        Patches show logarithms of grey values, as R-Net's do.
    heat : bool
        Add O-Net's heat maps.

    Returns
    -------
    list of tuple
        patch 1×size×size, class, offsets (4), and with `heat` maps 3×24×24.
    """
    scene = make_scene(rng, backgrounds)
    windows = [_about_codes(rng, scene.codes), _anywhere(rng, scene)]
    if propose is not None:
        windows.append(propose(scene))
    boxes = np.concatenate(windows).astype(np.float32)
    classes, offsets, nearest = labels_of(boxes, [code.box for code in scene.codes], overlaps)
    chosen = _balanced(rng, classes, len(scene.codes))
    boxes, classes, offsets, nearest = boxes[chosen], classes[chosen], offsets[chosen], nearest[chosen]
    height, width = scene.picture.shape
    view = _core.MipMap(scene.picture, np.array([0, 0, width, height], np.float32))
    patches = _core.network_patches(view, boxes, size, tones)
    samples: list[Sample] = []
    for i in range(len(boxes)):
        sample: Sample = (patches[i], np.int64(classes[i]), offsets[i])
        if heat:
            maps = np.zeros((3, HEAT_CELLS, HEAT_CELLS), np.float32)
            if classes[i] != NEGATIVE:
                maps = _heat(boxes[i], scene.codes[nearest[i]])
            sample = (*sample, maps)
        samples.append(sample)
    return samples


def _squared(boxes: FloatArray) -> FloatArray:
    return np.asarray(_core.square_boxes(boxes))


def _about_codes(rng: np.random.Generator, codes: list[Code]) -> FloatArray:
    """Windows over codes, shifted and scaled by as much as the stages before may be off, and more."""
    windows = [np.zeros((0, 4))]
    for code in codes if len(codes) <= 4 else [codes[i] for i in rng.choice(len(codes), 4, replace=False)]:
        box = code.box
        side = float(max(box[2:] - box[:2]))
        centre = (box[:2] + box[2:]) / 2
        count = 18
        near = rng.random((count, 1)) < 0.6
        shift = np.where(near, rng.normal(0, 0.07, (count, 2)), rng.uniform(-0.45, 0.45, (count, 2))) * side
        sides = side * np.where(
            near, np.exp(rng.normal(0.03, 0.13, (count, 1))), np.exp(rng.uniform(-0.9, 0.8, (count, 1)))
        )
        middle = centre + shift
        windows.append(np.concatenate([middle - sides / 2, middle + sides / 2], 1))
    return np.concatenate(windows)


def _anywhere(rng: np.random.Generator, scene: Scene, count: int = 14) -> FloatArray:
    height, width = scene.picture.shape
    sides = np.exp(rng.uniform(np.log(14), np.log(min(height, width)), (count, 1)))
    centres = rng.random((count, 2)) * (width, height)
    boxes: FloatArray = np.concatenate([centres - sides / 2, centres + sides / 2], 1)
    return boxes


def labels_of(
    boxes: FloatArray, codes: list[FloatArray], overlaps: Overlaps
) -> tuple[npt.NDArray[np.int64], FloatArray, npt.NDArray[np.int64]]:
    """Class, offsets to the true box and index of the nearest of the codes' boxes of each window.

    A code seen at a slant has a flat box that no square window overlaps well, so overlap is with the box made square.
    """
    count = len(boxes)
    if not codes:
        return np.zeros(count, np.int64), np.zeros((count, 4), np.float32), np.zeros(count, np.int64)
    truth = np.stack(codes)
    square = _squared(truth)
    low = np.maximum(boxes[:, None, :2], square[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], square[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)[:, None]
    overlap = common / (areas + np.prod(square[:, 2:] - square[:, :2], axis=1)[None] - common)
    nearest = overlap.argmax(1)
    best = overlap.max(1)
    classes = np.where(best > overlaps.positive, POSITIVE, np.where(best > overlaps.part, PART, NEGATIVE))
    classes = np.where((best >= overlaps.negative) & (best <= overlaps.part), -1, classes)  # counts as nothing
    extent = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    offsets = ((truth[nearest] - boxes) / np.maximum(extent, 1)).astype(np.float32)
    return classes.astype(np.int64), offsets, nearest


def _balanced(rng: np.random.Generator, classes: npt.NDArray[np.int64], codes: int) -> npt.NDArray[np.int64]:
    """About one positive to one part to three negatives, few enough a scene that batches see many scenes."""
    chosen = []
    for kind, most in ((POSITIVE, 8), (PART, 8), (NEGATIVE, 24 if codes else 16)):
        members = np.flatnonzero(classes == kind)
        # What the net before proposed stands last; it is what this net has to tell apart.
        if kind == NEGATIVE:
            members = np.concatenate([members[-most // 2 :], rng.permutation(members[: -most // 2])])
        else:
            members = rng.permutation(members)
        chosen.append(members[:most])
    return rng.permutation(np.concatenate(chosen))


def _heat(box: FloatArray, code: Code) -> FloatArray:
    """Gaussians at the finder centres, at the top left one, at the fourth point."""
    points = (code.landmarks[:4] - box[:2]) / (box[2:] - box[:2]) * HEAT_CELLS - 0.5
    axis = np.arange(HEAT_CELLS, dtype=np.float32)
    maps = np.zeros((3, HEAT_CELLS, HEAT_CELLS), np.float32)
    for channel, chosen in ((0, (0, 1, 2)), (1, (0,)), (2, (3,))):
        for k in chosen:
            x, y = points[k]
            bell = np.exp(-((axis[None] - x) ** 2 + (axis[:, None] - y) ** 2) / (2 * HEAT_SIGMA**2))
            maps[channel] = np.maximum(maps[channel], bell)
    return maps


def class_and_box_loss(
    scores: torch.Tensor, offsets: torch.Tensor, classes: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy on the hardest positives and negatives, half the distance of the boxes of positives and parts."""
    counted = (classes == POSITIVE) | (classes == NEGATIVE)
    each = functional.cross_entropy(scores[counted].float(), classes[counted], reduction="none")
    hardest = each.topk(max(1, int(KEPT * len(each)))).values.mean()
    shown = classes != NEGATIVE
    distance = functional.smooth_l1_loss(offsets[shown].float(), targets[shown], beta=0.1, reduction="sum")
    return hardest + 0.5 * distance / shown.sum().clamp(min=1)


def window_loss(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Class on the hardest windows and box offsets, 1 : 0.5."""
    patch, classes, targets = batch
    score, offsets = network(patch)
    return class_and_box_loss(score.flatten(1), offsets.flatten(1), classes, targets)
