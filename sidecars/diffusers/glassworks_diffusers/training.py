"""Trains a LoRA on a few captioned pictures, so that it can stop at any step and go on later with the same result."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from PIL import Image

from .errors import JobError
from .jobs import Job
from .lora_files import to_diffusers_file, to_kohya_file
from .model_files import Entry, find, trained_folder
from .objectives import Example, Objective, open_objective
from .pictures import cover, read_picture, to_png
from .pipelines import Loaded, Models, torch_generator
from .requests import TrainLora
from .settings import Settings

ADAPTER = "trained"
TARGETS = ["to_q", "to_k", "to_v", "to_out.0"]
KEPT_CHECKPOINTS = 20
SAMPLE_GUIDANCE = 5.0


def train_lora(job: Job, request: TrainLora, models: Models, settings: Settings) -> dict[str, Any]:
    """Runs the training to its two files and returns facts about it. Raises JobError and whatever torch raises."""
    entry = find(settings, "model", request.model)
    if entry.inpaint_net:
        raise JobError("invalid", "model: LoRAs are trained on models that generate")
    pictures = read_pictures(request, settings)
    loaded = models.load(entry)
    try:
        training = Training(job, request, loaded, settings.data / "training" / request.run)
        with training.adapter():
            training.encode(pictures)
            training.resume()
            for step in range(training.done_steps, request.steps):
                training.step(step)
            return training.finish(entry, settings)
    finally:
        # Loading again is quick beside a training, and proves that nothing of it stays in the base.
        models.unload()


def read_pictures(request: TrainLora, settings: Settings) -> list[Image.Image]:
    most = settings.limits.max_input_pixels
    read = (read_picture(picture.image, most, f"pictures.{index}.image") for index, picture in enumerate(request.pictures))
    return [cover(picture, request.side_px, request.side_px) for picture in read]


class Training:
    """One training in progress. Everything random follows from the seed and the step, so a checkpoint holds no state of generators."""

    def __init__(self, job: Job, request: TrainLora, loaded: Loaded, folder: Path) -> None:
        self.job = job
        self.request = request
        self.loaded = loaded
        self.net = loaded.net
        self.folder = folder
        self.objective: Objective = open_objective(loaded)
        self.examples: list[Example] = []
        self.parameters: list[torch.nn.Parameter] = []
        self.done_steps = 0
        self.last_loss: float | None = None

    @contextmanager
    def adapter(self) -> Iterator[None]:
        """The network with the adapter that is trained; on a card, the adapter alone in full precision."""
        for part in self.loaded.base.components.values():
            if isinstance(part, torch.nn.Module):
                part.requires_grad_(False)
        config = LoraConfig(r=self.request.rank, lora_alpha=self.request.rank, init_lora_weights="gaussian", target_modules=TARGETS)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            self.net.add_adapter(config, adapter_name=ADAPTER)
        self.parameters = [parameter for parameter in self.net.parameters() if parameter.requires_grad]
        for parameter in self.parameters:
            parameter.data = parameter.data.float()
        if self.net.device.type != "cpu":
            self.net.enable_gradient_checkpointing()
        self.optimizer = torch.optim.AdamW(self.parameters, lr=self.request.learning_rate, weight_decay=0.01)
        try:
            yield
        finally:
            self.net.unload_lora()

    def encode(self, pictures: list[Image.Image]) -> None:
        """Pictures and captions once, not at every step."""
        with torch.no_grad():
            for picture, given in zip(pictures, self.request.pictures, strict=True):
                self.job.check_cancelled()
                self.examples.append(self.objective.encode(picture, given.caption))

    def step(self, step: int) -> None:
        self.job.check_cancelled()
        generator = torch_generator(derive_seed(self.request.seed, "step", step))
        batch = [self.examples[index] for index in self.pick(step)]
        self.net.train()
        with torch.autocast(self.net.device.type, torch.bfloat16, enabled=self.net.device.type != "cpu"):
            loss = self.objective.loss(batch, generator)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.net.eval()
        self.done_steps = step + 1
        self.last_loss = loss.item()
        if not torch.isfinite(loss):
            raise JobError("invalid", "learningRate: the training diverged; try a smaller one")
        self.report()

    def pick(self, step: int) -> list[int]:
        """Indices of the step's pictures: every picture once before any comes again, in a new order each time round."""
        size, count = self.request.batch_size, len(self.examples)
        chosen = []
        for position in range(step * size, (step + 1) * size):
            order = torch.randperm(count, generator=torch_generator(derive_seed(self.request.seed, "order", position // count)))
            chosen.append(int(order[position % count]))
        return chosen

    def report(self) -> None:
        done, steps = self.done_steps, self.request.steps
        self.job.emit("loss", {"step": done, "loss": self.last_loss})
        self.job.emit("progress", {"step": done, "steps": steps, "fraction": done / steps})
        if done % self.request.checkpoint_every == 0 or done == steps:
            self.save()
        if self.request.sample_every and (done % self.request.sample_every == 0 or done == steps):
            self.draw_samples()

    def draw_samples(self) -> None:
        for index, prompt in enumerate(self.request.sample_prompts):
            picture = self.loaded.base(
                prompt=prompt,
                width=self.request.side_px,
                height=self.request.side_px,
                num_inference_steps=self.request.sample_steps,
                guidance_scale=SAMPLE_GUIDANCE,
                generator=torch_generator(self.request.seed),
                output_type="pil",
                callback_on_step_end=self.stop_when_cancelled,
            ).images[0]
            self.job.add_output("sample", to_png(picture), "image/png", f"sample-{self.done_steps}-{index}.png")

    def stop_when_cancelled(self, _pipeline: Any, _step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.job.check_cancelled()
        return tensors

    def settings_digest(self) -> str:
        """Of what decides the course of the training. More steps, other samples and other checkpoints do not."""
        said = self.request.model_dump(mode="json", include={"rank", "learning_rate", "batch_size", "side_px", "seed"})
        pictures = [[hashlib.sha256(picture.image).hexdigest(), picture.caption] for picture in self.request.pictures]
        return hashlib.sha256(json.dumps([said, self.loaded.entry.name, pictures], sort_keys=True).encode()).hexdigest()

    def save(self) -> None:
        """Whole or not at all: a process that dies while writing leaves the checkpoint before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "settings": self.settings_digest(),
            "step": self.done_steps,
            "weights": self.weights(),
            "optimizer": self.optimizer.state_dict(),
        }
        unfinished = self.folder / "checkpoint.tmp"
        torch.save(state, unfinished)
        os.replace(unfinished, self.folder / "checkpoint.pt")
        forget_old_checkpoints(self.folder.parent)

    def resume(self) -> None:
        """Goes on from the run's checkpoint, if it has one. Raises JobError `invalid` when that is of other settings or further on."""
        file = self.folder / "checkpoint.pt"
        if not file.exists():
            return
        state = torch.load(file, map_location=self.net.device, weights_only=True)
        if state["settings"] != self.settings_digest():
            raise JobError("invalid", "run: its checkpoint was made with other pictures or settings; choose another name")
        if state["step"] > self.request.steps:
            raise JobError("invalid", f"steps: the run has already done {state['step']}")
        set_peft_model_state_dict(self.net, state["weights"], adapter_name=ADAPTER)
        self.optimizer.load_state_dict(state["optimizer"])
        self.done_steps = state["step"]
        self.job.emit("progress", {"step": self.done_steps, "steps": self.request.steps, "fraction": self.done_steps / self.request.steps})

    def weights(self) -> dict[str, torch.Tensor]:
        return {name: tensor.detach().cpu().contiguous() for name, tensor in get_peft_model_state_dict(self.net, adapter_name=ADAPTER).items()}

    def finish(self, entry: Entry, settings: Settings) -> dict[str, Any]:
        weights = self.weights()
        ours = to_diffusers_file(weights, entry.family)
        self.job.add_output("lora_diffusers", ours, "application/octet-stream", f"{self.request.run}.diffusers.safetensors")
        kohya = to_kohya_file(weights, entry.family)
        self.job.add_output("lora_kohya", kohya, "application/octet-stream", f"{self.request.run}.kohya.safetensors")
        if self.request.publish_as:
            publish(trained_folder(settings), self.request.publish_as, ours)
        return {"model": entry.name, "family": entry.family, "steps": self.done_steps, "loss": self.last_loss, "lora": self.request.publish_as}


def publish(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{name}.tmp"
    unfinished.write_bytes(content)
    os.replace(unfinished, folder / f"{name}.safetensors")


def derive_seed(seed: int, purpose: str, number: int) -> int:
    """Unlike for neighbouring seeds and steps."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{purpose}:{number}".encode()).digest()[:8], "big") >> 1


def forget_old_checkpoints(folder: Path) -> None:
    runs = sorted(folder.glob("*/"), key=lambda run: run.stat().st_mtime)
    for run in runs[:-KEPT_CHECKPOINTS]:
        shutil.rmtree(run, ignore_errors=True)
