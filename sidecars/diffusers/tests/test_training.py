"""LoRA training on tiny random networks."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import Sidecar, open_png, open_sidecar, plain
from safetensors import safe_open
from safetensors.torch import load

from glassworks_diffusers.lora_files import to_diffusers_file, to_kohya_file
from glassworks_diffusers.training import Training

COLORS = ("red", "orange", "gold")
FAMILIES = ("sd15", "sdxl", "flux")


def training(run: str, family: str = "sd15", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "train_lora", "run": run, "model": f"tiny-{family}", "steps": 12, "rank": 4, "learningRate": 0.05, "sidePx": 64, "batchSize": 2,
        "pictures": [{"image": plain(color, 80, 64), "caption": f"a {color} wall"} for color in COLORS], **fields,
    }  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_a_trained_lora_changes_pictures_and_the_base_stays_the_base(sidecar: Sidecar, family: str) -> None:
    model = f"tiny-{family}"
    before = sidecar.picture(model=model)
    name = f"walls-{family}"
    events = sidecar.run(**training(name, family, publishAs=name, samplePrompts=["a red wall"], sampleEvery=6, sampleSteps=2))
    assert events[-1]["type"] == "done" and events[-1]["facts"]["lora"] == name
    losses = [event["loss"] for event in events if event["type"] == "loss"]
    assert len(losses) == 12 and all(loss > 0 for loss in losses)
    outputs = [event["name"] for event in events if event["type"] == "output"]
    assert outputs == ["sample-6-0.png", "sample-12-0.png", f"{name}.diffusers.safetensors", f"{name}.kohya.safetensors"]
    assert sidecar.picture(model=model) == before
    assert sidecar.picture(model=model, loras=[{"name": name}]) != before
    assert sidecar.picture(model=model, loras=[{"name": name, "strength": 0}]) == before


def test_training_lowers_the_loss_on_what_it_is_shown(sidecar: Sidecar) -> None:
    """Beside a training that hardly learns, over the same noise step by step."""

    def losses(run: str, rate: float) -> list[float]:
        pictures = [{"image": plain("red"), "caption": "red"}]
        events = sidecar.run(**training(run, steps=60, learningRate=rate, rank=16, pictures=pictures))
        return [event["loss"] for event in events if event["type"] == "loss"]

    learnt, idle = losses("learns", 0.02), losses("idles", 1e-12)
    assert learnt[0] == pytest.approx(idle[0], rel=1e-6)
    assert sum(learnt[30:]) < 0.99 * sum(idle[30:])


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_both_file_layouts_draw_the_same_to_the_bit(sidecar: Sidecar, models: Path, family: str) -> None:
    outputs = sidecar.outputs(**training(f"both-{family}", family))
    for layout in ("diffusers", "kohya"):
        content = outputs[f"both-{family}.{layout}.safetensors"]
        (models / "loras" / f"both-{family}-{layout}.safetensors").write_bytes(content)
    drawn = [sidecar.picture(model=f"tiny-{family}", loras=[{"name": f"both-{family}-{layout}"}]) for layout in ("diffusers", "kohya")]
    assert drawn[0] == drawn[1] != sidecar.picture(model=f"tiny-{family}")
    keys = load(outputs[f"both-{family}.kohya.safetensors"]).keys()
    assert all(key.startswith("lora_unet_") for key in keys) and any(key.endswith(".alpha") for key in keys)


def test_kohyas_layout_of_flux_is_read_back_to_the_same_numbers() -> None:
    """With the true widths, since diffusers' reader has them written into it; of two blocks."""
    from diffusers.loaders.lora_conversion_utils import _convert_kohya_flux_lora_to_diffusers

    names = [f"transformer_blocks.1.attn.{part}" for part in ("to_q", "to_k", "to_v", "to_out.0")]
    names += [f"single_transformer_blocks.2.attn.{part}" for part in ("to_q", "to_k", "to_v")]
    shapes = {"lora_A": (4, 3072), "lora_B": (3072, 4)}
    weights = {f"{name}.{part}.weight": torch.randn(shape) for name in names for part, shape in shapes.items()}
    ours = load(to_diffusers_file(weights, "flux"))
    read = _convert_kohya_flux_lora_to_diffusers(load(to_kohya_file(weights, "flux")))
    for name, tensor in ours.items():
        assert torch.equal(read.pop(name), tensor), name
    assert all("proj_mlp" in name and not tensor.any() for name, tensor in read.items() if "lora_B" in name)


