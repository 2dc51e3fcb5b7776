"""Writes the scene networks as ONNX with 8-bit weights, and the judge for the server's tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from glyph.compress import compress
from glyph.export import write_onnx

from .cut import CutNet
from .judge import JudgeNet
from .plans import SIDE_PX
from .things import DRAWN_PX
from .unite import UniteNet


def export_networks(cut: CutNet, unite: UniteNet, folder: Path) -> dict[str, float]:
    """Returns how far, in 8-bit levels on average, each shipped file is from what was trained."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = torch.Generator().manual_seed(0)
    noise = lambda *shape: torch.randn(*shape, generator=dice)  # noqa: E731
    drawn = noise(2, 3, DRAWN_PX, DRAWN_PX).clamp(-1, 1)
    known = torch.cat([noise(2, 3, SIDE_PX, SIDE_PX).clamp(-1, 1), noise(2, 1, SIDE_PX, SIDE_PX).clamp(0, 1)], 1)
    scene = noise(2, 3, SIDE_PX, SIDE_PX), torch.tensor([0.0, 0.5]), known
    return {
        "scene-cut: levels of 255 off": _write(cut, (drawn,), ["drawn"], ["alpha"], folder / "scene-cut.onnx") * 255,
        "scene-unite: levels of 255 off": _write(unite, scene, ["x", "t", "known"], ["x0"], folder / "scene-unite.onnx") * 127.5,
    }


def export_judge(judge: JudgeNet, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(judge, (torch.zeros(2, 3, SIDE_PX, SIDE_PX),), ["scene"], ["concepts", "colors", "sky", "ground", "plain"], file)


def _write(net: nn.Module, args: tuple[Tensor, ...], inputs: list[str], outputs: list[str], file: Path) -> float:
    net = net.eval().cpu().to(memory_format=torch.contiguous_format)
    write_onnx(net, args, inputs, outputs, file)
    onnx.save(compress(onnx.load(file), 8), file)
    found = onnxruntime.InferenceSession(file).run(None, dict(zip(inputs, [arg.numpy() for arg in args], strict=True)))
    with torch.no_grad():
        expected = net(*args)
    first = expected[0] if isinstance(expected, tuple) else expected
    return float(np.abs(found[0] - first.numpy()).mean())
