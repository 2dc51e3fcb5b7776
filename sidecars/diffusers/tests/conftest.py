from __future__ import annotations

import base64
import io
import itertools
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).parent))

import pytest
import torch
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from glassworks_diffusers.api import create_app
from glassworks_diffusers.cli import quiet_libraries
from glassworks_diffusers.settings import Limits, Settings
from tiny import build

quiet_libraries()
logging.getLogger("httpx2").setLevel(logging.WARNING)
# Networks this small gain nothing from threads, and on a busy machine lose much.
torch.set_num_threads(1)
LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("models"))


@dataclass
class Sidecar:
    """The real server in this process, asked over HTTP."""

    http: TestClient
    app: Any
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def submit(self, **fields: Any) -> str:
        job = {"id": f"job-{next(self.numbers)}", "kind": "generate", "model": "tiny-sd15", **fields}
        if job["kind"] != "train_lora":
            job = {"prompt": "a red apple", "seed": 1, "steps": 4, "widthPx": 64, "heightPx": 64, **job}
        answer = self.http.post("/v1/jobs", json=job)
        assert answer.status_code == 202, answer.text
        return job["id"]

    def events(self, job: str, after: int | None = None) -> list[dict[str, Any]]:
        """To the end of the job."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        blocks = self.http.get(f"/v1/jobs/{job}/events", headers=headers).text.split("\n\n")
        return [read_event(block) for block in blocks if block.startswith("id:")]

    def run(self, **fields: Any) -> list[dict[str, Any]]:
        return self.events(self.submit(**fields))

    def failure(self, **fields: Any) -> tuple[str, bool, str]:
        end = self.run(**fields)[-1]
        assert end["type"] == "failed", end
        return end["class"], end["retryable"], end["message"]

    def outputs(self, **fields: Any) -> dict[str, bytes]:
        """By file name."""
        job = self.submit(**fields)
        events = self.events(job)
        assert events[-1]["type"] == "done", events[-1]
        return {each["name"]: self.http.get(f"/v1/jobs/{job}/outputs/{each['n']}").content for each in events if each["type"] == "output"}

    def picture(self, **fields: Any) -> bytes:
        return self.outputs(**fields)["image.png"]


def read_event(block: str) -> dict[str, Any]:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return {"id": int(fields["id"]), "type": fields["event"], **json.loads(fields["data"])}


def open_sidecar(models: Path, data: Path, **settings: Any) -> Sidecar:
    limits = settings.pop("limits", Limits())
    app = create_app(Settings(models=models, data=data, device="cpu", limits=limits, **settings))
    return Sidecar(TestClient(app, base_url=LOCAL), app)


@pytest.fixture(scope="module")
def sidecar(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    opened = open_sidecar(models, tmp_path_factory.mktemp("data"))
    with opened.http:
        yield opened


def encode(picture: Image.Image, file_format: str = "PNG") -> str:
    buffer = io.BytesIO()
    picture.save(buffer, file_format)
    return base64.b64encode(buffer.getvalue()).decode()


def plain(color: str, width: int = 64, height: int = 64) -> str:
    return encode(Image.new("RGB", (width, height), color))


def box(width: int = 64, height: int = 64) -> str:
    """White in the middle of black."""
    picture = Image.new("L", (width, height))
    ImageDraw.Draw(picture).rectangle((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=255)
    return encode(picture)


def open_png(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    assert picture.format == "PNG"
    return picture.convert("RGB")