@pytest.mark.parametrize("family", ["sd15", "flux"])
def test_a_training_that_was_cut_short_goes_on_to_the_same_weights(models: Path, tmp_path: Path, family: str) -> None:
    """The second half runs in a new server: only the checkpoint on disk is left of the first."""
    whole_server = open_sidecar(models, tmp_path / "whole")
    with whole_server.http:
        whole = whole_server.outputs(**training("walls", family, checkpointEvery=5))
    first_server = open_sidecar(models, tmp_path / "halves")
    with first_server.http:
        first_server.run(**training("walls", family, steps=7, checkpointEvery=5))
    second_server = open_sidecar(models, tmp_path / "halves")
    with second_server.http:
        job = second_server.submit(**training("walls", family, checkpointEvery=5))
        events = second_server.events(job)
        assert [event["step"] for event in events if event["type"] == "loss"] == [8, 9, 10, 11, 12]
        resumed = second_server.http.get(f"/v1/jobs/{job}/outputs/0").content
    assert resumed == whole["walls.diffusers.safetensors"]


def test_a_cancelled_training_stops_at_once_and_keeps_its_checkpoint(sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = threading.Event()
    save = Training.save
    monkeypatch.setattr(Training, "save", lambda self: save(self) or saved.set())
    before = sidecar.picture()
    asked = training("cancelled", steps=10_000, checkpointEvery=1)
    job = sidecar.submit(**asked)
    assert saved.wait(60)
    sidecar.http.delete(f"/v1/jobs/{job}")
    events = sidecar.events(job)
    assert events[-1]["class"] == "cancelled"
    done = [event["step"] for event in events if event["type"] == "loss"]
    assert sidecar.picture() == before
    resumed = sidecar.run(**{**asked, "steps": done[-1] + 2})
    assert [event["step"] for event in resumed if event["type"] == "loss"] == [done[-1] + 1, done[-1] + 2]


def test_a_run_is_not_continued_with_other_pictures_or_settings(sidecar: Sidecar) -> None:
    sidecar.run(**training("fixed", steps=2))
    for change in ({"rank": 8}, {"pictures": [{"image": plain("blue"), "caption": "x"}]}, {"model": "tiny-sdxl"}):
        failed = sidecar.failure(**{**training("fixed", steps=4), **change})
        assert failed[0] == "invalid" and failed[2].startswith("run: ")
    assert sidecar.failure(**training("fixed", steps=1))[2] == "steps: the run has already done 2"


def test_captions_and_every_picture_count(sidecar: Sidecar) -> None:
    def weights(name: str, **fields: Any) -> bytes:
        return sidecar.outputs(**training(name, **fields))[f"{name}.diffusers.safetensors"]

    pictures = training("x")["pictures"]
    other_caption = [{**pictures[0], "caption": "something else"}, *pictures[1:]]
    files = [weights("a"), weights("b", pictures=other_caption), weights("c", pictures=pictures[:2]), weights("d", seed=1)]
    assert len(set(files)) == 4
    assert weights("e") == files[0]


def test_the_files_say_what_they_are_for(sidecar: Sidecar, tmp_path: Path) -> None:
    outputs = sidecar.outputs(**training("labelled", "sdxl", steps=1, samplePrompts=["a wall"], sampleEvery=1, sampleSteps=1))
    assert open_png(outputs["sample-1-0.png"]).size == (64, 64)
    file = tmp_path / "lora.safetensors"
    file.write_bytes(outputs["labelled.kohya.safetensors"])
    with safe_open(file, "pt") as weights:
        assert weights.metadata()["modelspec.architecture"] == "stable-diffusion-xl-v1-base/lora"


def test_a_training_that_diverges_says_what_to_change(sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.functional, "mse_loss", lambda said, target: (said - target).square().mean() * torch.inf)
    failed = sidecar.failure(**training("wild"))
    assert failed == ("invalid", False, "learningRate: the training diverged; try a smaller one")
    assert not (sidecar.app.state.settings.data / "training" / "wild").exists()
