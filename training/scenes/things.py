"""What scenes are made of: each thing as it really looks (RGBA, 128 px) and as the shipped glyph networks draw it (RGB on white, 64 px)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from glyph.colors import HUES, find_main_hue, tint, turn_hue
from glyph.concepts import STYLES
from glyph.minilm import TextEncoder
from glyph.pictures import Pictures
from glyph.sample import GUIDANCE, GUIDED_UNTIL, STEPS

DRAWN_PX = 64
REAL_PX = 128
_BATCH = 16


@dataclass(frozen=True)
class Known:
    """What models/glyph/concepts.json says of each thing."""

    names: list[str]
    natural: list[list[str | None] | None]
    mirror: list[bool]

    @staticmethod
    def read(models: Path) -> Known:
        listed = json.loads((models / "glyph/concepts.json").read_text())
        return Known(listed["names"], listed["natural"], listed["mirror"])


@dataclass
class Things:
    """Index by index: `real` uint8 [n, 128, 128, 4], `drawn` uint8 [n, 64, 64, 3], of `concept`, in `style`, in `color` (None: its own)."""

    real: np.ndarray
    drawn: np.ndarray
    concept: np.ndarray
    style: np.ndarray
    color: list[str | None]

    def __len__(self) -> int:
        return len(self.concept)


def make_things(known: Known, pictures: Pictures, encoder: TextEncoder, models: Path, colored: int, seed: int = 0) -> Things:
    """All real pictures and `colored` copies in other colours, chosen at random, each drawn once by the networks in `models`."""
    index = np.arange(len(pictures.concept))
    able = index[[known.natural[concept] is not None for concept in pictures.concept]]
    rng = np.random.default_rng(seed)
    again = rng.choice(able, colored) if len(able) else able
    color: list[str | None] = [None] * len(index)
    copies = []
    for at in again:
        main = find_main_hue(pictures.rgba[at])
        own = main.color if main else None
        chosen = str(rng.choice([hue for hue in HUES if hue != own]))
        copies.append(recolor(pictures.rgba[at], chosen))
        color.append(chosen)
    which = np.concatenate([index, again])
    real = np.concatenate([pictures.rgba, np.stack(copies)]) if copies else pictures.rgba
    concept, style = pictures.concept[which], pictures.style[which]
    texts = [known.names[at] if hue is None else f"{hue} {known.names[at]}" for at, hue in zip(concept, color, strict=True)]
    drawn = np.concatenate(list(_draw(models / "glyph", encoder.embed(texts).numpy(), style)))
    return Things(real, drawn, concept, style, color)


def recolor(rgba: np.ndarray, color: str) -> np.ndarray:
    """uint8 [h, w, 4], as glyph learnt its coloured copies."""
    main = find_main_hue(rgba)
    return turn_hue(rgba, main, color) if main else tint(rgba, color)


def in_every_color(things: Things, known: Known, concepts: list[int]) -> Things:
    """Real pictures of these concepts, each as it is and in every colour it can have; `drawn` is nothing."""
    own = [at for at, color in enumerate(things.color) if color is None and int(things.concept[at]) in concepts]
    which: list[tuple[int, str | None]] = [(at, None) for at in own]
    for at in own:
        natural = known.natural[int(things.concept[at])]
        which += [(at, hue) for hue in HUES if natural is not None and hue != natural[int(things.style[at])]]
    real = np.stack([recolor(things.real[at], color) if color else things.real[at] for at, color in which])
    index = [at for at, _ in which]
    nothing = np.zeros((len(which), 1, 1, 3), np.uint8)
    return Things(real, nothing, things.concept[index], things.style[index], [color for _, color in which])


def _draw(glyph: Path, text: np.ndarray, style: np.ndarray) -> Iterator[np.ndarray]:
    """As the runner does, but neither turned, moved nor mirrored: drawn and real picture lie on each other."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    read, guess, step = (onnxruntime.InferenceSession(glyph / f"glyph-{part}.onnx", options) for part in ("text", "prior", "step"))
    names = [output.name for output in read.get_outputs()]
    rng = np.random.default_rng(1)
    for start in range(0, len(text), _BATCH):
        some, how = text[start : start + _BATCH], style[start : start + _BATCH].astype(np.int64)
        count = len(some)
        # Rows of the prompt, then as many of nothing, which guidance leads away from.
        asked = {"txt": np.concatenate([some, some]), "drop": np.repeat(np.float32([0, 1]), count), "style": np.concatenate([how, how])}
        both = {**dict(zip(names, read.run(None, asked), strict=True)), "pr": guess.run(None, asked)[0]}
        alone = {name: value[:count] for name, value in both.items()}
        x = rng.standard_normal((count, 3, DRAWN_PX, DRAWN_PX), np.float32)
        for at in range(STEPS):
            guided = at / STEPS < GUIDED_UNTIL
            rows = 2 * count if guided else count
            feeds = {"x": np.concatenate([x, x]) if guided else x, "t": np.full(rows, at / STEPS, np.float32), **(both if guided else alone)}
            found = step.run(None, feeds)[0]
            estimate = found[count:] + GUIDANCE * (found[:count] - found[count:]) if guided else found
            x += (estimate.clip(-1, 1) - x) / (STEPS - at)
        yield ((x.clip(-1, 1) + 1) * 127.5 + 0.5).astype(np.uint8).transpose(0, 2, 3, 1)

