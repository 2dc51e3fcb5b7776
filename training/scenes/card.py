"""What must be true of the shipped scene files: manifest, figures and sheets of the model card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from glyph.card import write_between
from glyph.sources import SOURCES

from .questions import Question
from .score import ATTRIBUTES

FILES = ("glyph/scene-cut.onnx", "glyph/scene-unite.onnx")
_COLUMNS = 6
_FIGURES = "<!-- scenes: written by training/scenes -->", "<!-- end of scenes -->"
_WAYS = {
    "real": "real pictures in the same places (the judge's own ceiling)",
    "scene": "**shipped**: drawn, cut out, united",
    "pasted": "drawn, cut out, pasted",
    "guess": "first guesses, cut out, pasted",
    "single": "one thing, as before scenes",
}


def write_sheet(questions: Sequence[Question], pictures: np.ndarray, file: Path) -> str:
    """Six a row, half as large again. Returns the prompts, for the text below."""
    rows = [np.concatenate(list(pictures[start : start + _COLUMNS]), 1) for start in range(0, len(pictures) - _COLUMNS + 1, _COLUMNS)]
    sheet = Image.fromarray(np.concatenate(rows))
    sheet.resize((sheet.width * 3 // 2, sheet.height * 3 // 2), Image.Resampling.BICUBIC).save(file, quality=82)
    return "; ".join(question.prompt for question in questions[: len(rows) * _COLUMNS])


def write_manifest(models: Path) -> None:
    """Size, digest and source of the scene files; other entries stay as they are."""
    file = models / "manifest.json"
    manifest = json.loads(file.read_text())
    pictures = ", ".join(f"{SOURCES[style].name} {SOURCES[style].version}" for style in ("flat", "cartoon", "3d"))
    entries = {entry["path"]: entry for entry in manifest["files"]}
    for path in FILES:
        content = (models / path).read_bytes()
        entries[path] = {
            "path": path,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "licence": "Apache-2.0 AND MIT",
            "source": f"trained by training/scenes on npm {pictures}",
            "model": "embedded",
        }
    manifest["files"] = sorted(entries.values(), key=lambda entry: entry["path"])
    file.write_text(json.dumps(manifest, indent="\t") + "\n")


def write_figures(models: Path, shares: dict[str, dict[str, float]], figures: dict[str, float], sheets: tuple[str, str]) -> None:
    """Between the two marks of models/README.md: `shares` by way and attribute, `sheets`: the prompts of both."""
    columns = [*ATTRIBUTES, "all"]
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    lines += [f"| {_WAYS[way]} | {' | '.join(f'{found[column]:.2f}' for column in columns)} |" for way, found in shares.items()]
    lines += ["", "| figure | value |", "|---|---|", *(f"| {name} | {value:.2f} |" for name, value in figures.items())]
    lines += ["", "![Scenes drawn by the model](scenes.webp)", "", f"Row by row: {sheets[0]}.", "", "Those of the prompts in which the judge missed most:"]
    lines += ["", "![The worst of the scenes](scenes-failures.webp)", "", f"Row by row: {sheets[1]}."]
    write_between(models / "README.md", _FIGURES, "\n".join(lines))
