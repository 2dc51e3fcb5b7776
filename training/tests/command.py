"""Runs a command of this folder as its users do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[1]
PROJECT = TRAINING.parent


def run_twice(name: str, folder: Path, *options: str) -> tuple[str, str]:
    """`python -m name`, with forty things and networks of no use, twice: the second goes on where the first was. Returns what each printed."""
    command = [sys.executable, "-m", name, "--tiny", *options]
    command += ["--downloads", str(PROJECT / ".cache/glyph/downloads"), "--work", str(folder), "--models", str(folder / "out"), "--gate", str(folder / "gate")]
    node = next(PROJECT.glob("node_modules/node-*/bin"), None)
    env = {**os.environ, "PATH": f"{node}:{os.environ['PATH']}" if node else os.environ["PATH"]}
    first, second = (subprocess.run(command, cwd=TRAINING, env=env, capture_output=True, text=True) for _ in range(2))
    assert first.returncode == 0, first.stderr[-2000:]
    assert second.returncode == 0, second.stderr[-2000:]
    return first.stdout, second.stdout
