"""Latents as a small picture, without running the decoder: a linear map from latent channels to colours, fitted to the VAE itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image

SIDE_PX = 256
FITTED_CELLS = 16
"""Cells per side of the picture of coloured squares that the map is fitted to."""


@dataclass(frozen=True)
class LatentColors:
    weights: torch.Tensor
    """[channels + 1, 3]: colours in -1..1 from scaled latents and a one."""

    def draw(self, latents: torch.Tensor) -> Image.Image:
        """A small picture of the first of `latents` [batch, channels, height, width]."""
        cells = latents[0].detach().float().cpu().flatten(1).T
        colors = torch.cat([cells, torch.ones(len(cells), 1)], dim=1) @ self.weights
        height, width = latents.shape[-2:]
        rgb = ((colors.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).view(height, width, 3).numpy()
        picture = Image.fromarray(rgb)
        scale = SIDE_PX / max(width, height)
        return picture.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BILINEAR)


@torch.no_grad()
def fit_latent_colors(vae: Any, cell_px: int, device: str) -> LatentColors:
    """Encodes random coloured squares and solves for the map with the least squared error. `cell_px`: pixels per latent."""
    generator = torch.Generator().manual_seed(0)
    squares = torch.rand(1, 3, FITTED_CELLS // 2, FITTED_CELLS // 2, generator=generator) * 2 - 1
    colors = F.interpolate(squares, size=(FITTED_CELLS, FITTED_CELLS), mode="nearest")
    picture = F.interpolate(colors, scale_factor=cell_px, mode="nearest")
    own = vae.dtype
    vae.to(torch.float32)
    try:
        latents = scale_latents(vae, vae.encode(picture.to(device)).latent_dist.mode()).cpu()
    finally:
        vae.to(own)
    known = torch.cat([latents[0].flatten(1).T, torch.ones(FITTED_CELLS**2, 1)], dim=1)
    return LatentColors(torch.linalg.lstsq(known, colors[0].flatten(1).T, driver="gelsd").solution)


def scale_latents(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """From what the VAE gives to what the network works in."""
    return (latents - (vae.config.get("shift_factor") or 0)) * vae.config.scaling_factor
