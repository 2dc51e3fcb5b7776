"""Writes models/faces/gfpgan.graph.onnx (the network without its weights) and gfpgan.layout.json (where each weight goes).

    python -m gfpgan.export_graph ../models/faces      (in training/; torch 2.13.0, onnx 1.x)

The server joins the two with a checkpoint that the operator downloads; no Python is needed then
(server/src/models/convertGfpgan.ts). Every weight in the graph is one tensor of the checkpoint, byte for byte.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, external_data_helper

from .architecture import SIZE_PX, FaceRestorer

GRAPH_FILE = "gfpgan.graph.onnx"
LAYOUT_FILE = "gfpgan.layout.json"
WEIGHTS_FILE = "gfpgan.weights"
ALIGNMENT = 64
OPSET = 17


def export(model: FaceRestorer) -> onnx.ModelProto:
    buffer = io.BytesIO()
    torch.onnx.export(
        model.for_export(),
        (torch.zeros(1, 3, SIZE_PX, SIZE_PX),),
        buffer,
        opset_version=OPSET,
        do_constant_folding=False,
        keep_initializers_as_inputs=False,
        input_names=["face"],
        output_names=["restored"],
        dynamo=False,
    )
    return onnx.load_model_from_string(buffer.getvalue())


def externalise(graph: onnx.GraphProto, state: dict[str, torch.Tensor]) -> list[dict[str, object]]:
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
        external_data_helper.set_external_data(tensor, WEIGHTS_FILE, offset=offset, length=length)
        tensor.ClearField("raw_data")
        entries.append({"key": tensor.name, "shape": list(tensor.dims), "offset": offset, "length": length})
        offset += -(-length // ALIGNMENT) * ALIGNMENT
    return entries


def write(folder: Path) -> dict[str, object]:
    torch.manual_seed(0)
    model = FaceRestorer()
    # The exporter merges tensors of equal values, and fresh biases are all zero: make every weight unlike the others.
    for tensor in model.state_dict().values():
        tensor.normal_()
    state = model.state_dict()
    proto = export(model)
    entries = externalise(proto.graph, state)
    for node in proto.graph.node:
        node.ClearField("doc_string")
    used = {entry["key"] for entry in entries}
    last = entries[-1]
    layout = {
        "network": "gfpgan",
        "weightsFile": WEIGHTS_FILE,
        "bytes": int(last["offset"]) + int(last["length"]),
        "tensors": entries,
        # In the checkpoint but without a part in the picture: the style network (styles come from the encoder) and the
        # side outputs that only training looks at.
        "unused": [key for key in state if key not in used],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH_FILE).write_bytes(proto.SerializeToString())
    (folder / LAYOUT_FILE).write_text(json.dumps(layout, separators=(",", ":")).replace('{"key"', '\n{"key"') + "\n")
    return layout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    layout = write(parser.parse_args().folder)
    print(f"{len(layout['tensors'])} weights, {layout['bytes']:,} bytes, {len(layout['unused'])} unused")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
