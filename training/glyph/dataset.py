"""All the network sees: pictures, coloured copies, and the texts that belong to each."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from .colors import HUES, NAME_COLORS, find_main_hue, tint, turn_hue
from .concepts import Concept
from .pictures import Pictures

_COLORABLE_GROUPS = {"objects", "travel-places", "food-drink", "animals-nature", "activities", "symbols", "smileys-emotion"}
_TAKEN_AS_THEY_ARE = {"emotion", "person", "time", "moon"}


@dataclass
class Dataset:
    """Real pictures first, coloured copies behind them. Texts are kept once, in `texts`, and named by index."""

    rgba: np.ndarray
    """uint8 [n, side, side, 4]"""
    concept: np.ndarray
    style: np.ndarray
    real: int
    """How many come from the sources as they are."""
    texts: list[str]
    canonical: np.ndarray
    """Per picture: what the runner calls it, `<name>` or `<colour> <name>`."""
    captions: list[list[int]]
    """Per picture: texts it may be learnt under."""
    caption_weights: list[list[float]]
    natural: list[list[str | None] | None]
    """Per concept and style: its own main colour; None in place of the list: cannot be coloured."""


def build_dataset(concepts: list[Concept], pictures: Pictures, seed: int = 0) -> Dataset:
    texts = _Texts()
    rng = random.Random(seed)
    by_concept = [_captions_of(concept, texts, rng) for concept in concepts]
    natural = _natural_colors(concepts, pictures)
    rgba, concept_of, style_of = [], list(pictures.concept), list(pictures.style)
    canonical = [texts.add(concepts[index].name) for index in concept_of]
    captions = [by_concept[index][0] for index in concept_of]
    weights = [by_concept[index][1] for index in concept_of]
    for picture, index, style in zip(pictures.rgba, pictures.concept, pictures.style, strict=True):
        for color, copy in _colored_copies(picture, natural[index], int(style)):
            name = concepts[index].name
            variants = [texts.add(f"{color} {name}"), texts.add(f"a {color} {name}"), texts.add(f"{name}, {color}")]
            rgba.append(copy)
            concept_of.append(index)
            style_of.append(style)
            canonical.append(variants[0])
            captions.append(variants)
            weights.append([1.0, 1.0, 1.0])
    every = np.concatenate([pictures.rgba, np.stack(rgba)]) if rgba else pictures.rgba
    arrays = np.array(concept_of), np.array(style_of), np.array(canonical)
    return Dataset(every, arrays[0], arrays[1], len(pictures.rgba), texts.all, arrays[2], captions, weights, natural)


class _Texts:
    def __init__(self) -> None:
        self.all: list[str] = []
        self._index: dict[str, int] = {}

    def add(self, text: str) -> int:
        if text not in self._index:
            self._index[text] = len(self.all)
            self.all.append(text)
        return self._index[text]


def _captions_of(concept: Concept, texts: _Texts, rng: random.Random) -> tuple[list[int], list[float]]:
    """Its name most often, then sentences around it, then its keywords."""
    name, keywords = concept.name, list(concept.words[1:])
    article = "an" if name[0] in "aeiou" else "a"
    weighted = [(name, 6.0), (f"{article} {name}", 2.0), (f"drawing of {name}", 0.7), (f"a picture of {article} {name}", 0.7), (f"cute {name}", 0.4)]
    weighted += [(word, 0.8 if set(word.split()) & set(name.split()) else 0.3) for word in keywords[:2]]
    for _ in range(4 if keywords else 0):
        some = rng.sample(keywords, min(len(keywords), rng.choice((1, 2, 3))))
        weighted.append((f"{name}, {', '.join(some)}", 0.8))
    return [texts.add(text) for text, _ in weighted], [weight for _, weight in weighted]


def _natural_colors(concepts: list[Concept], pictures: Pictures) -> list[list[str | None] | None]:
    found: list[list[str | None] | None] = [[None] * 3 if _is_colorable(concept) else None for concept in concepts]
    for picture, index, style in zip(pictures.rgba, pictures.concept, pictures.style, strict=True):
        colors = found[index]
        if colors is not None:
            main = find_main_hue(picture)
            colors[style] = main.color if main else None
    return found


def _is_colorable(concept: Concept) -> bool:
    is_face = concept.group == "smileys-emotion" and "face" in concept.subgroup and concept.subgroup != "cat-face"
    named = set(concept.name.split()) & NAME_COLORS
    return concept.group in _COLORABLE_GROUPS and not is_face and concept.subgroup not in _TAKEN_AS_THEY_ARE and not named


def _colored_copies(picture: np.ndarray, natural: list[str | None] | None, style: int) -> list[tuple[str, np.ndarray]]:
    if natural is None:
        return []
    main = find_main_hue(picture)
    if main is None:
        return [(color, tint(picture, color)) for color in HUES]
    return [(color, turn_hue(picture, main, color)) for color in HUES if color != main.color]
