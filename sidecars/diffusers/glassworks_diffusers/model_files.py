"""What the operator's folder holds: models and ControlNets in diffusers' layout, and LoRA files. Read anew each time it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from safetensors import SafetensorError, safe_open

from .errors import JobError
from .settings import Settings

Family = Literal["sd15", "sdxl", "flux"]
Kind = Literal["model", "controlnet", "lora"]

PIPELINES: dict[str, tuple[Family, bool]] = {
    "StableDiffusionPipeline": ("sd15", False),
    "StableDiffusionInpaintPipeline": ("sd15", True),
    "StableDiffusionXLPipeline": ("sdxl", False),
    "StableDiffusionXLInpaintPipeline": ("sdxl", True),
    "FluxPipeline": ("flux", False),
}
"""Class in model_index.json -> family, and whether the network takes the mask as an input."""
REPOSITORY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*$")


@dataclass(frozen=True)
class Entry:
    """`name`: the path below the folder, with slashes (`owner/model`), without `.safetensors`."""

    name: str
    path: Path
    kind: Kind
    family: Family
    inpaint_net: bool = False


def list_entries(settings: Settings) -> list[Entry]:
    found = {entry.name: entry for entry in trained(settings)}
    found |= {entry.name: entry for entry in installed(settings.models)}
    return sorted(found.values(), key=lambda entry: (entry.kind, entry.name))


def trained_folder(settings: Settings) -> Path:
    return settings.data / "loras"


def trained(settings: Settings) -> Iterator[Entry]:
    for file in sorted(trained_folder(settings).glob("*.safetensors")):
        yield from as_lora(file, file.stem)


def installed(models: Path) -> Iterator[Entry]:
    """Folders up to two below (`name`, `owner/name`), and LoRAs below `loras`."""
    for folder in sorted([*models.glob("*/"), *models.glob("*/*/")]):
        name = folder.relative_to(models).as_posix()
        yield from as_folder(folder, name)
    for file in sorted((models / "loras").rglob("*.safetensors")):
        yield from as_lora(file, file.relative_to(models / "loras").with_suffix("").as_posix())


def as_folder(folder: Path, name: str) -> Iterator[Entry]:
    index = read_json(folder / "model_index.json")
    if index:
        family, inpaint_net = PIPELINES.get(str(index.get("_class_name")), (None, False))
        if family:
            yield Entry(name, folder, "model", family, inpaint_net)
        return
    config = read_json(folder / "config.json")
    if config.get("_class_name") == "FluxControlNetModel":
        yield Entry(name, folder, "controlnet", "flux")
    elif config.get("_class_name") == "ControlNetModel":
        yield Entry(name, folder, "controlnet", "sdxl" if config.get("addition_embed_type") == "text_time" else "sd15")


def as_lora(file: Path, name: str) -> Iterator[Entry]:
    try:
        family = read_family(file, file.stat().st_mtime_ns)
    except (SafetensorError, OSError):
        return
    if family:
        yield Entry(name, file, "lora", family)


@lru_cache(maxsize=10_000)
def read_family(file: Path, _modified_ns: int) -> Family | None:
    """Once for each state of a file: folders of thousands of LoRAs are listed often."""
    with safe_open(file, "pt") as weights:
        return lora_family(weights.metadata() or {}, {key: weights.get_slice(key).get_shape() for key in weights.keys()})


def lora_family(metadata: dict[str, str], shapes: dict[str, list[int]]) -> Family | None:
    """From what our trainer wrote, else from the keys: Flux has a transformer; the prompt is 768 wide in SD 1.5 and 2048 in XL."""
    said = metadata.get("glassworks.family")
    if said in ("sd15", "sdxl", "flux"):
        return said
    for key, shape in shapes.items():
        if key.startswith(("transformer.", "lora_unet_double_blocks", "lora_unet_single_blocks")):
            return "flux"
        if re.search(r"attn2[._]to_k.*(lora_down|lora_A|lora\.down)", key):
            return {768: "sd15", 2048: "sdxl"}.get(shape[-1])  # type: ignore[return-value]
    return None


def read_json(file: Path) -> dict[str, object]:
    try:
        value = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def find(settings: Settings, kind: Kind, name: str, family: Family | None = None) -> Entry:
    """By name, or by the last part of it where that is unique. Raises JobError `missing_model`, or `invalid` for another family."""
    entries = [entry for entry in list_entries(settings) if entry.kind == kind]
    last = name.rsplit("/", 1)[-1]
    for matches in ([e for e in entries if e.name == name], [e for e in entries if e.name.rsplit("/", 1)[-1] == last]):
        if len(matches) != 1:
            continue
        if family and matches[0].family != family:
            raise JobError("invalid", f"{TITLES[kind]} {name!r} is for {matches[0].family}, the model is {family}")
        return matches[0]
    if kind == "model" and settings.allow_download and REPOSITORY.match(name):
        return download(settings, name)
    raise JobError("missing_model", f"{TITLES[kind]} {name!r} is not installed")


def download(settings: Settings, repository: str) -> Entry:
    """Fetches a model into the operator's folder: weights as safetensors only, since other formats can run code."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    folder = settings.models / repository
    try:
        snapshot_download(repository, local_dir=folder, allow_patterns=["*.json", "*.txt", "*.model", "*/*.safetensors"])
    except HfHubHTTPError as error:
        raise JobError("missing_model", f"Model {repository!r} could not be downloaded") from error
    for entry in as_folder(folder, repository):
        return entry
    raise JobError("missing_model", f"Model {repository!r} is of a kind that is not served")


TITLES: dict[Kind, str] = {"model": "Model", "controlnet": "ControlNet", "lora": "LoRA"}
