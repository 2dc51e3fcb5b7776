"""Pictures of the concepts in each style, as RGBA, rendered from their sources."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .concepts import STYLES, Concept

_RENDER = Path(__file__).with_name("render.mjs")


@dataclass(frozen=True)
class Pictures:
    """`rgba`: uint8 [n, side, side, 4]; `concept` and `style`: what each shows, as indices."""

    rgba: np.ndarray
    concept: np.ndarray
    style: np.ndarray


def render_pictures(concepts: list[Concept], sources: dict[str, Path], side_px: int, scratch: Path) -> Pictures:
    """Draws every concept in every style that has it. Needs Node with sharp (npm ci at the root of the project)."""
    finders = {
        "flat": _IconSet(sources["flat"] / "package"),
        "cartoon": _IconSet(sources["cartoon"] / "package"),
        "3d": _FileSet(sources["3d"] / "package/assets"),
    }
    lines, found = [], []
    for index, concept in enumerate(concepts):
        for style, name in enumerate(STYLES):
            line = finders[name].find(concept.hexcode)
            if line is not None:
                lines.append(json.dumps(line))
                found.append((index, style))
    subprocess.run(["node", str(_RENDER), str(side_px), str(scratch)], input="\n".join(lines), text=True, check=True, cwd=_RENDER.parent)
    rgba = np.fromfile(scratch, np.uint8).reshape(len(found), side_px, side_px, 4)
    scratch.unlink()
    which = np.array(found)
    return Pictures(rgba, which[:, 0], which[:, 1])


class _IconSet:
    """A package of Iconify: SVG bodies by name, names by code points."""

    def __init__(self, folder: Path) -> None:
        icons = json.loads((folder / "icons.json").read_text())
        self._icons, self._aliases = icons["icons"], icons.get("aliases", {})
        self._size = icons.get("width", 16), icons.get("height", 16)
        self._names = json.loads((folder / "chars.json").read_text())

    def find(self, hexcode: str) -> dict[str, str] | None:
        name = next((self._names[code] for code in _spellings(hexcode) if code in self._names), None)
        icon = self._icons.get(self._aliases.get(name, {}).get("parent", name)) if name else None
        if icon is None:
            return None
        width, height = icon.get("width", self._size[0]), icon.get("height", self._size[1])
        # Every icon as if drawn on 128 units: what `density` in render.mjs reckons with.
        box = f'width="128" height="{128 * height / width}" viewBox="{icon.get("left", 0)} {icon.get("top", 0)} {width} {height}"'
        return {"svg": f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {box}>{icon["body"]}</svg>'}


class _FileSet:
    """A folder of picture files named by code points."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, hexcode: str) -> dict[str, str] | None:
        paths = (self._folder / f"{code}.webp" for code in _spellings(hexcode))
        return next(({"file": str(path)} for path in paths if path.exists()), None)


def _spellings(hexcode: str) -> list[str]:
    """A set may name an emoji with or without variation selectors."""
    code = hexcode.lower()
    bare = code.replace("-fe0f", "")
    return [code, bare, f"{bare}-fe0f"]


def on_white(rgba: np.ndarray) -> np.ndarray:
    """uint8 [..., 4] to uint8 [..., 3]."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return (rgba[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)
