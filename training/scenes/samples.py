"""Scenes to learn from, composed on the fly: with the things as they really look, and with what glyph drew and the scissors cut out."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from .compose import compose, fit, trim
from .plans import Place, Plan
from .things import Things

_NEVER_TOGETHER = 8


@dataclass(frozen=True)
class Scene:
    """`real` and `drawn` float32 [128, 128, 3] in 0 to 255; `covered` [128, 128]: how solid, 0 to 1, what was drawn is."""

    real: np.ndarray
    drawn: np.ndarray
    covered: np.ndarray
    plan: Plan
    places: list[Place]
    things: list[int]
    """Index of the thing at each place."""


def is_held_out(one: int, other: int) -> bool:
    """Whether these two concepts never meet in training: an eighth of all pairs."""
    return one != other and zlib.crc32(f"{min(one, other)},{max(one, other)}".encode()) % _NEVER_TOGETHER == 0


class Sampler:
    """`cut`: the things as they were cut out, RGBA of any size."""

    def __init__(self, things: Things, cut: np.ndarray, plans: list[Plan], seed: int) -> None:
        self._things, self._cut, self._plans = things, cut, plans
        self._rng = np.random.default_rng(seed)
        self._by_style = defaultdict(lambda: defaultdict(list))
        for index, (style, concept) in enumerate(zip(things.style, things.concept, strict=True)):
            self._by_style[int(style)][int(concept)].append(index)

    def next(self) -> Scene:
        plan = self._plans[self._rng.integers(len(self._plans))]
        chosen = self._choose(1 + max(place.item for place in plan.places))
        mirrored = self._rng.random(len(chosen)) < 0.5
        turned = lambda rgba, at: trim(rgba)[:, ::-1] if mirrored[at] else trim(rgba)  # noqa: E731
        real = [turned(self._things.real[index], at) for at, index in enumerate(chosen)]
        drawn = [turned(self._cut[index], at) for at, index in enumerate(chosen)]
        places = [fit(drawn[place.item], place) for place in plan.places]
        # Both at the same place: the drawing was trimmed to what is to be seen of it, and so was the real thing.
        pictures = [compose(plan.background, [sprites[place.item] for place in places], places) for sprites in (real, drawn)]
        return Scene(pictures[0][0], pictures[1][0], pictures[1][1], plan, places, [chosen[place.item] for place in places])

    def _choose(self, count: int) -> list[int]:
        """Things of one style, no two of a pair that is held out."""
        rng = self._rng
        by_concept = self._by_style[int(rng.choice(list(self._by_style)))]
        concepts = list(by_concept)
        while True:
            some = [int(concept) for concept in rng.choice(concepts, count, replace=len(concepts) < count)]
            if not any(is_held_out(one, other) for at, one in enumerate(some) for other in some[:at]):
                return [self._pick(by_concept[concept]) for concept in some]

    def _pick(self, indices: list[int]) -> int:
        """As it is, or in any of its other colours: half of each."""
        own = [index for index in indices if self._things.color[index] is None]
        colored = [index for index in indices if self._things.color[index] is not None]
        return int(self._rng.choice(colored if colored and (not own or self._rng.random() < 0.5) else own))
