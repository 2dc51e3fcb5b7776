"""How well scenes come out: the server's own code draws prompts with the files that ship, and the judge looks at the pictures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from glyph.concepts import STYLES

from .compose import compose, fit, trim
from .judge import JudgeNet, judge
from .plans import SIDE_PX, lay_out
from .questions import Question
from .samples import Sampler
from .score import accuracy, score
from .things import Known, Things, recolor
from .unite import UniteNet, known_of, to_planes, unite

WAYS = ("scene", "pasted", "guess", "single")
"""As in draw.ts: as shipped; without the scene network; the same of first guesses instead of drawings; one thing, as before scenes."""
_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answers:
    """`pictures` uint8 [n, 128, 128, 3], and what each prompt was understood as."""

    pictures: np.ndarray
    said: list[dict[str, Any]]


def draw(questions: Sequence[Question], way: str, folders: tuple[Path, Path], scratch: Path) -> Answers:
    """`folders`: of the glyph networks and of the scene networks. Needs Node (npm ci at the root of the project)."""
    lines = "\n".join(json.dumps({"prompt": each.prompt, "seed": each.seed, "style": each.style, "way": way}) for each in questions)
    command = ["node", "tools/node24.js", "training/scenes/draw.ts", *(str(each.resolve()) for each in (*folders, scratch))]
    answer = subprocess.run(command, input=lines, text=True, check=True, capture_output=True, cwd=_PROJECT).stdout.splitlines()
    pictures = np.fromfile(scratch, np.uint8).reshape(len(questions), SIDE_PX, SIDE_PX, 3)
    scratch.unlink()
    return Answers(pictures, [json.loads(line) for line in answer])


def draw_real(questions: Sequence[Question], known: Known, things: Things, scratch: Path) -> np.ndarray:
    """The same scenes of the things as they really look: what the judge can reach at best."""
    own = [at for at, color in enumerate(things.color) if color is None]
    index = {(int(things.concept[at]), int(things.style[at])): things.real[at] for at in own}
    anyhow = {int(things.concept[at]): things.real[at] for at in own}
    requests, sprites = [], []
    for question in questions:
        style = STYLES.index(question.style)
        found = [index.get((each.concept, style), anyhow[each.concept]) for each in question.things]
        trimmed = [trim(recolor(real, each.color) if each.color else real) for real, each in zip(found, question.things, strict=True)]
        items = [
            {"count": each.count, "size": 1, "aspect": sprite.shape[0] / sprite.shape[1], "name": known.names[each.concept]}
            for each, sprite in zip(question.things, trimmed, strict=True)
        ]
        landscape = question.background is not None and question.background["kind"] == "landscape"
        relations = [question.relation or "beside"] * (len(items) - 1)
        requests.append({"items": items, "relations": relations, "landscape": landscape, "background": question.background, "seed": question.seed})
        sprites.append(trimmed)
    pictures = []
    for plan, trimmed in zip(lay_out(requests, scratch), sprites, strict=True):
        chosen = [trimmed[place.item] for place in plan.places]
        pictures.append(compose(plan.background, chosen, [fit(*pair) for pair in zip(chosen, plan.places, strict=True)])[0])
    return np.stack(pictures).astype(np.uint8)


def understood(questions: Sequence[Question], known: Known, answers: Answers) -> float:
    """Share of the prompts whose things and numbers were read right."""
    def is_read(question: Question, said: dict[str, Any]) -> bool:
        return [(each["thing"], each["count"]) for each in said.get("scene", {}).get("things", [])] == [
            (known.names[each.concept], each.count) for each in question.things
        ]

    return sum(is_read(*pair) for pair in zip(questions, answers.said, strict=True)) / max(1, len(questions))


def judged(net: JudgeNet, common: list[int], questions: Sequence[Question], pictures: np.ndarray) -> dict[str, float]:
    """Share of what was asked for that the judge sees, by attribute."""
    return accuracy(_scores(net, common, questions, pictures))


def missed(net: JudgeNet, common: list[int], questions: Sequence[Question], pictures: np.ndarray) -> list[int]:
    """How much of each question the judge does not see."""
    return [sum(not right for _, right in scores) for scores in _scores(net, common, questions, pictures)]


def _scores(net: JudgeNet, common: list[int], questions: Sequence[Question], pictures: np.ndarray) -> list[list[tuple[str, bool]]]:
    planes = to_planes(list(pictures.astype(np.float32)))
    verdicts = [verdict for some in planes.split(32) for verdict in judge(net, some, common)]
    return [list(score(question, verdict)) for question, verdict in zip(questions, verdicts, strict=True)]


def errors(net: UniteNet, sampler: Sampler, count: int = 96) -> dict[str, float]:
    """Levels of 255 between where things are in scenes of real pictures and what is drawn of them: pasted, and united."""
    scenes = [sampler.next() for _ in range(count)]
    real, known = to_planes([scene.real for scene in scenes]), known_of(scenes)
    united = torch.cat([unite(net, some, seed) for seed, some in enumerate(known.split(16))])
    off = lambda drawn: float((_off(drawn, real) * known[:, 3:]).sum() / known[:, 3:].sum())  # noqa: E731
    return {"pasted": off(known[:, :3]), "united": off(united)}


def _off(drawn: Tensor, real: Tensor) -> Tensor:
    return (drawn - real).abs().mean(1, keepdim=True) * 127.5
