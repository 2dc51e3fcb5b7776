"""Trains the drawing network within a budget of processor time (on a GPU: of wall time). Resumes from its checkpoint."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .augment import change, random_changes
from .concepts import Concept
from .dataset import Dataset
from .network import GlyphNet, Shape
from .pictures import on_white
from .prior import ANY_STYLE, Prior

_LEARNING_RATE = 1.2e-3
_COLORED_SHARE = 0.25
_DROP_TEXT, _DROP_STYLE, _DROP_PRIOR = 0.1, 0.1, 0.1
_EMA = 0.9985
_SAVE_EVERY_S = 240


@dataclass(frozen=True)
class TrainOptions:
    """`budget_s` is processor time on a CPU, wall time on a GPU."""

    budget_s: float
    batch: int = 64
    device: str = "cpu"
    seed: int = 0


class _Batches:
    """Random pictures with their texts and priors."""

    def __init__(self, concepts: list[Concept], data: Dataset, embeddings: Tensor, prior: Prior, options: TrainOptions) -> None:
        self._data, self._embeddings, self._prior, self._size = data, embeddings, prior, options.batch
        self._rng = np.random.default_rng(options.seed)
        self._pale = np.array([_paleness(picture) for picture in data.rgba])
        chance = np.array([_interest(concepts[index]) for index in data.concept]) * (1 + self._pale)
        self._real = chance[: data.real] / chance[: data.real].sum()
        colored = chance[data.real :]
        self._colored = colored / colored.sum() if len(colored) else colored
        self._mirrored = torch.tensor([may_be_mirrored(concept) for concept in concepts])

    def next(self) -> dict[str, Tensor]:
        data, rng = self._data, self._rng
        colored = int(rng.binomial(self._size, _COLORED_SHARE)) if len(self._colored) else 0
        which = np.concatenate([
            rng.choice(data.real, self._size - colored, p=self._real),
            data.real + rng.choice(len(self._colored), colored, p=self._colored) if colored else np.empty(0, np.int64),
        ]).astype(np.int64)
        changes = random_changes(self._size, self._mirrored[data.concept[which]])
        pictures = torch.from_numpy(on_white(data.rgba[which])).permute(0, 3, 1, 2).float() / 127.5 - 1
        style = torch.from_numpy(data.style[which]).long()
        style[torch.rand(self._size) < _DROP_STYLE] = ANY_STYLE
        captions = [rng.choice(data.captions[index], p=_shares(data.caption_weights[index])) for index in which]
        text = _jitter(self._embeddings[captions], 0.016)
        named = _jitter(self._embeddings[data.canonical[which]], 0.008)
        # The runner always asks the prior by the canonical name; now and then it must bear being asked otherwise.
        asked = torch.where(torch.rand(self._size, 1) < 0.8, named, text)
        prior = change(self._prior(asked, style), changes) * (torch.rand(self._size) > _DROP_PRIOR).float()[:, None, None, None]
        return {
            "picture": change(pictures, changes),
            "text": text,
            "style": style,
            "prior": prior,
            "drop": (torch.rand(self._size) < _DROP_TEXT).float(),
            # White things on white have little contrast, so little error: their pixels count more.
            "weight": torch.from_numpy(1 + 2 * self._pale[which]).float(),
        }


def train(concepts: list[Concept], data: Dataset, embeddings: Tensor, prior: Prior, shape: Shape, options: TrainOptions, folder: Path) -> GlyphNet:
    """Returns the moving average of the network's weights. Writes `checkpoint.pt` and `log.txt` to the folder."""
    torch.manual_seed(options.seed)
    folder.mkdir(parents=True, exist_ok=True)
    net = GlyphNet(shape).to(options.device, memory_format=torch.channels_last)
    run = _Run(net, copy.deepcopy(net).eval(), folder / "checkpoint.pt", options)
    batches = _Batches(concepts, data, embeddings, prior, options)
    with (folder / "log.txt").open("a") as log:
        while run.share < 1:
            losses = run.step({name: value.to(options.device) for name, value in batches.next().items()})
            if run.steps % 50 == 0 or run.steps == 1:
                log.write(f"step {run.steps} share {run.share:.3f} loss {losses[0]:.4f} mse {losses[1]:.4f}\n")
                log.flush()
    run.save()
    return run.average


