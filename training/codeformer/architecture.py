"""The face-restoration network CodeFormer (512 px), written from the paper.

An encoder turns the damaged face into 16 x 16 features; a transformer reads them as 256 tokens and chooses for each one
of 1,024 codes that were learnt from undamaged faces; a generator draws the face from those codes. On the way up, features
of the encoder are mixed in by `fidelity` (the paper's w): 0 leaves the codes alone, 1 keeps closest to the picture.

Attribute names are chosen so that `state_dict()` has the keys of the published checkpoint's `params_ema` (a test holds
its saved size against that of the published file). The published weights are under the S-Lab License 1.0, for
non-commercial use only; nothing here was made from them.
Papers: Zhou et al. 2022 "Towards Robust Blind Face Restoration with Codebook Lookup Transformer";
Esser et al. 2021 "Taming Transformers for High-Resolution Image Synthesis".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIZE_PX = 512
LEVEL_CHANNELS = (64, 128, 128, 256, 256, 512)
"""Channels at 512, 256, 128, 64, 32 and 16 px."""
CODE_SIDE = 16
"""Also the side at which convolutions are joined by attention."""
CODES = 1024
CODE_FEATURES = 256
TOKEN_FEATURES = 512
HEADS = 8
LAYERS = 9
FUSED_PX = (32, 64, 128, 256)
"""Where the encoder's features are mixed in."""


def normalise(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(32, channels, eps=1e-6)


def convolution(channels_in: int, channels_out: int) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels_out, 3, padding=1)


class ResBlock(nn.Module):
    """Twice normalised, activated and convolved, added to the input (through a 1x1 convolution where channels change)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.norm1 = normalise(channels_in)
        self.conv1 = convolution(channels_in, channels_out)
        self.norm2 = normalise(channels_out)
        self.conv2 = convolution(channels_out, channels_out)
        if channels_in != channels_out:
            self.conv_out = nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        body = self.conv1(F.silu(self.norm1(x)))
        body = self.conv2(F.silu(self.norm2(body)))
        return body + (self.conv_out(x) if hasattr(self, "conv_out") else x)


class PixelAttention(nn.Module):
    """Every pixel looks at every other; added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = channels**-0.5
        self.norm = normalise(channels)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        normal = self.norm(x)
        query, key, value = (layer(normal).flatten(2) for layer in (self.q, self.k, self.v))
        weights = torch.softmax(query.transpose(1, 2) @ key * self.scale, dim=2)
        return x + self.proj_out((value @ weights.transpose(1, 2)).view(x.shape))


class Halve(nn.Module):
    """Strided convolution that reads one pixel beyond the right and the lower edge, none beyond the others."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Double(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = convolution(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


def middle(channels: int) -> list[nn.Module]:
    return [ResBlock(channels, channels), PixelAttention(channels), ResBlock(channels, channels)]


def level(channels_in: int, channels_out: int, side: int) -> list[nn.Module]:
    blocks: list[nn.Module] = []
    for channels in (channels_in, channels_out):
        blocks.append(ResBlock(channels, channels_out))
        if side == CODE_SIDE:
            blocks.append(PixelAttention(channels_out))
    return blocks


class Encoder(nn.Module):
    """[1, 3, 512, 512] -> [1, 256, 16, 16], and its features at the sides that are mixed into the generator."""

    def __init__(self) -> None:
        super().__init__()
        channels, side = LEVEL_CHANNELS[0], SIZE_PX
        blocks: list[nn.Module] = [convolution(3, channels)]
        self.taps: dict[int, int] = {}
        """Block after which features are kept -> their side."""
        for wide in LEVEL_CHANNELS:
            blocks += level(channels, wide, side)
            channels = wide
            if side in FUSED_PX:
                self.taps[len(blocks) - 1] = side
            if side > CODE_SIDE:
                blocks.append(Halve(channels))
                side //= 2
        blocks += [*middle(channels), normalise(channels), convolution(channels, CODE_FEATURES)]
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, dict[int, Tensor]]:
        features: dict[int, Tensor] = {}
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                features[self.taps[index]] = x
        return x, features


class Generator(nn.Module):
    """[1, 256, 16, 16] -> [1, 3, 512, 512]."""

    def __init__(self) -> None:
        super().__init__()
        channels, side = LEVEL_CHANNELS[-1], CODE_SIDE
        blocks: list[nn.Module] = [convolution(CODE_FEATURES, channels), *middle(channels)]
        self.fusions: dict[int, int] = {}
        """Block after which the encoder's features are mixed in -> their side."""
        for wide in reversed(LEVEL_CHANNELS):
            if side in FUSED_PX:
                self.fusions[len(blocks)] = side
            blocks += level(channels, wide, side)
            channels = wide
            if side < SIZE_PX:
                blocks.append(Double(channels))
                side *= 2
        blocks += [normalise(channels), convolution(channels, 3)]
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor, features: dict[int, Tensor], fuse: nn.ModuleDict, fidelity: Tensor) -> Tensor:
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.fusions:
                side = self.fusions[index]
                x = fuse[str(side)](features[side], x, fidelity)
        return x


