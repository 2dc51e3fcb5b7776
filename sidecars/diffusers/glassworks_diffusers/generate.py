"""Text-to-image, image-to-image and inpainting with any family."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import FluxPipeline
from PIL import Image

from .errors import JobError
from .given_loras import find_given
from .jobs import Job
from .loras import applied_loras
from .model_files import Entry, Family, find
from .pictures import cover, pad_to_multiple, read_mask, read_picture, to_jpeg, to_png
from .pipelines import Loaded, Models, Task, torch_generator
from .requests import Control, Generate, Inpaint, LoraUse
from .samplers import check_sampler, make_scheduler
from .settings import Settings

GUIDANCE: dict[Family, float] = {"sd15": 7.5, "sdxl": 5.0, "flux": 3.5}
StepEnd = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Given:
    """What is drawn from: pictures fitted to the size asked for and padded to `canvas`, the next size the network takes."""

    image: Image.Image | None
    mask: Image.Image | None
    controls: list[Image.Image]
    canvas: tuple[int, int]
    size: tuple[int, int]
    result_size: tuple[int, int]

    @property
    def task(self) -> Task:
        return "inpaint" if self.mask else "image" if self.image else "text"

    def finish(self, drawn: Image.Image) -> Image.Image:
        """Without the padding, in the size of the result."""
        whole = drawn.crop((0, 0, *self.size))
        return whole if self.size == self.result_size else whole.resize(self.result_size, Image.Resampling.LANCZOS)


def draw(job: Job, request: Generate | Inpaint, models: Models, settings: Settings) -> dict[str, Any]:
    """Runs the job to its output and returns facts about it. Raises JobError and whatever torch raises."""
    entry = find(settings, "model", request.model)
    if entry.inpaint_net and request.kind != "inpaint":
        raise JobError("invalid", "model: this one only inpaints")
    check_sampler(entry.family, request.sampler, request.scheduler)
    loras = [(find_lora(settings, lora, entry.family).path, lora.strength) for lora in request.loras]
    # One of strength 0 would still shift the noise of Flux.
    controls = [control for control in request.controls if control.strength > 0]
    nets = [find(settings, "controlnet", control.net, entry.family) for control in controls]
    loaded = models.load(entry)
    given = read_given(request, controls, loaded, settings)
    job.check_cancelled()
    facts = {"model": entry.name, "family": entry.family, "guidance": guidance_of(request, entry.family)}
    if entry.family == "flux" and request.negative_prompt:
        facts["ignored"] = ["negativePrompt"]
    if given.image and request.strength == 0:
        job.add_output("image", to_png(given.finish(given.image)), "image/png", "image.png")
        return facts | {"steps": 0}
    scheduler = make_scheduler(entry.family, loaded.scheduler, request.sampler, request.scheduler)
    pipeline = models.pipeline(loaded, given.task, models.controlnet(nets) if nets else None, scheduler)
    arguments = sampling_arguments(request, entry.family) | picture_arguments(pipeline, given) | control_arguments(controls)
    accepted = inspect.signature(pipeline.__call__).parameters
    with applied_loras(loaded.base, loras), torch.inference_mode():
        drawn = pipeline(
            **{name: value for name, value in arguments.items() if name in accepted},
            callback_on_step_end=step_end(job, request.preview_every, loaded, given.canvas),
            callback_on_step_end_tensor_inputs=["latents"],
        ).images[0]
    job.add_output("image", to_png(given.finish(drawn)), "image/png", "image.png")
    return facts | {"steps": pipeline.num_timesteps}


def find_lora(settings: Settings, lora: LoraUse, family: Family) -> Entry:
    return find_given(settings, lora.sha256, family) if lora.sha256 else find(settings, "lora", lora.name or "", family)


def guidance_of(request: Generate | Inpaint, family: Family) -> float:
    return GUIDANCE[family] if request.guidance is None else request.guidance


def read_given(request: Generate | Inpaint, asked: list[Control], loaded: Loaded, settings: Settings) -> Given:
    most = settings.limits.max_input_pixels
    size = result_size = (request.width_px, request.height_px)
    image = read_picture(request.image, most, "image") if request.image else None
    mask = read_mask(request.mask, most) if isinstance(request, Inpaint) else None
    if image and mask:
        if image.size != mask.size:
            raise JobError("invalid", f"mask: must have the image's size, {image.width} x {image.height}")
        result_size = image.size
        image, mask = image.resize(size, Image.Resampling.LANCZOS), mask.resize(size, Image.Resampling.NEAREST)
    controls = [cover(read_picture(control.image, most, f"controls.{index}.image"), *size) for index, control in enumerate(asked)]
    return Given(
        image=pad_to_multiple(cover(image, *size), loaded.multiple_px) if image else None,
        mask=pad_to_multiple(mask, loaded.multiple_px) if mask else None,
        controls=[pad_to_multiple(control, loaded.multiple_px) for control in controls],
        canvas=(size[0] + -size[0] % loaded.multiple_px, size[1] + -size[1] % loaded.multiple_px),
        size=size,
        result_size=result_size,
    )


def sampling_arguments(request: Generate | Inpaint, family: Family) -> dict[str, Any]:
    return {
        "prompt": request.prompt,
        # Flux is distilled for guidance without a negative prompt; `facts.ignored` says so.
        "negative_prompt": None if family == "flux" else request.negative_prompt,
        "num_inference_steps": request.steps,
        "guidance_scale": guidance_of(request, family),
        # Below one step diffusers refuses.
        "strength": max(request.strength, 1 / request.steps),
        "generator": torch_generator(request.seed),
        "output_type": "pil",
    }


def picture_arguments(pipeline: Any, given: Given) -> dict[str, Any]:
    arguments: dict[str, Any] = {"width": given.canvas[0], "height": given.canvas[1]}
    if given.controls:
        maps = given.controls[0] if len(given.controls) == 1 else given.controls
        # Stable Diffusion's text-to-image takes the maps as `image`.
        arguments["control_image"] = arguments["image"] = maps
    if given.image:
        arguments["image"] = given.image
    if given.mask:
        arguments["mask_image"] = given.mask
    return arguments


def control_arguments(controls: list[Control]) -> dict[str, Any]:
    if not controls:
        return {}
    strengths = [control.strength for control in controls]
    return {
        "controlnet_conditioning_scale": strengths if len(controls) > 1 else strengths[0],
        "control_guidance_start": [control.start for control in controls],
        "control_guidance_end": [control.end for control in controls],
        # Flux wants a mode a net, or it runs none of several; plain nets have no modes.
        "control_mode": [None] * len(controls) if len(controls) > 1 else None,
    }


def step_end(job: Job, preview_every: int | None, loaded: Loaded, canvas: tuple[int, int]) -> StepEnd:
    """What runs after each sampler step. Raising is the only way to stop a pipeline that leaves nothing behind: `_interrupt` still draws."""

    def report(pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        job.check_cancelled()
        steps = pipeline.num_timesteps
        job.emit("progress", {"step": step + 1, "steps": steps, "fraction": (step + 1) / steps})
        if preview_every and (step + 1) % preview_every == 0:
            picture = loaded.colors.draw(unpack(loaded, tensors["latents"], canvas))
            image = base64.b64encode(to_jpeg(picture)).decode()
            job.emit("preview", {"mediaType": "image/jpeg", "image": image, "widthPx": picture.width, "heightPx": picture.height})
        return tensors

    return report


def unpack(loaded: Loaded, latents: torch.Tensor, canvas: tuple[int, int]) -> torch.Tensor:
    """[batch, channels, height, width], also of Flux, which works on 2 x 2 latents at a time."""
    if loaded.entry.family != "flux":
        return latents
    return FluxPipeline._unpack_latents(latents, canvas[1], canvas[0], loaded.base.vae_scale_factor)
