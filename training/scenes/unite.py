"""The scene network: a small U-Net that turns a composition of cut-out drawings into the scene it stands for (rectified flow, x-prediction)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glyph.network import Block

from .learn import Budget, learn
from .samples import Sampler, Scene

STEPS = 1
TRUST = 0.7
"""How far from the composition to what the network says."""
_TIME_WIDTH = 32
_CONDITION = 128
_CROP_PX, _CROPS = 64, 2
"""It learns from parts of scenes where things are, some of each scene: there is no attention that would miss the whole."""
_REACH_PX = 2
_KNOWN = 4
"""Channels of what it is given: the composition, and how solid it is."""


@dataclass(frozen=True)
class UniteShape:
    """Widths at 1/4, 1/8 and 1/16 of the side, and blocks at each."""

    widths: tuple[int, int, int] = (64, 112, 176)
    blocks: int = 2
    patch: int = 4


class UniteNet(nn.Module):
    def __init__(self, shape: UniteShape = UniteShape()) -> None:
        super().__init__()
        self.shape = shape
        small, middle, large = shape.widths
        self.time = nn.Sequential(nn.Linear(2 * _TIME_WIDTH, _CONDITION), nn.SiLU(), nn.Linear(_CONDITION, _CONDITION), nn.SiLU())
        self.enter = nn.Conv2d((3 + _KNOWN) * shape.patch**2, small, 3, padding=1)
        chain = lambda inputs, outputs: nn.ModuleList(Block(inputs if at == 0 else outputs, outputs, _CONDITION) for at in range(shape.blocks))  # noqa: E731
        self.down_small, self.down_middle, self.deep = chain(small, small), chain(middle, middle), chain(large, large)
        self.shrink_middle, self.shrink_large = nn.Conv2d(small, middle, 3, stride=2, padding=1), nn.Conv2d(middle, large, 3, stride=2, padding=1)
        self.grow_middle, self.grow_small = nn.Conv2d(large, middle, 1), nn.Conv2d(middle, small, 1)
        self.up_middle, self.up_small = chain(2 * middle, middle), chain(2 * small, small)
        self.norm, self.leave = nn.GroupNorm(8, small), nn.Conv2d(small, 3 * shape.patch**2, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor, t: Tensor, known: Tensor) -> Tensor:
        """`x` [n, 3, side, side], noise at t = 0, the scene at t = 1; `known` [n, 4, side, side]: composition in -1 to 1, coverage in 0 to 1."""
        frequencies = torch.exp(torch.arange(_TIME_WIDTH, device=x.device) * (-math.log(1000.0) / (_TIME_WIDTH - 1)))
        angles = t[:, None] * 1000 * frequencies
        how = self.time(torch.cat([angles.cos(), angles.sin()], 1))
        x = self.enter(F.pixel_unshuffle(torch.cat([x, known], 1), self.shape.patch))
        x = fine = _run(self.down_small, x, how)
        x = middle = _run(self.down_middle, self.shrink_middle(x), how)
        x = _run(self.deep, self.shrink_large(x), how)
        x = torch.cat([F.interpolate(self.grow_middle(x), scale_factor=2.0, mode="nearest"), middle], 1)
        x = _run(self.up_middle, x, how)
        x = torch.cat([F.interpolate(self.grow_small(x), scale_factor=2.0, mode="nearest"), fine], 1)
        x = _run(self.up_small, x, how)
        # It says what is to be changed: untrained, it leaves the composition as it is.
        return known[:, :3] + F.pixel_shuffle(self.leave(F.silu(self.norm(x))), self.shape.patch)


def _run(blocks: nn.ModuleList, x: Tensor, how: Tensor) -> Tensor:
    for block in blocks:
        x = block(x, how)
    return x


def to_planes(pictures: list[np.ndarray]) -> Tensor:
    """float32 [h, w, 3] in 0 to 255 to [n, 3, h, w] in -1 to 1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1


def known_of(scenes: list[Scene]) -> Tensor:
    covered = torch.from_numpy(np.stack([scene.covered for scene in scenes]))[:, None]
    return torch.cat([to_planes([scene.drawn for scene in scenes]), covered], 1)


def train_unite(sampler: Sampler, shape: UniteShape, batch: int, budget: Budget, folder: Path) -> UniteNet:
    """`batch`: scenes at a time."""
    rng = np.random.default_rng(4)

    def loss_of(net: UniteNet, _: int) -> Tensor:
        scenes = [sampler.next() for _ in range(batch)]
        both = torch.cat([to_planes([scene.real for scene in scenes]), known_of(scenes)], 1)
        parts = torch.stack([_part(each, rng) for each in both for _ in range(_CROPS)]).to(budget.device)
        real, known = parts[:, :3], parts[:, 3:]
        t = torch.rand(len(parts), device=budget.device) ** 1.5
        t[: max(1, len(parts) // 4)] = 0
        along = t[:, None, None, None]
        noisy = along * real + (1 - along) * torch.randn_like(real)
        with torch.autocast(budget.device, torch.bfloat16):
            guess = net(noisy, t, known)
        # Where things are counts more: most of a scene is ground and sky, which are right from the start.
        weight = 0.3 + known[:, 3:]
        error = F.smooth_l1_loss(guess.float(), real, beta=0.1, reduction="none") * weight
        return (error.mean((1, 2, 3)) / (1 - t).clamp(min=0.2)).mean()

    return learn(UniteNet(shape), loss_of, budget, folder)


def _part(planes: Tensor, rng: np.random.Generator) -> Tensor:
    """Around a point that a thing covers; the last plane says where."""
    side = planes.shape[1]
    points = (planes[-1] > 0.5).nonzero()
    middle = points[int(rng.integers(len(points)))].tolist() if len(points) else [side // 2, side // 2]
    top, left = (min(side - _CROP_PX, max(0, at - int(rng.integers(_CROP_PX // 4, 3 * _CROP_PX // 4)))) for at in middle)
    return planes[:, top : top + _CROP_PX, left : left + _CROP_PX]


@torch.no_grad()
def unite(net: nn.Module, known: Tensor, seed: int, steps: int = STEPS) -> Tensor:
    """As server/src/engines/local/glyph/scene/unite.ts does. [n, 3, side, side] in -1 to 1."""
    x = torch.randn(len(known), 3, *known.shape[2:], generator=torch.Generator().manual_seed(seed))
    for step in range(steps):
        estimate = net(x, torch.full((len(known),), step / steps), known).clamp(-1, 1)
        x = x + (estimate - x) / (steps - step)
    # Where nothing is, the background stays.
    share = F.max_pool2d(known[:, 3:], 2 * _REACH_PX + 1, 1, _REACH_PX)
    return known[:, :3] + TRUST * share * (x - known[:, :3])
