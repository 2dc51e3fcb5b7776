"""What the operator chose when starting the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What one job may ask for. Told to clients by GET /v1/capabilities."""

    max_side_px: int = 2048
    max_pixels: int = 2048 * 2048
    """Width times height of what is drawn."""
    max_input_pixels: int = 4096 * 4096
    """Width times height of one picture that is sent in, read from its header before it is decoded."""
    max_steps: int = 150
    max_training_steps: int = 20_000
    max_training_pictures: int = 100
    max_body_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    models: Path
    """Folder of the operator's models; only read, unless downloads are allowed."""
    data: Path
    """Folder of what this server makes: outputs, checkpoints, trained LoRAs."""
    host: str = "127.0.0.1"
    port: int = 7870
    token: str | None = None
    """What clients must send as a bearer token; None: anyone on this machine may ask."""
    allow_download: bool = False
    device: str = "auto"
    """auto, cpu, cuda or mps."""
    offload: bool = False
    """Keep on the card only the part of a model that computes."""
    kept_jobs: int = 32
    """How many ended jobs are remembered, with their outputs."""
    limits: Limits = field(default_factory=Limits)

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS


LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
