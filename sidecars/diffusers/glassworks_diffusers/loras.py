"""LoRAs for the time of one job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import JobError, is_out_of_memory


@contextmanager
def applied_loras(base: Any, loras: list[tuple[Path, float]]) -> Iterator[None]:
    """Adds each file to the network with its strength and takes all away at the end. Strength 0 is left out: the base, to the bit."""
    active = [(file, strength) for file, strength in loras if strength != 0]
    if not active:
        yield
        return
    try:
        names = [f"lora_{index}" for index in range(len(active))]
        try:
            for name, (file, _) in zip(names, active, strict=True):
                base.load_lora_weights(str(file.parent), weight_name=file.name, adapter_name=name, local_files_only=True)
            base.set_adapters(names, [strength for _, strength in active])
        except Exception as error:
            if is_out_of_memory(error):
                raise
            raise JobError("invalid", "A LoRA does not fit the model") from error
        yield
    finally:
        base.unload_lora_weights()
