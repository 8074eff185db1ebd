"""A run that begins with the weights of an exported network, of floats or of eight bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from .branches import nodes_of

__all__ = ["begin_from"]

FloatArray = npt.NDArray[np.float32]
LAYERS = ("Conv", "Gemm", "MatMul")
NORM = "BatchNormalization"


def begin_from(path: Path, network: nn.Module, *inputs: torch.Tensor) -> int:
    """Give a network the weights of the layers of an ONNX file that have the shapes of its own.

    The layers of one shape are stored in the order of their use; those of branches may stand before each other. Layers
    that the file lacks keep the weights that they have.

    Batch norms that the export folded into the layers before are set to what changes nothing on `inputs`; those that it
    could not fold stand in the file as they are.

    Returns
    -------
    int
        Layers that were taken over.
    """
    graph = onnx.load(path).graph
    stored, norms = list(_layers(graph)), list(_norms(graph))
    order: list[nn.Module] = []
    hooks = [
        module.register_forward_hook(lambda module, *_: order.append(module))
        for module in network.modules()
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d))
    ]
    network.eval()
    with torch.no_grad():
        network(*(each[:2] for each in inputs))
    for hook in hooks:
        hook.remove()
    taken = 0
    follows: dict[nn.Module, torch.Tensor] = {}  # the bias that a batch norm takes over from the layer before it
    with torch.no_grad():
        for number, module in enumerate(order):
            if isinstance(module, nn.BatchNorm2d):
                unfolded = next((k for k, (scale, *_) in enumerate(norms) if len(scale) == module.num_features), None)
                if unfolded is not None:
                    follows.pop(module, None)
                    scale, bias, mean, variance = (torch.from_numpy(np.array(part)) for part in norms.pop(unfolded))
                    _set(module, scale, bias, mean, variance)
                continue
            assert isinstance(module, (nn.Conv2d, nn.Linear))
            after = order[number + 1] if number + 1 < len(order) else None
            fitting = [k for k, (weight, _) in enumerate(stored) if weight.shape == tuple(module.weight.shape)]
            if not fitting:
                if module.bias is None and isinstance(after, nn.BatchNorm2d):
                    follows[after] = torch.zeros(module.weight.shape[0])
                continue
            weight, bias = (torch.from_numpy(np.array(part)) for part in stored.pop(fitting[0]))
            module.weight.copy_(weight)
            if module.bias is not None:
                module.bias.copy_(bias)
            elif isinstance(after, nn.BatchNorm2d):
                follows[after] = bias
            taken += 1
        hooks = [norm.register_forward_pre_hook(_settle(bias)) for norm, bias in follows.items()]
        network(*inputs)
    for hook in hooks:
        hook.remove()
    return taken


def _settle(bias: torch.Tensor) -> Callable[[nn.Module, tuple[torch.Tensor, ...]], None]:
    """Return what makes a batch norm add a bias and nothing else to what it sees."""

    def hook(norm: nn.Module, seen: tuple[torch.Tensor, ...]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        mean = seen[0].mean((0, 2, 3))
        variance = seen[0].var((0, 2, 3), unbiased=False)
        _set(norm, (variance + norm.eps).sqrt(), bias + mean, mean, variance)

    return hook


def _set(
    norm: nn.BatchNorm2d, scale: torch.Tensor, bias: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor
) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    for part, value in (
        (norm.weight, scale),
        (norm.bias, bias),
        (norm.running_mean, mean),
        (norm.running_var, variance),
    ):
        part.copy_(value)


def _layers(graph: onnx.GraphProto) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Weights and biases of the layers in the order of their use; no bias is one of zeros."""
    values = _values(graph)
    for node in nodes_of(graph):
        if node.op_type in LAYERS:
            transposed = node.op_type == "Gemm" and any(a.name == "transB" and a.i for a in node.attribute)
            weight = np.asarray(values[node.input[1]], np.float32)
            if node.op_type == "Gemm" and not transposed:
                weight = weight.T
            bias = values[node.input[2]] if len(node.input) > 2 else np.zeros(len(weight))
            yield weight, np.asarray(bias, np.float32)


def _norms(graph: onnx.GraphProto) -> Iterator[tuple[FloatArray, ...]]:
    """Scale, bias, mean and variance of the batch norms that stand in the file, in the order of their use."""
    values = _values(graph)
    for node in nodes_of(graph):
        if node.op_type == NORM:
            yield tuple(np.asarray(values[name], np.float32) for name in node.input[1:5])


def _values(graph: onnx.GraphProto) -> dict[str, npt.NDArray[Any]]:
    """Constants by name, those of eight bits as what they stand for."""
    values: dict[str, npt.NDArray[Any]] = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    for node in nodes_of(graph):
        if node.op_type == "DequantizeLinear" and node.input[0] in values:
            whole, scale, zero = (values[name] for name in node.input)
            axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 1)
            shape = [-1 if k == axis else 1 for k in range(whole.ndim)] if scale.ndim and whole.ndim else []
            scaled = (whole.astype(np.float32) - zero.reshape(shape)) * scale.reshape(shape)
            values[node.output[0]] = scaled.astype(np.float32)
        elif node.op_type == "Identity" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    return values
