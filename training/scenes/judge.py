"""A small detector, trained on scenes of real pictures only, that says what is to be seen in a scene: which things, where, in which colour, on what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glyph.colors import HUES

from .learn import Budget, learn
from .plans import GROUNDS, PLAIN_COLORS, SIDE_PX, SKIES, Plan
from .samples import Sampler, Scene
from .unite import to_planes

_CELL = 8
"""Pixels of the scene a cell of the map."""
_BATCH = 16
_LEAST_SCORE = 0.2
_COLORS = ["own", *HUES]
_NONE = "none"
SKY_NAMES, GROUND_NAMES, PLAIN_NAMES = (_NONE, *SKIES), (_NONE, *GROUNDS), (_NONE, *PLAIN_COLORS)

JUDGE_NAMES = {"colors": _COLORS, "skies": SKY_NAMES, "grounds": GROUND_NAMES, "plains": PLAIN_NAMES}
"""What the numbers of its answers mean."""


@dataclass(frozen=True)
class Seen:
    """A thing the judge found: middle in pixels, `color` None when it is the thing's own."""

    concept: int
    x: float
    y: float
    color: str | None
    score: float


@dataclass(frozen=True)
class Verdict:
    seen: list[Seen]
    sky: str
    ground: str
    plain: str


class JudgeNet(nn.Module):
    """Per cell: how much each concept has its middle there, and in which colour; per picture: sky, ground, plain colour."""

    def __init__(self, concepts: int) -> None:
        super().__init__()
        self.down = nn.ModuleList([_conv(3, 24, 2), _pair(24, 48, 2), _pair(48, 112, 2), _pair(112, 160, 2)])
        self.up = _pair(160 + 112, 128, 1)
        self.concepts, self.colors = nn.Conv2d(128, concepts, 1), nn.Conv2d(128, len(_COLORS), 1)
        nn.init.constant_(self.concepts.bias, -5.0)
        self.sky, self.ground, self.plain = (nn.Linear(160 + 48, len(names)) for names in (SKY_NAMES, GROUND_NAMES, PLAIN_NAMES))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        levels = []
        for down in self.down:
            levels.append(x := down(x))
        behind = torch.cat([levels[3].mean((2, 3)), levels[1].amax((2, 3))], 1)
        x = self.up(torch.cat([F.interpolate(levels[3], scale_factor=2.0), levels[2]], 1))
        return self.concepts(x), self.colors(x), self.sky(behind), self.ground(behind), self.plain(behind)


def _pair(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(_conv(inputs, outputs, stride), _conv(outputs, outputs, 1))


def _conv(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.GroupNorm(8, outputs), nn.SiLU())


def train_judge(sampler: Sampler, concept_of: np.ndarray, color_of: list[str | None], known: list[int], budget: Budget, folder: Path) -> JudgeNet:
    """`sampler` shows only the concepts in `known`, in whose order the judge numbers them; `concept_of` and `color_of` by thing."""
    number = {concept: at for at, concept in enumerate(known)}

    def loss_of(net: JudgeNet, _: int) -> Tensor:
        scenes = [sampler.next() for _ in range(_BATCH)]
        pictures = to_planes([scene.real for scene in scenes])
        # Sharpness is no sign of a thing: it is judged by its shape and colours.
        if np.random.default_rng().random() < 0.5:
            pictures = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2.0, mode="bilinear")
        pictures = pictures + 0.06 * torch.rand(len(scenes), 1, 1, 1) * torch.randn_like(pictures)
        with torch.autocast(budget.device, torch.bfloat16):
            concepts, colors, *behind = (each.float() for each in net(pictures.to(budget.device, memory_format=torch.channels_last)))
        wanted, where, hue = _targets(scenes, concept_of, color_of, number)
        loss = _focal(concepts, wanted.to(budget.device)) / max(1, len(where))
        at = torch.tensor(where).T
        loss = loss + F.cross_entropy(colors[at[0], :, at[1], at[2]], torch.tensor(hue, device=budget.device))
        for found, names, pick in zip(behind, (SKY_NAMES, GROUND_NAMES, PLAIN_NAMES), (_sky_of, _ground_of, _plain_of), strict=True):
            loss = loss + 0.3 * F.cross_entropy(found, torch.tensor([names.index(pick(scene.plan)) for scene in scenes], device=budget.device))
        return loss

    return learn(JudgeNet(len(known)), loss_of, budget, folder)


def _sky_of(plan: Plan) -> str:
    return (plan.described or {}).get("sky", _NONE)


def _ground_of(plan: Plan) -> str:
    return (plan.described or {}).get("ground", _NONE)


def _plain_of(plan: Plan) -> str:
    if plan.described is None:
        return "white"
    return plan.described.get("color", _NONE)


def _targets(scenes: list[Scene], concept_of: np.ndarray, color_of: list[str | None], number: dict[int, int]) -> tuple[Tensor, list[tuple[int, int, int]], list[int]]:
    """Maps that are 1 at the middle of each thing and fall off around it; the middles; their colours."""
    side = SIDE_PX // _CELL
    wanted = torch.zeros(len(scenes), len(number), side, side)
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    where, hue = [], []
    for index, scene in enumerate(scenes):
        for place, thing in zip(scene.places, scene.things, strict=True):
            x = min(side - 1, max(0, int((place.left + place.width / 2) / _CELL)))
            y = min(side - 1, max(0, int((place.top + place.height / 2) / _CELL)))
            spread = max(1.0, min(place.width, place.height) / _CELL / 8)
            bump = torch.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * spread**2))
            one = wanted[index, number[int(concept_of[thing])]]
            torch.maximum(one, bump, out=one)
            where.append((index, y, x))
            hue.append(_COLORS.index(color_of[thing] or "own"))
    return wanted, where, hue


def _focal(logits: Tensor, wanted: Tensor) -> Tensor:
    """Penalty-reduced focal loss of CenterNet (Zhou et al. 2019, formula 1), summed."""
    found = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    hit = (wanted > 0.999).float()
    return -(hit * (1 - found) ** 2 * found.log() + (1 - hit) * (1 - wanted) ** 4 * found**2 * (1 - found).log()).sum()


@torch.no_grad()
def judge(net: JudgeNet, pictures: Tensor, known: list[int]) -> list[Verdict]:
    """[n, 3, 128, 128] in -1 to 1."""
    concepts, colors, sky, ground, plain = net(pictures)
    scores = torch.sigmoid(concepts)
    verdicts = []
    for at in range(len(pictures)):
        named = [names[int(each[at].argmax())] for names, each in ((SKY_NAMES, sky), (GROUND_NAMES, ground), (PLAIN_NAMES, plain))]
        verdicts.append(Verdict(_peaks(scores[at], colors[at], known), *named))
    return verdicts


def _peaks(scores: Tensor, colors: Tensor, known: list[int]) -> list[Seen]:
    """Highest around them, of whatever concept: in one place there is one thing."""
    best, which = scores.max(0)
    summit = (best == F.max_pool2d(best[None, None], 3, 1, 1)[0, 0]) & (best > _LEAST_SCORE)
    seen = []
    for y, x in summit.nonzero().tolist():
        color = _COLORS[int(colors[:, y, x].argmax())]
        seen.append(Seen(known[int(which[y, x])], (x + 0.5) * _CELL, (y + 0.5) * _CELL, None if color == "own" else color, float(best[y, x])))
    return sorted(seen, key=lambda each: -each.score)
