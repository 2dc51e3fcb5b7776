"""Writes what must be true of the shipped files: their digests in the manifest, the figures and samples in the model card."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from .export import Trained
from .pictures import on_white
from .prior import to_thumbnails
from .sample import sample
from .sources import SOURCES

SHEET = (
    "red apple|cat face|automobile|blue heart|pizza|house|deciduous tree|smiling face with sunglasses|rocket|hot beverage|dog face|green apple|"
    "guitar|hibiscus|sailboat|birthday cake|strawberry|banana|lion|elephant|penguin|butterfly|bicycle|airplane|fire|snowman|crown|robot|alien|"
    "ghost|skull|umbrella|soccer ball|trophy|key|light bulb|gem stone|sunflower|cactus|mushroom|hamburger|doughnut|ice cream|watermelon|grapes|"
    "fish|octopus|frog|bear|fox|owl|unicorn|dragon|castle|tent|anchor|balloon|violin|drum|laptop"
).split("|")
"""The sixty things of the sample sheet and of the quality gate."""

_COLUMNS = 10
_MARKS = "<!-- figures: written by training/glyph -->", "<!-- end of figures -->"


def write_sheet(trained: Trained, file: Path) -> None:
    """The sixty things, styles in turn, each with its own seed; nothing picked out."""
    text = trained.encoder.embed(SHEET)
    drawn = [sample(trained.net, trained.prior, text[at : at + 1], torch.tensor([at % 3]), seed=at)[0] for at in range(len(SHEET))]
    _write_rows(torch.stack(drawn).split(_COLUMNS), file)


def _write_rows(rows: Sequence[Tensor], file: Path) -> None:
    """At twice their size."""
    side = rows[0].shape[-1]
    sheet = Image.new("RGB", (_COLUMNS * side, len(rows) * side), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            values = ((picture.permute(1, 2, 0) + 1) * 127.5).clamp(0, 255).byte().numpy()
            sheet.paste(Image.fromarray(values), (x * side, y * side))
    sheet.resize((sheet.width * 2, sheet.height * 2), Image.Resampling.BICUBIC).save(file, quality=80)


def write_failures(trained: Trained, file: Path, count: int = 20, among: int = 300) -> None:
    """Of random things in random styles, those drawn most unlike their real picture, which stands below each."""
    dice = torch.Generator().manual_seed(1)
    chosen = torch.randperm(trained.data.real, generator=dice)[:among]
    index = chosen.numpy()
    text, style = trained.embeddings[trained.data.canonical[index]], torch.from_numpy(trained.data.style[index]).long()
    drawn = torch.cat([sample(trained.net, trained.prior, text[at], style[at], seed=int(at[0])) for at in torch.arange(among).split(30)])
    real = torch.from_numpy(on_white(trained.data.rgba[index])).permute(0, 3, 1, 2).float() / 127.5 - 1
    worst = (to_thumbnails(drawn) - to_thumbnails(real)).abs().mean(1).argsort(descending=True)[:count]
    _write_rows([row for at in worst.split(_COLUMNS) for row in (drawn[at], real[at])], file)


def write_manifest(models: Path) -> None:
    """Sizes, digests and sources of the files in models/glyph; other entries stay as they are."""
    file = models / "manifest.json"
    manifest = json.loads(file.read_text())
    pictures = ", ".join(f"{SOURCES[style].name} {SOURCES[style].version}" for style in ("flat", "cartoon", "3d"))
    for entry in manifest["files"]:
        if entry["path"].startswith("glyph/"):
            content = (models / entry["path"]).read_bytes()
            entry.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        if entry["path"].startswith("glyph/glyph-"):
            entry.update(licence="Apache-2.0 AND MIT", source=f"trained by training/glyph on npm {pictures}")
        if entry["path"] == "glyph/concepts.i8":
            words = ", ".join(f"{SOURCES[use].name} {SOURCES[use].version}" for use in ("names", "keywords", "definitions"))
            entry.update(licence="Apache-2.0 AND MIT AND LicenseRef-WordNet", source=f"all-MiniLM-L6-v2 embeddings of npm {words}")
    file.write_text(json.dumps(manifest, indent="\t") + "\n")


def write_figures(models: Path, figures: dict[str, object]) -> None:
    """Between the two marks of models/README.md."""
    rows = "\n".join(f"| {name} | {value:.3f} |" if isinstance(value, float) else f"| {name} | {value} |" for name, value in figures.items())
    write_between(models / "README.md", _MARKS, f"| figure | value |\n|---|---|\n{rows}")


def write_between(file: Path, marks: tuple[str, str], content: str) -> None:
    """Replaces what stands between two lines of a file."""
    text = file.read_text()
    if marks[0] not in text:
        raise RuntimeError(f"{file} lacks the line {marks[0]}")
    found = f"{marks[0]}\n{content}\n{marks[1]}"
    file.write_text(re.sub(re.escape(marks[0]) + ".*?" + re.escape(marks[1]), lambda _: found, text, flags=re.S))
