"""The face-restoration network of GFPGAN v1.3 / v1.4 ("clean" variant, 512 px), written from the papers.

A U-Net reads the damaged face, predicts one style vector per decoder layer and, per resolution, a scale and a
shift. A StyleGAN2-like decoder draws the face from those styles; half of its channels are modulated by the scales
and shifts (channel-split spatial feature transform), which keeps identity.

Attribute names are chosen so that `state_dict()` has the keys of the published checkpoint's `params_ema`: saved in
torch's legacy format it is 348,632,874 bytes long, which is exactly the size of the published file (a test says so).
Papers: Wang et al. 2021 "Towards Real-World Blind Face Restoration with Generative Facial Prior";
Karras et al. 2020 "Analyzing and Improving the Image Quality of StyleGAN".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIZE_PX = 512
STYLE_FEATURES = 512
MLP_LAYERS = 8
CHANNEL_MULTIPLIER = 2
LEAK = 0.2
LOG_SIZE = int(math.log2(SIZE_PX))
LEVELS = range(3, LOG_SIZE + 1)
"""Exponents of the resolutions 8, 16, ... 512."""


def decoder_channels(resolution_px: int) -> int:
    wide = {64: 256, 128: 128, 256: 64, 512: 32}
    return wide[resolution_px] * CHANNEL_MULTIPLIER if resolution_px in wide else 512


def encoder_channels(resolution_px: int) -> int:
    return decoder_channels(resolution_px) // 2


def resize(x: Tensor, factor: float) -> Tensor:
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class ResBlock(nn.Module):
    """Two convolutions with a bilinear resize between them, and a resized 1x1 shortcut."""

    def __init__(self, channels_in: int, channels_out: int, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.conv1 = nn.Conv2d(channels_in, channels_in, 3, padding=1)
        self.conv2 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        body = resize(F.leaky_relu(self.conv1(x), LEAK), self.factor)
        body = F.leaky_relu(self.conv2(body), LEAK)
        return body + self.skip(resize(x, self.factor))


class ModulatedConv(nn.Module):
    """Convolution whose kernel is scaled per input channel by a style, then (optionally) normalised per output channel.

    `scale_input` computes the same by scaling the input instead of the kernel. It holds for a batch of one style,
    keeps the kernel constant (so that a runtime can prepare it once) and is what gets exported.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, demodulate: bool, upsample: bool = False) -> None:
        super().__init__()
        self.demodulate = demodulate
        self.upsample = upsample
        self.padding = kernel // 2
        self.scale_input = False
        self.modulation = nn.Linear(STYLE_FEATURES, channels_in)
        self.weight = nn.Parameter(torch.randn(1, channels_out, channels_in, kernel, kernel) / math.sqrt(channels_in * kernel**2))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale = self.modulation(style)
        if self.upsample:
            x = resize(x, 2)
        return self.scaled_input(x, scale) if self.scale_input else self.scaled_kernel(x, scale)

    def scaled_kernel(self, x: Tensor, scale: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        kernel = self.weight * scale.view(batch, 1, channels, 1, 1)
        if self.demodulate:
            norm = torch.rsqrt(kernel.pow(2).sum([2, 3, 4]) + 1e-8)
            kernel = kernel * norm.view(batch, -1, 1, 1, 1)
        kernel = kernel.view(-1, channels, *kernel.shape[3:])
        out = F.conv2d(x.reshape(1, batch * channels, height, width), kernel, padding=self.padding, groups=batch)
        return out.view(batch, -1, height, width)

    def scaled_input(self, x: Tensor, scale: Tensor) -> Tensor:
        out = F.conv2d(x * scale.view(1, -1, 1, 1), self.weight[0], padding=self.padding)
        if not self.demodulate:
            return out
        energy = self.weight[0].pow(2).sum([2, 3])
        norm = torch.rsqrt(energy @ scale.pow(2).view(-1, 1) + 1e-8)
        return out * norm.view(1, -1, 1, 1)


class StyleConv(nn.Module):
    """Modulated convolution, scaled noise, bias, leaky ReLU."""

    def __init__(self, channels_in: int, channels_out: int, upsample: bool = False) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(channels_in, channels_out, 3, demodulate=True, upsample=upsample)
        self.weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1, channels_out, 1, 1))
        self.activate = nn.LeakyReLU(LEAK)

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        out = self.modulated_conv(x, style) * math.sqrt(2)
        return self.activate(out + self.weight * noise + self.bias)


class ToRgb(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(channels, 3, 1, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, style: Tensor, below: Tensor | None = None) -> Tensor:
        rgb = self.modulated_conv(x, style) + self.bias
        return rgb if below is None else rgb + resize(below, 2)


class ConstantInput(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, channels, 4, 4))


