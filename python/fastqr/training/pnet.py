"""P-Net: windows of 12 pixels, proposed fully convolutionally."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn

from .cascade_run import train_on_windows
from .nets import PNet
from .options import TrainingOptions
from .samples import Make
from .tiles import tile_loss, tile_samples

__all__ = ["samples_of", "train"]


class Exported(nn.Module):
    """P-Net as it is exported: one head, and sigmoids of the logits' difference, which cost less than a softmax."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        assert isinstance(network, PNet)
        score, offsets = network.score, network.offsets
        self.body = network.body
        self.head = nn.Conv2d(score.in_channels, 6, 1)
        with torch.no_grad():
            for target, *ours in zip(self.head.parameters(), score.parameters(), offsets.parameters(), strict=True):
                target.copy_(torch.cat([ours[0] - ours[0].flip(0), ours[1]]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities N×2×h×w and offsets N×4×h×w."""
        y = self.head(self.body(x))
        return torch.sigmoid(y[:, :2]), y[:, 2:]


def samples_of(options: TrainingOptions) -> Make:
    """Return what makes tiles of levels, with the photographs of `options` behind the codes."""
    return partial(tile_samples, backgrounds=options.backgrounds)


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    return train_on_windows(
        "pnet",
        PNet,
        options,
        make=samples_of(options),
        loss_of=tile_loss,
        batch=32,
        example=torch.randn(1, 1, 40, 50),
        free={2: "height", 3: "width"},
        outputs={"probability": {2: "rows", 3: "columns"}, "offsets": {2: "rows", 3: "columns"}},
        wrap=Exported,
    )
