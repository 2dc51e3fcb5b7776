"""The network's shape, its export and the server's converter, on random weights of the true architecture.

    python -m pytest tests/test_gfpgan.py      (in training/, with requirements.txt installed; needs 3 GB of disk)
"""

from __future__ import annotations

from pathlib import Path

import numpy
import onnxruntime
import pytest
import torch

from checkpoints import convert, save, shipped_layout
from gfpgan.architecture import FaceRestorer
from gfpgan.export_graph import write

PUBLISHED_BYTES = 348_632_874
"""Size of GFPGANv1.4.pth as its release lists it."""


@pytest.fixture(scope="module")
def model() -> FaceRestorer:
    torch.manual_seed(20)
    network = FaceRestorer()
    for name, tensor in network.named_parameters():
        # Fresh biases and noise weights are zero, which would hide mistakes in them.
        if tensor.dim() == 1 or name.endswith("bias"):
            tensor.data = torch.randn_like(tensor) * 0.1
    return network.eval()


def test_a_checkpoint_of_this_architecture_has_the_published_size_to_the_byte(model: FaceRestorer, tmp_path: Path) -> None:
    assert save(model, tmp_path / "legacy.pth", as_zip=False).stat().st_size == PUBLISHED_BYTES


def test_the_shipped_layout_is_what_the_exporter_writes(tmp_path: Path) -> None:
    layout = write(tmp_path)
    assert layout == shipped_layout("gfpgan")
    assert all(key.startswith(("toRGB.", "stylegan_decoder.style_mlp.")) for key in layout["unused"])


@pytest.mark.parametrize("as_zip", [False, True])
def test_the_converted_network_draws_what_torch_draws(model: FaceRestorer, tmp_path: Path, as_zip: bool) -> None:
    converted = convert("gfpgan", save(model, tmp_path / "weights.pth", as_zip), tmp_path)
    face = torch.rand(1, 3, 512, 512, generator=torch.Generator().manual_seed(5)) * 2 - 1
    with torch.no_grad():
        expected = model(face).numpy()
    session = onnxruntime.InferenceSession(str(converted), providers=["CPUExecutionProvider"])
    (actual,) = session.run(None, {"face": face.numpy()})
    assert expected.std() > 0.1
    assert numpy.abs(actual - expected).max() < 1e-3
