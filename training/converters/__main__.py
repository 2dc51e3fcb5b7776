"""Converts a network of others to ONNX.

    python -m converters realesr-animevideov3-x4.param realesr-animevideov3-x4.onnx --halve    (ncnn)
    python -m converters blazeface-front.json blazeface-front.onnx --side 128                  (TensorFlow.js)
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx

from .ncnn_graph import convert_ncnn, halve_weights
from .tfjs_graph import convert_tfjs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m converters", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a .param file with its .bin beside it, or a model's .json with its shards")
    parser.add_argument("target", type=Path, help="the .onnx file to write")
    parser.add_argument("--side", type=int, default=128, help="of the pictures in pixels, for TensorFlow.js (default 128)")
    parser.add_argument("--halve", action="store_true", help="keep weights as 16-bit floats, for ncnn")
    options = parser.parse_args()
    if options.source.suffix == ".param":
        model = convert_ncnn(options.source)
        model = halve_weights(model) if options.halve else model
    else:
        model = convert_tfjs(options.source, options.side)
    onnx.save(model, options.target)


if __name__ == "__main__":
    main()
