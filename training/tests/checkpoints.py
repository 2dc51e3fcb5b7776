"""What the tests of every face network need: checkpoints as torch writes them, and the server's converter."""

from __future__ import annotations

import json
import math
import re
import subprocess
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "models" / "faces"


def shipped_layout(network: str) -> dict[str, object]:
    return json.loads((SHIPPED / f"{network}.layout.json").read_text())


def save(model: nn.Module, path: Path, as_zip: bool) -> Path:
    torch.save({"params_ema": model.state_dict()}, path, _use_new_zipfile_serialization=as_zip)
    return path


def convert(network: str, checkpoint: Path, folder: Path) -> Path:
    script = f"""
        import {{ convertCheckpoint }} from {json.dumps((REPOSITORY / "server/src/models/convertCheckpoint.ts").as_uri())};
        await convertCheckpoint({{
            network: {json.dumps(network)}, checkpointFile: {json.dumps(str(checkpoint))},
            modelsDir: {json.dumps(str(SHIPPED.parent))}, dataModelsDir: {json.dumps(str(folder))},
            signal: new AbortController().signal, onProgress() {{}},
        }});
    """
    node = ["node", str(REPOSITORY / "tools" / "node24.js"), "--input-type=module", "--eval", script]
    subprocess.run(node, check=True, cwd=REPOSITORY)
    return folder / network / f"{network}.onnx"


def random_weights(network: str) -> dict[str, Tensor]:
    """The weights that server/test/support/randomCheckpoint.ts writes, number for number."""
    tensors = shipped_layout(network)["tensors"]
    longest = max(math.prod(entry["shape"]) for entry in tensors)  # type: ignore[attr-defined]
    factors, terms = steps(longest)
    weights: dict[str, Tensor] = {}
    for index, entry in enumerate(tensors):  # type: ignore[arg-type]
        key, shape = entry["key"], entry["shape"]
        elements = math.prod(shape)
        fan_in = 1 if "modulated_conv.weight" in key else elements // shape[0]
        gain = 0.2 if re.match(r"fuse_convs_dict\.\d+\.(scale|shift)\.", key) else 1
        spread = gain * math.sqrt(6 / fan_in) if key.endswith("weight") and len(shape) > 1 else 0.5
        states = (factors[:elements] * numpy.uint32(index + 1) + terms[:elements]).view(numpy.int32)
        weights[key] = torch.from_numpy((states / 2**31 * spread).astype(numpy.float32)).view(shape)
    return weights


def steps(count: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Factor and term that lead from a state of the generator to the one 1, 2, ... `count` steps later, modulo 2^32."""
    factors, terms = numpy.array([1664525], numpy.uint32), numpy.array([1013904223], numpy.uint32)
    while len(factors) < count:
        factors, terms = (
            numpy.concatenate([factors, factors * factors[-1]]),
            numpy.concatenate([terms, terms * factors[-1] + terms[-1]]),
        )
    return factors, terms
