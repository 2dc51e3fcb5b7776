"""The drawing network: a small U-Net that predicts the finished picture from a noisy one (rectified flow, x-prediction)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .concepts import STYLES
from .minilm import WIDTH

_CONDITION = 384
_STYLE_WIDTH = 128
_TIME_WIDTH = 64


@dataclass(frozen=True)
class Shape:
    """Widths at 1/4, 1/8 and 1/16 of the side; blocks at each; channels of the text's maps at each; width of the text's path."""

    side_px: int = 64
    widths: tuple[int, int, int] = (64, 160, 320)
    blocks: tuple[int, int, int] = (1, 2, 2)
    maps: tuple[int, int, int] = (16, 96, 256)
    hidden: int = 768
    patch: int = 4

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, condition: int = _CONDITION) -> None:
        super().__init__()
        self.norm_in, self.norm_out = nn.GroupNorm(8, inputs), nn.GroupNorm(8, outputs)
        self.first, self.second = nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.modulate = nn.Linear(condition, 2 * outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.modulate(condition)[:, :, None, None].chunk(2, 1)
        inner = self.first(F.silu(self.norm_in(x)))
        return self.skip(x) + self.second(F.silu(self.norm_out(inner) * (1 + scale) + shift))


class Attention(nn.Module):
    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.mix, self.out = nn.GroupNorm(8, width), nn.Conv2d(width, 3 * width, 1), nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        batch, width, rows, columns = x.shape
        query, key, value = (
            self.mix(self.norm(x)).reshape(batch, 3, self.heads, width // self.heads, rows * columns).transpose(-1, -2).unbind(1)
        )
        seen = torch.softmax((query @ key.transpose(-1, -2)) * (width // self.heads) ** -0.5, -1) @ value
        return x + self.out(seen.transpose(-1, -2).reshape(batch, width, rows, columns))


class GlyphNet(nn.Module):
    """In two parts, which are exported apart: `read_text` once a picture, `draw` once a step."""

    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        small, middle, large = shape.widths
        grid = shape.side_px // shape.patch
        self.style, self.nothing = nn.Embedding(len(STYLES) + 1, _STYLE_WIDTH), nn.Parameter(torch.zeros(WIDTH))
        self.text = nn.Sequential(
            nn.Linear(WIDTH + _STYLE_WIDTH, shape.hidden), nn.SiLU(), nn.Linear(shape.hidden, shape.hidden), nn.SiLU()
        )
        self.map_shapes = [(channels, grid >> level) for level, channels in enumerate(shape.maps)]
        self.to_maps = nn.ModuleList(nn.Linear(shape.hidden, channels * side * side) for channels, side in self.map_shapes)
        self.to_condition = nn.Linear(shape.hidden, _CONDITION)
        self.time = nn.Sequential(nn.Linear(2 * _TIME_WIDTH, _CONDITION), nn.SiLU(), nn.Linear(_CONDITION, _CONDITION))
        # The prior is half the side: unshuffled by half the patch it lies on the same grid.
        prior = 3 * (shape.patch // 2) ** 2
        self.enter = nn.Conv2d(3 * shape.patch**2 + shape.maps[0] + prior, small, 3, padding=1)
        self.down_small = _chain(small, small, shape.blocks[0])
        self.shrink_middle, self.map_middle = nn.Conv2d(small, middle, 3, stride=2, padding=1), nn.Conv2d(shape.maps[1], middle, 1)
        self.down_middle, self.look_middle = _chain(middle, middle, shape.blocks[1]), Attention(middle)
        self.shrink_large, self.map_large = nn.Conv2d(middle, large, 3, stride=2, padding=1), nn.Conv2d(shape.maps[2], large, 1)
        self.deep, self.look_deep = _chain(large, large, shape.blocks[2]), Attention(large)
        self.grow_middle, self.up_middle, self.look_up = nn.Conv2d(large, middle, 1), _chain(2 * middle, middle, shape.blocks[1]), Attention(middle)
        self.grow_small, self.up_small = nn.Conv2d(middle, small, 1), _chain(2 * small, small, shape.blocks[0])
        self.norm, self.leave = nn.GroupNorm(8, small), nn.Conv2d(small, 3 * shape.patch**2, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def read_text(self, text: Tensor, drop: Tensor, style: Tensor) -> tuple[list[Tensor], Tensor]:
        """`text` [n, 384] of unit length; `drop` [n], 1 where there is no text; `style` int64 [n], the last one: any."""
        kept = (1 - drop)[:, None]
        scaled = text * (WIDTH**0.5) * 0.5 * kept + self.nothing * (1 - kept)
        hidden = self.text(torch.cat([scaled, self.style(style)], 1))
        maps = [layer(hidden).reshape(-1, channels, side, side) for layer, (channels, side) in zip(self.to_maps, self.map_shapes, strict=True)]
        return maps, self.to_condition(hidden)

    def draw(self, x: Tensor, t: Tensor, maps: list[Tensor], condition: Tensor, prior: Tensor) -> Tensor:
        """`x` [n, 3, side, side], noise at t = 0, the picture at t = 1; `prior` [n, 3, side / 2, side / 2], zero where there is none."""
        patch = self.shape.patch
        frequencies = torch.exp(torch.arange(_TIME_WIDTH, device=x.device) * (-math.log(1000.0) / (_TIME_WIDTH - 1)))
        angles = t[:, None] * 1000 * frequencies
        how = F.silu(self.time(torch.cat([angles.cos(), angles.sin()], 1)) + condition)
        x = self.enter(torch.cat([F.pixel_unshuffle(x, patch), maps[0].to(x.dtype), F.pixel_unshuffle(prior, patch // 2)], 1))
        x = fine = _run(self.down_small, x, how)
        x = self.shrink_middle(x) + self.map_middle(maps[1])
        x = middle = self.look_middle(_run(self.down_middle, x, how))
        x = self.shrink_large(x) + self.map_large(maps[2])
        x = self.look_deep(_run(self.deep, x, how))
        x = torch.cat([F.interpolate(self.grow_middle(x), scale_factor=2.0, mode="nearest"), middle], 1)
        x = self.look_up(_run(self.up_middle, x, how))
        x = torch.cat([F.interpolate(self.grow_small(x), scale_factor=2.0, mode="nearest"), fine], 1)
        x = _run(self.up_small, x, how)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(x))), patch)

    def forward(self, x: Tensor, t: Tensor, text: Tensor, drop: Tensor, style: Tensor, prior: Tensor) -> Tensor:
        maps, condition = self.read_text(text, drop, style)
        return self.draw(x, t, maps, condition, prior * (1 - drop)[:, None, None, None])


def _chain(inputs: int, outputs: int, count: int) -> nn.ModuleList:
    return nn.ModuleList(Block(inputs if index == 0 else outputs, outputs) for index in range(count))


def _run(blocks: nn.ModuleList, x: Tensor, condition: Tensor) -> Tensor:
    for block in blocks:
        x = block(x, condition)
    return x
