"""P-Net: windows of 12 pixels, proposed fully convolutionally."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn

from .cascade_run import train_on_windows
from .nets import PNet
from .options import TrainingOptions
from .windows import Overlaps, window_loss, window_samples

__all__ = ["train"]

# Of windows every 4 pixels the nearest to a code overlaps it by half at worst. With MTCNN's 0.65 a third more codes
# were missed by P-Net on the development photographs.
OVERLAPS = Overlaps(0.5, 0.35, 0.25)


class Exported(nn.Module):
    """P-Net as it is exported: one head, and sigmoids of the logits' difference, which cost less than a softmax."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        score, offsets = network.score, network.offsets
        self.body = network.body
        self.head = nn.Conv2d(score.in_channels, 6, 1)
        with torch.no_grad():
            for target, ours, theirs in (
                (self.head.weight, score.weight, offsets.weight),
                (self.head.bias, score.bias, offsets.bias),
            ):
                target.copy_(torch.cat([ours - ours.flip(0), theirs]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities 1×2×h×w and offsets 1×4×h×w."""
        y = self.head(self.body(x))
        return torch.sigmoid(y[:, :2]), y[:, 2:]


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    return train_on_windows(
        "pnet",
        PNet,
        options,
        make=partial(
            window_samples,
            backgrounds=options.backgrounds,
            size=12,
            propose=None,
            overlaps=OVERLAPS,
            grey_outside=True,
        ),
        loss_of=window_loss,
        batch=256,
        example=torch.randn(1, 1, 40, 50),
        free={2: "height", 3: "width"},
        outputs={"probability": {2: "rows", 3: "columns"}, "offsets": {2: "rows", 3: "columns"}},
        thresholds={"score": 0.1, "top_a_level": 20},
        wrap=Exported,
    )
