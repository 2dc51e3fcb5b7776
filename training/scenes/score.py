"""What of a question the judge finds in a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .judge import Seen, Verdict
from .questions import Question

_LEAST_PX = 4
ATTRIBUTES = ("thing", "count", "colour", "relation", "background")


def score(question: Question, verdict: Verdict) -> Iterable[tuple[str, bool]]:
    """Attribute by attribute whether it is right; things, their numbers and colours each by itself."""
    for thing in question.things:
        found = [seen for seen in verdict.seen if seen.concept == thing.concept]
        yield "thing", len(found) > 0
        yield "count", len(found) == thing.count
        if thing.color is not None:
            yield "colour", any(seen.color == thing.color for seen in found)
    if question.relation is not None:
        first, second = (_middle(verdict.seen, thing.concept) for thing in question.things)
        yield "relation", first is not None and second is not None and _lies(question.relation, first, second)
    behind = question.background
    if behind is None:
        yield "background", verdict.plain == "white"
    elif behind["kind"] == "landscape":
        yield "background", verdict.sky == behind["sky"] and verdict.ground == behind["ground"]
    else:
        yield "background", verdict.plain == behind["color"]


def accuracy(results: Iterable[Iterable[tuple[str, bool]]]) -> dict[str, float]:
    """By attribute, and `all`: questions with everything right."""
    by_attribute, whole = defaultdict(list), []
    for result in results:
        rights = list(result)
        whole.append(all(right for _, right in rights))
        for attribute, right in rights:
            by_attribute[attribute].append(right)
    shares = {attribute: sum(by_attribute[attribute]) / max(1, len(by_attribute[attribute])) for attribute in ATTRIBUTES}
    return {**shares, "all": sum(whole) / max(1, len(whole))}


def _middle(seen: list[Seen], concept: int) -> tuple[float, float] | None:
    found = [each for each in seen if each.concept == concept]
    return (sum(each.x for each in found) / len(found), sum(each.y for each in found) / len(found)) if found else None


def _lies(relation: str, first: tuple[float, float], second: tuple[float, float]) -> bool:
    right, down = first[0] - second[0], first[1] - second[1]
    return {
        "beside": abs(right) > abs(down),
        "left": right < -_LEAST_PX,
        "right": right > _LEAST_PX,
        "on": down < -_LEAST_PX and abs(down) > abs(right),
        "above": down < -_LEAST_PX and abs(down) > abs(right),
        "below": down > _LEAST_PX and abs(down) > abs(right),
    }[relation]
