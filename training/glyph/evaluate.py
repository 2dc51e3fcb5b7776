"""How well it draws: each picture's nearest real one, how sharp pale things are, how much seeds differ."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .concepts import STYLES
from .export import Trained
from .pictures import on_white
from .prior import to_thumbnails
from .sample import sample
from .train import _paleness

_THUMBNAIL_PX = 16
_BATCH = 30


def evaluate(trained: Trained, count: int, seed: int = 0) -> dict[str, float]:
    """On `count` random concepts, asked for by name, a third of them in each style."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(trained.concepts), min(count, len(trained.concepts)), replace=False)
    text = trained.encoder.embed([trained.concepts[index].name for index in chosen])
    style = torch.arange(len(chosen)) % len(STYLES)
    drawn, again = _draw(trained, text, style, seed), _draw(trained, text, style, seed + 1)
    real = _tensor(trained.data.rgba[: trained.data.real])
    ranks = _ranks(_outline(drawn), _outline(real), trained.data.concept[: trained.data.real], chosen)
    prior = to_thumbnails(real)
    guess = trained.prior(trained.embeddings[trained.data.canonical[: trained.data.real]], torch.from_numpy(trained.data.style[: trained.data.real]))
    return {
        "top1": float((ranks < 1).mean()),
        "top5": float((ranks < 5).mean()),
        "prior_r2": float(1 - (guess.flatten(1) - prior).square().sum() / (prior - prior.mean(0)).square().sum()),
        "seed_difference": float((drawn - again).abs().mean() * 127.5),
        "pale_sharpness": _pale_sharpness(trained, seed),
    }


def _draw(trained: Trained, text: Tensor, style: Tensor, seed: int) -> Tensor:
    parts = [sample(trained.net, trained.prior, text[at], style[at], seed + int(at[0])) for at in torch.arange(len(text)).split(_BATCH)]
    return torch.cat(parts)


def _tensor(rgba: np.ndarray) -> Tensor:
    return torch.from_numpy(on_white(rgba)).permute(0, 3, 1, 2).float() / 127.5 - 1


def _outline(pictures: Tensor) -> Tensor:
    """Small, without their mean, of unit length: the product of two is their likeness."""
    small = F.adaptive_avg_pool2d(pictures, _THUMBNAIL_PX).flatten(1)
    return F.normalize(small - small.mean(1, keepdim=True), dim=1)


def _ranks(drawn: Tensor, real: Tensor, concepts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How many other concepts have a real picture that is more like the drawn one than any of the wanted concept."""
    likeness = (drawn @ real.T).numpy()
    best = np.full((len(drawn), concepts.max() + 1), -2.0)
    for concept in range(best.shape[1]):
        columns = likeness[:, concepts == concept]
        if columns.size:
            best[:, concept] = columns.max(1)
    return (best > best[np.arange(len(wanted)), wanted][:, None]).sum(1)


def _pale_sharpness(trained: Trained, seed: int, count: int = 30) -> float:
    """Steepness of edges of drawn pale things relative to that of their real pictures; 1 is as sharp."""
    data = trained.data
    pale = [index for index in range(data.real) if _paleness(data.rgba[index]) > 0.5][:: max(1, data.real // 4000)][:count]
    if not pale:
        return float("nan")
    drawn = _draw(trained, trained.embeddings[data.canonical[pale]], torch.from_numpy(data.style[pale]), seed)
    return float(_steepness(drawn) / _steepness(_tensor(data.rgba[pale])))


def _steepness(pictures: Tensor) -> Tensor:
    across, down = pictures.diff(dim=3).abs(), pictures.diff(dim=2).abs()
    # The steepest tenth: edges, not grounds.
    values = torch.cat([across.flatten(1), down.flatten(1)], 1)
    return values.quantile(0.95, dim=1).mean()