class NormaliseStyle(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-8)


class Decoder(nn.Module):
    """StyleGAN2-like generator with fixed noise. `style_mlp` is in the checkpoint but never runs: styles arrive ready."""

    def __init__(self) -> None:
        super().__init__()
        mlp: list[nn.Module] = [NormaliseStyle()]
        for _ in range(MLP_LAYERS):
            mlp += [nn.Linear(STYLE_FEATURES, STYLE_FEATURES), nn.LeakyReLU(LEAK)]
        self.style_mlp = nn.Sequential(*mlp)
        channels = decoder_channels(4)
        self.constant_input = ConstantInput(channels)
        self.style_conv1 = StyleConv(channels, channels)
        self.to_rgb1 = ToRgb(channels)
        self.style_convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        for level in LEVELS:
            wide = decoder_channels(2**level)
            self.style_convs.append(StyleConv(channels, wide, upsample=True))
            self.style_convs.append(StyleConv(wide, wide))
            self.to_rgbs.append(ToRgb(wide))
            channels = wide
        self.noises = nn.Module()
        for layer in range(2 * len(LEVELS) + 1):
            side = 2 ** ((layer + 5) // 2)
            self.noises.register_buffer(f"noise{layer}", torch.randn(1, 1, side, side))

    def noise(self, layer: int) -> Tensor:
        return self.noises.get_buffer(f"noise{layer}")

    def forward(self, styles: Tensor, scales: list[Tensor], shifts: list[Tensor]) -> Tensor:
        """`styles` is [batch, 16, 512]; scales and shifts go from 8 px to 512 px."""
        x = self.constant_input.weight.repeat(styles.shape[0], 1, 1, 1)
        x = self.style_conv1(x, styles[:, 0], self.noise(0))
        rgb = self.to_rgb1(x, styles[:, 1])
        for index, (scale, shift) in enumerate(zip(scales, shifts, strict=True)):
            layer = 2 * index + 1
            x = self.style_convs[2 * index](x, styles[:, layer], self.noise(layer))
            same, changed = x.chunk(2, dim=1)
            x = torch.cat([same, changed * scale + shift], dim=1)
            x = self.style_convs[2 * index + 1](x, styles[:, layer + 1], self.noise(layer + 1))
            rgb = self.to_rgbs[index](x, styles[:, layer + 2], rgb)
        return rgb


def condition(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.LeakyReLU(LEAK), nn.Conv2d(channels, channels, 3, padding=1))


class FaceRestorer(nn.Module):
    """[1, 3, 512, 512] RGB in -1..1, eyes and mouth at the FFHQ places -> the same face restored, same range."""

    def __init__(self) -> None:
        super().__init__()
        widths = [encoder_channels(2**level) for level in LEVELS]
        deepest = encoder_channels(4)
        self.conv_body_first = nn.Conv2d(3, widths[-1], 1)
        down = [*reversed(widths), deepest]
        self.conv_body_down = nn.ModuleList(ResBlock(a, b, 0.5) for a, b in zip(down[:-1], down[1:], strict=True))
        self.final_conv = nn.Conv2d(deepest, deepest, 3, padding=1)
        up = [deepest, *widths]
        self.conv_body_up = nn.ModuleList(ResBlock(a, b, 2) for a, b in zip(up[:-1], up[1:], strict=True))
        self.toRGB = nn.ModuleList(nn.Conv2d(width, 3, 1) for width in widths)
        self.final_linear = nn.Linear(deepest * 4 * 4, (2 * LOG_SIZE - 2) * STYLE_FEATURES)
        self.stylegan_decoder = Decoder()
        self.condition_scale = nn.ModuleList(condition(width) for width in widths)
        self.condition_shift = nn.ModuleList(condition(width) for width in widths)

    def forward(self, face: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv_body_first(face), LEAK)
        skips: list[Tensor] = []
        for block in self.conv_body_down:
            x = block(x)
            skips.append(x)
        x = F.leaky_relu(self.final_conv(x), LEAK)
        styles = self.final_linear(x.flatten(1)).view(x.shape[0], -1, STYLE_FEATURES)
        scales: list[Tensor] = []
        shifts: list[Tensor] = []
        for index, block in enumerate(self.conv_body_up):
            x = block(x + skips[-1 - index])
            scales.append(self.condition_scale[index](x))
            shifts.append(self.condition_shift[index](x))
        return self.stylegan_decoder(styles, scales, shifts)

    def for_export(self) -> FaceRestorer:
        """Switches every modulated convolution to the form with a constant kernel (batch of one)."""
        for module in self.modules():
            if isinstance(module, ModulatedConv):
                module.scale_input = True
        return self.eval()
