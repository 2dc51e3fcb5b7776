"""Loads one model at a time and makes every pipeline of its family from the same parts."""

from __future__ import annotations

import gc
import inspect
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import (
    ControlNetModel,
    FluxControlNetImg2ImgPipeline,
    FluxControlNetInpaintPipeline,
    FluxControlNetModel,
    FluxControlNetPipeline,
    FluxImg2ImgPipeline,
    FluxInpaintPipeline,
    FluxMultiControlNetModel,
    FluxPipeline,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetInpaintPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLControlNetImg2ImgPipeline,
    StableDiffusionXLControlNetInpaintPipeline,
    StableDiffusionXLControlNetPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)

from .device import Device
from .model_files import Entry, Family
from .previews import LatentColors, fit_latent_colors

log = logging.getLogger(__name__)
Task = Literal["text", "image", "inpaint"]

PIPELINES: dict[Family, dict[tuple[Task, bool], type[Any]]] = {
    "sd15": {
        ("text", False): StableDiffusionPipeline,
        ("image", False): StableDiffusionImg2ImgPipeline,
        ("inpaint", False): StableDiffusionInpaintPipeline,
        ("text", True): StableDiffusionControlNetPipeline,
        ("image", True): StableDiffusionControlNetImg2ImgPipeline,
        ("inpaint", True): StableDiffusionControlNetInpaintPipeline,
    },
    "sdxl": {
        ("text", False): StableDiffusionXLPipeline,
        ("image", False): StableDiffusionXLImg2ImgPipeline,
        ("inpaint", False): StableDiffusionXLInpaintPipeline,
        ("text", True): StableDiffusionXLControlNetPipeline,
        ("image", True): StableDiffusionXLControlNetImg2ImgPipeline,
        ("inpaint", True): StableDiffusionXLControlNetInpaintPipeline,
    },
    "flux": {
        ("text", False): FluxPipeline,
        ("image", False): FluxImg2ImgPipeline,
        ("inpaint", False): FluxInpaintPipeline,
        ("text", True): FluxControlNetPipeline,
        ("image", True): FluxControlNetImg2ImgPipeline,
        ("inpaint", True): FluxControlNetInpaintPipeline,
    },
}
"""By task, and whether ControlNets steer it."""


@dataclass(frozen=True)
class Loaded:
    entry: Entry
    base: Any
    """The pipeline as it was loaded; the others share its parts."""
    colors: LatentColors
    scheduler: Any
    """As the model came with it; jobs get copies."""

    @property
    def net(self) -> Any:
        return self.base.transformer if self.entry.family == "flux" else self.base.unet

    @property
    def multiple_px(self) -> int:
        """What sides must be a multiple of. Flux packs 2 x 2 latents into one."""
        return self.base.vae_scale_factor * (2 if self.entry.family == "flux" else 1)


class Models:
    """What is in memory: one model and the ControlNets last used with it. Only the thread that runs jobs may call it."""

    def __init__(self, device: Device, offload: bool = False) -> None:
        self.device = device
        self.offload = offload
        self.loaded: Loaded | None = None
        self.controlnets: dict[str, Any] = {}

    def load(self, entry: Entry) -> Loaded:
        if self.loaded and self.loaded.entry == entry:
            return self.loaded
        self.unload()
        options: dict[str, Any] = {"torch_dtype": self.device.dtype(entry.family), "local_files_only": True, "use_safetensors": True}
        if entry.family == "sd15":
            options |= {"safety_checker": None, "requires_safety_checker": False}
        of = PIPELINES[entry.family][("inpaint" if entry.inpaint_net else "text", False)]
        base = of.from_pretrained(entry.path, variant=variant_of(entry.path), **options)
        base.set_progress_bar_config(disable=True)
        if not self.offload:
            base.to(self.device.kind)
        self.loaded = Loaded(entry, base, fit_latent_colors(base.vae, base.vae_scale_factor, base.vae.device.type), base.scheduler)
        log.info("model loaded: %s", entry.name)
        return self.loaded

    def controlnet(self, entries: list[Entry]) -> Any:
        """One net, or several as one. Nets that are not asked for are let go."""
        self.controlnets = {entry.name: self.controlnets.get(entry.name) or self.open_controlnet(entry) for entry in entries}
        nets = [self.controlnets[entry.name] for entry in entries]
        if entries[0].family == "flux":
            return nets[0] if len(nets) == 1 else FluxMultiControlNetModel(nets)
        return nets[0] if len(nets) == 1 else nets

    def open_controlnet(self, entry: Entry) -> Any:
        of = FluxControlNetModel if entry.family == "flux" else ControlNetModel
        variant = "fp16" if is_only_half(entry.path) else None
        options: dict[str, Any] = {"torch_dtype": self.device.dtype(entry.family), "local_files_only": True, "use_safetensors": True}
        net = of.from_pretrained(entry.path, variant=variant, **options)
        return net if self.offload else net.to(self.device.kind)

    def pipeline(self, loaded: Loaded, task: Task, controlnet: Any | None, scheduler: Any) -> Any:
        """A pipeline for one job: the loaded parts, a scheduler of its own."""
        of = PIPELINES[loaded.entry.family][(task, controlnet is not None)]
        parts = loaded.base.components | {"controlnet": controlnet, "scheduler": scheduler, "requires_safety_checker": False}
        accepted = inspect.signature(of.__init__).parameters
        config = {key: value for key, value in loaded.base.config.items() if key in accepted and key not in parts and not key.startswith("_")}
        pipeline = of(**config, **{name: part for name, part in parts.items() if name in accepted})
        pipeline.set_progress_bar_config(disable=True)
        if self.offload:
            pipeline.enable_model_cpu_offload(device=self.device.kind)
        return pipeline

    def unload(self) -> None:
        self.loaded = None
        self.controlnets = {}
        gc.collect()
        self.device.release()


def variant_of(folder: Path) -> str | None:
    """`fp16` where the main network is there only in half precision."""
    return "fp16" if any(is_only_half(folder / part) for part in ("unet", "transformer")) else None


def is_only_half(folder: Path) -> bool:
    names = [file.name for file in folder.glob("*.safetensors")]
    return bool(names) and all(".fp16." in name for name in names)


def torch_generator(seed: int) -> torch.Generator:
    """On the processor, so that a seed means the same noise on every device."""
    return torch.Generator("cpu").manual_seed(seed)
