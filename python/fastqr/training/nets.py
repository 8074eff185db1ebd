"""The four nets of the cascade: grey input, ReLU, batch norm that folds into the convolutions on export."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["LNet", "ONet", "PNet", "RNet"]


def _conv(
    inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1, padding: int = 0, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class PNet(nn.Module):
    """12×12 windows every 4 pixels of a picture of any size, and those about each; channels by 16 are cheapest."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(1, 16, 4, stride=2),
            _conv(16, 32, stride=2),
            _conv(32, 32, 2),
            _conv(32, 32, groups=32),  # the windows about: a twentieth of the work, and a code's margin is seen
            _conv(32, 32, 1),
        )
        self.score = nn.Conv2d(32, 2, 1)
        self.offsets = nn.Conv2d(32, 4, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits N×2×h×w and offsets N×4×h×w."""
        y = self.body(x)
        return self.score(y), self.offsets(y)


class RNet(nn.Module):
    """24×24 patches; half of MTCNN's width costs a fifth of the time and lost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(1, 16, padding=1),
            nn.MaxPool2d(2),
            _conv(16, 32),
            nn.MaxPool2d(2),
            _conv(32, 48),
            nn.Flatten(),
            nn.Linear(48 * 9, 64),
            nn.ReLU(),
        )
        self.score = nn.Linear(64, 2)
        self.offsets = nn.Linear(64, 4)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits N×2 and offsets N×4."""
        y = self.body(x)
        return self.score(y), self.offsets(y)


class ONet(nn.Module):
    """48×48 patches: score, box, and heat maps of the landmarks, since regressed points fail under rotation."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(_conv(1, 16, stride=2, padding=1), _conv(16, 32, padding=1))
        self.middle = nn.Sequential(nn.MaxPool2d(2), _conv(32, 48, padding=1), _conv(48, 48, padding=1))
        self.coarse = nn.Sequential(nn.MaxPool2d(2), _conv(48, 64, padding=1), _conv(64, 64, padding=1))
        self.whole = nn.Sequential(nn.Flatten(), nn.Linear(64 * 36, 128), nn.ReLU())
        self.score = nn.Linear(128, 2)
        self.offsets = nn.Linear(128, 4)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.join_middle = nn.Sequential(_conv(64 + 48, 32, 1), _conv(32, 32, padding=1))
        self.join_fine = nn.Sequential(_conv(32 + 32, 16, 1), _conv(16, 16, padding=1))
        self.heat = nn.Conv2d(16, 3, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits N×2, offsets N×4 and heat logits N×3×24×24."""
        fine = self.fine(x)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        whole = self.whole(coarse)
        joined = self.join_middle(torch.cat([self.up(coarse), middle], 1))
        heat = self.heat(self.join_fine(torch.cat([self.up(joined), fine], 1)))
        return self.score(whole), self.offsets(whole), heat


class LNet(nn.Module):
    """One roughly straightened 24×24 patch at a time: is there a finder pattern, and where are its outer corners."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(1, 24, padding=1),
            _conv(24, 24, padding=1),
            nn.MaxPool2d(2),
            _conv(24, 48, padding=1),
            _conv(48, 48, padding=1),
            nn.MaxPool2d(2),
            _conv(48, 64, padding=1),
            _conv(64, 64),
            nn.Flatten(),
            nn.Linear(64 * 16, 128),
            nn.ReLU(),
        )
        self.finder = nn.Linear(128, 1)
        self.corners = nn.Linear(128, 8)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logit M×1, and corners M×8 in patch coordinates 0..1."""
        y = self.body(x)
        return self.finder(y), self.corners(y) + 0.5
