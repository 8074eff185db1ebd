"""R-Net: patches of 24 pixels that P-Net proposed."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn

from .cascade_run import Stage, enter, separation
from .loop import fit
from .nets import RNet
from .options import TrainingOptions
from .samples import Batches
from .windows import class_and_box_loss, window_samples

__all__ = ["train"]

SIZE = 24
BATCH = 256


def loss_of(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Class on the hardest windows and box offsets, 1 : 0.5."""
    patch, classes, targets = batch
    score, offsets = network(patch)
    return class_and_box_loss(score.flatten(1), offsets.flatten(1), classes, targets)


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    torch.manual_seed(options.seed)
    make = partial(
        window_samples,
        backgrounds=options.backgrounds,
        size=SIZE,
        propose=Stage(options.out, ("pnet",)),
    )
    size = 32 if options.smoke else BATCH
    outcome = fit("rnet", RNet(), Batches(make, options.seed, size, options.workers), loss_of, options)
    held_out = Batches(make, options.seed + 10_000, 256, 0)
    scores = separation(outcome.network.float().eval(), held_out, 1 if options.smoke else 16)
    return enter(
        "rnet",
        outcome,
        options,
        torch.randn(2, 1, 24, 24),
        {"probability": {0: "batch"}, "offsets": {0: "batch"}},
        {0: "batch"},
        scores,
        size,
        thresholds={"score": 0.3},
    )