class Fuse(nn.Module):
    """Controllable feature transformation: a scale and a shift read from both features, `fidelity` of them applied."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.encode_enc = ResBlock(2 * channels, channels)
        self.scale = self.transform(channels)
        self.shift = self.transform(channels)

    @staticmethod
    def transform(channels: int) -> nn.Sequential:
        return nn.Sequential(convolution(channels, channels), nn.LeakyReLU(0.2), convolution(channels, channels))

    def forward(self, encoded: Tensor, drawn: Tensor, fidelity: Tensor) -> Tensor:
        both = self.encode_enc(torch.cat([encoded, drawn], dim=1))
        return drawn + fidelity * (drawn * self.scale(both) + self.shift(both))


class TokenAttention(nn.Module):
    """Attention of `HEADS` heads with the weights laid out as torch's MultiheadAttention has them (q, k, v in one)."""

    def __init__(self) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.randn(3 * TOKEN_FEATURES, TOKEN_FEATURES) / math.sqrt(TOKEN_FEATURES))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * TOKEN_FEATURES))
        self.out_proj = nn.Linear(TOKEN_FEATURES, TOKEN_FEATURES)

    def forward(self, placed: Tensor, values: Tensor) -> Tensor:
        """`placed` [tokens, features] says where to look, `values` what is seen there."""
        split = 2 * TOKEN_FEATURES
        looked = F.linear(placed, self.in_proj_weight[:split], self.in_proj_bias[:split])
        query, key = (self.heads(part) for part in looked.chunk(2, dim=1))
        value = self.heads(F.linear(values, self.in_proj_weight[split:], self.in_proj_bias[split:]))
        weights = torch.softmax(query @ key.transpose(1, 2) / math.sqrt(TOKEN_FEATURES // HEADS), dim=2)
        return self.out_proj((weights @ value).transpose(0, 1).reshape(-1, TOKEN_FEATURES))

    @staticmethod
    def heads(x: Tensor) -> Tensor:
        return x.view(-1, HEADS, TOKEN_FEATURES // HEADS).transpose(0, 1)


class TransformerLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn = TokenAttention()
        self.linear1 = nn.Linear(TOKEN_FEATURES, 2 * TOKEN_FEATURES)
        self.linear2 = nn.Linear(2 * TOKEN_FEATURES, TOKEN_FEATURES)
        self.norm1 = nn.LayerNorm(TOKEN_FEATURES)
        self.norm2 = nn.LayerNorm(TOKEN_FEATURES)

    def forward(self, tokens: Tensor, position: Tensor) -> Tensor:
        normal = self.norm1(tokens)
        tokens = tokens + self.self_attn(normal + position, normal)
        return tokens + self.linear2(F.gelu(self.linear1(self.norm2(tokens))))


class Codebook(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(CODES, CODE_FEATURES)


def with_statistics_of(content: Tensor, style: Tensor) -> Tensor:
    """`content` with the mean and the spread, channel by channel, that `style` has."""
    content_mean, content_spread = statistics(content)
    style_mean, style_spread = statistics(style)
    return (content - content_mean) / content_spread * style_spread + style_mean


def statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    mean = x.mean([2, 3], keepdim=True)
    squares = (x - mean).pow(2).sum([2, 3], keepdim=True)
    return mean, torch.sqrt(squares / (x.shape[2] * x.shape[3] - 1) + 1e-5)


class FaceRestorer(nn.Module):
    """[1, 3, 512, 512] RGB in -1..1, eyes and mouth at the FFHQ places, and [1] fidelity in 0..1 -> the face restored."""

    def __init__(self) -> None:
        super().__init__()
        self.position_emb = nn.Parameter(torch.zeros(CODE_SIDE * CODE_SIDE, TOKEN_FEATURES))
        self.encoder = Encoder()
        self.quantize = Codebook()
        self.generator = Generator()
        self.feat_emb = nn.Linear(CODE_FEATURES, TOKEN_FEATURES)
        self.ft_layers = nn.ModuleList(TransformerLayer() for _ in range(LAYERS))
        self.idx_pred_layer = nn.Sequential(nn.LayerNorm(TOKEN_FEATURES), nn.Linear(TOKEN_FEATURES, CODES, bias=False))
        channels = {SIZE_PX >> index: wide for index, wide in enumerate(LEVEL_CHANNELS)}
        self.fuse_convs_dict = nn.ModuleDict({str(side): Fuse(channels[side]) for side in FUSED_PX})

    def forward(self, face: Tensor, fidelity: Tensor) -> Tensor:
        encoded, features = self.encoder(face)
        codes = self.codes(encoded)
        drawn = self.quantize.embedding(codes).transpose(0, 1).view(1, CODE_FEATURES, CODE_SIDE, CODE_SIDE)
        return self.generator(with_statistics_of(drawn, encoded), features, self.fuse_convs_dict, fidelity)

    def codes(self, encoded: Tensor) -> Tensor:
        """[256]: the number of a code for each of the 16 x 16 places, row by row."""
        tokens = self.feat_emb(encoded.flatten(2)[0].transpose(0, 1))
        for layer in self.ft_layers:
            tokens = layer(tokens, self.position_emb)
        return self.idx_pred_layer(tokens).argmax(dim=1)
