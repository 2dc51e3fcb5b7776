"""What each family learns from: how a picture and its caption are encoded, and the loss of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, FluxPipeline
from PIL import Image

from .pipelines import Loaded
from .previews import scale_latents


@dataclass(frozen=True)
class Example:
    latents: torch.Tensor
    prompt: torch.Tensor
    pooled: torch.Tensor | None


@dataclass(frozen=True)
class Objective:
    encode: Callable[[Image.Image, str], Example]
    loss: Callable[[list[Example], torch.Generator], torch.Tensor]


def open_objective(loaded: Loaded) -> Objective:
    if loaded.entry.family == "flux":
        return Objective(lambda picture, caption: encode_flux(loaded, picture, caption), FluxLoss(loaded))
    return Objective(lambda picture, caption: encode_diffusion(loaded, picture, caption), DiffusionLoss(loaded))


def encode_picture(loaded: Loaded, picture: Image.Image) -> torch.Tensor:
    """In full precision, as the XL encoder overflows in half."""
    vae = loaded.base.vae
    own = vae.dtype
    pixels = torch.from_numpy(np.asarray(picture).copy()).float().permute(2, 0, 1).unsqueeze(0) / 127.5 - 1
    vae.to(torch.float32)
    try:
        return scale_latents(vae, vae.encode(pixels.to(vae.device)).latent_dist.mode())
    finally:
        vae.to(own)


def encode_diffusion(loaded: Loaded, picture: Image.Image, caption: str) -> Example:
    latents = encode_picture(loaded, picture)
    device = latents.device
    encoded = loaded.base.encode_prompt(prompt=caption, device=device, num_images_per_prompt=1, do_classifier_free_guidance=False)
    return Example(latents, encoded[0], encoded[2] if loaded.entry.family == "sdxl" else None)


def encode_flux(loaded: Loaded, picture: Image.Image, caption: str) -> Example:
    latents = encode_picture(loaded, picture)
    prompt, pooled, _ = loaded.base.encode_prompt(prompt=caption, prompt_2=caption, device=latents.device)
    return Example(latents, prompt, pooled)


def stack(batch: list[Example], generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Latents, noise of the same shape, prompts."""
    latents = torch.cat([example.latents for example in batch])
    noise = torch.randn(latents.shape, generator=generator).to(latents.device)
    return latents, noise, torch.cat([example.prompt for example in batch])


class DiffusionLoss:
    """Stable Diffusion: the network says what noise was added, or the velocity where the model was trained so."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.schedule = DDPMScheduler.from_config(loaded.scheduler.config)

    def __call__(self, batch: list[Example], generator: torch.Generator) -> torch.Tensor:
        latents, noise, prompts = stack(batch, generator)
        times = torch.randint(0, self.schedule.config.num_train_timesteps, (len(batch),), generator=generator).to(latents.device)
        noisy = self.schedule.add_noise(latents, noise, times)
        velocity = self.schedule.config.prediction_type == "v_prediction"
        target = self.schedule.get_velocity(latents, noise, times) if velocity else noise
        net = self.loaded.net
        said = net(noisy.to(net.dtype), times, prompts, added_cond_kwargs=self.added(batch, latents)).sample
        return F.mse_loss(said.float(), target.float())

    def added(self, batch: list[Example], latents: torch.Tensor) -> dict[str, torch.Tensor] | None:
        """XL is told the size of the picture, where it was cut and the size to draw."""
        if batch[0].pooled is None:
            return None
        height, width = (side * self.loaded.base.vae_scale_factor for side in latents.shape[-2:])
        pooled = torch.cat([example.pooled for example in batch if example.pooled is not None])
        times = torch.tensor([[height, width, 0, 0, height, width]] * len(batch), dtype=pooled.dtype, device=pooled.device)
        return {"text_embeds": pooled, "time_ids": times}


class FluxLoss:
    """Flow matching: the network says the straight way from the picture to the noise. Noise levels are drawn logit-normal."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    def __call__(self, batch: list[Example], generator: torch.Generator) -> torch.Tensor:
        latents, noise, prompts = stack(batch, generator)
        count, channels, height, width = latents.shape
        levels = torch.sigmoid(torch.randn(count, generator=generator)).to(latents.device)
        share = levels.view(-1, 1, 1, 1)
        noisy = (1 - share) * latents + share * noise
        net = self.loaded.net
        dtype = net.dtype
        said = net(
            hidden_states=FluxPipeline._pack_latents(noisy, count, channels, height, width).to(dtype),
            timestep=levels.to(dtype),
            guidance=torch.ones(count, device=latents.device, dtype=dtype) if net.config.guidance_embeds else None,
            pooled_projections=torch.cat([example.pooled for example in batch if example.pooled is not None]),
            encoder_hidden_states=prompts,
            txt_ids=torch.zeros(prompts.shape[1], 3, device=latents.device, dtype=dtype),
            img_ids=FluxPipeline._prepare_latent_image_ids(count, height // 2, width // 2, latents.device, dtype),
        ).sample
        return F.mse_loss(said.float(), FluxPipeline._pack_latents(noise - latents, count, channels, height, width).float())
