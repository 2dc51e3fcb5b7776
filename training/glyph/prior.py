"""A first guess of the picture, 32 px, fitted in closed form: what lets a small network draw after an hour on a processor.

Text and style go through random Fourier features and ridge regression to the principal components of the thumbnails. Without this guess
the network learns coloured blobs for its first dozen epochs; with it, only the sharpening is left to learn.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .concepts import STYLES
from .minilm import WIDTH

SIDE_PX = 32
ANY_STYLE = len(STYLES)
_STYLE_SCALE = 0.8
_VALUES = 3 * SIDE_PX * SIDE_PX
_GAMMAS = (0.3, 0.7, 1.5)
"""Widths of the Gaussian kernels that the features approximate: from related things sharing a shape to each having its own."""
_RIDGE = 3e-5
_CHUNK = 4096


class Prior(nn.Module):
    def __init__(self, features: int = 6144, components: int = 768) -> None:
        super().__init__()
        blank = lambda *shape: nn.Parameter(torch.zeros(*shape), requires_grad=False)  # noqa: E731
        self.directions, self.phases = blank(WIDTH + len(STYLES) + 1, features), blank(features)
        self.weights = blank(features, components)
        self.components, self.mean = blank(components, _VALUES), blank(_VALUES)

    def describe(self, text: Tensor, style: Tensor) -> Tensor:
        which = (style[:, None] == torch.arange(len(STYLES) + 1, device=style.device)[None]).float() * _STYLE_SCALE
        return torch.cos(torch.cat([text, which], 1) @ self.directions + self.phases)

    def forward(self, text: Tensor, style: Tensor) -> Tensor:
        """[n, 384] and int64 [n] to [n, 3, 32, 32] in about -1 to 1."""
        values = (self.describe(text, style) @ self.weights) @ self.components + self.mean
        return values.reshape(-1, 3, SIDE_PX, SIDE_PX).clamp(-1.3, 1.3)


@dataclass
class PriorSamples:
    """What to fit: text [n, 384], style [n], index of its thumbnail [n], weight [n]."""

    text: Tensor
    style: Tensor
    target: Tensor
    weight: Tensor


def to_thumbnails(pictures: Tensor) -> Tensor:
    """[n, 3, side, side] in -1 to 1 to [n, 3 * 32 * 32]."""
    return F.avg_pool2d(pictures, pictures.shape[-1] // SIDE_PX).flatten(1)


def fit_prior(thumbnails: Tensor, samples: PriorSamples, prior: Prior | None = None, seed: int = 1) -> Prior:
    """Solves for the weights; a minute on one core for the full size."""
    torch.manual_seed(seed)
    prior = prior or Prior()
    features, components = prior.weights.shape
    prior.mean.data = thumbnails.mean(0)
    centred = thumbnails - prior.mean
    _, _, axes = torch.svd_lowrank(centred, q=min(components + 40, *centred.shape), niter=3)
    prior.components.data[: axes.shape[1]] = axes[:, :components].T
    gammas = torch.tensor(_GAMMAS).repeat_interleave(-(-features // len(_GAMMAS)))[:features]
    prior.directions.data = torch.randn_like(prior.directions) * (2 * gammas).sqrt()
    prior.phases.data = torch.rand(features) * 2 * torch.pi
    targets = centred @ prior.components.T
    gram, right = torch.zeros(features, features), torch.zeros(features, components)
    for chunk in torch.arange(len(samples.target)).split(_CHUNK):
        scale = samples.weight[chunk].sqrt()[:, None]
        described = prior.describe(samples.text[chunk], samples.style[chunk]) * scale
        gram.addmm_(described.T, described)
        right.addmm_(described.T, targets[samples.target[chunk]] * scale)
    gram.diagonal().add_(_RIDGE * gram.diagonal().mean())
    prior.weights.data = torch.cholesky_solve(right, torch.linalg.cholesky(gram))
    return prior
