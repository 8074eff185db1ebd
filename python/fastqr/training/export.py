"""PyTorch to ONNX: batch norm folded, free axes named, checked against the network that it came from."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch

__all__ = ["export_onnx"]

TOLERANCE = 2e-3  # largest difference between the two runtimes that is put down to the order of summation


def export_onnx(
    network: torch.nn.Module,
    path: Path,
    examples: tuple[torch.Tensor, ...],
    inputs: dict[str, dict[int, str]],
    outputs: dict[str, dict[int, str]],
) -> None:
    """Write a network as ONNX; `inputs` and `outputs` name each tensor and its free axes."""
    network = network.cpu().float().eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter's notice of its own age
        torch.onnx.export(
            network,
            examples,
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={**inputs, **outputs},
        )
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {name: e.numpy() for name, e in zip(inputs, examples, strict=True)})
    with torch.no_grad():
        expected = network(*examples)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for name, mine, theirs in zip(outputs, got, expected, strict=True):
        difference = float(np.abs(mine - theirs.numpy()).max())
        if not difference < TOLERANCE:
            raise RuntimeError(f"output {name!r} of {path.name} differs from the network's by {difference}")
