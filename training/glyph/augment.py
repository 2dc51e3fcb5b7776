"""Small changes of place and size, so that seeds can differ by more than noise: the same change to a picture and to its prior."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

MAX_TURN_DEGREES = 8.0
SCALES = (0.86, 1.0)
MAX_SHIFT = 0.05
"""Of the side."""
DRAWN_REACH = 0.35
"""What a seed may change when a picture is drawn, about as in server/src/engines/local/glyph/vary.ts."""


def random_changes(count: int, mirrored: Tensor, generator: torch.Generator | None = None, reach: float = 1.0) -> Tensor:
    """[count, 2, 3] for `change`. `mirrored` bool [count]: who may be mirrored; half of those are. `reach`: share of the ranges above."""
    draw = lambda low, high: low + (high - low) * torch.rand(count, generator=generator)  # noqa: E731
    turn = torch.deg2rad(draw(-MAX_TURN_DEGREES, MAX_TURN_DEGREES) * reach)
    scale = 1 - (1 - draw(*SCALES)) * reach
    flip = torch.where(mirrored & (torch.rand(count, generator=generator) < 0.5), -1.0, 1.0)
    cos, sin = turn.cos() / scale, turn.sin() / scale
    rows = [torch.stack([flip * cos, -sin, draw(-MAX_SHIFT, MAX_SHIFT) * reach], 1), torch.stack([flip * sin, cos, draw(-MAX_SHIFT, MAX_SHIFT) * reach], 1)]
    return torch.stack(rows, 1)


def change(pictures: Tensor, changes: Tensor) -> Tensor:
    """[n, c, side, side] where white is 1; what comes in from outside is white."""
    grid = F.affine_grid(changes, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures - 1, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + 1
