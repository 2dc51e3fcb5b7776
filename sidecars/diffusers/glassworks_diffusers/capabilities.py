"""What GET /v1/capabilities says."""

from __future__ import annotations

from typing import Any

from . import __version__
from .digests import Digests
from .model_files import Entry, list_entries
from .pipelines import Models
from .samplers import SAMPLERS, SPACINGS
from .settings import Settings


def describe(settings: Settings, models: Models, digests: Digests, running: str | None) -> dict[str, Any]:
    total, free = models.device.memory()
    limits = settings.limits
    loaded = models.loaded
    return {
        "version": __version__,
        "device": {"kind": models.device.kind, "name": models.device.name, "memoryTotalBytes": total, "memoryFreeBytes": free},
        "loaded": loaded.entry.name if loaded else None,
        "running": running,
        "limits": {
            "maxSidePx": limits.max_side_px,
            "maxPixels": limits.max_pixels,
            "maxInputPixels": limits.max_input_pixels,
            "maxSteps": limits.max_steps,
            "maxTrainingSteps": limits.max_training_steps,
            "maxTrainingPictures": limits.max_training_pictures,
            "maxBodyBytes": limits.max_body_bytes,
        },
        "takesLoras": True,
        "samplers": list(SAMPLERS),
        "schedulers": list(SPACINGS),
        "models": [present(entry, digests) for entry in list_entries(settings)],
    }


def present(entry: Entry, digests: Digests) -> dict[str, Any]:
    said = {"name": entry.name, "kind": entry.kind, "family": entry.family, "sha256": digests.get(entry)}
    if entry.kind != "model":
        return said
    return said | {"jobs": ["inpaint"] if entry.inpaint_net else ["generate", "inpaint", "train_lora"], "inpaintNet": entry.inpaint_net}
