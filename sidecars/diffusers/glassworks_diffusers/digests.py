"""SHA-256 of models, computed in the background once a model was used, since reading one takes seconds to minutes."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

from .model_files import Entry

CHUNK_BYTES = 4 * 1024 * 1024


class Digests:
    def __init__(self) -> None:
        self.known: dict[tuple[str, tuple[tuple[str, int, int], ...]], str | None] = {}
        self.lock = threading.Lock()

    def get(self, entry: Entry) -> str | None:
        return self.known.get(key_of(entry))

    def want(self, entry: Entry) -> None:
        key = key_of(entry)
        with self.lock:
            if key in self.known:
                return
            self.known[key] = None
        threading.Thread(target=self.compute, args=(key, entry), name="digest", daemon=True).start()

    def compute(self, key: tuple[str, tuple[tuple[str, int, int], ...]], entry: Entry) -> None:
        self.known[key] = digest_of(entry.path)


def key_of(entry: Entry) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Changes with every file's name, size and time."""
    stats = ((name, file.stat()) for name, file in files_of(entry.path))
    return entry.name, tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def files_of(path: Path) -> list[tuple[str, Path]]:
    """Networks and their settings, by their name below `path`."""
    if path.is_file():
        return [(path.name, path)]
    files = [file for file in path.rglob("*") if file.is_file() and file.suffix in (".safetensors", ".json", ".txt", ".model")]
    return sorted((file.relative_to(path).as_posix(), file) for file in files if not file.relative_to(path).parts[0].startswith("."))


def digest_of(path: Path) -> str:
    """A LoRA's is its file's. A folder's is over each file's name and digest, one a line, as `sha256sum` prints them."""
    digests = []
    for name, file in files_of(path):
        hasher = hashlib.sha256()
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                hasher.update(chunk)
        digests.append((hasher.hexdigest(), name))
    if path.is_file():
        return digests[0][0]
    return hashlib.sha256("".join(f"{digest}  {name}\n" for digest, name in digests).encode()).hexdigest()