class _Run:
    def __init__(self, net: GlyphNet, average: GlyphNet, checkpoint: Path, options: TrainOptions) -> None:
        self.net, self.average, self._checkpoint, self._options = net, average, checkpoint, options
        self._optimizer = torch.optim.AdamW(net.parameters(), _LEARNING_RATE, betas=(0.9, 0.98), weight_decay=1e-3)
        self.steps, self._spent, self._saved_at = 0, 0.0, 0.0
        self._clock = time.process_time if options.device == "cpu" else time.monotonic
        if checkpoint.exists():
            self._load()
        self._began = self._clock() - self._spent

    @property
    def share(self) -> float:
        """Of the budget, spent."""
        return self._spent / self._options.budget_s

    def step(self, batch: dict[str, Tensor]) -> tuple[float, float]:
        """Returns the weighted loss and the plain mean square error."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._learning_rate()
        picture = batch["picture"].to(memory_format=torch.channels_last)
        t = _random_times(len(picture), picture.device)
        along = t[:, None, None, None]
        noisy = along * picture + (1 - along) * torch.randn_like(picture)
        with torch.autocast(picture.device.type, torch.bfloat16):
            guess = self.net(noisy, t, batch["text"], batch["drop"], batch["style"], batch["prior"])
        error = (guess.float() - picture).square().mean((1, 2, 3))
        loss = (error * batch["weight"] / (1 - t).clamp(min=0.15) ** 1.25).mean()
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimizer.step()
        self.steps += 1
        keep = min(_EMA, (1 + self.steps) / (20 + self.steps))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        self._spent = self._clock() - self._began
        if self._spent - self._saved_at > _SAVE_EVERY_S:
            self.save()
        return loss.item(), error.mean().item()

    def save(self) -> None:
        self._saved_at = self._spent
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "optimizer": self._optimizer.state_dict()}
        partial = self._checkpoint.with_suffix(".partial")
        torch.save({**state, "steps": self.steps, "spent_s": self._spent}, partial)
        partial.replace(self._checkpoint)

    def _load(self) -> None:
        state = torch.load(self._checkpoint, map_location=self._options.device)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.steps, self._spent, self._saved_at = state["steps"], state["spent_s"], state["spent_s"]

    def _learning_rate(self) -> float:
        """Up over 100 steps, level for a fifth of the budget, then down along a cosine."""
        warm = min(1.0, (self.steps + 1) / 100)
        fall = max(0.0, (min(self.share, 1.0) - 0.2) / 0.8)
        return _LEARNING_RATE * warm * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * fall)))


def _random_times(count: int, device: torch.device) -> Tensor:
    """More of the noisy part, where the picture is decided; a few at the very start, which sampling begins with."""
    t = torch.sigmoid(torch.randn(count, device=device) - 0.7)
    t[: max(1, count // 16)] = torch.rand(max(1, count // 16), device=device) * 0.02
    return t


def _jitter(embeddings: Tensor, most: float) -> Tensor:
    return F.normalize(embeddings + torch.randn_like(embeddings) * torch.rand(len(embeddings), 1) * most, dim=1)


def _shares(weights: list[float]) -> np.ndarray:
    array = np.array(weights)
    return array / array.sum()


def _paleness(rgba: np.ndarray) -> float:
    """Share of a thing, 0 to 1, that hardly differs from the white behind it."""
    solid = rgba[..., 3] > 128
    return float((rgba[..., :3].min(-1)[solid] > 215).mean()) if solid.any() else 0.0


def _interest(concept: Concept) -> float:
    """How often people ask for such things, roughly."""
    if concept.subgroup == "time" and ("o'clock" in concept.name or "thirty" in concept.name):
        return 0.1
    if concept.group == "people-body":
        return 0.6
    if concept.group in ("animals-nature", "food-drink"):
        return 1.6
    if concept.subgroup in ("transport-ground", "place-building", "emotion", "clothing", "sport"):
        return 1.5
    return 1.3 if "face" in concept.subgroup and concept.group == "smileys-emotion" else 1.0


_SIDED = {"left", "right", "clock", "clockwise", "moon", "index", "thumbs", "hour", "o'clock", "thirty"}


def may_be_mirrored(concept: Concept) -> bool:
    """Whether it is still the same thing seen in a mirror: no clocks, moons, hands, nor what bears writing."""
    return not (
        set(concept.name.split()) & _SIDED
        or concept.subgroup in {"time", "alphanum", "money", "book-paper", "office", "geometric", "event", "transport-water"}
        or concept.subgroup.startswith("hand")
        or concept.group == "symbols"
    )
