"""What one training run is given."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["TrainingOptions"]


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Options of one run; the same for every network."""

    out: Path
    backgrounds: Path | None = None
    start: Path | None = None  # a folder of networks whose weights the run begins with, instead of random ones
    seed: int = 1
    minutes: float = 20.0  # wall clock that the run may take, with the making of its samples
    steps: int | None = None  # optimiser steps; where given, they count instead of the minutes
    smoke: bool = False  # a size that runs in seconds, to see that the code works
    resume: bool = False
    device: str = "auto"
    workers: int = 1
    threads: int = 1
    command: str = field(default_factory=lambda: "python -m fastqr.training " + shlex.join(sys.argv[1:]))

    def torch_device(self) -> str:
        """Choose the accelerator where there is one, unless told otherwise."""
        if self.device != "auto":
            return self.device
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"
