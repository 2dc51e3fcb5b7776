"""Writes models/faces/codeformer.graph.onnx (the network without its weights) and codeformer.layout.json.

    python -m codeformer.export_graph ../models/faces      (in training/; torch 2.13.0, onnx 1.x)

The graph has two inputs: the face, and the fidelity in 0..1 (the paper's w).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from weightless import say, write_weightless

from .architecture import SIZE_PX, FaceRestorer

NAME = "codeformer"


def write(folder: Path) -> dict[str, object]:
    inputs = {"face": torch.zeros(1, 3, SIZE_PX, SIZE_PX), "fidelity": torch.full((1,), 0.5)}
    return write_weightless(folder, NAME, FaceRestorer(), inputs, "restored")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    say(write(parser.parse_args().folder))


if __name__ == "__main__":
    main()
