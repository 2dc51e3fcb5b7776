"""Cuts a drawing out of its white paper: a small U-Net that says how solid each pixel is, white things on white included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .learn import Budget, learn
from .things import Things

_BATCH = 32
HELD_OUT = 10
"""Every tenth concept is not learnt from: figures are taken on those."""


class CutNet(nn.Module):
    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 64, 96)) -> None:
        super().__init__()
        first, second, third, deepest = widths
        self.enter, self.first = _conv(3, first), _conv(first, first)
        self.shrink_second, self.second = _conv(first, second, 2), _conv(second, second)
        self.shrink_third, self.third = _conv(second, third, 2), _conv(third, third)
        self.shrink_deepest, self.deepest, self.deeper = _conv(third, deepest, 2), _conv(deepest, deepest), _conv(deepest, deepest)
        self.up_third, self.up_second, self.up_first = _conv(deepest + third, third), _conv(third + second, second), _conv(second + first, first)
        self.leave = nn.Conv2d(first, 1, 3, padding=1)

    def logits(self, drawn: Tensor) -> Tensor:
        first = self.first(self.enter(drawn))
        second = self.second(self.shrink_second(first))
        third = self.third(self.shrink_third(second))
        x = self.deeper(self.deepest(self.shrink_deepest(third)))
        for up, skip in ((self.up_third, third), (self.up_second, second), (self.up_first, first)):
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], 1))
        return self.leave(x)

    def forward(self, drawn: Tensor) -> Tensor:
        """[n, 3, 64, 64] in -1 to 1 to how solid, [n, 1, 64, 64] in 0 to 1."""
        return torch.sigmoid(self.logits(drawn))


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.GroupNorm(8, outputs), nn.SiLU())


def alpha_of(real: np.ndarray, side: int) -> Tensor:
    """uint8 [n, s, s, 4] to [n, 1, side, side] in 0 to 1."""
    return F.avg_pool2d(torch.from_numpy(real[..., 3]).float()[:, None] / 255, real.shape[1] // side)


def _planes(drawn: np.ndarray) -> Tensor:
    return torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 127.5 - 1


def train_cut(things: Things, budget: Budget, folder: Path) -> CutNet:
    learnt = np.flatnonzero(things.concept % HELD_OUT != 0)
    rng = np.random.default_rng(0)

    def loss_of(net: CutNet, _: int) -> Tensor:
        some = rng.choice(learnt, _BATCH)
        drawn, alpha = _planes(things.drawn[some]), alpha_of(things.real[some], things.drawn.shape[1])
        if rng.random() < 0.5:
            drawn, alpha = drawn.flip(3), alpha.flip(3)
        drawn = drawn + 0.02 * torch.randn_like(drawn)
        with torch.autocast(budget.device, torch.bfloat16):
            logits = net.logits(drawn.to(budget.device, memory_format=torch.channels_last))
        return F.binary_cross_entropy_with_logits(logits.float(), alpha.to(budget.device))

    return learn(CutNet(), loss_of, budget, folder)


@torch.no_grad()
def cut_out(net: nn.Module, drawn: np.ndarray) -> np.ndarray:
    """uint8 [n, 64, 64, 3] to uint8 [n, 64, 64, 4]: the white that shone through edges is taken out of their colours."""
    alpha = torch.cat([net(_planes(some)) for some in np.array_split(drawn, max(1, len(drawn) // 64))]).permute(0, 2, 3, 1).numpy()
    rgb = ((drawn / 255 - (1 - alpha)) / np.maximum(alpha, 0.05)).clip(0, 1)
    return (np.concatenate([rgb, alpha], 3) * 255 + 0.5).astype(np.uint8)


def cut_error(things: Things, rgba: np.ndarray) -> float:
    """Levels of 255 between how solid held-out things are and how solid they were cut out, on average."""
    held = np.flatnonzero(things.concept % HELD_OUT == 0)
    return float((alpha_of(things.real[held], rgba.shape[1])[:, 0] * 255 - torch.from_numpy(rgba[held][..., 3]).float()).abs().mean())
