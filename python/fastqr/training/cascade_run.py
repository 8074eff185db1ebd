"""What the runs of P-Net, R-Net and O-Net share: samples of hard windows, export with probabilities, manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from .. import _core
from ..cascade import CascadeSettings
from ..models import Network, network_session
from .curves import write_curve
from .export import export_onnx
from .loop import Outcome, fit
from .manifest import sha256_of, update_manifest
from .options import TrainingOptions
from .samples import Batches, Make
from .scenes import Scene
from .start import begin_from
from .windows import NEGATIVE, POSITIVE

__all__ = ["Probabilities", "Stage", "begun", "enter", "separation", "train_on_windows"]

FloatArray = npt.NDArray[np.float32]
LEAST = 12.0  # pixels: side of the smallest codes that are looked for in a scene
NORMALISATION = {
    "pnet": "logarithm of the grey less its mean, in 2.5 deviations, of a window of 28 pixels",
    "rnet": "logarithm of the grey less its mean, in 2.5 deviations, of the patch",
    "onet": "grey less its mean, in 2.5 deviations, of the patch",
    "lnet": "grey less its mean, in 2.5 deviations, of the patch",
}


class Probabilities(nn.Module):
    """A net as it is exported: softmax on the score, sigmoid on heat maps."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Probabilities, offsets, and heat where there is any."""
        score, offsets, *heat = self.network(x)
        return (torch.softmax(score, 1), offsets, *(torch.sigmoid(h) for h in heat))


class Stage:
    """The nets before, run on a scene as the scanner runs them; sessions are made in the process that uses them."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._names = names
        self._networks: list[Network] | None = None

    def __call__(self, scene: Scene) -> FloatArray:
        """Windows that pass, K×4, and a part of those that do not quite; the likeliest last."""
        if self._networks is None:
            self._networks = [Network(name, network_session(self._folder / f"{name}.onnx")) for name in self._names]
        height, width = scene.picture.shape
        view = _core.MipMap(scene.picture, np.array([0, 0, width, height], np.float32))
        cascade = _core.Cascade(view, CascadeSettings(r_threshold=0.1), least=LEAST)
        pnet, *rnet = self._networks
        while (level := cascade.pnet_input()) is not None:
            cascade.take_pnet(*pnet(level))
        windows = cascade.rnet_input()
        if rnet:
            while windows is not None:
                cascade.take_rnet(*rnet[0](windows))
                windows = cascade.rnet_input()
            cascade.onet_input()
        return cascade.windows()[:48][::-1]


def separation(network: nn.Module, held_out: Iterator[tuple[torch.Tensor, ...]], batches: int) -> dict[str, float]:
    """Shares at the thresholds of use on windows of a seed of their own."""
    right = np.zeros(2)
    total = np.zeros(2)
    distance: list[float] = []
    with torch.no_grad():
        for _ in range(batches):
            patch, classes, offsets, *_ = next(held_out)
            score, moved, *_ = network(patch)
            probability = torch.softmax(score.movedim(1, -1).reshape(-1, 2), 1)[:, 1]
            classes = classes.flatten()
            for k, (kind, passed) in enumerate(((POSITIVE, probability > 0.5), (NEGATIVE, probability <= 0.5))):
                members = classes == kind
                right[k] += float((passed & members).sum())
                total[k] += float(members.sum())
            shown = classes == POSITIVE
            both = (maps.movedim(1, -1).reshape(-1, 4)[shown] for maps in (moved, offsets))
            distance += torch.sub(*both).abs().mean(1).tolist()
    return {
        "positives_passed": round(right[0] / max(total[0], 1), 4),
        "negatives_refused": round(right[1] / max(total[1], 1), 4),
        "median_offset_error": round(float(np.median(distance)), 4),
    }


def begun(name: str, network: nn.Module, make: Make, options: TrainingOptions, inputs: int = 1) -> nn.Module:
    """Give a network, of so many inputs, the weights that the run is to begin with, where it is given any."""
    if options.start is not None:
        samples = next(Batches(make, options.seed + 20_000, 512, 0))
        begin_from(options.start / f"{name}.onnx", network, *samples[:inputs])
    return network


def start_of(name: str, options: TrainingOptions) -> dict[str, str]:
    """Say what the run began with, for the manifest."""
    return {} if options.start is None else {"start_sha256": sha256_of(options.start / f"{name}.onnx")}


def train_on_windows(
    name: str,
    network: Callable[[], nn.Module],
    options: TrainingOptions,
    *,
    make: Make,
    loss_of: Callable[[nn.Module, tuple[torch.Tensor, ...]], torch.Tensor],
    batch: int,
    example: torch.Tensor,
    free: dict[int, str],
    outputs: dict[str, dict[int, str]],
    wrap: Callable[[nn.Module], nn.Module] = Probabilities,
) -> dict[str, Any]:
    """Train one net of the cascade on windows, measure it on a seed of its own, export and enter it."""
    torch.manual_seed(options.seed)
    size = 32 if options.smoke else batch
    outcome = fit(
        name,
        begun(name, network(), make, options),
        Batches(make, options.seed, size, options.workers),
        loss_of,
        options,
    )
    held_out = Batches(make, options.seed + 10_000, 256, 0)
    scores = separation(outcome.network.float().eval(), held_out, 1 if options.smoke else 16)
    return enter(name, outcome, options, example, outputs, free, scores, size, wrap)


def enter(
    name: str,
    outcome: Outcome,
    options: TrainingOptions,
    example: torch.Tensor,
    outputs: dict[str, dict[int, str]],
    free: dict[int, str],
    scores: dict[str, float],
    batch: int,
    wrap: Callable[[nn.Module], nn.Module] = Probabilities,
) -> dict[str, Any]:
    """Export, draw the curve, write the manifest's entry; returns the entry's facts."""
    path = options.out / f"{name}.onnx"
    export_onnx(wrap(outcome.network), path, (example,), {"image": free}, outputs)
    write_curve(options.out / f"{name}.png", name, outcome.losses)
    facts = {
        "normalisation": NORMALISATION[name],
        "command": options.command,
        "seed": options.seed,
        "steps": outcome.steps,
        "batch": batch,
        "seconds": round(outcome.seconds),
        "data": f"{outcome.steps * batch} samples of synthetic scenes",
        **start_of(name, options),
        "scores": scores,
    }
    update_manifest(path, name, facts)
    return facts
