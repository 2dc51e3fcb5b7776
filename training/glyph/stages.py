"""Stages of a long command: each leaves its result in the work folder, so that the command goes on where it was."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_Result = TypeVar("_Result")


def kept(file: Path, what: str, make: Callable[[], _Result]) -> _Result:
    """What an earlier run left in the file; else says `what` and makes it. Killed in between, it leaves no half a file."""
    if file.exists():
        return pickle.loads(file.read_bytes())
    say(what)
    result = make()
    partial = file.with_suffix(".partial")
    partial.write_bytes(pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL))
    partial.rename(file)
    return result


def say(text: str) -> None:
    """A line of progress, with the time."""
    print(time.strftime("%H:%M:%S"), text, flush=True)
