"""Puts things on backgrounds, as server/src/engines/local/glyph/scene/compose.ts does."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .plans import Place

_LEAST_ALPHA = 40
_SHADOW = 0.28
"""Share of the light taken in the middle of a shadow."""


def trim(rgba: np.ndarray) -> np.ndarray:
    """What is to be seen of it, uint8 [h, w, 4]; all of it where nothing is."""
    solid = rgba[..., 3] > _LEAST_ALPHA
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else rgba


def fit(sprite: np.ndarray, place: Place) -> Place:
    """The part of the place that a sprite of this shape fills: as large as it fits, on the lower edge, in the middle."""
    height, width = sprite.shape[:2]
    scale = min(place.width / width, place.height / height)
    fitted = max(1, round(width * scale)), max(1, round(height * scale))
    return Place(place.item, place.left + (place.width - fitted[0]) // 2, place.top + place.height - fitted[1], fitted[0], fitted[1], place.grounded)


def compose(background: np.ndarray, sprites: list[np.ndarray], places: list[Place]) -> tuple[np.ndarray, np.ndarray]:
    """`sprites` uint8 [h, w, 4], one a place, the farthest first. The picture float32 [side, side, 3] in 0 to 255, and coverage [side, side] in 0 to 1."""
    side = background.shape[0]
    picture, covered = background.astype(np.float32), np.zeros((side, side), np.float32)
    for place in places:
        if place.grounded:
            picture *= 1 - _SHADOW * _shadow(place, side)[..., None]
    for sprite, place in zip(sprites, places, strict=True):
        small = np.asarray(Image.fromarray(sprite).convert("RGBa").resize((place.width, place.height), Image.Resampling.BICUBIC), np.float32)
        left, top = max(0, place.left), max(0, place.top)
        part = small[top - place.top : side - place.top, left - place.left : side - place.left]
        if part.size == 0:
            continue
        # Premultiplied: colours are already weighted by how solid they are.
        alpha = part[..., 3:] / 255
        spot = np.s_[top : top + part.shape[0], left : left + part.shape[1]]
        picture[spot] = picture[spot] * (1 - alpha) + part[..., :3]
        covered[spot] = covered[spot] * (1 - alpha[..., 0]) + alpha[..., 0]
    return picture.clip(0, 255), covered


def _shadow(place: Place, side: int) -> np.ndarray:
    """1 in the middle, falling to 0: an ellipse where the thing stands."""
    rows, columns = np.mgrid[:side, :side] + 0.5
    across = (columns - (place.left + place.width / 2)) / (0.55 * place.width)
    down = (rows - (place.top + place.height)) / (0.12 * place.width)
    return (1 - across**2 - down**2).clip(0, 1).astype(np.float32)
