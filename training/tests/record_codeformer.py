"""Writes server/test/data/codeformer/drawn.json: what the authors' CodeFormer draws with random weights.

    python tests/record_codeformer.py      (in training/; needs spandrel-extra-arches beside requirements.txt)

Only this script needs their code, which is for non-commercial use (S-Lab License 1.0); what it writes are points of
pictures made with random weights. The tests compare our network, and its ONNX form, with them.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from checkpoints import REPOSITORY, random_weights

RECORD = REPOSITORY / "server/test/data/codeformer/drawn.json"
FIDELITIES = (0.0, 0.5, 1.0)


def waves() -> Tensor:
    """[1, 3, 512, 512] in -0.8..0.8: waves of another length in each channel."""
    y, x = torch.meshgrid(torch.arange(512.0, dtype=torch.float64), torch.arange(512.0, dtype=torch.float64), indexing="ij")
    planes = [torch.sin(0.02 * (channel + 1) * x + 0.03 * y) * 0.8 for channel in range(3)]
    return torch.stack(planes)[None].float()


def points(drawn: Tensor) -> list[float]:
    """Every 32nd pixel of every 32nd row, channel by channel."""
    return [round(value, 5) for value in drawn[0, :, 16::32, 16::32].flatten().tolist()]


def authors_network() -> nn.Module:
    """Loads the one file of their package: the package itself wants torchvision, which draws nothing here."""
    package = importlib.util.find_spec("spandrel_extra_arches")
    if package is None or package.origin is None:
        raise SystemExit("spandrel-extra-arches is not installed")
    stand_in = ModuleType("spandrel.util")
    stand_in.store_hyperparameters = lambda: lambda decorated: decorated  # type: ignore[attr-defined]
    sys.modules.setdefault("spandrel", ModuleType("spandrel"))
    sys.modules.setdefault("spandrel.util", stand_in)
    file = Path(package.origin).parent / "architectures/CodeFormer/__arch/codeformer.py"
    spec = importlib.util.spec_from_file_location("authors_codeformer", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CodeFormer()


def main() -> None:
    network = authors_network().eval()
    network.load_state_dict(random_weights("codeformer"), strict=True)
    drawn: dict[str, list[float]] = {}
    with torch.no_grad():
        for fidelity in FIDELITIES:
            picture, logits = network(waves(), weight=fidelity)
            drawn[str(fidelity)] = points(picture)
        best = logits.topk(2, dim=2).values
    # Where two codes come out alike, rounding decides between them, and the record would say nothing.
    print(f"smallest lead of a chosen code: {(best[..., 0] - best[..., 1]).min().item():.5f}, spread {logits.std().item():.3f}")
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(json.dumps(drawn, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
