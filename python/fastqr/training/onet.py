"""O-Net: patches of 48 pixels that R-Net let pass; score, box, and heat maps of the landmarks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from .branches import answer_where
from .cascade_run import Stage, train_on_windows
from .nets import ONet
from .options import TrainingOptions
from .samples import Make
from .windows import AS_MTCNN, NEGATIVE, class_and_box_loss, window_samples

__all__ = ["leave_heat_maps_out", "samples_of", "train"]

SHOWN = 0.1  # probability of a code, below which nobody asks where it lies; `CascadeSettings.o_threshold` is no less


def loss_of(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Class and box as in R-Net, and cross-entropy of the heat maps where a code is shown, hot cells weighing more."""
    patch, classes, targets, heat = batch
    score, offsets, maps = network(patch)
    shown = classes != NEGATIVE
    entropy = functional.binary_cross_entropy_with_logits(maps[shown].float(), heat[shown], reduction="none")
    hot = (entropy * (1 + 9 * heat[shown])).sum() / max(1, entropy.numel())  # a batch may show no code
    return class_and_box_loss(score, offsets, classes, targets) + 8.0 * hot


def samples_of(options: TrainingOptions) -> Make:
    """Return what makes windows, those that P-Net and R-Net of the same folder let through among them."""
    return partial(
        window_samples,
        backgrounds=options.backgrounds,
        size=48,
        propose=Stage(options.out, ("pnet", "rnet")),
        overlaps=AS_MTCNN,
        heat=True,
    )


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    return train_on_windows(
        "onet",
        ONet,
        options,
        make=samples_of(options),
        loss_of=loss_of,
        batch=128,
        example=torch.randn(2, 1, 48, 48),
        free={0: "batch"},
        outputs={"probability": {0: "batch"}, "offsets": {0: "batch"}, "heatmaps": {0: "batch"}},
    )


def leave_heat_maps_out(path: Path) -> str:
    """Let the network of a file compute heat maps only where a batch shows a code; returns what the manifest says."""
    answer_where(path, "heatmaps", "probability", SHOWN)
    return f"heatmaps, where a window of the batch has a probability of {SHOWN}"
