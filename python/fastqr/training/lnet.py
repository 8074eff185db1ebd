"""L-Net: finder patterns in roughly straightened patches, down to their outer corners."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from .. import _core
from .cascade_run import begun, enter
from .loop import fit
from .nets import LNet
from .options import TrainingOptions
from .samples import Batches, Make, Sample
from .scenes import make_scene

__all__ = ["make_samples", "samples_of", "train"]

SIZE = 24
BATCH = 256
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
FIRST_LOOK = 0.75  # side of the first patch in distances of finder centres, as the reader takes it


class Exported(nn.Module):
    """L-Net as it is exported: a probability instead of the logit."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Probability of a finder M×1, corners M×8."""
        finder, corners = self.network(x)
        return torch.sigmoid(finder), corners


def make_samples(rng: np.random.Generator, backgrounds: Path | None) -> list[Sample]:
    """Patches at the corners of the codes of one scene, and elsewhere.

    Returns
    -------
    list of tuple
        patch 1×24×24, finder 0 or 1 (1), corners in patch coordinates (8), width of the finder in patches (1).
    """
    scene = make_scene(rng, backgrounds)
    samples: list[Sample] = []
    maps, truths = [], []
    chosen = (
        scene.codes
        if len(scene.codes) <= 4
        else [scene.codes[i] for i in rng.choice(len(scene.codes), 4, replace=False)]
    )
    for code in chosen:
        square = code.landmarks[[0, 1, 3, 2]].astype(np.float64)
        side = np.linalg.norm(np.roll(square, -1, 0) - square, axis=1).mean()
        finder_width = 7.0 / (code.size - 7)  # in distances of finder centres
        for _ in range(2):
            noise = float(rng.choice([0.01, 0.03, 0.07]))
            rough = square + rng.normal(0, noise * side, (4, 2))
            turn = int(rng.integers(4))
            try:
                frame = np.asarray(_core.homography(SQUARE, np.roll(rough, -turn, 0)))
            except ValueError:
                continue
            for corner in range(4):
                if rng.random() < 0.3:
                    span = FIRST_LOOK
                else:
                    span = finder_width * float(np.exp(rng.uniform(np.log(1.3), np.log(5.0))))
                centre = SQUARE[corner] + rng.uniform(-0.15, 0.15, 2) * span
                if corner == (2 - turn) % 4 and rng.random() < 0.35:  # the data region, an alignment pattern, the edge
                    centre = rng.uniform(0.0, 1.0, 2)
                angle = np.radians(rng.normal(0, 9))
                c, s = np.cos(angle) * span, np.sin(angle) * span
                place = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
                place[:2, 2] = centre - place[:2, :2] @ (0.5, 0.5)
                maps.append(frame @ place)
                truths.append(code.finders.astype(np.float64))
    height, width = scene.picture.shape
    for _ in range(3):
        span = float(np.exp(rng.uniform(np.log(10), np.log(100))))
        x, y = rng.random(2) * (width, height)
        maps.append(np.array([[span, 0, x], [0, span, y], [0, 0, 1.0]]))
        truths.append(np.concatenate([code.finders for code in scene.codes]) if scene.codes else np.zeros((0, 4, 2)))
    patches = np.asarray(_core.warp_patches(scene.picture, np.stack(maps), SIZE))
    for patch, to_picture, finders in zip(patches, maps, truths, strict=True):
        samples.append((patch, *_label(np.linalg.inv(to_picture), finders)))
    return samples


def _label(to_patch: npt.NDArray[np.float64], finders: npt.NDArray[np.float64]) -> Sample:
    nothing = (np.zeros(1, np.float32), np.zeros(8, np.float32), np.ones(1, np.float32))
    if not len(finders):
        return nothing
    points = np.concatenate([finders, np.ones((*finders.shape[:2], 1))], 2) @ to_patch.T
    corners = points[..., :2] / points[..., 2:]
    distance = np.abs(corners.mean(1) - 0.5).max(1)
    nearest = corners[int(distance.argmin())]
    width = float(np.linalg.norm(np.roll(nearest, -1, 0) - nearest, axis=1).mean())
    # A finder counts when its centre lies in the patch's middle and it is neither a speck nor larger than the patch.
    if distance.min() > 0.28 or not 0.1 < width < 1.2:
        return nothing
    first = int((nearest @ (1.0, 1.0)).argmin())
    ordered = np.roll(nearest, -first, 0)
    return (np.ones(1, np.float32), ordered.reshape(8).astype(np.float32), np.array([width], np.float32))


def loss_of(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Cross-entropy of the finder; distance of its corners in finder widths, robust."""
    patch, finder, corners, width = batch
    logit, found = network(patch)
    entropy = functional.binary_cross_entropy_with_logits(logit.float(), finder)
    miss = (found.float() - corners) / width
    distance = functional.smooth_l1_loss(miss, torch.zeros_like(miss), beta=0.03, reduction="none").mean(
        1, keepdim=True
    )
    return entropy + 10 * (distance * finder).sum() / finder.sum().clamp(min=1)


def samples_of(options: TrainingOptions) -> Make:
    """Return what makes samples, with the photographs of `options` behind them."""
    return partial(make_samples, backgrounds=options.backgrounds)


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    torch.manual_seed(options.seed)
    make = samples_of(options)
    size = 32 if options.smoke else BATCH
    network = begun("lnet", LNet(), make, options)
    outcome = fit("lnet", network, Batches(make, options.seed, size, options.workers), loss_of, options)
    network = outcome.network.float().eval()
    held_out = Batches(make, options.seed + 10_000, 256, 0)
    right = total = 0.0
    misses: list[float] = []
    with torch.no_grad():
        for _ in range(1 if options.smoke else 16):
            patch, finder, corners, width = next(held_out)
            logit, found = network(patch)
            right += float(((logit > 0) == (finder > 0.5)).sum())
            total += len(finder)
            shown = (finder[:, 0] > 0.5) & (width[:, 0] > 0.35) & (width[:, 0] < 0.7)  # as the second look sees it
            misses += ((found - corners).abs().mean(1) / width[:, 0] * 7)[shown].tolist()
    scores = {
        "finder_accuracy": round(right / total, 4),
        "median_corner_error_modules": round(float(np.median(misses)), 3),
        "p90_corner_error_modules": round(float(np.percentile(misses, 90)), 3),
    }
    return enter(
        "lnet",
        outcome,
        options,
        torch.randn(2, 1, SIZE, SIZE),
        {"finder": {0: "batch"}, "corners": {0: "batch"}},
        {0: "batch"},
        scores,
        size,
        wrap=Exported,
    )
