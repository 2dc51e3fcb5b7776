"""Writes models/glyph: the networks as ONNX, what the runner must know of the concepts, and the pictures its quality gate compares with."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .compress import compress
from .concepts import Concept
from .dataset import Dataset
from .definitions import Dictionary, define
from .minilm import WIDTH, TextEncoder
from .network import GlyphNet
from .pictures import on_white
from .prior import SIDE_PX, Prior
from .train import may_be_mirrored

_OPSET = 17
_MAX_FILE_BYTES = 20_000_000
_GATE_SIDE_PX = 8
_DEFINITION_SHARE = 0.3
"""Of 0, .2, .3, .4 and .5 the one that matched most of 75 descriptions, which are not those of the tests."""


class _ReadText(nn.Module):
    def __init__(self, net: GlyphNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, text: Tensor, drop: Tensor, style: Tensor) -> tuple[Tensor, ...]:
        maps, condition = self.net.read_text(text, drop, style)
        return *maps, condition


class _Guess(nn.Module):
    def __init__(self, prior: Prior) -> None:
        super().__init__()
        self.prior = prior

    def forward(self, text: Tensor, drop: Tensor, style: Tensor) -> Tensor:
        return self.prior(text, style) * (1 - drop)[:, None, None, None]


class _Draw(nn.Module):
    def __init__(self, net: GlyphNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, t: Tensor, m0: Tensor, m1: Tensor, m2: Tensor, condition: Tensor, prior: Tensor) -> Tensor:
        return self.net.draw(x, t, [m0, m1, m2], condition, prior)


@dataclass(frozen=True)
class Trained:
    """All that training left."""

    concepts: list[Concept]
    data: Dataset
    encoder: TextEncoder
    dictionary: Dictionary
    embeddings: Tensor
    prior: Prior
    net: GlyphNet


def export(trained: Trained, models: Path, gate: Path, aliases: dict[str, str]) -> dict[str, float]:
    """Writes to `models` and `gate`. Returns how far, in 8-bit levels on average, each shipped file is from what was trained."""
    models.mkdir(parents=True, exist_ok=True)
    gate.mkdir(parents=True, exist_ok=True)
    differences = _export_networks(trained, models)
    _export_text_network(trained.encoder, models)
    _export_concepts(trained, models, aliases)
    _export_gate(trained.data, gate)
    for file in models.iterdir():
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise RuntimeError(f"{file.name} has {file.stat().st_size} bytes: at most {_MAX_FILE_BYTES}")
    return differences


def _export_networks(trained: Trained, models: Path) -> dict[str, float]:
    net, side = trained.net.eval().cpu(), trained.net.shape.side_px
    text = nn.functional.normalize(torch.randn(2, WIDTH), dim=1)
    asked = (text, torch.zeros(2), torch.zeros(2, dtype=torch.long))
    with torch.no_grad():
        maps = _ReadText(net)(*asked)
    step = (torch.randn(2, 3, side, side), torch.full((2,), 0.3), *maps, torch.randn(2, 3, SIDE_PX, SIDE_PX))
    parts = {
        "glyph-text": (_ReadText(net), asked, ["txt", "drop", "style"], ["m0", "m1", "m2", "hc"], 8),
        "glyph-prior": (_Guess(trained.prior), asked, ["txt", "drop", "style"], ["pr"], 8),
        "glyph-step": (_Draw(net), step, ["x", "t", "m0", "m1", "m2", "hc", "pr"], ["x0"], 8),
    }
    differences = {}
    for name, (module, args, inputs, outputs, bits) in parts.items():
        file = models / f"{name}.onnx"
        write_onnx(module, args, inputs, outputs, file)
        onnx.save(compress(onnx.load(file), bits), file)
        with torch.no_grad():
            expected = module(*args)
        found = onnxruntime.InferenceSession(file).run(None, dict(zip(inputs, [arg.numpy() for arg in args], strict=True)))
        first = expected[0] if isinstance(expected, tuple) else expected
        differences[name] = float(np.abs(found[0] - first.numpy()).mean() * 127.5)
    return differences


def _export_text_network(encoder: TextEncoder, models: Path) -> None:
    ids = torch.tensor([[101, 2417, 6207, 102]])
    file = models / "minilm.onnx"
    write_onnx(encoder.model, (ids, torch.ones_like(ids)), ["ids", "mask"], ["emb"], file, tokens=True)
    onnx.save(compress(onnx.load(file), 8, external=("words.weight", models / "minilm.embed.bin")), file)
    words = sorted(encoder.tokenizer.get_vocab().items(), key=lambda item: item[1])
    (models / "vocab.txt").write_text("".join(f"{word}\n" for word, _ in words))


def write_onnx(module: nn.Module, args: tuple[Tensor, ...], inputs: list[str], outputs: list[str], file: Path, tokens: bool = False) -> None:
    """Any number of rows at a time; with `tokens`, of tokens too."""
    axes = {name: {0: "b"} for name in [*inputs, *outputs]}
    if tokens:
        axes = {**axes, "ids": {0: "b", 1: "t"}, "mask": {0: "b", 1: "t"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), args, file, input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=_OPSET, dynamo=False
        )


def _export_concepts(trained: Trained, models: Path, aliases: dict[str, str]) -> None:
    """The names, and for each the direction that prompts are matched to."""
    data, vectors = trained.data, _meanings(trained)
    scale = float(np.abs(vectors).max() / 127)
    np.round(vectors / scale).astype(np.int8).tofile(models / "concepts.i8")
    names = [concept.name for concept in trained.concepts]
    known = {alias: name for alias, name in aliases.items() if name in names and alias not in names}
    listed = {
        "scale": scale,
        "dim": WIDTH,
        "names": names,
        "alias": known,
        "natural": data.natural,
        "mirror": [may_be_mirrored(concept) for concept in trained.concepts],
    }
    (models / "concepts.json").write_text(json.dumps(listed))


def _meanings(trained: Trained) -> np.ndarray:
    """float32 [concepts, 384], of unit length: halfway between a name and all that is said of it, and on towards its definition."""
    texts = sorted({word for concept in trained.concepts for word in concept.words})
    embedded = dict(zip(texts, trained.encoder.embed(texts).numpy(), strict=True))
    named = _unit(np.stack([embedded[concept.name] for concept in trained.concepts]))
    said = _unit(np.stack([np.mean([embedded[word] for word in concept.words], axis=0) for concept in trained.concepts]))
    meanings = _unit(named + said)
    definitions = define([concept.name for concept in trained.concepts], meanings, trained.dictionary, trained.encoder)
    for at, definition in enumerate(definitions):
        if definition is not None:
            meanings[at] += _DEFINITION_SHARE * (definition - meanings[at])
    return _unit(meanings)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _export_gate(data: Dataset, gate: Path) -> None:
    """Every real picture as a thumbnail, for server/test/engines/localQuality.test.ts."""
    side = data.rgba.shape[1]
    step = side // _GATE_SIDE_PX
    pictures = on_white(data.rgba[: data.real]).astype(np.float32)
    small = pictures.reshape(-1, _GATE_SIDE_PX, step, _GATE_SIDE_PX, step, 3).mean((2, 4))
    np.round(small).astype(np.uint8).tofile(gate / "ref8.u8")
    (gate / "ref.json").write_text(json.dumps({"n": data.real, "cid": data.concept[: data.real].tolist()}))
