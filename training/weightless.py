"""Writes a network without its weights: `NAME.graph.onnx`, and `NAME.layout.json` that says where each weight goes.

The server joins the two with a checkpoint that the operator downloads; no Python is needed then
(server/src/models/convertCheckpoint.ts). Every weight in the graph is one tensor of the checkpoint, byte for byte.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, external_data_helper
from torch import Tensor, nn

ALIGNMENT = 64
OPSET = 17


def graph_file(name: str) -> str:
    return f"{name}.graph.onnx"


def layout_file(name: str) -> str:
    return f"{name}.layout.json"


def export(model: nn.Module, inputs: dict[str, Tensor], output: str) -> onnx.ModelProto:
    """The graph with the weights of `model` in it, under the names that they have in its state dict."""
    buffer = io.BytesIO()
    torch.onnx.export(
        model.eval(),
        tuple(inputs.values()),
        buffer,
        opset_version=OPSET,
        do_constant_folding=False,
        keep_initializers_as_inputs=False,
        input_names=list(inputs),
        output_names=[output],
        dynamo=False,
    )
    return onnx.load_model_from_string(buffer.getvalue())


def externalise(graph: onnx.GraphProto, state: dict[str, Tensor], weights_file: str) -> list[dict[str, object]]:
    """Moves every weight out of the graph and says where it will lie. Fails unless each is one unchanged tensor of `state`."""
    entries: list[dict[str, object]] = []
    offset = 0
    for tensor in graph.initializer:
        source = state.get(tensor.name)
        if source is None:
            raise ValueError(f"{tensor.name} is in the graph but not in the checkpoint")
        if tensor.data_type != TensorProto.FLOAT or tuple(tensor.dims) != tuple(source.shape):
            raise ValueError(f"{tensor.name} changed its type or shape on the way to the graph")
        if not torch.equal(torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy()), source):
            raise ValueError(f"{tensor.name} changed its values on the way to the graph")
        length = source.numel() * 4
        external_data_helper.set_external_data(tensor, weights_file, offset=offset, length=length)
        tensor.ClearField("raw_data")
        entries.append({"key": tensor.name, "shape": list(tensor.dims), "offset": offset, "length": length})
        offset += -(-length // ALIGNMENT) * ALIGNMENT
    return entries


def write_weightless(folder: Path, name: str, model: nn.Module, inputs: dict[str, Tensor], output: str) -> dict[str, object]:
    """Writes both files and returns the layout. The weights of `model` are overwritten."""
    torch.manual_seed(0)
    # The exporter merges tensors of equal values, and fresh biases are all zero: make every weight unlike the others.
    for tensor in model.state_dict().values():
        tensor.normal_()
    state = model.state_dict()
    proto = export(model, inputs, output)
    weights_file = f"{name}.weights"
    entries = externalise(proto.graph, state, weights_file)
    for node in proto.graph.node:
        node.ClearField("doc_string")
    used = {entry["key"] for entry in entries}
    last = entries[-1]
    layout = {
        "network": name,
        "weightsFile": weights_file,
        "bytes": int(last["offset"]) + int(last["length"]),  # type: ignore[call-overload]
        "tensors": entries,
        # In the checkpoint but without a part in the picture.
        "unused": [key for key in state if key not in used],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / graph_file(name)).write_bytes(proto.SerializeToString())
    (folder / layout_file(name)).write_text(json.dumps(layout, separators=(",", ":")).replace('{"key"', '\n{"key"') + "\n")
    return layout


def say(layout: dict[str, object]) -> None:
    print(f"{len(layout['tensors'])} weights, {layout['bytes']:,} bytes, {len(layout['unused'])} unused")  # type: ignore[arg-type]
