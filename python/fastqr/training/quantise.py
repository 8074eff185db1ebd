"""Networks in eight bits, for processors that multiply bytes several times as fast as floats.

Weights have seven bits, scaled by channel: AVX2 and AVX-512 without VNNI add two products of bytes in sixteen bits and
saturate with eight, so that a network would answer otherwise there than where it was calibrated. Layers that read the
picture stay in floats, since one channel fills no vector of bytes; so do the layers that answer, since one scale for
all of DenseNet's answers made its displacements a tenth worse.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from . import densenet, lnet, onet
from .manifest import read_entry, sha256_of, update_manifest
from .options import TrainingOptions
from .samples import Make

__all__ = ["NETWORKS", "quantise"]

Feed = dict[str, npt.NDArray[np.float32]]

# P-Net and R-Net are not among them: their few channels take longer in eight bits than in floats.
NETWORKS: dict[str, Callable[[TrainingOptions], Make]] = {
    "onet": onet.samples_of,
    "lnet": lnet.samples_of,
    "densenet": densenet.samples_of,
}
# DenseNet's patches are normalised, and its ranges averaged over the samples: outermost values of single ones made it
# read worse. The others see dark and bright patches; averaged ranges doubled the corner errors of L-Net.
NORMALISED = ("densenet",)
LAYERS = ("Conv", "Gemm", "MatMul")
SAMPLES = 200
A_PICTURE = 2  # samples of one synthetic picture, so that many pictures are seen


def quantise(options: TrainingOptions) -> dict[str, Any]:
    """Quantise the networks of a folder in place and tell the manifest; the floats stay beside them, to start from."""
    return {name: _quantise(name, samples_of(options), options) for name, samples_of in NETWORKS.items()}


def _quantise(name: str, make: Make, options: TrainingOptions) -> dict[str, Any]:
    path = options.out / f"{name}.onnx"
    floats = path.with_suffix(".float.onnx")
    facts = read_entry(path, name)
    if "int8" not in facts:  # what lies there was trained since, or was never quantised
        floats.write_bytes(path.read_bytes())
    count = 4 if options.smoke else SAMPLES
    inputs = [node.name for node in onnxruntime.InferenceSession(str(floats)).get_inputs()]
    logging.getLogger().setLevel(logging.ERROR)  # advice to do what is done here
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(floats), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(path),
            _Feeds(_feeds(make, inputs, options.seed + 20_000, count)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"CalibMovingAverage": name in NORMALISED},
            nodes_to_exclude=_outermost(onnx.load(prepared).graph),
        )
    if name == "onet":
        facts["branch"] = onet.leave_heat_maps_out(path)
    facts["int8"] = {
        "command": options.command,
        "seed": options.seed,
        "calibration": f"{count} synthetic samples",
        "float_sha256": sha256_of(floats),
    }
    update_manifest(path, name, facts)
    return read_entry(path, name)


def _outermost(graph: onnx.GraphProto) -> list[str]:
    """Names of the layers that read an input of the network, of those that answer, and of what follows these."""
    inputs = {tensor.name for tensor in graph.input}
    names = {node.name for node in graph.node if node.op_type in LAYERS and inputs & set(node.input)}
    wanted = {tensor.name for tensor in graph.output}
    for node in reversed(graph.node):
        if wanted & set(node.output):
            names.add(node.name)
            if node.op_type not in LAYERS:
                wanted |= set(node.input)
    return sorted(names)


def _feeds(make: Make, inputs: list[str], seed: int, count: int) -> Iterator[Feed]:
    given = number = 0
    while given < count:
        for sample in make(np.random.default_rng([seed, number]))[: min(A_PICTURE, count - given)]:
            yield {name: part[None] for name, part in zip(inputs, sample, strict=False)}
            given += 1
        number += 1


class _Feeds(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, feeds: Iterator[Feed]) -> None:
        self._feeds = feeds

    def get_next(self) -> Feed | None:
        return next(self._feeds, None)
