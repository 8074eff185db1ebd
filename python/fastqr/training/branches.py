"""An answer that a network gives where another one asks for it: the layers behind it become a branch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["answer_where", "nodes_of"]

IN_BRANCH = "_in_branch"


def answer_where(path: Path, answer: str, probability: str, least: float) -> None:
    """Let a network of an ONNX file leave an answer out, in place.

    Where none of a batch has the `probability` of at least `least` in the last of its columns, what leads to `answer`
    alone is not computed, and `answer` is 0.

    Parameters
    ----------
    path : Path
        Of the network; one whose answer stands in a branch already stays as it is.
    answer, probability : str
        Names of outputs of sizes N×... and N×2.
    least : float
    """
    model = onnx.load(path)
    graph = model.graph
    if any(node.op_type == "If" for node in graph.node):
        return
    others = [tensor.name for tensor in graph.output if tensor.name != answer]
    outside = _leading_to(graph.node, others)
    inside = [node for node in graph.node if node.name not in outside]
    shape = next(tensor for tensor in graph.output if tensor.name == answer).type.tensor_type.shape
    rest = numpy_helper.from_array(np.array([axis.dim_value for axis in shape.dim[1:]], np.int64), "answer_shape")
    zeros = helper.make_graph(
        [
            helper.make_node("Shape", [probability], ["batch"], start=0, end=1),
            helper.make_node("Concat", ["batch", rest.name], ["of_zeros"], axis=0),
            helper.make_node("ConstantOfShape", ["of_zeros"], ["nothing"]),
        ],
        "nothing",
        [],
        [helper.make_tensor_value_info("nothing", TensorProto.FLOAT, None)],
        [rest],
    )
    shown = f"{answer}{IN_BRANCH}"
    branch = helper.make_graph(
        [*_dequantised_inside(graph.node, inside), *inside],
        shown,
        [],
        [helper.make_tensor_value_info(shown, TensorProto.FLOAT, None)],
    )
    for node in branch.node:
        node.output[:] = [shown if name == answer else name for name in node.output]
    nodes = [
        *(node for node in graph.node if node.name in outside),
        helper.make_node("Gather", [probability, "last"], ["probable"], axis=1),
        helper.make_node("ReduceMax", ["probable"], ["most"], keepdims=0),
        helper.make_node("GreaterOrEqual", ["most", "least"], ["is_shown"]),
        helper.make_node("If", ["is_shown"], [answer], then_branch=branch, else_branch=zeros),
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(
        [numpy_helper.from_array(np.array(1, np.int64), "last"), numpy_helper.from_array(np.float32(least), "least")]
    )
    onnx.checker.check_model(model)
    onnx.save(model, path)


def nodes_of(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Give the nodes of a graph and of its branches, these after what stands before them."""
    for node in graph.node:
        branches = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
        for branch in branches:
            yield from nodes_of(branch)
        if not branches:
            yield node


def _leading_to(nodes: Iterable[onnx.NodeProto], outputs: list[str]) -> set[str]:
    """Names of the nodes that outputs depend on; nodes stand in the order of their use."""
    wanted = set(outputs)
    names = set()
    for node in reversed(list(nodes)):
        if wanted & set(node.output):
            names.add(node.name)
            wanted |= set(node.input)
    return names


def _dequantised_inside(nodes: Iterable[onnx.NodeProto], inside: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """Let nodes of a branch take bytes from outside it, not floats: layers of bytes are found where both are."""
    within = {node.name for node in inside}
    outside = {node.output[0]: node for node in nodes if node.op_type == "DequantizeLinear" and node.name not in within}
    copies: dict[str, onnx.NodeProto] = {}
    for node in inside:
        for number, name in enumerate(node.input):
            if name in outside:
                copy = copies.setdefault(name, onnx.NodeProto())
                copy.CopyFrom(outside[name])
                copy.name += IN_BRANCH
                copy.output[0] += IN_BRANCH
                node.input[number] = copy.output[0]
    return list(copies.values())
