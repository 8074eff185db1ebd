"""P-Net: windows of 12 pixels, proposed fully convolutionally."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from .cascade_run import train_on_windows
from .nets import PNet
from .options import TrainingOptions
from .windows import window_loss, window_samples

__all__ = ["train"]


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    return train_on_windows(
        "pnet",
        PNet,
        options,
        make=partial(window_samples, backgrounds=options.backgrounds, size=12, propose=None, grey_outside=True),
        loss_of=window_loss,
        batch=256,
        example=torch.randn(1, 1, 40, 50),
        free={2: "height", 3: "width"},
        outputs={"probability": {2: "rows", 3: "columns"}, "offsets": {2: "rows", 3: "columns"}},
        thresholds={"score": 0.5, "top_a_level": 20},
    )
