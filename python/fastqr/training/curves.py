"""Loss curves as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

__all__ = ["write_curve"]


def write_curve(path: Path, name: str, losses: Sequence[float]) -> None:
    """Plot a run's losses, raw and smoothed, to a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    window = max(1, len(losses) // 100)
    smooth = np.convolve(losses, np.ones(window) / window, "valid")
    figure, axes = plt.subplots(figsize=(6, 3.2), dpi=100)
    axes.plot(losses, color="0.8", linewidth=0.5, label="each batch")
    axes.plot(np.arange(len(smooth)) + window / 2, smooth, color="C0", label=f"mean of {window}")
    low, high = float(min(smooth)), float(np.percentile(losses, 99))  # a likelihood's loss may be negative
    axes.set(xlabel="step", ylabel="loss", title=name, ylim=(low - 0.1 * (high - low), high))
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
