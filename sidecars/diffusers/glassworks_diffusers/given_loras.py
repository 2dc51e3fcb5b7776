"""LoRAs that a client put here for its own jobs: by digest, listed to nobody, the longest unused forgotten."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .errors import JobError
from .model_files import Entry, Family, as_lora
from .settings import Settings

KEPT = 64


def path_of(settings: Settings, sha256: str) -> Path:
    return settings.data / "given" / f"{sha256}.safetensors"


def keep(settings: Settings, sha256: str, content: bytes) -> None:
    """Whole or not at all. Raises JobError `invalid` for bytes of another digest, or that are no LoRA."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise JobError("invalid", "The bytes have another digest than the address says")
    file = path_of(settings, sha256)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".tmp")
    unfinished.write_bytes(content)
    if not list(as_lora(unfinished, sha256)):
        unfinished.unlink()
        raise JobError("invalid", "The file is no LoRA of a family that is served")
    os.replace(unfinished, file)
    for old in sorted(file.parent.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def find_given(settings: Settings, sha256: str, family: Family) -> Entry:
    """Raises JobError `missing_model` where it is not, or no longer, here, and `invalid` for another family."""
    file = path_of(settings, sha256)
    found = list(as_lora(file, sha256))
    if not found:
        raise JobError("missing_model", "A LoRA was not put here, or was forgotten since")
    if found[0].family != family:
        raise JobError("invalid", f"A LoRA is for {found[0].family}, the model is {family}")
    os.utime(file)
    return found[0]
