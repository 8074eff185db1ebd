"""R-Net: patches of 24 pixels that P-Net proposed."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from .cascade_run import Stage, train_on_windows
from .nets import RNet
from .options import TrainingOptions
from .windows import COARSE, window_loss, window_samples

__all__ = ["train"]


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    return train_on_windows(
        "rnet",
        RNet,
        options,
        make=partial(
            window_samples,
            backgrounds=options.backgrounds,
            size=24,
            propose=Stage(options.out, ("pnet",)),
            overlaps=COARSE,
            tones=True,
        ),
        loss_of=window_loss,
        batch=256,
        example=torch.randn(2, 1, 24, 24),
        free={0: "batch"},
        outputs={"probability": {0: "batch"}, "offsets": {0: "batch"}},
    )
