"""The same thing in another colour: its main hue turned, or a thing without one tinted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HUES = {"red": 0, "orange": 28, "yellow": 50, "green": 120, "blue": 215, "purple": 275, "pink": 325}
"""Degrees. The colours a prompt can ask for; server/src/engines/local/glyph/phrase.ts has the same list."""

NAME_COLORS = {"black", "white", "brown", "grey", "gray", *HUES}

_NEAR_DEGREES = 50
_BIN_DEGREES = 5


@dataclass(frozen=True)
class MainHue:
    """`degrees`, and the name of the nearest colour."""

    degrees: float
    color: str


def find_main_hue(rgba: np.ndarray) -> MainHue | None:
    """Of a picture [h, w, 4]; None where there is no colour to speak of, or several."""
    hue, saturation, value = to_hsv(rgba[..., :3])
    alpha = rgba[..., 3] / 255
    weight = alpha * saturation * value * (saturation > 0.25) * (value > 0.2)
    total = weight.sum()
    if total < 0.18 * alpha.sum() or alpha.mean() < 0.1:
        return None
    bins = 360 // _BIN_DEGREES
    histogram, _ = np.histogram(hue, bins=bins, range=(0, 360), weights=weight)
    around = sum(np.roll(histogram, shift) for shift in range(-4, 5))
    peak = int(around.argmax())
    if around[peak] / total < 0.6:
        return None
    # Several windows may hold as much: the middle of what this one holds, not of the window.
    away = (hue - (peak + 0.5) * _BIN_DEGREES + 180) % 360 - 180
    inside = weight * (np.abs(away) <= 4.5 * _BIN_DEGREES)
    degrees = float((peak + 0.5) * _BIN_DEGREES + (away * inside).sum() / inside.sum()) % 360
    return MainHue(degrees, min(HUES, key=lambda color: _distance(HUES[color], degrees)))


def turn_hue(rgba: np.ndarray, main: MainHue, color: str) -> np.ndarray:
    """What has the main hue gets the named one; the rest stays."""
    hue, saturation, value = to_hsv(rgba[..., :3])
    near = np.abs((hue - main.degrees + 180) % 360 - 180) < _NEAR_DEGREES
    turned = np.where(near, hue + HUES[color] - main.degrees, hue)
    vivid = near & (saturation > 0.25)
    if color == "yellow":
        value = np.where(vivid, np.clip(value * 1.15 + 0.1, 0, 1), value)
    if color == "pink":
        saturation = np.where(near, saturation * 0.7, saturation)
        value = np.where(vivid, np.clip(value * 1.15, 0, 1), value)
    return _with_alpha(to_rgb(turned, saturation, value), rgba)


def tint(rgba: np.ndarray, color: str) -> np.ndarray:
    """All of it in one hue, light parts light and dark parts dark: for white, grey, black and many-coloured things."""
    red, green, blue = (rgba[..., channel].astype(np.float32) / 255 for channel in range(3))
    lightness = 0.3 * red + 0.59 * green + 0.11 * blue
    # Pure white stays nearly white and black nearly black, so that highlights and outlines survive.
    saturation = np.clip(1.5 * (1 - lightness) + 0.28, 0, 0.85)
    value = np.clip(0.35 + 0.75 * lightness, 0, 1)
    return _with_alpha(to_rgb(np.full_like(lightness, HUES[color]), saturation, value), rgba)


def to_hsv(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """uint8 [..., 3] to hue in degrees, saturation and value in 0 to 1."""
    scaled = rgb.astype(np.float32) / 255
    red, green, blue = scaled[..., 0], scaled[..., 1], scaled[..., 2]
    value = scaled.max(-1)
    span = value - scaled.min(-1)
    safe = np.maximum(span, 1e-6)
    hue = np.where(value == red, ((green - blue) / safe) % 6, np.where(value == green, (blue - red) / safe + 2, (red - green) / safe + 4))
    return hue * 60, np.where(value > 0, span / np.maximum(value, 1e-6), 0), value


def to_rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The inverse of to_hsv."""
    channels = []
    for offset in (5, 3, 1):
        k = (offset + hue / 60) % 6
        channels.append(value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1))
    return (np.stack(channels, -1).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _with_alpha(rgb: np.ndarray, rgba: np.ndarray) -> np.ndarray:
    return np.concatenate([rgb, rgba[..., 3:]], -1)


def _distance(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)
