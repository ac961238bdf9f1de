"""What a term makes of its fact: an amount, points, or a step."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rungbook.rulebook import schema as s
from rungbook.rulebook.matchers import is_number


def per(body: Mapping[str, Any]) -> Callable[[Any], float]:
    """Words that occur, values that reach `at`, an age, or the number itself; times `each`."""
    each, most = float(body["each"]), float(body.get("max", math.inf))
    words, at = body.get("any"), body.get("at")
    half = s.seconds(body.get("half_life"), 0.0)

    def amount(x: Any) -> float:
        if words is not None:
            return float(_occurrences(x, words))
        if half:
            return 0.5 ** (float(x) / half) if is_number(x) else 0.0
        return _amount(x, at)

    return lambda x: min(most, each * amount(x))


def _occurrences(x: Any, words: Sequence[str]) -> int:
    """How often the words occur in a text, or how many of a list's values are among them."""
    if isinstance(x, str):
        return sum(x.count(word) for word in words)
    return sum(v in words for v in x) if isinstance(x, list | tuple) else 0


def points(body: Mapping[str, Any]) -> Callable[[Any], float]:
    """What each value is worth; a list is worth the sum of its values."""
    worth = {key: float(x) for key, x in body["points"].items()}

    def value(x: Any) -> float:
        if isinstance(x, list | tuple):
            return sum(value(v) for v in x)
        return worth.get(_word(x), 0.0)

    return value


def _word(x: Any) -> str:
    """A value as a key of `points`: 1 and 1.0 are `"1"`, true is `"true"`."""
    if isinstance(x, bool):
        return "true" if x else "false"
    return str(int(x)) if isinstance(x, float) and x.is_integer() else str(x)


def steps(body: Mapping[str, Any]) -> Callable[[Any], float]:
    """The first step that the amount is below; nothing where the fact is absent."""
    stairs = [(float(step.get("lt", math.inf)), float(step["add"])) for step in body["steps"]]
    at = body.get("at")

    def value(x: Any) -> float:
        if x is None:
            return 0.0
        n = _amount(x, at)
        return next((add for lt, add in stairs if n < lt), 0.0)

    return value


def _amount(x: Any, at: Mapping[str, float] | None) -> float:
    """A number is itself, a list counts its values (those that reach `at`), anything else is 0."""
    if isinstance(x, list | tuple):
        return float(len(x) if at is None else sum(v >= at["similarity"] for v in x))
    return float(x) if is_number(x) else 0.0


FORMS: Mapping[str, Callable[[Mapping[str, Any]], Callable[[Any], float]]] = {
    "per": per,
    "points": points,
    "steps": steps,
}
"""By the key that tells the form."""
