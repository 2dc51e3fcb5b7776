"""An ONNX graph in the making."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

_OPSET, _IR = 17, 9


class GraphBuilder:
    def __init__(self) -> None:
        self.input = ""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._aliases: dict[str, str] = {}

    def add(self, kind: str, inputs: list[str], outputs: list[str], **attributes: object) -> None:
        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    def constant(self, name: str, values: np.ndarray) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def alias(self, name: str, other: str) -> None:
        """From now on `name` stands for `other`."""
        self._aliases[name] = other

    def resolve(self, name: str) -> str:
        return self._aliases.get(name, name)

    def build(self, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._constants)
        # Sizes that the caller did not give are inferred.
        model = onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR))
        onnx.checker.check_model(model)
        return model
