"""Writes what must be true of the shipped files: their digests in the manifest, the figures and samples in the model card."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import torch
from PIL import Image

from .export import Trained
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
    side = drawn[0].shape[-1]
    sheet = Image.new("RGB", (_COLUMNS * side, -(-len(drawn) // _COLUMNS) * side), "white")
    for at, picture in enumerate(drawn):
        values = ((picture.permute(1, 2, 0) + 1) * 127.5).clamp(0, 255).byte().numpy()
        sheet.paste(Image.fromarray(values), (at % _COLUMNS * side, at // _COLUMNS * side))
    sheet.resize((sheet.width * 2, sheet.height * 2), Image.Resampling.BICUBIC).save(file, quality=80)


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
    file.write_text(json.dumps(manifest, indent="\t") + "\n")


def write_figures(models: Path, figures: dict[str, object]) -> None:
    """Between the two marks of models/README.md."""
    file = models / "README.md"
    rows = "\n".join(f"| {name} | {value:.3f} |" if isinstance(value, float) else f"| {name} | {value} |" for name, value in figures.items())
    table = f"{_MARKS[0]}\n| figure | value |\n|---|---|\n{rows}\n{_MARKS[1]}"
    text = file.read_text()
    if _MARKS[0] not in text:
        raise RuntimeError(f"{file} lacks the line {_MARKS[0]}")
    file.write_text(re.sub(re.escape(_MARKS[0]) + ".*?" + re.escape(_MARKS[1]), lambda _: table, text, flags=re.S))
