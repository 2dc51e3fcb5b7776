"""The card or processor that everything runs on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

import torch

from .model_files import Family


@dataclass(frozen=True)
class Device:
    kind: str
    """cuda, mps or cpu."""
    name: str

    def dtype(self, family: Family) -> torch.dtype:
        """Half precision on a card; Flux overflows in float16 and needs bfloat16."""
        if self.kind == "cpu":
            return torch.float32
        return torch.bfloat16 if family == "flux" else torch.float16

    def memory(self) -> tuple[int | None, int | None]:
        """Bytes in all and free; None where nobody says."""
        if self.kind == "cuda":
            free, total = torch.cuda.mem_get_info()
            return total, free
        if self.kind == "cpu" and hasattr(os, "sysconf"):
            page = os.sysconf("SC_PAGE_SIZE")
            free_pages = os.sysconf("SC_AVPHYS_PAGES") if "SC_AVPHYS_PAGES" in os.sysconf_names else None
            return os.sysconf("SC_PHYS_PAGES") * page, free_pages and free_pages * page
        return None, None

    def release(self) -> None:
        if self.kind == "cuda":
            torch.cuda.empty_cache()
        elif self.kind == "mps":
            torch.mps.empty_cache()


def open_device(asked: str) -> Device:
    """Raises ValueError where the machine has no such device."""
    kind = asked if asked != "auto" else "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda" and not torch.cuda.is_available() or kind == "mps" and not torch.backends.mps.is_available():
        raise ValueError(f"this machine has no {kind} device")
    return Device(kind, torch.cuda.get_device_name() if kind == "cuda" else platform.processor() or platform.machine())
