"""Writes models/faces/gfpgan.graph.onnx (the network without its weights) and gfpgan.layout.json.

    python -m gfpgan.export_graph ../models/faces      (in training/; torch 2.13.0, onnx 1.x)

Unused weights are the style network (styles come from the encoder) and the side outputs that only training looks at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from weightless import say, write_weightless

from .architecture import SIZE_PX, FaceRestorer

NAME = "gfpgan"


def write(folder: Path) -> dict[str, object]:
    return write_weightless(folder, NAME, FaceRestorer().for_export(), {"face": torch.zeros(1, 3, SIZE_PX, SIZE_PX)}, "restored")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    say(write(parser.parse_args().folder))


if __name__ == "__main__":
    main()
