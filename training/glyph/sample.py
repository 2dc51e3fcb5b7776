"""Draws with the network as server/src/engines/local/glyph/sample.ts does, but never mirrors."""

from __future__ import annotations

import torch
from torch import Tensor

from .augment import DRAWN_REACH, change, random_changes
from .network import GlyphNet
from .prior import Prior

STEPS = 8
GUIDANCE = 2.0
GUIDED_UNTIL = 0.4


@torch.no_grad()
def sample(net: GlyphNet, prior: Prior, text: Tensor, style: Tensor, seed: int = 0, steps: int = STEPS, guidance: float = GUIDANCE) -> Tensor:
    """`text` [n, 384], `style` int64 [n]; [n, 3, side, side] in -1 to 1."""
    count, side = len(text), net.shape.side_px
    dice = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 3, side, side, generator=dice)
    shown, hidden = torch.zeros(count), torch.ones(count)
    guess = change(prior(text, style), random_changes(count, torch.zeros(count, dtype=torch.bool), dice, DRAWN_REACH))
    maps, condition = net.read_text(text, shown, style)
    plain_maps, plain_condition = net.read_text(text, hidden, style)
    for step in range(steps):
        t = torch.full((count,), step / steps)
        estimate = net.draw(x, t, maps, condition, guess)
        if step / steps < GUIDED_UNTIL:
            plain = net.draw(x, t, plain_maps, plain_condition, torch.zeros_like(guess))
            estimate = plain + guidance * (estimate - plain)
        estimate = estimate.clamp(-1, 1)
        x = x + (estimate - x) / (steps - step)
    return x.clamp(-1, 1)
