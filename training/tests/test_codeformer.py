"""CodeFormer's shape, its export and the server's converter, on random weights of the true architecture.

    python -m pytest tests/test_codeformer.py      (in training/, with requirements.txt installed; needs 2 GB of disk)
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import onnxruntime
import pytest
import torch
from torch import Tensor

from checkpoints import convert, random_weights, save, shipped_layout
from codeformer.architecture import FaceRestorer
from codeformer.export_graph import write
from record_codeformer import FIDELITIES, RECORD, points, waves

PUBLISHED_BYTES = 376_637_898
"""Size of codeformer.pth as its release lists it."""
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def model() -> FaceRestorer:
    network = FaceRestorer()
    network.load_state_dict(random_weights("codeformer"), strict=True)
    return network.eval()


@pytest.fixture(scope="module")
def drawn(model: FaceRestorer) -> dict[float, Tensor]:
    with torch.no_grad():
        return {fidelity: model(waves(), torch.tensor([fidelity])) for fidelity in FIDELITIES}


def test_the_weights_fill_the_published_file_but_for_what_torch_says_about_each_tensor(model: FaceRestorer) -> None:
    weights = model.state_dict().values()
    rest = PUBLISHED_BYTES - sum(tensor.numel() * tensor.element_size() for tensor in weights)
    assert 0 < rest < 512 * len(weights)


def test_the_shipped_layout_is_what_the_exporter_writes(tmp_path: Path) -> None:
    layout = write(tmp_path)
    assert layout == shipped_layout("codeformer")
    assert layout["unused"] == []


def test_it_draws_what_the_authors_network_drew(drawn: dict[float, Tensor]) -> None:
    record = json.loads(RECORD.read_text())
    for fidelity in FIDELITIES:
        expected = numpy.array(record[str(fidelity)])
        assert expected.std() > 0.1
        assert numpy.abs(numpy.array(points(drawn[fidelity])) - expected).max() < TOLERANCE


@pytest.mark.parametrize("as_zip", [False, True])
def test_the_converted_network_draws_what_torch_draws(
    model: FaceRestorer, drawn: dict[float, Tensor], tmp_path: Path, as_zip: bool
) -> None:
    converted = convert("codeformer", save(model, tmp_path / "weights.pth", as_zip), tmp_path)
    session = onnxruntime.InferenceSession(str(converted), providers=["CPUExecutionProvider"])
    for fidelity in FIDELITIES:
        feeds = {"face": waves().numpy(), "fidelity": numpy.array([fidelity], numpy.float32)}
        (actual,) = session.run(None, feeds)
        assert numpy.abs(actual - drawn[fidelity].numpy()).max() < TOLERANCE
