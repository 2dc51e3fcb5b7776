"""The things the network learns to draw: Unicode's emoji without flags, letters, arrows and doubles."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

STYLES = ("flat", "cartoon", "3d")

_LEFT_OUT_GROUPS = {"component", "flags"}
_LEFT_OUT_SUBGROUPS = set(
    "keycap alphanum country-flag subdivision-flag flag arrow av-symbol zodiac religion punctuation currency other-symbol math "
    "transport-sign warning person-symbol family gender".split()
)
_PLAIN = re.compile(r"^[a-z0-9 '&]+$")


@dataclass(frozen=True)
class Concept:
    """One thing, with what people call it (its name first) and where its pictures are found."""

    hexcode: str
    emoji: str
    words: tuple[str, ...]
    group: str
    subgroup: str

    @property
    def name(self) -> str:
        return self.words[0]


def read_concepts(sources: dict[str, Path]) -> list[Concept]:
    """In Unicode's order."""
    names = sources["names"] / "package"
    groups = json.loads((names / "meta/groups.json").read_text())
    keywords = json.loads((sources["keywords"] / "package/dist/emoji-en-US.json").read_text())
    entries = [entry for entry in json.loads((names / "en/data.json").read_text()) if "group" in entry]
    entries.sort(key=lambda entry: entry["order"])
    concepts = []
    for entry in entries:
        group, subgroup = groups["groups"][str(entry["group"])], groups["subgroups"][str(entry["subgroup"])]
        if group in _LEFT_OUT_GROUPS or subgroup in _LEFT_OUT_SUBGROUPS or _is_double(entry["hexcode"], group):
            continue
        emoji = entry["emoji"]
        more = keywords.get(emoji) or keywords.get(emoji.replace("\ufe0f", "")) or []
        words = dict.fromkeys(_clean(word) for word in [entry["label"], *entry.get("tags", []), *more])
        plain = tuple(word for word in words if _PLAIN.match(word))
        if plain:
            concepts.append(Concept(entry["hexcode"], emoji, plain, group, subgroup))
    return concepts


def _is_double(hexcode: str, group: str) -> bool:
    """The same thing facing the other way, or the same person as a man or a woman."""
    if "200D-27A1" in hexcode:
        return True
    gendered = "200D-2640" in hexcode or "200D-2642" in hexcode or re.match(r"1F46[89]-200D", hexcode)
    return group == "people-body" and bool(gendered)


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[_\-:.,]", " ", text.lower().replace("“", "").replace("”", "").replace("’", "'"))).strip()
