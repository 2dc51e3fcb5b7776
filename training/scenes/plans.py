"""Random arrangements to learn from, laid out and painted by the server's own code (plan.ts)."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SIDE_PX = 128
SKIES = ("day", "sunny", "cloudy", "sunset", "night")
GROUNDS = ("grass", "sand", "snow", "water")
PLAIN_COLORS = ("white", "red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "brown", "grey")
_RELATIONS = ("beside", "left", "right", "on", "above", "below", "behind", "before")
_RELATION_SHARES = (0.3, 0.1, 0.1, 0.2, 0.08, 0.08, 0.07, 0.07)
_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """Of one instance of an item, in pixels."""

    item: int
    left: int
    top: int
    width: int
    height: int
    grounded: bool


@dataclass(frozen=True)
class Plan:
    """`background` uint8 [128, 128, 3]; `described` as readScene.ts has it, None: white."""

    places: list[Place]
    background: np.ndarray
    described: dict[str, str] | None


def make_plans(count: int, scratch: Path, seed: int = 0) -> list[Plan]:
    """`count` random ones."""
    rng = np.random.default_rng(seed)
    return lay_out([_random_request(rng, index) for index in range(count)], scratch)


def lay_out(requests: list[dict[str, Any]], scratch: Path) -> list[Plan]:
    """Of requests as plan.ts takes them. Needs Node (npm ci at the root of the project)."""
    count = len(requests)
    lines = "\n".join(json.dumps(request) for request in requests)
    command = ["node", "tools/node24.js", "training/scenes/plan.ts", str(scratch.resolve())]
    answer = subprocess.run(command, input=lines, text=True, check=True, capture_output=True, cwd=_PROJECT).stdout.splitlines()
    backgrounds = np.fromfile(scratch, np.uint8).reshape(count, SIDE_PX, SIDE_PX, 3)
    scratch.unlink()
    plans = []
    for request, line, background in zip(requests, answer, backgrounds, strict=True):
        places = [Place(each["item"], each["left"], each["top"], each["widthPx"], each["heightPx"], each["grounded"]) for each in json.loads(line)]
        plans.append(Plan(places, background, request["background"]))
    return plans


def _random_request(rng: np.random.Generator, seed: int) -> dict[str, Any]:
    things = int(rng.choice([1, 2, 3, 4], p=[0.2, 0.45, 0.23, 0.12]))
    items = []
    for _ in range(things):
        many = [0.8, 0.1, 0.06, 0.04] if things > 1 else [0.25, 0.25, 0.25, 0.25]
        count = int(rng.choice([1, 2, 3, 4] if things < 4 else [1, 1, 1, 1], p=many))
        aspect = float(np.exp(rng.normal(0, 0.25)).clip(0.5, 2))
        items.append({"count": count, "size": float(rng.choice([1, 0.65, 1.4], p=[0.76, 0.12, 0.12])), "aspect": aspect, "airborne": bool(rng.random() < 0.08)})
    background = _random_background(rng)
    return {
        "items": items,
        "relations": [str(rng.choice(_RELATIONS, p=_RELATION_SHARES)) for _ in range(things - 1)],
        "landscape": background is not None and background["kind"] == "landscape",
        "background": background,
        "seed": seed,
    }


def _random_background(rng: np.random.Generator) -> dict[str, str] | None:
    kind = rng.choice(["white", "plain", "gradient", "landscape"], p=[0.22, 0.13, 0.1, 0.55])
    if kind == "white":
        return None
    if kind == "landscape":
        return {"kind": "landscape", "sky": str(rng.choice(SKIES)), "ground": str(rng.choice(GROUNDS))}
    return {"kind": str(kind), "color": str(rng.choice(PLAIN_COLORS[1:]))}
