"""Smaller ONNX files: weights as 8-bit rows with a scale each, or as 16-bit floats; computed with in 32 bits all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_LEAST_VALUES = 2048


def compress(model: onnx.ModelProto, bits: int, external: tuple[str, Path] | None = None) -> onnx.ModelProto:
    """`bits` 8 or 16. `external`: a part of a weight's name, and the file that this weight's values go to. Changes the model in place."""
    graph = model.graph
    users = {name: (node, place) for node in graph.node for place, name in enumerate(node.input)}
    before, kept = [], []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _LEAST_VALUES or values.ndim < 2:
            kept.append(tensor)
            continue
        small, node, more = _halve(tensor.name, values) if bits == 16 else _quantise(tensor.name, values, _row_axis(*users[tensor.name], values))
        if external and external[0] in tensor.name:
            _move_out(small, external[1])
        kept += [small, *more]
        before.append(node)
    after = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(before + after)
    return model


def _halve(name: str, values: np.ndarray) -> tuple[TensorProto, onnx.NodeProto, list[TensorProto]]:
    return numpy_helper.from_array(values.astype(np.float16), f"{name}_half"), helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT), []


def _quantise(name: str, values: np.ndarray, axis: int) -> tuple[TensorProto, onnx.NodeProto, list[TensorProto]]:
    others = tuple(index for index in range(values.ndim) if index != axis)
    scale = np.maximum(np.abs(values).max(others) / 127, 1e-8)
    rows = np.expand_dims(scale, others)
    small = numpy_helper.from_array(np.clip(np.round(values / rows), -127, 127).astype(np.int8), f"{name}_q")
    node = helper.make_node("DequantizeLinear", [f"{name}_q", f"{name}_s"], [name], axis=axis)
    return small, node, [numpy_helper.from_array(scale.astype(np.float32), f"{name}_s")]


def _row_axis(node: onnx.NodeProto, _place: int, values: np.ndarray) -> int:
    """The axis of the outputs."""
    if node.op_type == "MatMul":
        return values.ndim - 1
    if node.op_type == "Gemm":
        return 0 if any(attribute.name == "transB" and attribute.i for attribute in node.attribute) else 1
    return 0


def _move_out(tensor: TensorProto, file: Path) -> None:
    file.write_bytes(tensor.raw_data)
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", file.name), ("offset", "0"), ("length", str(size))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
