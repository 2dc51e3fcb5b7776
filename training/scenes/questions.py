"""Prompts for scenes, with what must be seen in them: combinations that training never showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from glyph.colors import HUES
from glyph.concepts import STYLES

from .samples import is_held_out
from .things import Known

_RELATIONS = {
    "beside": ("beside", "next to"),
    "left": ("to the left of", "left of"),
    "right": ("to the right of", "right of"),
    "on": ("on top of", "on"),
    "above": ("above",),
    "below": ("below", "under"),
}
_SKIES = {"day": "under a blue sky", "sunny": "under a sunny sky", "cloudy": "under a cloudy sky", "sunset": "at sunset", "night": "at night"}
_GROUNDS = {"grass": "on green grass", "sand": "on the beach", "snow": "in the snow", "water": "on the sea"}
_NUMBERS = ("", "", "two", "three", "four")
_NO_PLURAL = {"grapes", "cherries", "fish", "fire", "hibiscus", "cactus", "octopus"}


@dataclass(frozen=True)
class Asked:
    """`color` None: not said."""

    concept: int
    count: int
    color: str | None


@dataclass(frozen=True)
class Question:
    """`relation`: how the first thing lies to the second; None where there is one thing, or more than two."""

    prompt: str
    style: str
    seed: int
    things: list[Asked]
    relation: str | None
    background: dict[str, str] | None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def ask(known: Known, common: Sequence[int], count: int, seed: int = 0) -> list[Question]:
    rng = np.random.default_rng(seed)
    return [_ask_one(known, common, rng, index) for index in range(count)]


def _ask_one(known: Known, common: Sequence[int], rng: np.random.Generator, seed: int) -> Question:
    how_many = int(rng.choice([1, 2, 3], p=[0.15, 0.65, 0.2]))
    concepts = _choose(common, how_many, rng)
    things = [_ask_thing(known, concept, how_many, rng) for concept in concepts]
    named = [_name(known, thing) for thing in things]
    relation = None
    if how_many == 2:
        relation = str(rng.choice(list(_RELATIONS)))
        text = f" {rng.choice(_RELATIONS[relation])} ".join(named)
    else:
        text = named[0] if how_many == 1 else f"{named[0]}, {named[1]} and {named[2]}"
    background, words = _ask_background(rng, how_many == 1 and things[0].count == 1)
    return Question(f"{text}{words}", STYLES[seed % len(STYLES)], seed, things, relation, background)


def _choose(common: Sequence[int], count: int, rng: np.random.Generator) -> list[int]:
    """Such as never met in training, the first two of them."""
    while True:
        some = [int(concept) for concept in rng.choice(list(common), count, replace=False)]
        if count == 1 or is_held_out(some[0], some[1]):
            return some


def _ask_thing(known: Known, concept: int, how_many: int, rng: np.random.Generator) -> Asked:
    # Not its own colour, of which nobody could tell whether it was heard.
    natural = known.natural[concept]
    color = str(rng.choice([hue for hue in HUES if hue not in natural])) if natural is not None and rng.random() < 0.6 else None
    many = known.names[concept] not in _NO_PLURAL and rng.random() < (0.8 if how_many == 1 else 0.15)
    # Six in all at most.
    return Asked(concept, int(rng.integers(2, (5, 4, 3)[how_many - 1])) if many else 1, color)


def _name(known: Known, thing: Asked) -> str:
    name = known.names[thing.concept] if thing.color is None else f"{thing.color} {known.names[thing.concept]}"
    if thing.count == 1:
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    plural = f"{name[:-1]}ies" if name.endswith("rry") else f"{name}es" if name.endswith(("x", "s", "ch", "sh")) else f"{name}s"
    return f"{_NUMBERS[thing.count]} {plural}"


def _ask_background(rng: np.random.Generator, must: bool) -> tuple[dict[str, str] | None, str]:
    kind = rng.choice(["none", "plain", "gradient", "landscape"], p=[0.0 if must else 0.25, 0.15, 0.1, 0.75 if must else 0.5])
    if kind == "none":
        return None, ""
    if kind == "landscape":
        sky, ground = str(rng.choice(list(_SKIES))), str(rng.choice(list(_GROUNDS)))
        return {"kind": "landscape", "sky": sky, "ground": ground}, f" {_GROUNDS[ground]} {_SKIES[sky]}"
    color = str(rng.choice(list(HUES)))
    return {"kind": str(kind), "color": color}, f" on {'an' if color[0] in 'aeiou' else 'a'} {color} {'gradient ' if kind == 'gradient' else ''}background"
